import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nordicUartProfile, UART_RX, UART_TX } from '../../../../src/device/profiles/nordic-uart.ts';
import type { Decoded } from '../../../../src/device/profiles/profile.ts';
import { createDecoders } from '../../../../src/device/profiles/registry.ts';
import { isAttributeId } from '../../../../src/model/attribute.ts';

function connection(uuid = UART_TX): (text: string | Uint8Array<ArrayBuffer>) => Decoded {
  const decode = createDecoders()(uuid);
  if (!decode) throw new Error('no decoder');
  return (sent) => {
    const bytes = typeof sent === 'string' ? new TextEncoder().encode(sent) : sent;
    // In the middle of a larger buffer, as notifications may come.
    const padded = Uint8Array.of(0x31, ...bytes, 0x31);
    const decoded = decode(new DataView(padded.buffer, 1, bytes.length));
    if (!decoded.ok) throw new Error(decoded.error.detail);
    return decoded.value;
  };
}

describe('text over Bluetooth', () => {
  it('comes from either characteristic: a micro:bit has the two the other way round', () => {
    expect(nordicUartProfile.characteristics.map(({ uuid, use }) => [uuid, use])).toEqual([
      [UART_TX, 'notify'],
      [UART_RX, 'notify'],
    ]);
    for (const uuid of [UART_TX, UART_RX])
      expect(connection(uuid)('a:1\n').readings).toMatchObject([{ attribute: 'a' }]);
  });

  it('the two directions and two connections do not share half a line', () => {
    const decoders = createDecoders();
    const bytes = (text: string): DataView => new DataView(new TextEncoder().encode(text).buffer);
    decoders(UART_TX)?.(bytes('a:'));
    expect(decoders(UART_RX)?.(bytes('1\n'))).toMatchObject({ value: { readings: [{ attribute: 'value' }] } });
    expect(createDecoders()(UART_TX)?.(bytes('1\n'))).toMatchObject({ value: { readings: [{ attribute: 'value' }] } });
    expect(decoders(UART_TX)?.(bytes('1\n'))).toMatchObject({ value: { readings: [{ attribute: 'a' }] } });
  });

  it('keeps the good lines of a notification and reports the bad one', () => {
    const { readings, problems } = connection()('a:1\n{"b":2\nc:nan\n°:4\nd:5\n');
    expect(readings.map(({ attribute }) => attribute)).toEqual(['a', 'd']);
    expect(problems?.map(({ code }) => code)).toEqual(['decode-truncated', 'decode-not-finite']);
  });

  it('shows the last message of the device', () => {
    const { facts, problems } = connection()('Hello\r\nready > set\r\n');
    expect(facts).toEqual([{ kind: 'device', label: 'message', text: 'ready > set' }]);
    expect(problems).toBeUndefined();
  });

  it('takes any bytes: ids the server accepts, finite numbers', () => {
    const noisy = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.stringMatching(/^[ -~\n]{0,60}$/).map((text) => new TextEncoder().encode(text)),
      fc.constantFrom('a:1\n', '1,2\n', '{"x":[1,2]}\n', 'nan\r\n').map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(fc.array(noisy, { maxLength: 20 }), (chunks) => {
        const take = connection();
        for (const chunk of chunks) {
          for (const reading of take(Uint8Array.from(chunk)).readings) {
            expect(isAttributeId(reading.attribute), reading.attribute).toBe(true);
            if (reading.kind === 'numeric') expect([...reading.values].every(Number.isFinite)).toBe(true);
          }
        }
      }),
    );
  });
});

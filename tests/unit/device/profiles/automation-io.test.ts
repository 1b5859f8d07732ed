import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGGREGATE, ANALOG, DIGITAL } from '../../../../src/device/profiles/automation-io.ts';
import { environmentalSensingProfile } from '../../../../src/device/profiles/environmental-sensing.ts';
import { instanceKey } from '../../../../src/device/profiles/profile.ts';
import { createDecoders } from '../../../../src/device/profiles/registry.ts';
import { bytesOf } from '../../../fixtures/golden.ts';
import { decodeFresh, said } from '../../../support/packet.ts';

const NAMES = ['inactive', 'active', 'tri-state', 'unknown'];
const state = fc.constantFrom(0, 1, 2, 3);

/** Four states a byte, the first in the lowest bits. */
function packed(states: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.ceil(states.length / 4));
  states.forEach((value, i) => {
    bytes[i >> 2] = (bytes[i >> 2] ?? 0) | (value << (2 * (i & 3)));
  });
  return bytes;
}

describe('automation io', () => {
  it('reads any number of digital signals', () => {
    fc.assert(
      fc.property(fc.array(state, { minLength: 1, maxLength: 40 }), (states) => {
        const { digital } = said(decodeFresh(DIGITAL, new DataView(packed(states).buffer)));
        const padded = [...states, ...Array.from({ length: (4 - (states.length % 4)) % 4 }, () => 0)];
        expect(digital?.value).toEqual({ states: padded.map((value) => NAMES[value]) });
      }),
    );
  });

  it('divides an aggregate only where its parts are known for sure', () => {
    const decoders = createDecoders();
    const decode = (uuid: string, hex: string) => decoders(uuid)?.(bytesOf(hex));
    const refused = { ok: false, error: { code: 'decode-reserved' } };
    expect(decode(AGGREGATE, '01 02 03')).toMatchObject(refused);
    decode(DIGITAL, '00');
    expect(decode(AGGREGATE, '01 02 03')).toMatchObject(refused);
    decode(ANALOG, '00 00');
    expect(decode(AGGREGATE, '01 02 03')).toMatchObject({ ok: true });
    // One more analog input, or a second digital of two bytes: nobody can tell.
    expect(decode(AGGREGATE, '01 02 03 04 05')).toMatchObject(refused);
  });

  it('does not take the second digital of a device for the first', () => {
    const decoders = createDecoders();
    decoders(instanceKey(DIGITAL, 1))?.(bytesOf('00'));
    decoders(instanceKey(DIGITAL, 2))?.(bytesOf('00 00'));
    expect(decoders(AGGREGATE)?.(bytesOf('01 02 03'))).toMatchObject({ ok: false });
    expect(decoders(instanceKey(ANALOG, 2))?.(bytesOf('07 00'))).toMatchObject({
      value: { readings: [{ attribute: 'analog_2' }] },
    });
  });

  it.each([DIGITAL, AGGREGATE])('refuses an empty %s', (uuid) => {
    expect(createDecoders()(uuid)?.(bytesOf(''))).toMatchObject({ ok: false, error: { code: 'decode-truncated' } });
  });
});

describe('environmental sensing', () => {
  it('takes a packet of the right length only', () => {
    for (const { uuid, name, makeDecoder } of environmentalSensingProfile.characteristics) {
      const lengths = Array.from({ length: 12 }, (_, length) => length).filter(
        (length) => makeDecoder()(new DataView(new ArrayBuffer(length))).ok,
      );
      expect(lengths, `${name} ${uuid}`).toHaveLength(1);
    }
  });

  it('knows no trend above 9', () => {
    const trend = environmentalSensingProfile.characteristics.find(({ name }) => name === 'Barometric pressure trend');
    expect(trend?.makeDecoder()(bytesOf('0a'))).toMatchObject({ ok: false, error: { code: 'decode-reserved' } });
  });
});

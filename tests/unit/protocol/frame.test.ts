import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBinary, decodeText, encodeBinaryReply, encodeText, type Frame } from '../../../src/protocol/frame.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
/** Text that fits one length byte, with room for a mark before it. */
const part = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => bytesOf(text).length <= 250);
const ref = fc.option(part);

/** A binary push as a Phoenix client makes it. */
function binaryPush(parts: readonly string[], data: Uint8Array): Uint8Array {
  const encoded = parts.map(bytesOf);
  return Uint8Array.from([0, ...encoded.map((one) => one.length), ...encoded.flatMap((one) => [...one]), ...data]);
}

describe('text frames', () => {
  it('reads a join as the platform sends and takes it', () => {
    const text = '["3","3","sensocto:sensor:x","phx_reply",{"response":{},"status":"ok"}]';
    const payload = { response: {}, status: 'ok' };
    const frame = { joinRef: '3', ref: '3', topic: 'sensocto:sensor:x', event: 'phx_reply', payload };
    expect(decodeText(text, 2)).toEqual({ ok: true, value: frame });
    expect(encodeText(frame, 2)).toBe(text);
  });

  it('ignores a sixth element, and leaves odd refs to the caller', () => {
    expect(decodeText('[1,null,"t","e",[],"more"]', 2)).toEqual({
      ok: true,
      value: { joinRef: 1, ref: null, topic: 't', event: 'e', payload: [] },
    });
  });

  it.each(['', 'x', '[', '["1","2","t"'])('refuses %j: not JSON', (text) => {
    expect(decodeText(text, 2)).toMatchObject({ ok: false, error: { code: 'wire-not-json' } });
    expect(decodeText(text, 1)).toMatchObject({ ok: false, error: { code: 'wire-not-json' } });
  });

  it.each(['{}', '[]', '["1","2","t","e"]', 'null', '7', '"text"'])('refuses %j: not a V2 frame', (text) => {
    expect(decodeText(text, 2)).toMatchObject({ ok: false, error: { code: 'wire-shape' } });
  });

  it.each(['[]', 'null', '{"topic":"t","event":"e","payload":{}}', '{"topic":"t","event":"e","ref":"1"}'])(
    'refuses %j: not a V1 message',
    (text) => {
      expect(decodeText(text, 1)).toMatchObject({ ok: false, error: { code: 'wire-shape' } });
    },
  );

  it('never throws, whatever the text', () => {
    const version = fc.constantFrom(1 as const, 2 as const);
    fc.assert(fc.property(fc.string({ unit: 'binary' }), version, (text, one) => 'ok' in decodeText(text, one)));
    fc.assert(fc.property(fc.json(), version, (text, one) => 'ok' in decodeText(text, one)));
  });

  it('comes back as it went, in both versions', () => {
    const frame = fc.record({ joinRef: ref, ref, topic: fc.string(), event: fc.string(), payload: fc.jsonValue() });
    fc.assert(
      fc.property(frame, (sent: Frame) => {
        // JSON has no -0 and no order of keys worth keeping: compare what JSON keeps.
        const payload = JSON.parse(JSON.stringify(sent.payload)) as unknown;
        expect(decodeText(encodeText(sent, 2), 2)).toEqual({ ok: true, value: { ...sent, payload } });
        expect(decodeText(encodeText(sent, 1), 1)).toEqual({ ok: true, value: { ...sent, payload, joinRef: null } });
      }),
    );
  });
});

describe('binary frames', () => {
  it('comes back as it went, a byte order mark included', () => {
    fc.assert(
      fc.property(part, part, part, part, fc.uint8Array({ maxLength: 300 }), (joinRef, one, text, event, data) => {
        const topic = `\uFEFF${text}`;
        const frame = decodeBinary(binaryPush([joinRef, one, topic, event], data));
        const value = { joinRef: joinRef || null, ref: one || null, topic, event, payload: data };
        expect(frame).toEqual({ ok: true, value });
      }),
    );
  });

  it('refuses every prefix that cuts into the header', () => {
    const whole = binaryPush(['1', '2', 'sensocto:sensor:x', 'ping'], Uint8Array.of());
    for (let length = 0; length < whole.length; length++) {
      expect(decodeBinary(whole.subarray(0, length)), `${length} bytes`).toMatchObject({ ok: false });
    }
    expect(decodeBinary(whole)).toMatchObject({ ok: true });
  });

  it.each([
    ['another kind', Uint8Array.of(1, 0, 0, 0, 0)],
    ['bad UTF-8', Uint8Array.of(0, 0, 0, 1, 0, 0xff)],
  ])('refuses %s', (_, bytes) => {
    expect(decodeBinary(bytes)).toMatchObject({ ok: false, error: { code: 'wire-shape' } });
  });

  it('never throws, whatever the bytes', () => {
    const anything = fc.uint8Array({ maxLength: 400 });
    const likely = fc.tuple(fc.uint8Array({ minLength: 4, maxLength: 4, max: 9 }), anything);
    fc.assert(fc.property(anything, (bytes) => 'ok' in decodeBinary(bytes)));
    fc.assert(fc.property(likely, ([head, rest]) => 'ok' in decodeBinary(Uint8Array.of(0, ...head, ...rest))));
  });

  it('reads a view into a larger buffer by its own bounds', () => {
    const padded = Uint8Array.of(9, 9, ...binaryPush(['1', '2', 't', 'e'], Uint8Array.of(7)), 9);
    const frame = decodeBinary(padded.subarray(2, padded.length - 1));
    expect(frame).toMatchObject({ ok: true, value: { topic: 't', event: 'e', payload: Uint8Array.of(7) } });
  });

  it('writes a reply: kind 1, four lengths, four texts, data', () => {
    const reply = encodeBinaryReply('1', '22', 'tö', 'ok', Uint8Array.of(5, 6));
    expect([...reply]).toEqual([
      1,
      1,
      2,
      3,
      2,
      ...bytesOf('1'),
      ...bytesOf('22'),
      ...bytesOf('tö'),
      ...bytesOf('ok'),
      5,
      6,
    ]);
    expect(() => encodeBinaryReply('x'.repeat(256), '1', 't', 'ok', Uint8Array.of())).toThrow(RangeError);
  });
});

/** Every fixture of every profile: the packet means what its source says, and every truncation is a typed error. */
import { describe, expect, it } from 'vitest';
import { createDecoders } from '../../../../src/device/profiles/registry.ts';
import type { Decoder, Uuid } from '../../../../src/device/profiles/profile.ts';
import type { Reading } from '../../../../src/model/reading.ts';
import { bytesOf, type Golden, type GoldenReading } from '../../../fixtures/golden.ts';

const files = import.meta.glob<{ default: readonly Golden[] }>('../../../fixtures/profiles/*.ts', { eager: true });

/** A decoder of a connection that has brought the packets before. */
function primed({ characteristic, before = [] }: Golden): Decoder {
  const decoders = createDecoders();
  const find = (uuid: Uuid): Decoder => {
    const decoder = decoders(uuid);
    if (!decoder) throw new Error(`no profile knows ${uuid}`);
    return decoder;
  };
  for (const packet of before)
    expect(find(packet.characteristic)(bytesOf(packet.hex)), packet.hex).toMatchObject({ ok: true });
  return find(characteristic);
}

function timesOf({ timing }: Reading): Float64Array | undefined {
  if (timing.kind === 'arrival') return undefined;
  return timing.kind === 'intervals' ? timing.intervals : timing.times;
}

function expectClose(actual: ArrayLike<number> | undefined, wanted: readonly number[]): void {
  expect(actual?.length).toBe(wanted.length);
  wanted.forEach((value, i) => {
    const tolerance = Math.max(1e-6, Math.abs(value) * 1e-6);
    expect(Math.abs((actual?.[i] ?? NaN) - value), `number ${i}: ${actual?.[i]}, not ${value}`).toBeLessThanOrEqual(
      tolerance,
    );
  });
}

function expectReading(actual: Reading | undefined, wanted: GoldenReading): void {
  expect(actual?.attribute).toBe(wanted.attribute);
  if (!actual) return;
  if (wanted.payloads) expect(actual.kind === 'structured' && actual.payloads).toEqual(wanted.payloads);
  if (wanted.values) expectClose(actual.kind === 'numeric' ? actual.values : undefined, wanted.values);
  expect(actual.kind === 'numeric' ? actual.fields : undefined).toEqual(wanted.fields);
  if (wanted.times) expectClose(timesOf(actual), wanted.times);
}

for (const [path, { default: packets }] of Object.entries(files)) {
  describe(path.replace(/^.*\//, ''), () => {
    it.each(packets.map((packet) => [packet.says, packet] as const))('%s', (_, packet) => {
      const decoded = primed(packet)(bytesOf(packet.hex));
      expect(decoded).toMatchObject({ ok: true });
      if (!decoded.ok) return;
      expect(decoded.value.readings.map(({ attribute }) => attribute)).toEqual(
        packet.readings.map(({ attribute }) => attribute),
      );
      packet.readings.forEach((wanted, i) => expectReading(decoded.value.readings[i], wanted));
      if (packet.facts) expect(decoded.value.facts).toEqual(packet.facts);
    });

    it.each(packets.map((packet) => [packet.says, packet] as const))('cut short: %s', (_, packet) => {
      const whole = bytesOf(packet.hex);
      for (let length = 0; length < whole.byteLength; length++) {
        const decoded = primed(packet)(new DataView(whole.buffer, 0, length));
        const isValid = packet.validPrefixes?.includes(length) ?? false;
        expect(decoded.ok, `${length} bytes`).toBe(isValid);
        if (!decoded.ok) expect(decoded.error.code).toMatch(/^decode-/);
      }
    });
  });
}

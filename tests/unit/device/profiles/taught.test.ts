import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDecoders, createSpecs } from '../../../../src/device/profiles/registry.ts';
import { taughtProfiles } from '../../../../src/device/profiles/taught.ts';
import { HEART_RATE_MEASUREMENT, HEART_RATE_SERVICE } from '../../../../src/device/profiles/heart-rate.ts';
import { makeMapping, NUMBER_TYPES, type Mapping, type TaughtReading } from '../../../../src/model/mapping.ts';
import { bytesOf } from '../../../fixtures/golden.ts';

const SERVICE = '0000fff0-0000-1000-8000-00805f9b34fb';
const CHARACTERISTIC = '0000fff1-0000-1000-8000-00805f9b34fb';

type Draft = Partial<TaughtReading>;

function mapping(...readings: Draft[]): Mapping {
  const made = makeMapping({
    name: 'Taught',
    characteristics: [
      {
        service: SERVICE,
        characteristic: CHARACTERISTIC,
        readings: readings.map((one, i) => ({
          attribute: `a${i}`,
          attributeType: 'a',
          offset: 0,
          type: 'uint8',
          ...one,
        })),
      },
    ],
  });
  if (!made.ok) throw new Error(made.error.detail);
  return made.value;
}

function decode(hex: string, ...readings: Draft[]) {
  const decoded = createDecoders(taughtProfiles(mapping(...readings)))(CHARACTERISTIC)?.(bytesOf(hex));
  if (!decoded?.ok) return decoded?.error.code;
  return decoded.value.readings.flatMap((one) => (one.kind === 'numeric' ? [...one.values] : []));
}

describe('a taught device', () => {
  it.each<[string, Draft, number]>([
    ['ff', { type: 'uint8' }, 255],
    ['ff', { type: 'int8' }, -1],
    ['01 02', { type: 'uint16' }, 0x0201],
    ['01 02', { type: 'uint16', endian: 'big' }, 0x0102],
    ['fe ff', { type: 'int16' }, -2],
    ['01 02 03', { type: 'uint24' }, 0x030201],
    ['01 02 03', { type: 'uint24', endian: 'big' }, 0x010203],
    ['fe ff ff', { type: 'int24' }, -2],
    ['ff ff fe', { type: 'int24', endian: 'big' }, -2],
    ['00 00 00 80', { type: 'uint32' }, 2 ** 31],
    ['00 00 00 80', { type: 'int32' }, -(2 ** 31)],
    ['00 00 c0 3f', { type: 'float32' }, 1.5],
    ['3f f8 00 00 00 00 00 00', { type: 'float64', endian: 'big' }, 1.5],
    ['aa 64 00', { offset: 1, type: 'uint16', scale: 0.1, add: -2 }, 8],
  ])('%s %j', (hex, reading, value) => {
    expect(decode(hex, reading)).toEqual([Math.fround(value)]);
  });

  it('has several readings in one packet, and bytes that nobody taught are nobody’s business', () => {
    expect(decode('01 02 03 04', { offset: 3 }, { offset: 0 })).toEqual([4, 1]);
  });

  it('refuses a packet without the bytes it needs, and numbers that are none', () => {
    expect(decode('01', { type: 'uint16' })).toBe('decode-truncated');
    expect(decode('00 00 80 7f', { type: 'float32' })).toBe('decode-not-finite');
    expect(decode('ff ff ff 7f', { type: 'uint32', scale: 1e300 })).toBe('decode-not-finite');
  });

  it('is read as it was taught, also where we know the characteristic', () => {
    const [profile] = taughtProfiles({
      ...mapping({}),
      characteristics: [
        { ...mapping({}).characteristics[0], service: HEART_RATE_SERVICE, characteristic: HEART_RATE_MEASUREMENT },
      ] as Mapping['characteristics'],
    });
    if (!profile) throw new Error('no profile');
    expect(createSpecs([profile])(HEART_RATE_MEASUREMENT)?.attributes[0]?.attribute).toBe('a0');
    expect(createSpecs()(HEART_RATE_MEASUREMENT)?.attributes[0]?.attribute).toBe('heartrate');
  });

  it('survives any bytes', () => {
    const types = fc.constantFrom(...NUMBER_TYPES);
    fc.assert(
      fc.property(types, fc.nat(20), fc.uint8Array({ maxLength: 30 }), (type, offset, bytes) => {
        const decoder = createDecoders(taughtProfiles(mapping({ type, offset })))(CHARACTERISTIC);
        const decoded = decoder?.(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
        if (!decoded?.ok) return decoded?.error.code.startsWith('decode-') ?? false;
        return decoded.value.readings.every((one) => one.kind === 'numeric' && one.values.every(Number.isFinite));
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import {
  BODY_COMPOSITION_FEATURE,
  BODY_COMPOSITION_MEASUREMENT,
} from '../../../../src/device/profiles/body-composition.ts';
import { createDecoders } from '../../../../src/device/profiles/registry.ts';
import { WEIGHT_MEASUREMENT, WEIGHT_SCALE_FEATURE } from '../../../../src/device/profiles/weight-scale.ts';
import { decodeFresh, f32, factText, PacketBuilder, said, type DateFields } from '../../../support/packet.ts';

const DATE: DateFields = [2031, 7, 4, 6, 5, 4];
const TIME = new Date(2031, 6, 4, 6, 5, 4).getTime();
const POUND = 0.45359237;

function mass(raw: number, imperial: boolean): number {
  return f32(imperial ? raw * 0.01 * POUND : raw * 0.005);
}

describe('weight', () => {
  it('is read with every combination of flags, reserved ones too; user and height never show', () => {
    for (let flags = 0; flags < 256; flags++) {
      const packet = new PacketBuilder().u8(flags).u16(15_321);
      if ((flags & 2) !== 0) packet.date(DATE);
      if ((flags & 4) !== 0) packet.u8(3);
      if ((flags & 8) !== 0) packet.u16(231).u16(1804);
      const time = (flags & 2) === 0 ? {} : { time: TIME };
      const all = said(decodeFresh(WEIGHT_MEASUREMENT, packet.view));
      expect(all, `flags ${flags}`).toEqual({
        weight: { value: expect.closeTo(mass(15_321, (flags & 1) !== 0), 4) as unknown, ...time },
        ...((flags & 8) !== 0 && { bmi: { value: f32(23.1), ...time } }),
      });
    }
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 15])('says its resolution, code %i', (code) => {
    const texts = ['', '0.5 kg', '0.2 kg', '0.1 kg', '0.05 kg', '0.02 kg', '0.01 kg', '0.005 kg'];
    const wanted = texts[code] || 'not specified';
    const scale = decodeFresh(WEIGHT_SCALE_FEATURE, new PacketBuilder().u32(0xfffffc00 + code * 8).view);
    const monitor = decodeFresh(BODY_COMPOSITION_FEATURE, new PacketBuilder().u32(0xfffc0000 + code * 2048).view);
    expect(factText(scale.facts, 'scale resolution')).toMatch(wanted);
    expect(factText(monitor.facts, 'body composition resolution')).toMatch(wanted);
  });
});

/** Attribute, flag, and what makes its value of the raw number. */
const VALUES: readonly (readonly [string, number, (raw: number, imperial: boolean) => number])[] = [
  ['basal_metabolism', 0x0008, (raw) => raw],
  ['muscle_percentage', 0x0010, (raw) => raw * 0.1],
  ['muscle_mass', 0x0020, mass],
  ['fat_free_mass', 0x0040, mass],
  ['soft_lean_mass', 0x0080, mass],
  ['body_water_mass', 0x0100, mass],
  ['body_impedance', 0x0200, (raw) => raw * 0.1],
  ['body_weight', 0x0400, mass],
];

function composition(flags: number, fat = 215): DataView {
  const packet = new PacketBuilder().u16(flags).u16(fat);
  if ((flags & 0x0002) !== 0) packet.date(DATE);
  if ((flags & 0x0004) !== 0) packet.u8(3);
  VALUES.forEach(([, flag], i) => {
    if ((flags & flag) !== 0) packet.u16(1000 + i);
  });
  if ((flags & 0x0800) !== 0) packet.u16(1804);
  return packet.view;
}

describe('body composition', () => {
  it('is read with every combination of flags; user and height never show', () => {
    for (let flags = 0; flags < 0x2000; flags++) {
      const time = (flags & 2) === 0 ? {} : { time: TIME };
      const wanted: Record<string, unknown> = { body_fat: { value: f32(21.5), ...time } };
      VALUES.forEach(([attribute, flag, unit], i) => {
        if ((flags & flag) !== 0)
          wanted[attribute] = { value: expect.closeTo(unit(1000 + i, (flags & 1) !== 0), 4) as unknown, ...time };
      });
      expect(said(decodeFresh(BODY_COMPOSITION_MEASUREMENT, composition(flags))), `flags ${flags}`).toEqual(wanted);
    }
  });

  it('has no sample of a measurement that failed', () => {
    expect(decodeFresh(BODY_COMPOSITION_MEASUREMENT, composition(0x0002, 0xffff)).readings).toEqual([]);
  });

  it('takes two packets for one only if they can be halves of one measurement', () => {
    const decode = createDecoders()(BODY_COMPOSITION_MEASUREMENT);
    const names = (packet: DataView) => {
      const result = decode?.(packet);
      return result?.ok ? Object.keys(said(result.value)) : result?.error.code;
    };
    expect(names(composition(0x1008))).toEqual(['body_fat', 'basal_metabolism']);
    expect(names(composition(0x1400)), 'second half').toEqual(['body_weight']);
    expect(names(composition(0x1400)), 'a third is a first').toEqual(['body_fat', 'body_weight']);
    expect(names(composition(0x1400)), 'the same value again: a new measurement').toEqual(['body_fat', 'body_weight']);
    expect(names(composition(0x1008, 300)), 'another fat: a new measurement').toEqual(['body_fat', 'basal_metabolism']);
    expect(names(composition(0x0400, 300)), 'not split: a new measurement').toEqual(['body_fat', 'body_weight']);
    expect(names(composition(0x1008))).toEqual(['body_fat', 'basal_metabolism']);
    expect(names(new DataView(new ArrayBuffer(3)))).toBe('decode-truncated');
    expect(names(composition(0x1400)), 'after a damaged packet nothing is a half').toEqual(['body_fat', 'body_weight']);
  });
});

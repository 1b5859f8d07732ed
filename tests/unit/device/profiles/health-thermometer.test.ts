import { describe, expect, it } from 'vitest';
import {
  INTERMEDIATE_TEMPERATURE,
  TEMPERATURE_MEASUREMENT,
  TEMPERATURE_TYPE,
} from '../../../../src/device/profiles/health-thermometer.ts';
import { decoderFor } from '../../../../src/device/profiles/registry.ts';
import { decodeFresh, f32, PacketBuilder, said, type DateFields } from '../../../support/packet.ts';

const DATE: DateFields = [2031, 7, 4, 6, 5, 4];
const TIME = new Date(2031, 6, 4, 6, 5, 4).getTime();

function temperature(flags: number, mantissa: number, exponent: number): DataView {
  const packet = new PacketBuilder().u8(flags).float(mantissa, exponent);
  if ((flags & 2) !== 0) packet.date(DATE);
  if ((flags & 4) !== 0) packet.u8(7);
  return packet.view;
}

describe('temperature', () => {
  it('is read with every combination of flags, reserved ones too', () => {
    for (let flags = 0; flags < 256; flags++) {
      const celsius = (flags & 1) === 0 ? 37.25 : ((37.25 - 32) * 5) / 9;
      const time = (flags & 2) === 0 ? {} : { time: TIME };
      const body = { value: f32(celsius), ...time };
      const packet = temperature(flags, 3725, -2);
      expect(said(decodeFresh(TEMPERATURE_MEASUREMENT, packet)), `flags ${flags}`).toEqual({
        body_temperature: body,
        ...((flags & 4) !== 0 && { body_temperature_site: { value: { value: 7, text: 'rectum' }, ...time } }),
      });
      expect(said(decodeFresh(INTERMEDIATE_TEMPERATURE, packet)), `flags ${flags}`).toEqual({
        body_temperature_intermediate: body,
      });
    }
  });

  it.each([
    ['not a number', 0x7fffff],
    ['not at this resolution', 0x800000],
    ['+ infinity', 0x7ffffe],
    ['− infinity', 0x800002],
    ['reserved', 0x800001],
  ])('has no sample for %s', (_, mantissa) => {
    expect(decodeFresh(TEMPERATURE_MEASUREMENT, temperature(7, mantissa, 0)).readings).toEqual([]);
  });

  it('has no sample for what no 32-bit sample can hold', () => {
    expect(decodeFresh(TEMPERATURE_MEASUREMENT, temperature(0, 1, 127)).readings).toEqual([]);
  });

  it('lets the site in a packet win over the one read once', () => {
    const once = [TEMPERATURE_TYPE, new PacketBuilder().u8(1).view] as const;
    const site = (flags: number) => said(decodeFresh(TEMPERATURE_MEASUREMENT, temperature(flags, 37, 0), once));
    expect(site(4).body_temperature_site?.value).toEqual({ value: 7, text: 'rectum' });
    expect(site(0).body_temperature_site?.value).toEqual({ value: 1, text: 'armpit' });
  });

  it('names nothing for a reserved site, and refuses it where it stands alone', () => {
    const packet = new PacketBuilder().u8(4).float(37).u8(10).view;
    expect(Object.keys(said(decodeFresh(TEMPERATURE_MEASUREMENT, packet)))).toEqual(['body_temperature']);
    for (const type of [0, 10, 255])
      expect(decoderFor(TEMPERATURE_TYPE)?.(new PacketBuilder().u8(type).view)).toMatchObject({
        ok: false,
        error: { code: 'decode-reserved' },
      });
  });

  it.each([
    ['no such day', [2023, 2, 29, 0, 0, 0]],
    ['month 13', [2023, 13, 1, 0, 0, 0]],
    ['hour 24', [2023, 1, 1, 24, 0, 0]],
    ['second 60', [2023, 1, 1, 0, 0, 60]],
    ['before the calendar', [1581, 1, 1, 0, 0, 0]],
    ['month not known', [2023, 0, 1, 0, 0, 0]],
    ['day not known', [2023, 1, 0, 0, 0, 0]],
  ] as const)('is dated by its arrival if the date is impossible: %s', (_, date) => {
    const packet = new PacketBuilder().u8(2).float(37).date(date).view;
    expect(said(decodeFresh(TEMPERATURE_MEASUREMENT, packet))).toEqual({ body_temperature: { value: 37 } });
  });

  it('refuses bytes that nobody announced', () => {
    const packet = new PacketBuilder().u8(0).float(37).u8(0).view;
    expect(decoderFor(TEMPERATURE_MEASUREMENT)?.(packet)).toMatchObject({
      ok: false,
      error: { code: 'decode-oversized' },
    });
  });
});

import { describe, expect, it } from 'vitest';
import {
  BLOOD_PRESSURE_FEATURE,
  BLOOD_PRESSURE_MEASUREMENT,
  INTERMEDIATE_CUFF_PRESSURE,
} from '../../../../src/device/profiles/blood-pressure.ts';
import { decoderFor } from '../../../../src/device/profiles/registry.ts';
import { decodeFresh, f32, PacketBuilder, said, type DateFields } from '../../../support/packet.ts';

const DATE: DateFields = [2031, 7, 4, 6, 5, 4];
const TIME = new Date(2031, 6, 4, 6, 5, 4).getTime();
const KPA = 7.50061683;

function pressure(flags: number, status = 0): DataView {
  const packet = new PacketBuilder().u8(flags).sfloat(1201, -1).sfloat(803, -1).sfloat(935, -1);
  if ((flags & 2) !== 0) packet.date(DATE);
  if ((flags & 4) !== 0) packet.sfloat(655, -1);
  if ((flags & 8) !== 0) packet.u8(3);
  if ((flags & 16) !== 0) packet.u16(status);
  return packet.view;
}

describe('blood pressure', () => {
  it('is read with every combination of flags, reserved ones too; the user never shows', () => {
    for (let flags = 0; flags < 256; flags++) {
      const unit = (flags & 1) === 0 ? 1 : KPA;
      const time = (flags & 2) === 0 ? {} : { time: TIME };
      const status = { value: expect.objectContaining({ irregular_pulse: true }) as unknown, ...time };
      const pulse = { value: f32(65.5), ...time };
      expect(said(decodeFresh(BLOOD_PRESSURE_MEASUREMENT, pressure(flags, 4))), `flags ${flags}`).toEqual({
        blood_pressure_sys: { value: f32(120.1 * unit), ...time },
        blood_pressure_dia: { value: f32(80.3 * unit), ...time },
        blood_pressure_mean: { value: f32(93.5 * unit), ...time },
        ...((flags & 4) !== 0 && { blood_pressure_pulse: pulse }),
        ...((flags & 16) !== 0 && { blood_pressure_status: status }),
      });
      expect(said(decodeFresh(INTERMEDIATE_CUFF_PRESSURE, pressure(flags, 4))), `flags ${flags}`).toEqual({
        cuff_pressure: { value: f32(120.1 * unit), ...time },
        ...((flags & 4) !== 0 && { cuff_pulse: pulse }),
        ...((flags & 16) !== 0 && { cuff_status: status }),
      });
    }
  });

  it.each([
    [0x01, { body_movement: true }],
    [0x02, { cuff_too_loose: true }],
    [0x04, { irregular_pulse: true }],
    [0x08, { pulse_range: 'above' }],
    [0x10, { pulse_range: 'below' }],
    [0x20, { improper_position: true }],
  ])('has status bit %i', (bit, wanted) => {
    const none = {
      body_movement: false,
      cuff_too_loose: false,
      irregular_pulse: false,
      pulse_range: 'normal',
      improper_position: false,
    };
    const { blood_pressure_status: status } = said(decodeFresh(BLOOD_PRESSURE_MEASUREMENT, pressure(16, bit)));
    expect(status?.value).toEqual({ ...none, ...wanted });
  });

  it('leaves out a reserved pulse range and what the monitor cannot detect', () => {
    const feature = [BLOOD_PRESSURE_FEATURE, new PacketBuilder().u16(0x0009).view] as const;
    const status = (bits: number) =>
      said(decodeFresh(BLOOD_PRESSURE_MEASUREMENT, pressure(16, bits), feature)).blood_pressure_status?.value;
    expect(status(0xffff)).toEqual({ body_movement: true });
    expect(status(0xfff0)).toEqual({ body_movement: false, pulse_range: 'below' });
  });

  it('has no sample of the fields that are not known', () => {
    for (const special of [0x7ff, 0x800, 0x7fe, 0x802, 0x801]) {
      const packet = new PacketBuilder().u8(4).sfloat(special).sfloat(80).sfloat(special).sfloat(special).view;
      expect(said(decodeFresh(BLOOD_PRESSURE_MEASUREMENT, packet))).toEqual({ blood_pressure_dia: { value: 80 } });
      expect(said(decodeFresh(INTERMEDIATE_CUFF_PRESSURE, packet))).toEqual({});
    }
  });

  it('refuses bytes that nobody announced', () => {
    const packet = new PacketBuilder().u8(0).sfloat(120).sfloat(80).sfloat(93).u16(0).view;
    expect(decoderFor(BLOOD_PRESSURE_MEASUREMENT)?.(packet)).toMatchObject({
      ok: false,
      error: { code: 'decode-oversized' },
    });
  });
});

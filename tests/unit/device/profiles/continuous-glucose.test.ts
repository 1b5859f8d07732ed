import { describe, expect, it } from 'vitest';
import {
  CGM_FEATURE,
  CGM_MEASUREMENT,
  CGM_SESSION_START,
} from '../../../../src/device/profiles/continuous-glucose/profile.ts';
import { checksum } from '../../../../src/device/profiles/continuous-glucose/checksum.ts';
import { createDecoders, decoderFor } from '../../../../src/device/profiles/registry.ts';
import { bytesOf } from '../../../fixtures/golden.ts';
import { decodeFresh, f32, PacketBuilder, said } from '../../../support/packet.ts';

function record(flags: number, offset = 7): DataView {
  const octets = [0x80, 0x40, 0x20].filter((flag) => (flags & flag) !== 0).length;
  const size = 6 + octets + ((flags & 1) !== 0 ? 2 : 0) + ((flags & 2) !== 0 ? 2 : 0);
  const packet = new PacketBuilder().u8(size).u8(flags).sfloat(180).u16(offset);
  if ((flags & 0x80) !== 0) packet.u8(0x81);
  if ((flags & 0x40) !== 0) packet.u8(0xc0);
  if ((flags & 0x20) !== 0) packet.u8(0x80);
  if ((flags & 1) !== 0) packet.sfloat(-12, -1);
  if ((flags & 2) !== 0) packet.sfloat(88);
  return packet.view;
}

describe('CGM measurement', () => {
  it('is read with every combination of flags, reserved ones too', () => {
    for (let flags = 0; flags < 256; flags++) {
      const status = [
        ...((flags & 0x80) === 0 ? [] : ['session_stopped']),
        ...((flags & 0x40) === 0 ? [] : ['calibration_pending']),
        ...((flags & 0x20) === 0 ? [] : ['result_too_high']),
      ];
      expect(said(decodeFresh(CGM_MEASUREMENT, record(flags))), `flags ${flags}`).toEqual({
        cgm_glucose: { value: expect.closeTo(180 / 18.0156, 5) as unknown },
        ...((flags & 1) !== 0 && { cgm_trend: { value: expect.closeTo(-1.2 / 18.0156, 6) as unknown } }),
        ...((flags & 2) !== 0 && { cgm_quality: { value: f32(88) } }),
        ...((flags & 0xe0) !== 0 && { cgm_status: { value: { status } } }),
      });
    }
  });

  it('has no sample of what is not known', () => {
    const packet = new PacketBuilder().u8(10).u8(3).sfloat(0x7ff).u16(1).sfloat(0x800).sfloat(0x7fe).view;
    expect(decodeFresh(CGM_MEASUREMENT, packet).readings).toEqual([]);
  });

  it.each([
    ['a length that no record has', '05 00 78 00 05', 'decode-reserved'],
    ['no length', '00', 'decode-reserved'],
    ['a second record that is cut', '06 00 78 00 05 00 06 00', 'decode-truncated'],
    ['fewer bytes than the flags say', '06 01 78 00 05 00', 'decode-truncated'],
    ['one byte too many', '07 00 78 00 05 00 00', 'decode-oversized'],
    ['a wrong checksum', '08 00 78 00 05 00 0d e9', 'decode-checksum'],
    ['nothing', '', 'decode-truncated'],
  ])('refuses %s', (_, hex, code) => {
    expect(decoderFor(CGM_MEASUREMENT)?.(bytesOf(hex))).toMatchObject({ ok: false, error: { code } });
  });

  it('forgets the start of a session when the minutes begin again, until it is read anew', () => {
    const decoders = createDecoders();
    const timeOf = (offset: number) => {
      const result = decoders(CGM_MEASUREMENT)?.(record(0, offset));
      return result?.ok ? said(result.value).cgm_glucose?.time : result;
    };
    const read = (hex: string) => decoders(CGM_SESSION_START)?.(bytesOf(hex))?.ok;
    const start = Date.UTC(2024, 0, 15, 10, 30);
    expect(timeOf(3), 'start not read yet').toBeUndefined();
    expect(read('e8 07 01 0f 0a 1e 00 00 00')).toBe(true);
    expect(timeOf(1)).toBe(start + 60_000);
    expect(timeOf(1), 'the same minute').toBe(start + 60_000);
    expect(timeOf(65_535)).toBe(start + 65_535 * 60_000);
    expect(timeOf(0)).toBeUndefined();
    expect(timeOf(5)).toBeUndefined();
    expect(read('e8 07 01 0f 0a 1e 00 00 00')).toBe(true);
    expect(timeOf(5)).toBe(start + 300_000);
  });
});

describe('CGM checksum', () => {
  it('has the published check value of CRC-16/MCRF4XX', () => {
    const text = new TextEncoder().encode('123456789');
    expect(checksum(new DataView(text.buffer))).toBe(0x6f91);
  });

  it('guards feature and session start', () => {
    const codeOf = (uuid: string, hex: string) => {
      const result = decoderFor(uuid)?.(bytesOf(hex));
      return result?.ok === false ? result.error.code : 'fine';
    };
    expect(codeOf(CGM_FEATURE, '00 10 00 59 f0 49')).toBe('fine');
    expect(codeOf(CGM_FEATURE, '00 10 00 59 ff ff')).toBe('decode-checksum');
    expect(codeOf(CGM_FEATURE, '01 00 00 59 f0 49')).toBe('decode-checksum');
    expect(codeOf(CGM_SESSION_START, 'e8 07 01 0f 0a 1e 00 04 00 26 9d')).toBe('decode-checksum');
    expect(codeOf(CGM_SESSION_START, 'e8 07 01 0f 0a 1e 00 04 00 26 9c 00')).toBe('decode-oversized');
  });
});

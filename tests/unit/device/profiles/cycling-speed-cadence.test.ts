import { describe, expect, it } from 'vitest';
import { CSC_MEASUREMENT } from '../../../../src/device/profiles/cycling-speed-cadence.ts';
import { RSC_FEATURE, RSC_MEASUREMENT } from '../../../../src/device/profiles/running-speed-cadence.ts';
import { createDecoders } from '../../../../src/device/profiles/registry.ts';
import { decodeFresh, f32, PacketBuilder, said } from '../../../support/packet.ts';

function cycling(flags: number, turns: number, seconds: number): DataView {
  const packet = new PacketBuilder().u8(flags);
  if ((flags & 1) !== 0) packet.u32(turns * 3).u16((seconds * 1024) & 0xffff);
  if ((flags & 2) !== 0) packet.u16(turns).u16((seconds * 1024) & 0xffff);
  return packet.view;
}

describe('cycling speed and cadence', () => {
  it('is read with every combination of flags, reserved ones too', () => {
    for (let flags = 0; flags < 256; flags++) {
      const before = [CSC_MEASUREMENT, cycling(flags, 100, 63)] as const;
      const all = said(decodeFresh(CSC_MEASUREMENT, cycling(flags, 101, 64), before));
      expect(all, `flags ${flags}`).toEqual({
        ...((flags & 1) !== 0 && {
          cycling_speed: { value: f32(3 * 2.105) },
          cycling_distance: { value: f32(303 * 2.105) },
        }),
        ...((flags & 2) !== 0 && { cycling_cadence: { value: 60 } }),
      });
    }
  });

  it('forgets its counters with the connection', () => {
    const first = createDecoders()(CSC_MEASUREMENT);
    first?.(cycling(3, 10, 1));
    const second = createDecoders()(CSC_MEASUREMENT)?.(cycling(3, 11, 2));
    if (!second?.ok) throw new Error('refused');
    expect(Object.keys(said(second.value))).toEqual(['cycling_distance']);
  });
});

describe('running speed and cadence', () => {
  it('is read with every combination of flags, reserved ones too, from sensors of all abilities', () => {
    for (let features = 0; features < 8; features++) {
      for (let flags = 0; flags < 256; flags++) {
        const packet = new PacketBuilder().u8(flags).u16(700).u8(171);
        if ((flags & 1) !== 0) packet.u16(98);
        if ((flags & 2) !== 0) packet.u32(123_456);
        const ability = [RSC_FEATURE, new PacketBuilder().u16(features).view] as const;
        expect(said(decodeFresh(RSC_MEASUREMENT, packet.view, ability)), `flags ${flags}`).toEqual({
          running_speed: { value: 2.734375 },
          running_cadence: { value: 171 },
          ...((flags & 1) !== 0 && { stride_length: { value: f32(0.98) } }),
          ...((flags & 2) !== 0 && { running_distance: { value: f32(12_345.6) } }),
          ...((features & 4) !== 0 && { gait: { value: (flags & 4) === 0 ? 0 : 1 } }),
        });
      }
    }
  });
});

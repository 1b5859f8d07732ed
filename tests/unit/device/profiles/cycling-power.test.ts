import { describe, expect, it } from 'vitest';
import {
  CYCLING_POWER_MEASUREMENT,
  CYCLING_POWER_VECTOR,
} from '../../../../src/device/profiles/cycling-power/profile.ts';
import { createDecoders, decoderFor } from '../../../../src/device/profiles/registry.ts';
import { bytesOf } from '../../../fixtures/golden.ts';
import { decodeFresh, f32, PacketBuilder, said } from '../../../support/packet.ts';

/** Every field by its bit: how it is written, and what it says on the first packet of a connection. */
const FIELDS: readonly {
  readonly bit: number;
  readonly write: (packet: PacketBuilder) => void;
  readonly says: (flags: number) => Record<string, number>;
}[] = [
  {
    bit: 0x001,
    write: (packet) => packet.u8(93),
    says: (flags) => ((flags & 0x002) === 0 ? { pedal_balance: 46.5 } : { left_pedal_balance: 46.5 }),
  },
  {
    bit: 0x004,
    write: (packet) => packet.u16(80),
    says: (flags) => ((flags & 0x008) === 0 ? { wheel_torque_sum: 2.5 } : { crank_torque_sum: 2.5 }),
  },
  {
    bit: 0x010,
    write: (packet) => packet.u32(70_000).u16(1),
    says: () => ({ power_meter_distance: f32(147_350) }),
  },
  { bit: 0x020, write: (packet) => packet.u16(9).u16(2), says: () => ({}) },
  { bit: 0x040, write: (packet) => packet.u16(310).u16(-20), says: () => ({ pedal_force: 310 }) },
  { bit: 0x080, write: (packet) => packet.u16(96).u16(-32), says: () => ({ pedal_torque: 3 }) },
  { bit: 0x100, write: (packet) => packet.u24((200 << 12) | 80), says: () => ({ pedal_angles: 80 }) },
  { bit: 0x200, write: (packet) => packet.u16(7), says: () => ({ top_dead_spot: 7 }) },
  { bit: 0x400, write: (packet) => packet.u16(188), says: () => ({ bottom_dead_spot: 188 }) },
  { bit: 0x800, write: (packet) => packet.u16(44), says: () => ({ cycling_energy: 44 }) },
];

describe('cycling power', () => {
  it('is read with every combination of flags, reserved ones too', () => {
    for (let flags = 0; flags < 0x10000; flags += flags < 0x1000 ? 1 : 0x0ff1) {
      const packet = new PacketBuilder().u16(flags).u16(-123);
      const wanted: Record<string, number> = { cycling_power: -123 };
      for (const { bit, write, says } of FIELDS) {
        if ((flags & bit) === 0) continue;
        write(packet);
        Object.assign(wanted, says(flags));
      }
      const all = said(decodeFresh(CYCLING_POWER_MEASUREMENT, packet.view));
      const values = Object.fromEntries(Object.entries(all).map(([attribute, { value }]) => [attribute, value]));
      expect(values, `flags ${flags.toString(16)}`).toEqual(wanted);
    }
  });

  it('keeps wheel and torque of a damaged packet out of its memory', () => {
    const decode = createDecoders()(CYCLING_POWER_MEASUREMENT);
    const before = decode?.(bytesOf('14 00 00 00 00 00 01 00 00 00 00 00'));
    const damaged = decode?.(bytesOf('14 00 00 00 ff 7f ff ff 00 00 00'));
    const after = decode?.(bytesOf('14 00 00 00 20 00 03 00 00 00 00 08'));
    expect([before?.ok, damaged?.ok]).toEqual([true, false]);
    if (!after?.ok) throw new Error('refused');
    const { wheel_torque_sum, power_meter_speed } = said(after.value);
    expect([wheel_torque_sum?.value, power_meter_speed?.value]).toEqual([1, f32(4.21)]);
  });
});

describe('cycling power vector', () => {
  it('is read with every combination of flags; force and torque together cannot be divided', () => {
    for (let flags = 0; flags < 0x100; flags++) {
      const packet = new PacketBuilder().u8(flags);
      if ((flags & 1) !== 0) packet.u16(1000).u16(512);
      if ((flags & 2) !== 0) packet.u16(359);
      if ((flags & 4) !== 0) packet.u16(-5).u16(260);
      if ((flags & 8) !== 0) packet.u16(-8).u16(64);
      if ((flags & 12) === 12) {
        const decoded = decoderFor(CYCLING_POWER_VECTOR)?.(packet.view);
        expect(decoded).toMatchObject({ ok: false, error: { code: 'decode-reserved' } });
        continue;
      }
      expect(said(decodeFresh(CYCLING_POWER_VECTOR, packet.view))).toEqual({
        pedal_vector: {
          value: {
            direction: ['unknown', 'tangential', 'radial', 'lateral'][(flags >> 4) & 3],
            ...((flags & 1) !== 0 && { crank_revolutions: 1000, crank_time: 0.5 }),
            ...((flags & 2) !== 0 && { first_angle: 359 }),
            ...((flags & 4) !== 0 && { force: [-5, 260] }),
            ...((flags & 8) !== 0 && { torque: [-0.25, 2] }),
          },
        },
      });
    }
  });
});

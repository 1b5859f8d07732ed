import { describe, expect, it } from 'vitest';
import {
  LOCATION_AND_SPEED,
  NAVIGATION,
  POSITION_QUALITY,
} from '../../../../src/device/profiles/location-navigation.ts';
import { bytesOf } from '../../../fixtures/golden.ts';
import { decodeFresh, f32, PacketBuilder, said, type DateFields } from '../../../support/packet.ts';

const DATE: DateFields = [2031, 7, 4, 6, 5, 4];
const TIME = Date.UTC(2031, 6, 4, 6, 5, 4);
const STATUS = ['no_position', 'ok', 'estimated', 'last_known'];

function locationPacket(flags: number, date = DATE): DataView {
  const packet = new PacketBuilder().u16(flags);
  if ((flags & 1) !== 0) packet.u16(512);
  if ((flags & 2) !== 0) packet.u24(100_001);
  if ((flags & 4) !== 0) packet.u32(-338_688_000).u32(1_512_093_000);
  if ((flags & 8) !== 0) packet.u24(-250);
  if ((flags & 16) !== 0) packet.u16(35_999);
  if ((flags & 32) !== 0) packet.u8(200);
  if ((flags & 64) !== 0) packet.date(date);
  return packet.view;
}

describe('location and speed', () => {
  it('is read with every combination of flags, reserved ones too', () => {
    for (let flags = 0; flags < 0x10000; flags += flags < 0x200 ? 1 : 0x1f1) {
      const status = STATUS[(flags >> 7) & 3];
      const time = (flags & 64) === 0 ? {} : { time: TIME };
      const isKnown = status !== 'no_position';
      expect(said(decodeFresh(LOCATION_AND_SPEED, locationPacket(flags))), `flags ${flags}`).toEqual({
        ...((flags & 1) !== 0 && { speed: { value: f32(5.12), ...time } }),
        ...((flags & 2) !== 0 && { distance: { value: f32(10_000.1), ...time } }),
        ...((flags & 8) !== 0 && isKnown && { altitude: { value: -2.5, ...time } }),
        ...((flags & 16) !== 0 && { heading: { value: f32(359.99), ...time } }),
        ...((flags & 4) !== 0 &&
          isKnown && {
            geolocation: {
              value: {
                latitude: -33.8688,
                longitude: 151.2093,
                position_status: status,
                ...((flags & 1) !== 0 && { speed: 5.12 }),
                ...((flags & 8) !== 0 && { altitude: -2.5 }),
                ...((flags & 16) !== 0 && { heading: 359.99 }),
              },
              ...time,
            },
          }),
      });
    }
  });

  it('is dated by its arrival where the device does not know the date', () => {
    expect(said(decodeFresh(LOCATION_AND_SPEED, locationPacket(65, [0, 0, 0, 1, 2, 3])))).toEqual({
      speed: { value: f32(5.12) },
    });
  });

  it('takes no place that is not on the globe', () => {
    // 180° north
    expect(said(decodeFresh(LOCATION_AND_SPEED, bytesOf('84 00 00 d2 49 6b 00 00 00 00')))).toEqual({});
  });
});

describe('position quality and navigation', () => {
  it('are read with every combination of flags, reserved ones too', () => {
    for (let flags = 0; flags < 0x400; flags++) {
      const quality = new PacketBuilder().u16(flags);
      if ((flags & 1) !== 0) quality.u8(7);
      if ((flags & 2) !== 0) quality.u8(11);
      if ((flags & 4) !== 0) quality.u16(125);
      if ((flags & 8) !== 0) quality.u32(70_025);
      if ((flags & 16) !== 0) quality.u32(150);
      if ((flags & 32) !== 0) quality.u8(3);
      if ((flags & 64) !== 0) quality.u8(255);
      expect(said(decodeFresh(POSITION_QUALITY, quality.view)).position_quality?.value, `flags ${flags}`).toEqual({
        position_status: STATUS[(flags >> 7) & 3],
        ...((flags & 1) !== 0 && { beacons_in_solution: 7 }),
        ...((flags & 2) !== 0 && { beacons_in_view: 11 }),
        ...((flags & 4) !== 0 && { time_to_first_fix: 12.5 }),
        ...((flags & 8) !== 0 && { ehpe: 700.25 }),
        ...((flags & 16) !== 0 && { evpe: 1.5 }),
        ...((flags & 32) !== 0 && { hdop: 0.6 }),
        ...((flags & 64) !== 0 && { vdop: 51 }),
      });

      const navigation = new PacketBuilder().u16(flags).u16(4500).u16(18_000);
      if ((flags & 1) !== 0) navigation.u24(1234);
      if ((flags & 2) !== 0) navigation.u24(-1050);
      if ((flags & 4) !== 0) navigation.date(DATE);
      expect(said(decodeFresh(NAVIGATION, navigation.view)).navigation?.value, `flags ${flags}`).toEqual({
        bearing: 45,
        heading: 180,
        ...((flags & 1) !== 0 && { remaining_distance: 123.4 }),
        ...((flags & 2) !== 0 && { remaining_vertical_distance: -10.5 }),
        ...((flags & 4) !== 0 && { estimated_arrival: '2031-07-04 06:05:04' }),
        position_status: STATUS[(flags >> 3) & 3],
        heading_from: (flags & 32) === 0 ? 'movement' : 'compass',
        towards: (flags & 64) === 0 ? 'waypoint' : 'destination',
        waypoint_reached: (flags & 128) !== 0,
        destination_reached: (flags & 256) !== 0,
      });
    }
  });
});

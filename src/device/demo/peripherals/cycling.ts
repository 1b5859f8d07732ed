/** A bicycle with a power meter (1818) and a speed and cadence sensor (1816) in one, once a second. */
import {
  CYCLING_POWER_FEATURE,
  CYCLING_POWER_MEASUREMENT,
  cyclingPowerProfile,
} from '../../profiles/cycling-power/profile.ts';
import { CSC_FEATURE, CSC_MEASUREMENT, cyclingSpeedCadenceProfile } from '../../profiles/cycling-speed-cadence.ts';
import { WHEEL_CIRCUMFERENCE } from '../../profiles/revolutions.ts';
import { SENSOR_LOCATION } from '../../profiles/sensor-location.ts';
import type { ModelOptions, ScriptedModel } from '../model.ts';
import { assemble, battery, deviceInformation, offer, type Part } from '../offer.ts';
import { writePacket } from '../packet-writer.ts';
import { createRide, type Turns } from '../signals/ride.ts';

const PERIOD = 1000;
/** Pedal balance of the left pedal, wheel, crank, energy. */
const POWER_FLAGS = 0x0001 | 0x0002 | 0x0010 | 0x0020 | 0x0800;
/** Pedal balance, wheel and crank revolutions, accumulated energy. */
const POWER_FEATURES = 0x0001 | 0x0004 | 0x0008 | 0x0080;
/** Wheel and crank. */
const CSC_FLAGS = 0x03;
const CSC_FEATURES = 0x03;
const REAR_HUB = 13;
/** Ticks a second of event times; the wheel of a power meter has twice as many. */
const TICKS = 1024;

export function createCycling({ seed }: ModelOptions): ScriptedModel {
  const ride = createRide(seed, WHEEL_CIRCUMFERENCE);
  const ticks = ({ at }: Turns, perSecond: number): number => Math.round(at * perSecond);

  const power: Part = {
    offer: [
      offer(cyclingPowerProfile.service, CYCLING_POWER_MEASUREMENT, 'notify'),
      offer(cyclingPowerProfile.service, CYCLING_POWER_FEATURE, 'read'),
      offer(cyclingPowerProfile.service, SENSOR_LOCATION, 'read'),
    ],
    values: new Map([
      [CYCLING_POWER_FEATURE, writePacket().int(4, POWER_FEATURES).bytes()],
      [SENSOR_LOCATION, Uint8Array.of(REAR_HUB)],
    ]),
    streams: [
      {
        on: CYCLING_POWER_MEASUREMENT,
        period: () => PERIOD,
        send({ at, arrival }, wire) {
          const { power: watts, balance, wheel, crank, energy } = ride(at);
          const packet = writePacket()
            .u16(POWER_FLAGS)
            .int(2, watts)
            .u8(Math.round(2 * balance))
            .int(4, wheel.revolutions)
            .u16(ticks(wheel, 2 * TICKS), crank.revolutions, ticks(crank, TICKS), Math.floor(energy));
          wire.notify(CYCLING_POWER_MEASUREMENT, packet.bytes(), arrival);
        },
      },
    ],
  };
  const speed: Part = {
    offer: [
      offer(cyclingSpeedCadenceProfile.service, CSC_MEASUREMENT, 'notify'),
      offer(cyclingSpeedCadenceProfile.service, CSC_FEATURE, 'read'),
      offer(cyclingSpeedCadenceProfile.service, SENSOR_LOCATION, 'read'),
    ],
    values: new Map([[CSC_FEATURE, writePacket().u16(CSC_FEATURES).bytes()]]),
    streams: [
      {
        on: CSC_MEASUREMENT,
        period: () => PERIOD,
        send({ at, arrival }, wire) {
          const { wheel, crank } = ride(at);
          const packet = writePacket()
            .u8(CSC_FLAGS)
            .int(4, wheel.revolutions)
            .u16(ticks(wheel, TICKS), crank.revolutions, ticks(crank, TICKS));
          wire.notify(CSC_MEASUREMENT, packet.bytes(), arrival);
        },
      },
    ],
  };
  return assemble([power, speed, battery(seed), deviceInformation('Demo bicycle')]);
}

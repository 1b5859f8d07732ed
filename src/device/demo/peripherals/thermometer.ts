/**
 * An ear thermometer that is held still: it shows where it is heading once a second, and settles on a measurement every
 * ten, dated by its own calendar.
 */
import { mulberry32 } from '../../../lib/random.ts';
import {
  HEALTH_THERMOMETER_SERVICE,
  INTERMEDIATE_TEMPERATURE,
  MEASUREMENT_INTERVAL,
  TEMPERATURE_MEASUREMENT,
  TEMPERATURE_TYPE,
} from '../../profiles/health-thermometer.ts';
import { floatBits } from '../medical-float.ts';
import type { ModelOptions, ScriptedModel } from '../model.ts';
import { assemble, battery, deviceInformation, offer, type Part } from '../offer.ts';
import { writePacket } from '../packet-writer.ts';
import { createDrift, noise } from '../signals/drift.ts';

/** s. */
const INTERVAL = 10;
const EAR = 3;
const FLAG = { time: 0x02, type: 0x04 } as const;
const DIGITS = 2;
/** How far the probe is behind at the start of a measurement, °C, and how fast it comes nearer, s. */
const BEHIND = 1.4;
const WARMING = 3;

export function createThermometer({ seed }: ModelOptions): ScriptedModel {
  const random = mulberry32(seed);
  const body = createDrift(random, 36.4 + 0.6 * random(), 0.25, 900);
  const probe = (t: number): number => body(t) - BEHIND * Math.exp(-(t % INTERVAL) / WARMING) + noise(random, 0.03);

  const thermometer: Part = {
    offer: [
      offer(HEALTH_THERMOMETER_SERVICE, TEMPERATURE_TYPE, 'read'),
      offer(HEALTH_THERMOMETER_SERVICE, TEMPERATURE_MEASUREMENT, 'notify'),
      offer(HEALTH_THERMOMETER_SERVICE, INTERMEDIATE_TEMPERATURE, 'notify'),
      offer(HEALTH_THERMOMETER_SERVICE, MEASUREMENT_INTERVAL, 'read'),
    ],
    values: new Map([
      [TEMPERATURE_TYPE, Uint8Array.of(EAR)],
      [MEASUREMENT_INTERVAL, writePacket().u16(INTERVAL).bytes()],
    ]),
    streams: [
      {
        on: TEMPERATURE_MEASUREMENT,
        period: () => 1000 * INTERVAL,
        first: 3000,
        send({ at, arrival }, wire) {
          const packet = writePacket()
            .u8(FLAG.time | FLAG.type)
            .int(4, floatBits(body(at), DIGITS));
          wire.notify(TEMPERATURE_MEASUREMENT, calendar(packet, arrival).u8(EAR).bytes(), arrival);
        },
      },
      {
        on: INTERMEDIATE_TEMPERATURE,
        period: () => 1000,
        send({ at, arrival }, wire) {
          const packet = writePacket()
            .u8(FLAG.type)
            .int(4, floatBits(probe(at), DIGITS))
            .u8(EAR);
          wire.notify(INTERMEDIATE_TEMPERATURE, packet.bytes(), arrival);
        },
      },
    ],
  };
  return assemble([thermometer, battery(seed), deviceInformation('Demo thermometer')]);
}

/** A Date Time in local time (GATT Specification Supplement). */
function calendar(packet: ReturnType<typeof writePacket>, time: number): ReturnType<typeof writePacket> {
  const date = new Date(time);
  return packet
    .u16(date.getFullYear())
    .u8(date.getMonth() + 1, date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds());
}

/** The Heart Rate service of a device that measures more than that: rate and RR intervals of its heart, once a second. */
import { BODY_SENSOR_LOCATION, HEART_RATE_MEASUREMENT, HEART_RATE_SERVICE } from '../../profiles/heart-rate.ts';
import { encodeHeartRate } from '../encode.ts';
import { offer, type Part } from '../offer.ts';
import type { Pulse } from '../signals/pulse.ts';

const PERIOD = 1000;
const CHEST = 1;
const TICKS_PER_SECOND = 1024;

export function heartRatePart(pulse: Pulse): Part {
  return {
    offer: [
      offer(HEART_RATE_SERVICE, HEART_RATE_MEASUREMENT, 'notify'),
      offer(HEART_RATE_SERVICE, BODY_SENSOR_LOCATION, 'read'),
    ],
    values: new Map([[BODY_SENSOR_LOCATION, Uint8Array.of(CHEST)]]),
    streams: [
      {
        on: HEART_RATE_MEASUREMENT,
        period: () => PERIOD,
        send({ at, arrival }, wire) {
          const ticks = pulse.between(at - 1, at).map(({ interval }) => Math.round(interval * TICKS_PER_SECOND));
          const packet = encodeHeartRate({ rate: Math.round(pulse.rate(at)), contact: true, ticks });
          wire.notify(HEART_RATE_MEASUREMENT, new Uint8Array(packet), arrival);
        },
      },
    ],
  };
}

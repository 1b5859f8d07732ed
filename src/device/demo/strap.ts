/**
 * A scripted chest strap: speaks Heart Rate, Battery and Device Information in their true byte formats, once a second.
 * Demo mode and test double in one: what its script says goes wrong.
 */
import {
  BODY_SENSOR_LOCATION,
  HEART_RATE_CONTROL_POINT,
  HEART_RATE_MEASUREMENT,
  HEART_RATE_SERVICE,
  RESET_ENERGY_EXPENDED,
} from '../profiles/heart-rate.ts';
import { encodeHeartRate } from './encode.ts';
import { createHeart } from './heart.ts';
import type { ModelOptions, ScriptedModel } from './model.ts';
import { assemble, battery, deviceInformation, notTaken, offer, type Part } from './offer.ts';
import { distort, within } from './script.ts';

/** One notification a second, like most straps. */
const PERIOD = 1000;
/** Energy rides on every tenth packet, as the specification recommends. */
const ENERGY_EVERY = 10;
/** 1 = chest. */
const CHEST = 1;

export function createStrap({ seed, script }: ModelOptions): ScriptedModel {
  const heart = createHeart(seed);
  /** Seconds streamed so far, over all connections. */
  let packets = 0;
  let sent = 0;
  let limit: number | undefined;

  /** The packet of the next second; undefined where the script wants silence. */
  function next(): Uint8Array<ArrayBuffer> | undefined {
    packets += 1;
    const { rate, ticks, energy } = heart.second();
    if (within(script.silent, packets)) return undefined;
    const contact = !within(script.contactLost, packets);
    const packet = encodeHeartRate({
      rate: contact ? rate : 0,
      contact,
      energy: packets % ENERGY_EVERY === 0 ? Math.floor(energy) : undefined,
      ticks: contact ? ticks : [],
    });
    return new Uint8Array(distort(script, packets, packet));
  }

  const heartRate: Part = {
    offer: [
      offer(HEART_RATE_SERVICE, HEART_RATE_MEASUREMENT, 'notify'),
      offer(HEART_RATE_SERVICE, BODY_SENSOR_LOCATION, 'read'),
      offer(HEART_RATE_SERVICE, HEART_RATE_CONTROL_POINT, 'write'),
    ],
    values: new Map([[BODY_SENSOR_LOCATION, Uint8Array.of(CHEST)]]),
    streams: [
      {
        on: HEART_RATE_MEASUREMENT,
        period: () => PERIOD,
        send({ arrival }, wire) {
          const packet = next();
          if (packet) wire.notify(HEART_RATE_MEASUREMENT, packet, arrival);
          sent += 1;
          if (sent === limit) wire.hangUp();
        },
      },
    ],
  };
  return assemble([heartRate, battery(seed), deviceInformation('Demo strap')], {
    connected(number) {
      sent = 0;
      limit = script.dropAfter?.[number - 1];
    },
    write(_, bytes) {
      if (bytes[0] !== RESET_ENERGY_EXPENDED) return notTaken('control point');
      heart.resetEnergy();
      return undefined;
    },
  });
}

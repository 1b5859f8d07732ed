/** A finger clip that measures all the time: SpO₂, pulse, perfusion and its own opinion of them, once a second. */
import { mulberry32 } from '../../../lib/random.ts';
import { PLX_CONTINUOUS, PLX_FEATURES, PULSE_OXIMETER_SERVICE } from '../../profiles/pulse-oximeter.ts';
import { sfloatBits } from '../medical-float.ts';
import type { ModelOptions, ScriptedModel } from '../model.ts';
import { assemble, battery, deviceInformation, offer, type Part } from '../offer.ts';
import { writePacket } from '../packet-writer.ts';
import { createDrift, noise } from '../signals/drift.ts';
import { createPulse } from '../signals/pulse.ts';

const PERIOD = 1000;
/** Fast and slow values, both statuses, perfusion. */
const ALL_FLAGS = 0x1f;
/** Both statuses, fast and slow values, perfusion. */
const FEATURES = 0x73;
/** Measurement status: ongoing, validated. Until it is, an early estimate. */
const STATUS = { ongoing: 0x0020, early: 0x0040, validated: 0x0080 } as const;
const EARLY_SECONDS = 4;
/** Device and sensor status: what this clip can say (inadequate and poor signal, low perfusion). */
const SENSOR_SUPPORT = 0x000038;

export function createPulseOximeter({ seed }: ModelOptions): ScriptedModel {
  const pulse = createPulse(seed);
  const random = mulberry32(seed + 1);
  const spo2 = createDrift(random, 97, 1.2, 120);
  const perfusion = createDrift(random, 4.5, 2.5, 60);
  /** SpO₂ and pulse as two SFLOATs. */
  const pair = (t: number, wander: number): number[] => [
    sfloatBits(Math.min(100, spo2(t) + noise(random, wander))),
    sfloatBits(pulse.rate(t)),
  ];

  const oximeter: Part = {
    offer: [
      offer(PULSE_OXIMETER_SERVICE, PLX_FEATURES, 'read'),
      offer(PULSE_OXIMETER_SERVICE, PLX_CONTINUOUS, 'notify'),
    ],
    values: new Map([
      [
        PLX_FEATURES,
        writePacket()
          .u16(FEATURES, STATUS.ongoing | STATUS.early | STATUS.validated)
          .int(3, SENSOR_SUPPORT)
          .bytes(),
      ],
    ]),
    streams: [
      {
        on: PLX_CONTINUOUS,
        period: () => PERIOD,
        send({ at, arrival }, wire) {
          const status = STATUS.ongoing | (at < EARLY_SECONDS ? STATUS.early : STATUS.validated);
          const packet = writePacket()
            .u8(ALL_FLAGS)
            .u16(...pair(at, 0.3), ...pair(at, 1), ...pair(at - 4, 0), status)
            .int(3, 0)
            .u16(sfloatBits(perfusion(at), 1));
          wire.notify(PLX_CONTINUOUS, packet.bytes(), arrival);
        },
      },
    ],
  };
  return assemble([oximeter, battery(seed), deviceInformation('Demo pulse oximeter')]);
}

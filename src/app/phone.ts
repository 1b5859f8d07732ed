/** This phone (or laptop) as a device: its own sensors as the sources of one sensor. Fetched when somebody asks for it. */
import { paceFor } from '../device/phone/pace.ts';
import { createPhoneSources } from '../device/phone/phone-sources.ts';
import type { Source } from '../device/source.ts';
import { SourceLink } from '../device/source-link.ts';
import { systemClock, type Clock } from '../lib/timers.ts';
import type { SensorStatus } from '../../workers/sensor/api.ts';
import type { PhoneOffer } from './api.ts';
import type { DeviceOrigin } from './device-origin.ts';

/** One installation is one phone. */
const PHONE_ID = 'this-phone';

export interface Phone {
  offers(): Promise<readonly PhoneOffer[]>;
  /** The phone as a device that measures with these sources. */
  origin(kinds: readonly string[]): DeviceOrigin;
}

class PhoneLink extends SourceLink {
  /** Fewer samples while nobody looks, as sensors cost battery. */
  follow(status: SensorStatus): void {
    this.setRate(paceFor({ attention: status.attention, loadMultiplier: status.loadMultiplier }));
  }
}

export function createPhone(
  sources: readonly Source[] = createPhoneSources(),
  clock: Clock = systemClock,
  name = 'This phone',
): Phone {
  return {
    offers: () =>
      Promise.all(
        sources.map(async ({ kind, support }) => {
          const supported = await support();
          return { kind, error: supported.ok ? undefined : supported.error };
        }),
      ),
    origin: (kinds) => ({
      id: PHONE_ID,
      name,
      demo: false,
      kind: 'phone',
      sensorType: 'phone',
      makeLink: ({ onReadings, onState }) =>
        Promise.resolve(
          new PhoneLink({ sources, on: kinds, onReadings, onState, now: () => clock.now(), timers: clock }),
        ),
    }),
  };
}

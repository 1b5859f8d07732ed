/** The phone's own battery: Battery Status API (W3C), Chromium only. Read when it changes, and at the start. */
import { appError } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Source, SourceOutput } from '../source.ts';

/** The part of `BatteryManager` that is used. `level`: 0–1. */
export type BatteryLike = Pick<EventTarget, 'addEventListener'> & {
  readonly level: number;
  readonly charging: boolean;
};

/** @param getBattery undefined where the browser has none */
export function batterySource(
  getBattery: (() => Promise<BatteryLike>) | undefined,
  now: () => number = Date.now,
): Source {
  return {
    kind: 'battery',
    attributes: [{ attribute: 'battery', attributeType: 'battery', samplingRate: 0 }],
    support: () => Promise.resolve(getBattery ? ok(undefined) : fail(appError('source-unsupported', 'battery'))),
    async start(output: SourceOutput, signal: AbortSignal): Promise<Result<void>> {
      if (!getBattery) return fail(appError('source-unsupported', 'battery'));
      const battery = await getBattery();
      if (signal.aborted) return ok(undefined);
      const report = (): void => {
        // The platform's own words for charging.
        const payload = { level: Math.round(battery.level * 100), charging: battery.charging ? 'yes' : 'no' };
        const arrival = now();
        output.readings(
          [{ kind: 'structured', attribute: 'battery', payloads: [payload], timing: { kind: 'arrival' } }],
          arrival,
        );
      };
      battery.addEventListener('levelchange', report, { signal });
      battery.addEventListener('chargingchange', report, { signal });
      report();
      return ok(undefined);
    },
  };
}

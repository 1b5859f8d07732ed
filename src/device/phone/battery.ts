/** The phone's own battery: Battery Status API (W3C), Chromium only. Read when it changes, and at the start. */
import { appError, describeThrown } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Source, SourceOutput } from '../source.ts';
import { structured } from './phone-readings.ts';

/** The part of `BatteryManager` that is used. `level`: 0–1. */
export type BatteryLike = Pick<EventTarget, 'addEventListener'> & {
  readonly level: number;
  readonly charging: boolean;
};

/** Percent, below which a battery that is not charged is to be spared. */
const LOW = 20;

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
      const found = await findBattery(getBattery);
      if (!found.ok || signal.aborted) return found.ok ? ok(undefined) : found;
      const battery = found.value;
      let last: string | undefined;
      const report = (): void => {
        const level = percent(battery);
        if (level === undefined) return output.trouble(appError('source-empty', 'battery'));
        // The platform's own words for charging.
        const payload = { level, charging: battery.charging ? 'yes' : 'no' };
        // Levels change by less than a percent too.
        const words = JSON.stringify(payload);
        if (words === last) return;
        last = words;
        const arrival = now();
        output.readings([structured('battery', payload, arrival)], arrival);
      };
      battery.addEventListener('levelchange', report, { signal });
      battery.addEventListener('chargingchange', report, { signal });
      report();
      return ok(undefined);
    },
  };
}

/** Tells now, and at each change, whether the battery is to be spared. Never where the browser does not say. */
export async function watchLowBattery(
  getBattery: (() => Promise<BatteryLike>) | undefined,
  onChange: (isLow: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  const found = await findBattery(getBattery);
  if (!found.ok || signal.aborted) return;
  const battery = found.value;
  const tell = (): void => onChange(!battery.charging && (percent(battery) ?? 100) < LOW);
  battery.addEventListener('levelchange', tell, { signal });
  battery.addEventListener('chargingchange', tell, { signal });
  tell();
}

async function findBattery(getBattery: (() => Promise<BatteryLike>) | undefined): Promise<Result<BatteryLike>> {
  if (!getBattery) return fail(appError('source-unsupported', 'battery'));
  try {
    return ok(await getBattery());
  } catch (thrown) {
    // A page that may not, by its policy or because it is not secure.
    return fail(appError('source-permission', describeThrown(thrown)));
  }
}

/** 0–100. */
function percent({ level }: BatteryLike): number | undefined {
  return Number.isFinite(level) ? Math.round(Math.min(1, Math.max(0, level)) * 100) : undefined;
}

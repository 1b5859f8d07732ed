/** All sources of this phone, with the browser's own objects. Window only. */
import type { Source } from '../source.ts';
import { batterySource, type BatteryLike } from './battery.ts';

interface MaybeBattery {
  readonly getBattery?: () => Promise<BatteryLike>;
}

/** Every source there may be; `support()` of each says whether it can work here. */
export function createPhoneSources(): readonly Source[] {
  const { getBattery } = navigator as MaybeBattery;
  return [batterySource(getBattery?.bind(navigator))];
}

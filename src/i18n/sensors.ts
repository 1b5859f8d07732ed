/** Messages of sensors' cards and of what is opened from them. Imported only by parts that are loaded later. */
import { enSensors, type SensorMessages } from './en-sensors.ts';
import type { Locale } from './index.ts';

const SENSORS: Readonly<Record<Locale, SensorMessages>> = { en: enSensors };

export type { SensorMessages };

export function sensorMessages(locale: Locale): SensorMessages {
  return SENSORS[locale];
}

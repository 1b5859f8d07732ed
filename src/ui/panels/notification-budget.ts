/** How many Bluetooth notifications are open, against what a system allows. Pure. */
import type { DeviceView } from '../../app/api.ts';

/** Android's Bluetooth stack keeps about this many notifications open for all devices together. */
export const NOTIFICATION_LIMIT = 15;
/** From here on one more sensor may not get all it needs. */
export const WARN_FROM = 12;

/** Scripted devices need none. */
export function notificationsUsed(devices: readonly DeviceView[]): number {
  return devices
    .filter(({ kind, demo }) => kind === 'bluetooth' && !demo)
    .reduce((sum, { subscriptions }) => sum + subscriptions, 0);
}

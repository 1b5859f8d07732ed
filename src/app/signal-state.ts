/** The one line of state on a device card. Pure. */
import { unreachable } from '../model/errors.ts';
import type { DeviceView, SignalState } from './api.ts';

/** @param now Unix ms */
export function signalState(device: DeviceView, now: number): SignalState {
  const { link } = device;
  switch (link.at) {
    case 'idle':
    case 'forgotten':
      return { kind: 'stopped' };
    case 'seeking':
      return { kind: 'seeking' };
    case 'connecting':
    case 'discovering':
    case 'subscribing':
      return { kind: 'connecting' };
    case 'live':
      // Contact false means the strap says so; undefined means it cannot tell.
      return device.status?.facts.contact === false ? { kind: 'contact-lost' } : { kind: 'live' };
    case 'stale':
      return { kind: 'stale', seconds: secondsBetween(link.since, now) };
    case 'waiting':
      return {
        kind: 'reconnecting',
        attempt: link.attempt,
        inSeconds: secondsBetween(now, link.retryAt),
        error: link.error,
      };
    case 'lost':
      return { kind: 'lost', error: link.error };
    default:
      return unreachable(link);
  }
}

/**
 * Whether an attribute is being measured, as far as its sources say: not while all that may yield it are off, starting or in
 * trouble. Devices that cannot be switched in parts have no sources; what no source yields (an estimate) follows the device.
 */
export function isMeasured({ sources }: Pick<DeviceView, 'sources'>, attribute: string): boolean {
  const its = sources.filter(({ attributes }) => attributes.includes(attribute));
  return its.length === 0 || its.some(({ state }) => state.at === 'on');
}

/** Whole seconds from `from` to `to`, never negative. */
export function secondsBetween(from: number, to: number): number {
  return Math.max(0, Math.round((to - from) / 1000));
}

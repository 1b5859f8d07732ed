/** A device's signal state as words, shape and help. Pure. */
import { unreachable } from '../../model/errors.ts';
import type { DeviceView, SignalState } from '../../app/api.ts';
import type { Messages } from '../../i18n/index.ts';
import type { SensorMessages } from '../../i18n/sensors.ts';
import type { StateText } from './status-text.ts';

/** Each kind of device has its own words for some states. */
export type Wording = 'strap' | 'sensor' | 'phone' | 'cable' | 'script';

const WORDING: Readonly<Record<DeviceView['kind'], Wording>> = {
  bluetooth: 'sensor',
  toy: 'sensor',
  phone: 'phone',
  camera: 'phone',
  serial: 'cable',
  script: 'script',
};

/** A device that tells whether it touches skin, or counts beats, is worn as a strap is. */
export function wordingOf({ kind, status }: DeviceView): Wording {
  if (kind !== 'bluetooth') return WORDING[kind];
  const beats = status?.streams.some(({ attributeType }) => attributeType === 'heartrate') ?? false;
  return beats || status?.facts.contact !== undefined ? 'strap' : 'sensor';
}

/** Words for a device card. */
export function deviceText(device: DeviceView, signal: SignalState, words: SensorMessages): StateText {
  const wording = wordingOf(device);
  const nothingOn = words.kinds[wording].nothingOn;
  const allOff = device.sources.length > 0 && device.sources.every(({ state }) => state.at === 'off');
  if (signal.kind === 'live' && allOff && nothingOn !== undefined) return { tone: 'off', words: nothingOn };
  return signalText(signal, words, wording);
}

/** Words for a signal state. */
export function signalText(signal: SignalState, words: SensorMessages, wording: Wording): StateText {
  const t = words.device;
  const own = words.kinds[wording];
  switch (signal.kind) {
    case 'live':
      return { tone: 'ok', words: t.live };
    case 'connecting':
      return { tone: 'busy', words: own.connecting ?? t.connecting };
    case 'seeking':
      return { tone: 'busy', words: t.seeking, ...detail(own.seekingHelp) };
    case 'contact-lost':
      return { tone: 'warn', words: t.contactLost, ...detail(own.contactHelp) };
    case 'stale':
      return { tone: 'warn', words: t.stale, detail: t.staleFor(signal.seconds) };
    case 'reconnecting':
      return {
        tone: 'busy',
        words: t.reconnecting,
        detail: t.retry(signal.attempt, signal.inSeconds),
        error: signal.error,
      };
    case 'lost':
      return { tone: 'bad', words: own.lost ?? t.lost, error: signal.error };
    case 'stopped':
      return { tone: 'off', words: t.stopped };
    default:
      return unreachable(signal);
  }
}

function detail(help: string | undefined): { readonly detail?: string } {
  return help === undefined ? {} : { detail: help };
}

/** What to call an error code that came as a plain string (counts of bad packets are keyed by code). */
export function codeText(code: string, t: Messages): string {
  const known: Readonly<Record<string, { readonly what: string } | undefined>> = t.errors;
  return known[code]?.what ?? code;
}

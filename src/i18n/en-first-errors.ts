/** Sentences of errors that the very first screen may show: why Bluetooth cannot work here. Part of the first load. */
import type { ErrorCode } from '../model/errors.ts';

export interface ErrorText {
  /** What happened. */
  readonly what: string;
  /** What it means for the data. */
  readonly data: string;
  /** One thing to do. */
  readonly todo: string;
}

export const NOTHING_MEASURED = 'Nothing is measured until a sensor is connected.';
export const KEPT = 'What was measured before is kept.';
const DEMO_WORKS = 'The demo sensor works here.';
const WATCH_WORKS = 'Watching other sensors works here.';

export const enFirstErrors = {
  'bluetooth-unsupported': {
    what: 'This browser cannot use Bluetooth.',
    data: `${WATCH_WORKS} ${DEMO_WORKS}`,
    todo: 'To pair a sensor, open this address in Chrome or Edge.',
  },
  'bluetooth-unsupported-ios': {
    what: 'Browsers on iPhone and iPad cannot use Bluetooth.',
    data: `${WATCH_WORKS} ${DEMO_WORKS}`,
    todo: 'To pair a sensor, use Chrome on Android or a computer, or an iOS browser made for Bluetooth such as Bluefy.',
  },
  'bluetooth-unsupported-firefox': {
    what: 'Firefox cannot use Bluetooth.',
    data: `${WATCH_WORKS} ${DEMO_WORKS}`,
    todo: 'To pair a sensor, open this address in Chrome or Edge.',
  },
  'bluetooth-unsupported-safari': {
    what: 'Safari cannot use Bluetooth.',
    data: `${WATCH_WORKS} ${DEMO_WORKS}`,
    todo: 'To pair a sensor, open this address in Chrome or Edge on this Mac.',
  },
  'bluetooth-disabled-brave': {
    what: 'Brave has switched Bluetooth off.',
    data: `${WATCH_WORKS} ${DEMO_WORKS}`,
    todo: 'On a computer, switch it on at the address below and restart Brave. On a phone, use Chrome.',
  },
  'bluetooth-disabled-linux': {
    what: 'On Linux this browser keeps Bluetooth behind a switch.',
    data: `${WATCH_WORKS} ${DEMO_WORKS}`,
    todo: 'Open the address below in a new tab, choose Enabled, and restart the browser.',
  },
  'bluetooth-insecure-context': {
    what: 'Bluetooth needs a secure (https) address.',
    data: `${WATCH_WORKS} ${DEMO_WORKS}`,
    todo: 'Open this app by its https address.',
  },
  'bluetooth-adapter-off': {
    what: 'Bluetooth is switched off on this device.',
    data: `${NOTHING_MEASURED} ${KEPT}`,
    todo: 'Switch Bluetooth on, then try again.',
  },
  'bluetooth-no-adapter': {
    what: 'This device has no Bluetooth.',
    data: NOTHING_MEASURED,
    todo: 'Plug in a Bluetooth adapter, or use another device.',
  },
  'bluetooth-permission': {
    what: 'The browser may not use Bluetooth.',
    data: NOTHING_MEASURED,
    todo: 'Allow Bluetooth (Android: “Nearby devices”) for the browser in the system settings, then try again.',
  },
} as const satisfies Readonly<Partial<Record<ErrorCode, ErrorText>>>;

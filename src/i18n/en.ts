/**
 * English: the source of the first screen's messages and of their type; those of screens and dialogs that open later are
 * in `en-later.ts`. Values are texts, or functions of what they mention.
 */
import type { ErrorCode } from '../model/errors.ts';
import { enFirstErrors, type ErrorText } from './en-first-errors.ts';
import { LOCALE, next, number, plural, roughly, samples, sensors } from './en-numbers.ts';

export const en = {
  locale: LOCALE,
  app: {
    name: 'Sensocto',
    skip: 'Skip to content',
    title: (screen: string) => `${screen} · Sensocto`,
  },
  nav: { label: 'Main', sense: 'Sense', pose: 'Pose', watch: 'Watch', settings: 'Settings' },
  common: {
    close: 'Close',
    cancel: 'Cancel',
    save: 'Save',
    copy: 'Copy',
    copied: 'Copied',
    copyFailed: 'Could not copy. Select the text instead.',
    demo: 'Demo',
    demoLong: 'Demo data, not a person',
    noValue: '––',
    unknown: 'Not known',
    details: 'Technical detail',
    bytesLeft: (n: number) => plural(n, { one: `${number(n)} byte left`, other: `${number(n)} bytes left` }),
    tooLong: (n: number) =>
      `Too long by ${plural(n, { one: '1 byte', other: `${number(n)} bytes` })}. Shorten the name.`,
    empty: 'The name cannot be empty.',
    controls: 'The name may not contain line breaks or other control characters.',
  },
  status: {
    label: 'Connection',
    starting: 'Starting',
    connectedSending: (n: number) => `Connected, sending ${sensors(n)}`,
    connectedIdle: 'Connected. Nothing is being sent.',
    reconnecting: (reason: string) => (reason === '' ? 'Reconnecting to the server' : `Reconnecting: ${reason}`),
    /** Words for the short reasons the connection gives; others are shown as they are. */
    reasons: {
      unreachable: 'the server cannot be reached',
      'no answer': 'the server stopped answering',
      closed: 'the connection was closed',
    } as Readonly<Record<string, string>>,
    offline: 'Offline: this device has no network',
    pausedMemory: 'Paused by the server: it is protecting its memory',
    pausedLoad: 'Paused by the server: it has too much to do',
    signIn: 'Not sending: sign in again',
    signInKept: 'Sign in again to send what is kept here',
    signInToSend: (n: number) =>
      `Sign in again to send ${plural(n, { one: '1 kept sample', other: `${number(n)} kept samples` })}`,
    draining: 'Connected, sending what was kept',
    drainingLeft: (n: number, seconds: number | undefined) =>
      `${samples(n)} left${seconds === undefined ? '' : `, about ${roughly(seconds)}`}`,
    /** Beside the state while nothing outlives the tab. */
    memoryOnly: 'In memory only: gone when this tab closes',
    keepingMemory: (n: number) => `Keeping ${samples(n)} in memory only`,
    retry: (attempt: number, seconds: number) => `Try ${number(attempt)}, ${next(seconds)}`,
    keeping: (n: number) => (n === 0 ? 'Nothing waiting here' : `Keeping ${samples(n)} here`),
    tryNow: 'Try now',
    delivery: 'Delivery',
    signInButton: 'Sign in',
  },
  sense: {
    title: 'Sense',
    emptyTitle: 'What should be measured?',
    emptyText: 'Pair a sensor and see it live in a few seconds. No account needed.',
    pair: 'Pair a Bluetooth sensor',
    pairHint: 'Heart-rate and ECG straps, EEG headbands, bicycles, thermometers, boards and many more.',
    phone: 'Use this phone',
    phoneHint: 'Motion, place, sound level, push buttons: from this phone, tablet or laptop itself.',
    demo: 'Try a demo sensor',
    demoHint: 'A scripted strap, no hardware needed. Marked as demo wherever it appears.',
    more: 'More ways',
    pairing: 'Choosing …',
    privacy: (host: string) =>
      `What leaves this device: what the sensor measures, its battery and its name, to the server at ${host}, where people can watch it live. Nothing goes anywhere else.`,
    showAll: 'List all Bluetooth devices',
    stopAll: 'Stop everything',
    /** Ends what people who watch make devices here do. */
    stopMoving: 'Stop all movement',
    stopMovingShort: 'Stop',
    devices: 'Your sensors',
    add: 'Add a sensor',
    dismiss: 'Dismiss',
    tryAgain: 'Try again',
    flagLabel: 'Address to open',
    checking: 'Checking Bluetooth …',
  },
  update: {
    text: 'A new version is ready',
    reload: 'Reload',
    later: 'Later',
    broken: 'A part of the app could not be loaded. Reload to repair it.',
  },
  /** The others come right after the first paint; until then, and where that fails, `anyError` stands for them. */
  errors: enFirstErrors as Readonly<Partial<Record<ErrorCode, ErrorText>>>,
  anyError: {
    what: 'Something does not work here.',
    data: 'What was measured before is kept.',
    todo: 'Reload the page to see what it is.',
  } as ErrorText,
};

export type Messages = typeof en;

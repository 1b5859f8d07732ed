/** English: cards of sensors, their readings, the doors that are opened later, commands. Loaded with the first sensor. */
import { decimal, lasting, LOCALE, next, number, plural } from './en-numbers.ts';
import { makeNumber } from './format.ts';

/** What leaves this device and why it is asked for, one source of this phone each. */
interface SourceText {
  readonly name: string;
  readonly what: string;
}

const finer = [4, 5, 6].map((digits) => makeNumber(LOCALE, digits));

/** A reading with fixed digits, at most six; what rounds to nothing has no sign. */
function figure(value: number, digits: number): string {
  const shown = Number(value.toFixed(digits)) === 0 ? 0 : value;
  return digits <= 3 ? decimal(shown, digits) : (finer[digits - 4] ?? number)(shown);
}

const seconds = (n: number): string => `${number(n)} s`;

export const enSensors = {
  device: {
    stop: 'Stop',
    start: 'Start',
    forget: 'Forget',
    reconnect: 'Reconnect now',
    more: (name: string) => `More about ${name}`,
    details: 'Details',
    rename: 'Rename',
    renameTitle: (name: string) => `Rename ${name}`,
    renameLabel: 'Name of the sensor',
    live: 'Live',
    connecting: 'Connecting',
    seeking: 'Looking for it',
    contactLost: 'Contact lost',
    stale: 'Stale',
    staleFor: (n: number) => `${seconds(n)} without data`,
    reconnecting: 'Reconnecting',
    retry: (attempt: number, inSeconds: number) => `try ${number(attempt)}, ${next(inSeconds)}`,
    lost: 'Not connected',
    stopped: 'Stopped',
    pausedByServer: 'Measured and kept here; the server has paused sending',
    battery: 'Battery',
    batteryPercent: (percent: number) => `${number(percent)} %`,
    contact: 'Skin contact',
    contactGood: 'Good',
    contactLostShort: 'Lost',
    contactUnknown: 'Not reported',
    rate: 'Rate',
    rateValue: (perSecond: number) => `${decimal(perSecond, 1)} /s`,
    badPackets: (n: number) =>
      plural(n, { one: '1 packet could not be read', other: `${number(n)} packets could not be read` }),
  },
  /** The same states in the words of each kind of device. */
  kinds: {
    strap: { seekingHelp: 'Put it on and come closer.', contactHelp: 'Moisten the strap and tighten it.' },
    sensor: { seekingHelp: 'Switch it on and come closer.', contactHelp: 'Put it on again, close to the skin.' },
    phone: { connecting: 'Starting', lost: 'Not measuring', nothingOn: 'Nothing is switched on' },
    cable: { connecting: 'Opening', seekingHelp: 'Plug it in.' },
    script: { connecting: 'Starting' },
  } as Readonly<
    Record<
      'strap' | 'sensor' | 'phone' | 'cable' | 'script',
      Readonly<Partial<Record<'connecting' | 'seekingHelp' | 'contactHelp' | 'lost' | 'nothingOn', string>>>
    >
  >,
  trace: {
    scaleSeconds: seconds,
    range: (value: number, unit: string, digits: number) => `${figure(value, digits)}${unit === '' ? '' : ` ${unit}`}`,
    none: 'No data yet',
    quiet: 'No data at the moment',
    heart: (bpm: number, trend: 'steady' | 'rising' | 'falling') => `${number(bpm)} beats per minute, ${trend}`,
    value: (name: string, value: string, trend: 'steady' | 'rising' | 'falling') => `${name} ${value}, ${trend}`,
    several: (name: string, fields: string) => `${name}: ${fields}`,
  },
  reading: {
    all: (n: number) => `All readings (${number(n)})`,
    list: (name: string) => `Readings of ${name}`,
    show: (name: string) => `Show ${name}`,
    estimated: 'Estimated',
    estimatedLong: 'Computed from other readings, not measured',
    number: (value: number, digits: number) => figure(value, digits),
    rate: (measured: number, requested: number) => `${decimal(measured, 1)} of ${rateOf(requested)} a second`,
    rateAlone: (measured: number) => `${decimal(measured, 1)} a second`,
    rateIrregular: 'When it changes',
    lost: (percent: number) => `${percent < 0.1 ? 'under 0.1' : decimal(percent, 1)} % lost`,
    press: (button: number, down: boolean) => `Button ${number(button)} ${down ? 'pressed' : 'released'}`,
    /** A picture of a body in words. */
    figure: {
      upright: (points: string) => `A person, upright: ${points}`,
      bent: (points: string) => `A person, bent over: ${points}`,
      lying: (points: string) => `A person, lying: ${points}`,
      partly: (points: string) => `Part of a person: ${points}`,
    },
    figureStale: 'No new skeleton: this is the last one',
    pose: (seen: number, of: number) => `${number(seen)} of ${number(of)} body points in sight`,
    values: (n: number) => plural(n, { one: '1 value', other: `${number(n)} values` }),
    yes: 'Yes',
    no: 'No',
    at: (time: string) => `at ${time}`,
  },
  streams: {
    title: 'Streams',
    none: 'Nothing has arrived yet.',
    reading: 'Reading',
    rate: 'Rate, a second',
    asked: 'Asked for',
    lost: 'Lost',
    within: 'Times within',
    drift: 'Clock drift',
    scroll: (name: string) => `Streams of ${name}`,
    ms: (n: number) => `± ${decimal(n, n < 10 ? 1 : 0)} ms`,
    ppm: (n: number) => `${n > 0 ? '+' : ''}${decimal(n, 1)} ppm`,
    lostOf: (n: number, percent: number) => `${number(n)} (${decimal(percent, 1)} %)`,
    unknown: '–',
    subscriptions: 'Bluetooth notifications in use',
    calendar: 'Calendar of the device',
    calendarUnset: 'Not set',
    calendarOff: (ms: number) =>
      Math.abs(ms) < 1500 ? 'Right' : ms > 0 ? `${lasting(ms)} ahead` : `${lasting(-ms)} behind`,
    help: 'Times within: how exactly the moment of a value is known. Clock drift: how much faster the device’s clock runs.',
  },
  phone: {
    title: 'Use this phone',
    intro: 'Choose what this device should measure. The browser may ask you to allow it.',
    toWhom: (host: string) =>
      `It goes to the server at ${host}, where people can watch it live. Nothing goes anywhere else.`,
    looking: 'Looking at what this device has …',
    nothing: 'This browser offers none of its sensors to pages.',
    start: 'Start measuring',
    camera: 'Movement by camera',
    cameraHint: 'Points of the body, found on this device: has a screen of its own.',
    sources: 'What it measures',
    switches: (count: number) => `Switch readings (${count})`,
    off: 'Off',
    starting: 'Starting',
    on: 'On',
    unknown: (kind: string): SourceText => ({ name: kind, what: 'What it measures is shown on the card.' }),
    kinds: {
      motion: { name: 'Motion', what: 'How this phone moves and turns, up to 50 times a second.' },
      orientation: { name: 'Orientation', what: 'How it is held and which way it points.' },
      geolocation: { name: 'Place', what: 'Where it is, how high and how fast: people who watch see the place.' },
      battery: { name: 'Battery', what: 'Its charge, and whether it is charging.' },
      microphone: { name: 'Sound level', what: 'How loud it is, 8 times a second: no sound is recorded or sent.' },
      buttons: { name: 'Push buttons', what: 'When you press one of eight buttons on the screen.' },
      markers: { name: 'Markers', what: 'Words you type or send by a key, with the moment you did.' },
      presence: { name: 'What I am doing', what: 'Only what you type or share here: a page sees no other apps.' },
      light: { name: 'Light', what: 'How bright it is around it.' },
      proximity: { name: 'Distance', what: 'Whether something is close to the screen.' },
      network: { name: 'Network', what: 'How good its network is: kind, speed, delay.' },
    } as Readonly<Record<string, SourceText>>,
    pad: 'Push buttons',
    padHelp: 'Hold a button, or press 1 to 8 on a keyboard while one of them is chosen.',
    button: (n: number) => `Button ${number(n)}`,
    keys: 'Keys and pedals press them from anywhere on this page',
    marker: 'Marker',
    markerHint: 'Noted with the moment you tap.',
    mark: 'Mark now',
    marked: (text: string, time: string) => `Marked “${text}” at ${time}`,
    detail: 'How exactly the place is shared',
    details: { exact: 'Exactly', '100 m': 'Within 100 m', '1 km': 'Within 1 km' },
    fullRate: 'Always measure motion at the full rate',
    fullRateHint: 'Costs battery. Otherwise it goes slower while nobody looks.',
    presence: 'What are you doing?',
    share: 'Share',
    unshare: 'Take back',
    shared: (text: string) => `Shared: ${text}`,
    notShared: 'Nothing is shared.',
  },
  demo: {
    title: 'Demo sensors',
    intro: 'Scripted, no hardware needed. Marked as demo wherever they appear.',
    start: (name: string) => `Start: ${name}`,
    kinds: {
      strap: 'Heart-rate strap',
      'polar-h10': 'ECG strap with motion',
      movesense: 'ECG and motion sensor',
      muse: 'EEG headband',
      thingy52: 'Board with environment, motion and light',
      thermometer: 'Thermometer',
      'pulse-oximeter': 'Pulse oximeter',
      cycling: 'Bicycle: power and cadence',
      environment: 'Weather station',
      person: 'A person with many sensors',
      'breath-belt': 'Breath belt',
      'pupil-neon': 'Eye tracker',
      walker: 'Walker with GPS',
      buoy: 'Coral buoy',
      river: 'River station',
      toy: 'Toy that takes commands',
      skeleton: 'A person moving',
      swimmer: 'Swimmer',
    } as Readonly<Record<string, string>>,
  },
  ways: {
    demos: 'Choose a demo sensor',
    demosHint: 'ECG, EEG, motion, eyes, water and others, scripted.',
    all: 'List all Bluetooth devices',
    allHint: 'If yours is missing in the usual list.',
  },
  budget: {
    note: (used: number, limit: number) =>
      `Your Bluetooth sensors use ${number(used)} of about ${number(limit)} notifications a browser allows. Another one may deliver only a part: stop one first if it does.`,
  },
  commands: {
    title: (name: string) => `May a viewer control ${name}?`,
    wanted: 'Wanted',
    why: 'Nothing moves, lights or sounds before you agree.',
    once: 'Allow once',
    always: 'Allow until I stop',
    refuse: 'Refuse',
    waits: (n: number) => `Refused by itself in ${seconds(n)}`,
    panel: 'Control by people who watch',
    allowed: (names: string) => `Allowed without asking: ${names}`,
    noneAllowed: 'You are asked each time.',
    done: (n: number) => `${number(n)} done`,
    refused: (n: number) => `${number(n)} refused`,
    vibrate: (percent: number) => `Vibrate at ${number(percent)} %`,
    rotate: (percent: number, clockwise: boolean) =>
      `Turn ${clockwise ? 'clockwise' : 'anticlockwise'} at ${number(percent)} %`,
    linear: (percent: number, s: number) => `Move to ${number(percent)} % within ${decimal(s, 1)} s`,
    stop: 'Stop moving',
    ledOff: 'Light off',
    ledConstant: (colour: string) => `Light on, ${colour}`,
    ledBreathe: (percent: number, s: number) => `Light swelling to ${number(percent)} % every ${decimal(s, 1)} s`,
    ledOnce: (percent: number) => `One flash of light at ${number(percent)} %`,
    tone: (hertz: number, s: number) => `Tone of ${number(hertz)} Hz for ${decimal(s, 1)} s`,
    sample: (n: number) => `Play its sound ${number(n)}`,
    colours: {
      black: 'black',
      red: 'red',
      green: 'green',
      blue: 'blue',
      yellow: 'yellow',
      cyan: 'cyan',
      magenta: 'magenta',
      white: 'white',
    },
  },
};

/** Nominal rates are whole, or slower than one a second. */
function rateOf(perSecond: number): string {
  return Number.isInteger(perSecond) ? number(perSecond) : decimal(perSecond, perSecond < 1 ? 2 : 1);
}

export type SensorMessages = typeof enSensors;

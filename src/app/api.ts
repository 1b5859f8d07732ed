/**
 * The app as the screens see it: what is true now (readables) and what a person can do (actions that answer with a
 * result). No DOM, no Svelte. `ui/` imports only this, `model/` and `i18n/`.
 */
import type { AppError } from '../model/errors.ts';
import type { LinkState } from '../model/link.ts';
import type { SkeletonShape } from '../model/payloads.ts';
import type { CertificateFacts, SetAsideItem } from '../model/proof.ts';
import type { Result } from '../model/result.ts';
import type { SensorId } from '../model/sensor.ts';
import type { Readable } from '../lib/store.ts';
import type { RingBuffer } from '../lib/ring-buffer.ts';
import type {
  SensorStatus,
  StreamStatus,
  WatchedAttribute,
  WatchedSensor,
  WorkerStatus,
} from '../../workers/sensor/api.ts';

import type { CommandState } from './commands.ts';
import type { DeviceKind } from './device-origin.ts';
import type { PoseActions } from './pose-api.ts';
import type { SerialPresetName } from '../device/serial/presets.ts';
import type { ButtonNumber, LocationDetail, Presence } from '../device/phone/phone-types.ts';
import type { SourceView } from '../device/source-link.ts';
import type { Mapping } from '../model/mapping.ts';
import type { Lesson } from './teach.ts';

export type {
  Lesson,
  ButtonNumber,
  CommandState,
  DeviceKind,
  LocationDetail,
  Presence,
  Readable,
  RingBuffer,
  SerialPresetName,
  SensorStatus,
  SourceView,
  StreamStatus,
  WatchedAttribute,
  WatchedSensor,
  WorkerStatus,
};

/** Whether Bluetooth can work here, known before anything is tapped. */
export type BluetoothCapability =
  | { readonly at: 'checking' }
  | { readonly at: 'ready'; readonly canReturn: boolean }
  | { readonly at: 'unavailable'; readonly error: AppError };

/** The one line of state on a device card, worst first. Text comes from i18n, never colour alone. */
export type SignalState =
  | { readonly kind: 'live' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'seeking' }
  | { readonly kind: 'contact-lost' }
  | { readonly kind: 'stale'; readonly seconds: number }
  | { readonly kind: 'reconnecting'; readonly attempt: number; readonly inSeconds: number; readonly error: AppError }
  | { readonly kind: 'lost'; readonly error: AppError }
  | { readonly kind: 'stopped' };

/** A device of this installation. */
export interface DeviceView {
  readonly deviceId: string;
  readonly sensorId: SensorId;
  readonly name: string;
  readonly kind: DeviceKind;
  readonly demo: boolean;
  readonly link: LinkState;
  /** What can be switched by itself; empty for most devices. */
  readonly sources: readonly SourceView[];
  /** Bluetooth notifications that are on. */
  readonly subscriptions: number;
  /** How a person taught the app to read it; none for a device that is known. */
  readonly mappings: readonly Mapping[];
  /** Counts and facts from the worker; undefined until the sensor is open. */
  readonly status: SensorStatus | undefined;
}

/** The status line: one sentence and a shape. */
export type StatusLine =
  | { readonly kind: 'starting' }
  | { readonly kind: 'connected'; readonly sending: number }
  /** Connected, with a backlog on its way. `secondsLeft` undefined: not known yet. */
  | { readonly kind: 'draining'; readonly left: number; readonly secondsLeft: number | undefined }
  | {
      readonly kind: 'reconnecting';
      readonly attempt: number;
      readonly inSeconds: number;
      readonly kept: number;
      readonly reason: string;
    }
  | { readonly kind: 'offline'; readonly kept: number }
  | { readonly kind: 'paused'; readonly why: 'memory' | 'load'; readonly kept: number }
  | { readonly kind: 'sign-in'; readonly kept: number; readonly error: AppError }
  | { readonly kind: 'failed'; readonly error: AppError };

/** Live values, for canvases and numbers; never put into runes. */
export interface LiveHub {
  /** The ring buffer of a stream (made on first use, 60 s of a waveform at most). */
  ring(origin: 'own' | 'watched', sensorId: SensorId, attribute: string): RingBuffer;
  /** Names of the numbers of a sample that have come so far; none for an attribute that is a plain number. */
  fields(origin: 'own' | 'watched', sensorId: SensorId, attribute: string): readonly string[];
  /** The newest skeleton of an attribute, and when it was, Unix ms. */
  skeleton(
    origin: 'own' | 'watched',
    sensorId: SensorId,
    attribute: string,
  ): (SkeletonShape & { readonly time: number }) | undefined;
  /** Calls `listener` after new values of this sensor arrived (≤ 20 a second). */
  onValues(origin: 'own' | 'watched', sensorId: SensorId, listener: () => void): () => void;
}

/** A sensor of this phone, before it is used. */
export interface PhoneOffer {
  readonly kind: string;
  /** Why it cannot work here. */
  readonly error: AppError | undefined;
}

/** What a person says about a device on a cable before choosing its port. */
export interface SerialOptions {
  /** Bits a second, as in the device's program. */
  readonly baud: number;
  readonly preset: SerialPresetName;
}

/** What is set about this phone's own sensors. */
export interface PhoneState {
  /** Push buttons that are down, by finger or key. */
  readonly held: readonly ButtonNumber[];
  /** Keys and pedals act as buttons and markers. */
  readonly capturing: boolean;
  readonly locationDetail: LocationDetail;
  /** Fast sensors are read at their full rate whoever looks. */
  readonly fullRate: boolean;
  /** What was shared last, and not taken back. */
  readonly shared: Presence | undefined;
}

export interface SensoctoApp {
  readonly bluetooth: Readable<BluetoothCapability>;
  readonly devices: Readable<readonly DeviceView[]>;
  readonly status: Readable<WorkerStatus>;
  readonly statusLine: Readable<StatusLine>;
  readonly live: LiveHub;
  /** A clock that ticks each second while the page is visible, Unix ms: for "stale 4 s" and countdowns. */
  readonly now: Readable<number>;
  /** Opens the browser's chooser (needs a user gesture), then connects. `showAll`: no service filter. */
  pairBluetooth(options?: { readonly showAll?: boolean }): Promise<Result<void>>;
  /**
   * Opens the browser's chooser of serial ports (needs a user gesture), then reads the chosen one. Choosing one that is
   * listed already reads it anew as said now. Errors: `serial-unsupported`, `serial-insecure`, `serial-cancelled`,
   * `serial-input`; what goes wrong later shows as the device's link.
   */
  pairSerial(options: SerialOptions): Promise<Result<void>>;
  /** Why devices on a cable cannot be read here, known before anything is tapped; undefined: they can. */
  readonly serialProblem: AppError | undefined;
  /** Starts one more scripted device; without a kind, a strap. */
  tryDemo(kind?: string): Promise<Result<void>>;
  /** What this device can measure by itself, and why not. Asks for no permission. */
  phoneOffers(): Promise<Result<readonly PhoneOffer[]>>;
  /** Measures with this device's own sensors (needs a user gesture: the browser may ask). */
  usePhone(kinds: readonly string[]): Promise<Result<void>>;
  readonly phone: Readable<PhoneState>;
  /** Fetches what pose capture is made of, once. Neither its large files nor a permission are asked for. */
  loadPose(): Promise<Result<PoseActions>>;
  /**
   * A push button goes down. `source-off` if the source `buttons` of this phone is not on; pressing what is down, and
   * releasing what is up, records nothing.
   */
  press(button: ButtonNumber): Promise<Result<void>>;
  release(button: ButtonNumber): Promise<Result<void>>;
  /** Records words at this moment. `source-off` if the source `markers` is not on, `source-input` if there are none. */
  mark(text: string): Promise<Result<void>>;
  /**
   * Keys and pedals as buttons (1–8) and markers (all others that mean nothing to the page), until switched off or
   * Escape is pressed. Nothing is captured while a text field has the focus. `source-off` while neither is on.
   */
  captureKeys(on: boolean): Promise<Result<void>>;
  /** Shares what a person does, undefined takes it back. `source-off` if the source `presence` is not on. */
  share(presence: Presence | undefined): Promise<Result<void>>;
  /** How exactly places are given away, from the next one on. */
  setLocationDetail(detail: LocationDetail): Promise<Result<void>>;
  /** Reads fast sensors at their full rate whoever looks: costs battery. */
  pinFullRate(on: boolean): Promise<Result<void>>;
  /**
   * Opens the chooser with every device in reach and looks at the chosen one, to teach the app what its bytes mean. Needs a
   * user gesture. `services`: full UUIDs; the browser shows no others.
   */
  startLesson(services: readonly string[]): Promise<Result<Lesson>>;
  /** Ends the lesson and reads the device as it was taught, from now on. */
  learn(lesson: Lesson, mapping: Mapping): Promise<Result<void>>;
  /** Opens the chooser for a device that somebody else taught: a mapping from a file. */
  useMapping(mapping: Mapping): Promise<Result<void>>;
  /** Connects to Intiface on this computer; its toys appear as devices. */
  connectToys(address: string): Promise<Result<void>>;
  /** Switches one source of a device. */
  switchSource(deviceId: string, kind: string, on: boolean): Promise<Result<void>>;
  /** What viewers want devices here to do. */
  readonly commands: Readable<CommandState>;
  /** Carries out what waits for this sensor; `always`: and what comes until `stopCommands`. */
  allowCommands(sensorId: SensorId, always: boolean): void;
  refuseCommands(sensorId: SensorId): void;
  /** Stops everything that moves, at once. */
  stopCommands(): void;
  /** Ends the link, keeps the device listed. */
  stop(deviceId: string): Promise<Result<void>>;
  /** Links a stopped or lost device again, without a chooser where the browser allows. */
  reconnect(deviceId: string): Promise<Result<void>>;
  forget(deviceId: string): Promise<Result<void>>;
  rename(deviceId: string, name: string): Promise<Result<void>>;
  setConnectorName(name: string): Promise<Result<void>>;
  /** For servers that mint no guests: the token a person was given there. Kept on this device. */
  useAccessToken(token: string): Promise<Result<void>>;
  /** Watching costs battery and raises others' sending rate: on only while Watch is open. */
  watch(on: boolean): void;
  setVisibleSensors(sensorIds: readonly SensorId[]): void;
  /** Sensors somebody looks at closely (pointer or keyboard focus on the card): they are asked to send at once. */
  focusSensors(sensorIds: readonly SensorId[]): void;
  retryNow(): void;
  /** What was set aside of one sensor, for export. */
  setAside(sensorId: SensorId): Promise<Result<readonly SetAsideItem[]>>;
  /** Facts for a delivery certificate, of one sensor or of all. */
  certificate(sensorId?: SensorId): Promise<Result<CertificateFacts>>;
  /** Asks the browser to keep the storage; the answer is its word. */
  requestPersistence(): Promise<Result<boolean>>;
  /** True while something streams: then nothing may reload the page. */
  isStreaming(): boolean;
}

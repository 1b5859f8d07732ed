/**
 * What a profile is: one GATT service (or vendor device), its characteristics, and a pure decode for each.
 * A profile is one file here, one fixture in `tests/fixtures/`, one line in `registry.ts`.
 */
import type { AttributeId } from '../../model/attribute.ts';
import type { DeviceCommand } from '../../model/command.ts';
import type { ErrorCode } from '../../model/errors.ts';
import type { Reading } from '../../model/reading.ts';
import type { Result } from '../../model/result.ts';
import type { AttributeRegistration } from '../../model/sensor.ts';

/** A full 128-bit UUID, lower case, as Web Bluetooth reports it. */
export type Uuid = string;

/** What to do when a queue of this stream is full; counted and shown. */
export type FullBufferRule = 'keep' | 'coalesce';

/** A fact about the device that is not a waveform. */
export type Fact =
  | { readonly kind: 'battery'; readonly percent: number }
  | { readonly kind: 'bodyLocation'; readonly text: string }
  | { readonly kind: 'contact'; readonly contact: boolean | undefined }
  | { readonly kind: 'device'; readonly label: string; readonly text: string }
  /** What the device's own calendar shows, Unix ms read as local time; undefined: not set. */
  | { readonly kind: 'calendar'; readonly time: number | undefined }
  /** Samples the device numbered and that never came. */
  | { readonly kind: 'lost'; readonly attribute: AttributeId; readonly samples: number };

/** What one notification or read yields. */
export interface Decoded {
  readonly readings: readonly Reading[];
  readonly facts: readonly Fact[];
  /** What could not be used although the rest could; counted by code like packets that are refused as a whole. */
  readonly problems?: readonly { readonly code: ErrorCode; readonly detail: string }[];
}

export interface DecodeError {
  readonly code: Extract<ErrorCode, `decode-${string}`>;
  readonly detail: string;
}

export interface CharacteristicSpec {
  readonly uuid: Uuid;
  readonly name: string;
  /**
   * Notifications (or indications), a read on connect, or both; `control`: written to, and its answers are notified;
   * `write`: only written to.
   */
  readonly use: 'notify' | 'read' | 'read-notify' | 'control' | 'write';
  readonly attributes: readonly AttributeRegistration[];
  /** True: the device names its readings itself (lines of text); `attributes` are only those it leaves nameless. */
  readonly namesAttributes?: true;
  /** Read again every so often, ms: for values that are never notified. */
  readonly pollMs?: number;
  readonly onFull: FullBufferRule;
  /** A decoder with the memory of one connection (wheel wrap-around, packet index); call again after a reconnect. */
  makeDecoder(): Decoder;
}

/** Bytes in, a value or a typed error out; never throws, never NaN. */
export type Decoder = (bytes: DataView) => Result<Decoded, DecodeError>;

export interface Profile {
  readonly service: Uuid;
  readonly name: string;
  /** True if devices advertise the service, so that the chooser can filter by it. */
  readonly advertised: boolean;
  /** How the names of such devices begin, for those that do not advertise the service. */
  readonly namePrefixes?: readonly string[];
  /** Sensor type announced to the platform when this profile is a device's main one. */
  readonly sensorType: string;
  readonly characteristics: readonly CharacteristicSpec[];
  /**
   * Decoders of one connection that share what they learn (the answer of a control point tells how to read the data), by
   * characteristic. Absent: each characteristic has its own.
   */
  makeDecoders?(): ReadonlyMap<Uuid, Decoder>;
  /**
   * Talks to the device once its notifications are on: queries, settings, start commands. Runs on the window, where the
   * radio is; what the device answers reaches the decoders as well. An error ends this attempt of the link.
   */
  readonly start?: (device: DeviceIo) => Promise<Result<void>>;
  /** Carries out a command from the platform. */
  readonly command?: (device: DeviceIo, command: DeviceCommand) => Promise<Result<void>>;
}

/** One connected device, as a profile talks to it. Operations run one at a time; nothing here throws. */
export interface DeviceIo {
  has(characteristic: Uuid): boolean;
  read(characteristic: Uuid): Promise<Result<DataView>>;
  /** With response where the characteristic has it, without otherwise. */
  write(characteristic: Uuid, bytes: Uint8Array): Promise<Result<void>>;
  /**
   * Writes, then waits for the first notification of `answerOn` that `isAnswer` accepts; it listens before it writes.
   * `bluetooth-timeout` after `ms` (default 5000).
   */
  ask(request: DeviceRequest): Promise<Result<DataView>>;
  /** Hears every notification of a characteristic until the function it returns is called. */
  hear(characteristic: Uuid, listener: (bytes: DataView) => void): () => void;
  /** Small numbers this installation remembers of the device, from one connection to the next. */
  readonly notes: DeviceNotes;
  /** Aborted when the connection is gone. */
  readonly signal: AbortSignal;
}

export interface DeviceNotes {
  get(name: string): number | undefined;
  set(name: string, value: number): void;
}

export interface DeviceRequest {
  readonly to: Uuid;
  readonly bytes: Uint8Array;
  readonly answerOn: Uuid;
  readonly isAnswer: (answer: DataView) => boolean;
  readonly ms?: number;
}

/**
 * The name of a characteristic among others of the same kind on one device (two temperature probes): the first is called
 * by its UUID, further ones by UUID and number. Their attributes get the number too.
 */
export function instanceKey(uuid: Uuid, number: number): string {
  return number === 1 ? uuid : `${uuid}#${number}`;
}

/** UUID and number of an instance key. */
export function parseInstanceKey(key: string): { readonly uuid: Uuid; readonly number: number } {
  const [uuid = key, number] = key.split('#');
  return { uuid, number: number === undefined ? 1 : Number(number) };
}

/** Full UUID of a 16-bit assigned number (Bluetooth Core, Vol 3 Part B §2.5.1). */
export function assigned(number: number): Uuid {
  return `${number.toString(16).padStart(8, '0')}-0000-1000-8000-00805f9b34fb`;
}

/**
 * What a profile is: one GATT service (or vendor device), its characteristics, and a pure decode for each.
 * A profile is one file here, one fixture in `tests/fixtures/`, one line in `registry.ts`.
 */
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
  | { readonly kind: 'device'; readonly label: string; readonly text: string };

/** What one notification or read yields. */
export interface Decoded {
  readonly readings: readonly Reading[];
  readonly facts: readonly Fact[];
}

export interface DecodeError {
  readonly code: Extract<ErrorCode, `decode-${string}`>;
  readonly detail: string;
}

export interface CharacteristicSpec {
  readonly uuid: Uuid;
  readonly name: string;
  /** Notifications (or indications), a read on connect, or both. */
  readonly use: 'notify' | 'read' | 'read-notify';
  readonly attributes: readonly AttributeRegistration[];
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
  /** Sensor type announced to the platform when this profile is a device's main one. */
  readonly sensorType: string;
  readonly characteristics: readonly CharacteristicSpec[];
}

/** Full UUID of a 16-bit assigned number (Bluetooth Core, Vol 3 Part B §2.5.1). */
export function assigned(number: number): Uuid {
  return `${number.toString(16).padStart(8, '0')}-0000-1000-8000-00805f9b34fb`;
}

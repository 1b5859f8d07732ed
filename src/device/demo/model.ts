/** What a scripted Bluetooth device is, apart from the radio: what it offers, holds, streams and answers. Types only. */
import type { AppError } from '../../model/errors.ts';
import type { FoundCharacteristic } from '../bluetooth/radio.ts';
import type { Uuid } from '../profiles/profile.ts';
import type { Beat, Tempo } from './metronome.ts';
import type { StrapScript } from './script.ts';

/** The connection as the device sees it. */
export interface Wire {
  /** Tells whoever subscribed, if anybody did. `arrival`: Unix ms. */
  notify(characteristic: Uuid, bytes: Uint8Array<ArrayBuffer>, arrival: number): void;
  /** Answers at once to what was written. */
  answer(characteristic: Uuid, bytes: Uint8Array<ArrayBuffer>): void;
  /** Does something once, `ms` from now, if the connection still lives. */
  later(ms: number, run: (beat: Beat) => void): void;
  /** Ends the connection as if the device had gone out of range. */
  hangUp(): void;
}

/** Something that is sent again and again while its characteristic is subscribed to. */
export interface ScriptedStream extends Tempo {
  readonly on: Uuid;
  send(beat: Beat, wire: Wire): void;
}

/** One device; lives over all its connections. */
export interface ScriptedModel {
  readonly offer: readonly FoundCharacteristic[];
  readonly streams: readonly ScriptedStream[];
  /** What a characteristic holds. */
  read(characteristic: Uuid): Uint8Array<ArrayBuffer>;
  /** Takes a write; an error refuses it. */
  write?(characteristic: Uuid, bytes: Uint8Array<ArrayBuffer>, wire: Wire): AppError | undefined;
  /** A connection begins: what an earlier one had started is over. */
  connected?(number: number): void;
}

export interface ModelOptions {
  readonly seed: number;
  /** What goes wrong; only straps know all of it. */
  readonly script: StrapScript;
}

/** Builds a device of one kind. */
export interface ModelEntry {
  readonly sensorType: string;
  readonly create: (options: ModelOptions) => ScriptedModel;
}

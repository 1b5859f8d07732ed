/**
 * What the app needs of a Bluetooth radio. Implemented by the browser (`gatt.ts`) and by the scripted demo source; both
 * pass the same contract suite. Types only. Nothing here throws or rejects: every failure is a result.
 */
import type { Result } from '../../model/result.ts';
import type { Uuid } from '../profiles/profile.ts';

export interface Capability {
  /** True if a known device can come back after a reload without the chooser. */
  readonly canReturn: boolean;
}

export interface RequestOptions {
  /** Lists every device nearby instead of those that advertise a known service. */
  readonly showAll: boolean;
  /** Services beyond the known ones that the page may use: those of a device that is to be taught. */
  readonly services?: readonly Uuid[];
  /** Which of its devices; for scripted radios. */
  readonly kind?: string;
}

/** What a radio can say before anything is tapped, and how it finds devices. */
export interface Radio {
  /** Whether Bluetooth can work here; the error says exactly why not. */
  capability(): Promise<Result<Capability>>;
  /** Opens the chooser; in a browser this needs a user gesture. `bluetooth-cancelled` if the person closed it. */
  request(options: RequestOptions): Promise<Result<Peripheral>>;
  /** Devices chosen earlier that may be used again; empty where the browser cannot say. */
  known(): Promise<readonly Peripheral[]>;
  /** Calls `listener` when the adapter comes (true) or goes (false), until `signal` is aborted. */
  onAdapterChange(listener: (on: boolean) => void, signal: AbortSignal): void;
}

/** One device, connected or not. */
export interface Peripheral {
  /** Stable for this origin and installation. */
  readonly id: string;
  /** Name as advertised; never empty. */
  readonly name: string;
  /** True for scripted sources. */
  readonly demo: boolean;
  /** What it is, where that is known before it is linked. */
  readonly sensorType?: string;
  /** True if it comes from `known()`: the browser must hear it advertise before a connection works. */
  readonly remembered: boolean;
  /**
   * Connects. There is no deadline inside: browsers have hung here for 50 s, so callers bring one. If `signal` is aborted first,
   * a connection that still comes about is closed again.
   */
  connect(signal: AbortSignal): Promise<Result<Connection>>;
  /** Listens for the device until `signal` is aborted. Missing where the browser cannot. */
  advertisements?(onSeen: () => void, signal: AbortSignal): Promise<Result<void>>;
  /** Gives the permission for this device back. */
  forget(): Promise<Result<void>>;
}

/** A characteristic as found after connecting. Belongs to one connection: after a reconnect, discover anew. */
export interface FoundCharacteristic {
  readonly service: Uuid;
  readonly uuid: Uuid;
  readonly can: { readonly read: boolean; readonly notify: boolean; readonly write: boolean };
}

/**
 * Takes the bytes of one notification or read: a fresh buffer that may be transferred.
 * `arrival`: Unix ms with fractions, when the event fired.
 */
export type OnBytes = (bytes: ArrayBuffer, arrival: number) => void;

/** A live GATT connection. Operations run one at a time, in the order asked, each with a deadline. */
export interface Connection {
  /** Characteristics of the `wanted` services; `bluetooth-no-services` if the device has none of them. */
  services(wanted: readonly Uuid[], signal: AbortSignal): Promise<Result<readonly FoundCharacteristic[]>>;
  /** Starts notifications (or indications). The listener is in place before the device is asked to send. */
  subscribe(characteristic: FoundCharacteristic, onBytes: OnBytes, signal: AbortSignal): Promise<Result<void>>;
  read(characteristic: FoundCharacteristic, signal: AbortSignal): Promise<Result<ArrayBuffer>>;
  /** Writes, with response where the characteristic has it. */
  write(characteristic: FoundCharacteristic, bytes: ArrayBuffer, signal: AbortSignal): Promise<Result<void>>;
  /** Calls `listener` once when the link is gone, also if it is gone already; not after `signal` is aborted. */
  onDisconnected(listener: () => void, signal: AbortSignal): void;
  disconnect(): void;
}

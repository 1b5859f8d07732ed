/**
 * What became of the samples: counts, gaps, storage, and the facts a delivery certificate is made of. Plain data that
 * survives structured cloning. All times are Unix ms, all counts are in samples.
 */
import type { AttributeId } from './attribute.ts';
import type { Json } from './block.ts';
import type { SensorId } from './sensor.ts';

/** Where samples are: measured = kept + confirmed + setAside + evicted, but for what is moving at this moment. */
export interface Tally {
  readonly measured: number;
  /** On this device, not yet confirmed by the server. */
  readonly kept: number;
  readonly confirmed: number;
  /** Refused by the server or unreadable here; kept apart, exportable. */
  readonly setAside: number;
  /** Given up because there was no room. */
  readonly evicted: number;
}

export interface AttributeTally extends Tally {
  readonly attribute: AttributeId;
}

/** A tally of several sensors, with the age of the backlog. */
export interface Totals extends Tally {
  /** When the oldest kept sample was measured; undefined when nothing waits. */
  readonly oldestUnsentAt: number | undefined;
}

/** Why nothing was measured, or nothing was sent, for a while. */
export type GapCause = 'link-lost' | 'tab-hidden' | 'phone-asleep' | 'paused' | 'stopped' | 'evicted';

/** A time without (some) data. */
export interface Gap {
  readonly from: number;
  /** Undefined: it goes on. */
  readonly to: number | undefined;
  readonly cause: GapCause;
  /** Absent: every attribute. */
  readonly attribute?: AttributeId;
  /** How many samples are missing, where that is known. */
  readonly samples?: number;
}

/** A backlog on its way to the server. */
export interface DrainProgress {
  /** Samples still to be confirmed. */
  readonly left: number;
  /** At the rate of the last seconds; undefined before a rate is known or while nothing moves. */
  readonly secondsLeft: number | undefined;
}

/** Where samples and settings are kept. */
export interface StorageStatus {
  /** `memory`: everything is gone when this tab closes. */
  readonly kind: 'durable' | 'memory';
  /** Why it is only memory, in the browser's words. */
  readonly reason?: string;
  /** There is a disk, and what is on it is safe, but it takes nothing more; what is new is in memory. */
  readonly full?: true;
  /** Bytes of samples in memory, and how many there may be before the least important go; absent while all is on disk. */
  readonly held?: { readonly bytes: number; readonly limit: number };
  /** Whether the browser promised not to clear it by itself; undefined where it cannot say. */
  readonly persisted: boolean | undefined;
  /** Bytes this address uses and may use, as the browser estimates; undefined where it does not. */
  readonly usage: number | undefined;
  readonly quota: number | undefined;
  /** Bytes of the log of samples on disk; 0 in memory. */
  readonly logBytes: number;
}

/** A sensor with unsent samples whose device is not connected. */
export interface WaitingSensor {
  readonly sensorId: SensorId;
  readonly name: string;
  readonly kept: number;
}

/** What is set aside of one sensor, whether its device is here or not. */
export interface AsideSummary {
  readonly sensorId: SensorId;
  readonly name: string;
  readonly samples: number;
  /** Records that do not even say how many samples they held. */
  readonly unknown: number;
}

/** Samples that were set aside together, for looking at and for export. */
export interface SetAsideItem {
  readonly attribute: AttributeId | undefined;
  /** The server's words, or the code of our own error. */
  readonly reason: string;
  /** When it was set aside. */
  readonly at: number | undefined;
  readonly samples: number;
  readonly firstSeq: number | undefined;
  readonly content:
    | { readonly kind: 'samples'; readonly measurements: readonly { readonly time: number; readonly payload: Json }[] }
    /** A record nobody can read: its bytes, base64. */
    | { readonly kind: 'unreadable'; readonly base64: string };
}

/** First and last sequence number, both included. */
export type SeqRange = readonly [first: number, last: number];

/** What the server itself says it holds of one attribute. */
export interface AttributeReceipt {
  readonly count: number;
  /** Of those, on its disk. */
  readonly durable: number;
  /** Ascending, disjoint. */
  readonly ranges: readonly SeqRange[];
  /** Older ranges were left out. */
  readonly truncated?: true;
  /** Numbers that were confirmed when the server was asked: what came later it cannot have told of. Absent: not known. */
  readonly asked?: readonly SeqRange[];
}

/** What the server holds, compared with what it has confirmed since the sensor was opened. */
export interface ReceiptReport {
  /** Samples it says it holds. */
  readonly count: number;
  /** Confirmed, and yet not held. */
  readonly missing: number;
}

/** One attribute over the time of a certificate: what waited when the session began, and what was measured since. */
export interface AttributeProof extends AttributeTally {
  /** When the first and the last sample was measured. */
  readonly firstTime: number | undefined;
  readonly lastTime: number | undefined;
  /** Sequence numbers of those samples, ascending; empty where they are not known. */
  readonly seq: readonly SeqRange[];
  /** Absent: the server cannot say, or was not reachable. */
  readonly receipt?: AttributeReceipt;
}

export interface SensorProof extends Tally {
  readonly sensorId: SensorId;
  readonly name: string;
  readonly sensorType: string;
  readonly demo: boolean;
  readonly attributes: readonly AttributeProof[];
  readonly gaps: readonly Gap[];
}

/** What a delivery certificate is made of, as the worker knows it. */
export interface CertificateFacts {
  /** Random id of this installation; it stands in every sensor id. */
  readonly installation: string;
  /** The session: counts are of what waited at this time, and of what was measured since. */
  readonly from: number;
  /** When it ended; undefined while it goes on. */
  readonly to: number | undefined;
  /** When these facts were taken. */
  readonly takenAt: number;
  readonly sensors: readonly SensorProof[];
}

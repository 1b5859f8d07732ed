/** What the log needs from others, what it keeps, and what it offers beyond the stream's port. */
import type { AttributeId } from '../model/attribute.ts';
import type { Block } from '../model/block.ts';
import type { AppError } from '../model/errors.ts';
import type { AttributeProof, AttributeTally } from '../model/proof.ts';
import type { Result } from '../model/result.ts';
import type { AttributeRegistration, SensorDescriptor, SensorId } from '../model/sensor.ts';
import type { MarkedOutboxPort, RecordedGap } from '../stream/ports.ts';

/** The block form on disk. Injected: the log does not know the bytes. */
export interface BlockCodec {
  /** Throws for a block that no source may build. */
  encode(block: Block, firstSeq: number): Uint8Array;
  /** Errors: `block-corrupt`, `block-version`, `attribute-id-invalid`. */
  decode(bytes: Uint8Array): Result<{ readonly block: Block; readonly firstSeq: number }>;
}

/** One record on disk, under the key [sensorId, number of its first sample]. Times are Unix ms. */
export interface StoredRecord {
  readonly attribute: AttributeId;
  readonly samples: number;
  /** Of the first and the last sample. */
  readonly from: number;
  readonly to: number;
  /** Sequence number of the first sample. Absent in records of earlier versions of this app: the bytes say it too. */
  readonly firstSeq?: number;
  readonly bytes: Uint8Array;
}

/** Counts of one attribute over the life of the log, in samples but for `nextSeq` and `bytes`. */
export interface AttributeTotals {
  nextSeq: number;
  measured: number;
  confirmed: number;
  setAside: number;
  evicted: number;
  /** On disk. */
  bytes: number;
}

/** What is remembered of one sensor beside its records; written in the same transaction as the records it counts. */
export interface SensorRow {
  readonly sensorId: SensorId;
  /** The next record's number: a multiple of `RECORD_SPAN`. */
  readonly nextId: number;
  /** Sample numbers that are dealt with, though their record may still be there. */
  readonly gone: readonly (readonly [number, number])[];
  readonly nextGap: number;
  readonly oldestUnsentAt: number | undefined;
  /**
   * True: nothing was numbered since this row was written, and that was forced to the disk. False: the machine may have
   * lost the end of the log, so that numbers above `nextSeq` may have been used.
   */
  readonly clean: boolean;
  readonly attributes: Readonly<Record<AttributeId, Readonly<AttributeTotals>>>;
  readonly descriptor: SensorDescriptor | undefined;
  readonly registrations: readonly AttributeRegistration[];
  /** The highest number of each feeding tab whose blocks are on disk, the tab heard last at the end. */
  readonly marks: readonly (readonly [string, number])[];
  /** Things set aside that do not say how many samples they held. Earlier versions of this app did not count them. */
  readonly unknownAsides: number;
}

/** A time without (some) measurements. */
export interface Gap extends RecordedGap {
  /** Absent: all attributes. */
  readonly attribute?: AttributeId;
  /** How many samples are missing, where it is known. */
  readonly samples?: number;
}

/** Something kept apart, as on disk. */
export interface AsideRecord {
  readonly sensorId: SensorId;
  /** Number of its first sample that is kept here. */
  readonly id: number;
  readonly reason: string;
  /** When it was set aside, Unix ms. */
  readonly at: number;
  readonly samples: number;
  /** Bytes in the block form; or, for what never had it, the thing itself. */
  readonly content: unknown;
}

/** Something kept apart, as shown and exported. */
export interface AsideEntry extends Omit<AsideRecord, 'content'> {
  /** Undefined if it cannot be read; then `raw` is all there is. */
  readonly block: Block | undefined;
  readonly firstSeq: number | undefined;
  readonly raw: unknown;
}

export type StorageState =
  | { readonly kind: 'durable' }
  /** Nothing new outlives this tab. */
  | {
      readonly kind: 'memory';
      readonly error: AppError;
      /** Unix ms. */
      readonly since: number;
      /** True: the disk takes nothing more, but what is on it is safe and is still read and sent. */
      readonly full: boolean;
      /** Samples held in memory, bytes, near enough; and how many there may be before the least important go. */
      readonly heldBytes: number;
      readonly heldLimit: number;
    };

/** A sensor whose measurements wait to be sent, whether its device is here or not. */
export interface UnsentSensor {
  readonly sensorId: SensorId;
  /** Undefined if it was never described. */
  readonly descriptor: SensorDescriptor | undefined;
  readonly registrations: readonly AttributeRegistration[];
  readonly kept: number;
}

/** The log as the worker holds it. */
export interface Outbox extends MarkedOutboxPort {
  readonly storage: StorageState;
  /** Remembers what a sensor is, so that its data can be sent when its device is away. */
  describe(descriptor: SensorDescriptor): void;
  register(sensorId: SensorId, registration: AttributeRegistration): void;
  /** Every sensor the log knows, open or not. */
  sensors(): readonly SensorId[];
  /** Sensors with samples that are not confirmed. */
  sensorsWithData(): readonly UnsentSensor[];
  /** What the sensor is, as far as it was ever described. */
  descriptor(sensorId: SensorId): SensorDescriptor | undefined;
  /** What became of each attribute's samples, over the life of the log. */
  attributes(sensorId: SensorId): readonly AttributeTally[];
  /**
   * The same of this session: of all that was waiting when the log was opened and all that was appended since, with the
   * times and the sequence numbers. Reads what waits from before once, so it may take a second after a day offline.
   */
  account(sensorId: SensorId): Promise<readonly AttributeProof[]>;
  /** Things set aside that do not say how many samples they held, so that no count of samples tells of them. */
  unknownAsides(sensorId: SensorId): number;
  /** Writes everything and forces it to the disk: the page is being hidden. Resolves when it is done or cannot be. */
  checkpoint(): Promise<void>;
  recordGap(gap: Gap): void;
  /** Oldest first; the newest `MAX_GAPS` of a sensor are kept. */
  gaps(sensorId: SensorId): Promise<readonly Gap[]>;
  /** What was set aside, oldest first, after number `after`. */
  aside(sensorId: SensorId, after?: number, limit?: number): Promise<readonly AsideEntry[]>;
  /** Writes everything, then lets go of the database. */
  close(): Promise<void>;
}

/**
 * Bytes of samples held in memory while the disk takes none, all sensors together: six hours of ECG at 130 Hz. Above it the
 * least important go, as on a full disk.
 */
export const HELD_BYTES = 32 * 2 ** 20;
/** When an attribute is beyond its ring, this share of the ring is freed besides. */
export const RING_SHARE = 0.1;
/** Gaps kept per sensor. */
export const MAX_GAPS = 1000;
/** Entries of `aside` in one answer, unless asked otherwise. */
export const ASIDE_PAGE = 1000;
/** Sample numbers set apart for each record, so that it can grow while later ones exist. */
export const RECORD_SPAN = 1024;

/** Sample numbers from `from` to `to`, both included. */
export interface KeyRange {
  readonly from: number;
  readonly to: number;
}

/** Changes that happen together or not at all. */
export interface SensorChanges {
  readonly row: SensorRow;
  readonly deletes: readonly KeyRange[];
  readonly puts: readonly { readonly id: number; readonly record: StoredRecord }[];
  readonly asides: readonly AsideRecord[];
  readonly gaps: readonly { readonly key: number; readonly gap: Gap }[];
}

/** Why a commit or a read is refused for good: somebody else has opened the log since. */
export class LogTakenOver extends Error {
  override readonly name = 'LogTakenOver';
}

/** The log's stores in the database. Everything rejects with what the browser throws. */
export interface LogDatabase {
  /** Takes the log over: whoever took it before can neither write nor read records any more. Rows by sensor, as found. */
  claim(): Promise<readonly { readonly key: unknown; readonly value: unknown }[]>;
  /**
   * Records whose number is in the range, ascending, at most `count`; values as found. Rejects with LogTakenOver if
   * somebody else has claimed the log since we did.
   */
  records(
    sensorId: SensorId,
    range: KeyRange,
    count: number,
  ): Promise<readonly { readonly id: number; readonly value: unknown }[]>;
  asides(sensorId: SensorId, after: number, count: number): Promise<readonly unknown[]>;
  gaps(sensorId: SensorId): Promise<readonly unknown[]>;
  /** One transaction. Rejects with LogTakenOver if somebody else has claimed the log. */
  commit(changes: readonly SensorChanges[], durability: 'strict' | 'relaxed'): Promise<void>;
  /** Opens it again after it failed or was closed. */
  reopen(): Promise<void>;
  /** The browser, or a newer version of this app in another tab, closed it. One listener. */
  onClosed(listener: (reason: string) => void): void;
  close(): void;
}

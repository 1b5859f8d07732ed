/** What the stream needs from others: a log that keeps, a channel that carries. Declared here, implemented elsewhere. */
import type { Block } from '../model/block.ts';
import type { GapCause } from '../model/proof.ts';
import type { SensorId } from '../model/sensor.ts';

/** Some samples of one attribute as the log hands them out: a block that was appended, several joined, or a part of one. */
export interface OutboxEntry {
  /**
   * Ascending per sensor; order of the log. It numbers the entry's last sample: those before it in the same entry have
   * the numbers just below.
   */
  readonly id: number;
  readonly block: Block;
  /** Sequence number of the block's first sample, counted per sensor and attribute. */
  readonly firstSeq: number;
  readonly samples: number;
}

/**
 * Where a block came from: the tab that feeds the sensor, and its count of what it has fed. All blocks handed over in one
 * turn carry the same mark and say together: everything of this tab up to this number is in the log now.
 */
export interface FeedMark {
  readonly tab: string;
  /** From 1, ascending per tab and sensor. */
  readonly number: number;
}

/** Some samples that were read, by number: `samples` of them, of which the last has number `last`. Within one entry. */
export interface SampleRun {
  readonly last: number;
  readonly samples: number;
}

/** Why entries were set aside: the server's words. */
export type SetAsideReason = string;

/** Where the samples of one sensor are, over the life of the log; measured = kept + confirmed + setAside + evicted. */
export interface OutboxDepth {
  readonly measured: number;
  /** Samples not yet confirmed (set aside not included). */
  readonly kept: number;
  readonly confirmed: number;
  /** Samples the server refused, or that could not be read back; kept apart. */
  readonly setAside: number;
  /** Samples given up because there was no room. */
  readonly evicted: number;
  /** When the oldest kept sample was measured, Unix ms; undefined if nothing is kept. */
  readonly oldestUnsentAt: number | undefined;
  /** Size of what is kept on disk; 0 for a log in memory. */
  readonly bytes: number;
}

/**
 * A log per sensor: append, read oldest first, delete only when confirmed. Reading is asynchronous because the durable
 * log pages in from disk; appending is synchronous because nothing measured may wait. Operations of one sensor take
 * effect in the order they were called: a read sees what was appended, confirmed and set aside before it. What a read
 * returns is on disk already, if there is one: a sample never leaves under a sequence number that a crash could free.
 */
export interface OutboxPort {
  append(sensorId: SensorId, block: Block, origin?: FeedMark): OutboxEntry;
  /**
   * Oldest unconfirmed samples after number `after`; at least one if there is any, together no more than `maxSamples`.
   * Undefined starts over: what was read before and is not confirmed comes again.
   * @param upTo nothing above this number; what is new may be read after `end()` before what is old was read up to it
   */
  read(
    sensorId: SensorId,
    after: number | undefined,
    maxSamples: number,
    upTo?: number,
  ): Promise<readonly OutboxEntry[]>;
  /** The highest number in use. Whatever is appended from now on gets a higher one: no record grows across this. */
  end(sensorId: SensorId): number;
  /** Deletes everything read up to and including number `upTo`: the server has it. */
  confirm(sensorId: SensorId, upTo: number): Promise<void>;
  /**
   * The same for these samples only, whatever was read before them and is not confirmed: for a server that takes what is
   * new before what is old, and for a batch of which a part was refused.
   */
  confirmSamples(sensorId: SensorId, runs: readonly SampleRun[]): Promise<void>;
  /** Moves entries that were read out of the way, kept and counted. */
  setAside(sensorId: SensorId, ids: readonly number[], reason: SetAsideReason): Promise<void>;
  /** The same for a part of an entry that was read: the `samples` samples of which the last has number `last`. */
  setAsideSamples(sensorId: SensorId, last: number, samples: number, reason: SetAsideReason): Promise<void>;
  depth(sensorId: SensorId): OutboxDepth;
}

/**
 * A log that more than one tab's leader works on, one after the other. Marks are stored in the same transaction as the
 * blocks they came with, so that a new leader takes over exactly behind what is on disk. Who opens the log fences off
 * those who opened it before: their later writes are refused by the transaction itself.
 */
export interface MarkedOutboxPort extends OutboxPort {
  /**
   * The highest number of this tab and sensor whose blocks survive the end of this process; 0 if none. What a tab fed
   * after it must be given again to a new leader, what it fed before must not.
   */
  lastIngested(sensorId: SensorId, tab: string): number;
}

/** A batch as it goes to the channel. */
export interface EncodedBatch {
  readonly event: string;
  readonly payload: unknown;
  /** On the wire, near enough for a bound. */
  readonly bytes: number;
}

/** What the channel answered: `phx_reply`. */
export interface ChannelReply {
  readonly status: 'ok' | 'error';
  readonly reason: string | undefined;
  /** How many samples of a refused batch the server would not take, if it says. */
  readonly failedCount?: number | undefined;
}

/** A sensor's channel as the stream uses it. Nothing is ever handed over while not joined. */
export interface ChannelPort {
  readonly joined: boolean;
  /**
   * Sends now. False (and nothing sent) when not joined. `onReply` is called at most once; the server stays silent on
   * accepted measurements, so it may never be called.
   */
  push(event: string, payload: unknown, onReply?: (reply: ChannelReply) => void): boolean;
  /** The channel looks dead (barrier unanswered): leave and join anew. */
  restart(reason: string): void;
}

/** Where gaps are remembered: times without measurements, or without sending, and why. */
export interface GapPort {
  recordGap(gap: RecordedGap): void;
}

export interface RecordedGap {
  readonly sensorId: SensorId;
  /** Unix ms. */
  readonly from: number;
  readonly to: number;
  readonly cause: GapCause;
}

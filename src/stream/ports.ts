/** What the stream needs from others: a log that keeps, a channel that carries. Declared here, implemented elsewhere. */
import type { Block } from '../model/block.ts';
import type { SensorId } from '../model/sensor.ts';

/** One block in the log. */
export interface OutboxEntry {
  /** Ascending per sensor; order of the log. */
  readonly id: number;
  readonly block: Block;
  /** Sequence number of the block's first sample, counted per sensor and attribute. */
  readonly firstSeq: number;
  readonly samples: number;
}

/** Why entries were set aside: the server's words. */
export type SetAsideReason = string;

export interface OutboxDepth {
  /** Samples not yet confirmed (set aside not included). */
  readonly kept: number;
  /** Samples the server refused; kept apart. */
  readonly setAside: number;
}

/**
 * A log per sensor: append, read oldest first, delete only when confirmed. Reading is asynchronous because the durable
 * log pages in from disk; appending is synchronous because nothing measured may wait. Operations of one sensor take
 * effect in the order they were called: a read sees what was appended, confirmed and set aside before it. They reject if
 * the log itself fails.
 */
export interface OutboxPort {
  append(sensorId: SensorId, block: Block): OutboxEntry;
  /**
   * Oldest unconfirmed entries after entry `after` (undefined: from the oldest), at least one if there is any, and more
   * as long as their samples do not exceed `maxSamples`.
   */
  read(sensorId: SensorId, after: number | undefined, maxSamples: number): Promise<readonly OutboxEntry[]>;
  /** Deletes every entry up to and including `upTo`: the server has them. */
  confirm(sensorId: SensorId, upTo: number): Promise<void>;
  /** Moves entries out of the way, kept and counted. */
  setAside(sensorId: SensorId, ids: readonly number[], reason: SetAsideReason): Promise<void>;
  depth(sensorId: SensorId): OutboxDepth;
}

/** What the channel answered: `phx_reply`. */
export interface ChannelReply {
  readonly status: 'ok' | 'error';
  readonly reason: string | undefined;
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

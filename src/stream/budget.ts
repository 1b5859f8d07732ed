/**
 * When a sensor may send: the one place where backpressure is obeyed. Pure. Window and size as the server sent them (its
 * multipliers are already inside), `paused` holds everything, the last config wins.
 */
import { DEFAULT_BACKPRESSURE, type BackpressureConfig } from '../model/backpressure.ts';

/** How long a freshly joined channel waits for its first config before it behaves as none / normal. */
export const FIRST_CONFIG_WAIT = 2000;
/** Most samples in one batch; far below what makes the real server drop. */
export const MAX_BATCH_SAMPLES = 200;
/** Batches a second per sensor, on average, and how many may go at once after a quiet spell. */
export const BATCHES_PER_SECOND = 10;
export const BATCH_BURST = 5;
export const MAX_BATCHES_IN_FLIGHT = 8;
export const MAX_BYTES_IN_FLIGHT = 256 * 1024;

export interface BudgetInput {
  /** Unix ms. */
  readonly now: number;
  /** When the channel was joined, Unix ms; undefined while it is not. */
  readonly joinedAt: number | undefined;
  /** Last config on this join; undefined before the first. */
  readonly config: BackpressureConfig | undefined;
  /** Samples waiting to be sent. */
  readonly pending: number;
  /** When the oldest of them was measured, Unix ms. */
  readonly oldestPendingAt: number;
  /** Something waits that must not wait for the window (a button, a marker). */
  readonly urgent: boolean;
  readonly batchesInFlight: number;
  readonly bytesInFlight: number;
  /** Batches that may go now by the rate limit; below 1: none. */
  readonly tokens: number;
}

export type Decision =
  | { readonly kind: 'send' }
  /** Ask again at this time (Unix ms). */
  | { readonly kind: 'wait'; readonly until: number }
  /** Ask again when something changes. */
  | { readonly kind: 'hold'; readonly why: 'empty' | 'not-joined' | 'paused' | 'in-flight' };

/** Whether to send the next batch now. */
export function decide(input: BudgetInput): Decision {
  if (input.joinedAt === undefined) return { kind: 'hold', why: 'not-joined' };
  if (input.pending === 0) return { kind: 'hold', why: 'empty' };
  const firstConfigBy = input.joinedAt + FIRST_CONFIG_WAIT;
  if (!input.config && input.now < firstConfigBy) return { kind: 'wait', until: firstConfigBy };
  const config = input.config ?? DEFAULT_BACKPRESSURE;
  if (config.paused) return { kind: 'hold', why: 'paused' };
  if (input.batchesInFlight >= MAX_BATCHES_IN_FLIGHT || input.bytesInFlight >= MAX_BYTES_IN_FLIGHT) {
    return { kind: 'hold', why: 'in-flight' };
  }
  const due =
    input.urgent || input.pending >= config.batchSize ? input.now : input.oldestPendingAt + config.batchWindow;
  if (due > input.now) return { kind: 'wait', until: due };
  if (input.tokens < 1) {
    return { kind: 'wait', until: input.now + Math.ceil(((1 - input.tokens) * 1000) / BATCHES_PER_SECOND) };
  }
  return { kind: 'send' };
}

/** A token bucket: `tokens` after time has passed. */
export function refill(tokens: number, elapsedMs: number): number {
  return Math.min(BATCH_BURST, tokens + (Math.max(0, elapsedMs) * BATCHES_PER_SECOND) / 1000);
}

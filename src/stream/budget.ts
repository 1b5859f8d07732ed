/**
 * When a sensor may send, and what first: the one place where backpressure is obeyed. Pure. Window and size as the server
 * sent them (its multipliers are already inside), `paused` holds everything, the last config wins.
 */
import { DEFAULT_BACKPRESSURE, type BackpressureConfig, type SystemLoad } from '../model/backpressure.ts';
import type { Work } from './flights.ts';

/** How long a freshly joined channel waits for its first config before it behaves as none / normal. */
export const FIRST_CONFIG_WAIT = 2000;
/** Most samples in one batch; far below what makes the real server drop. */
export const MAX_BATCH_SAMPLES = 200;
/** Batches a second per sensor, on average, and how many may go at once after a quiet spell. */
export const BATCHES_PER_SECOND = 10;
export const BATCH_BURST = 5;
export const MAX_BATCHES_IN_FLIGHT = 8;
/** A server that takes our block form was measured to take half a million samples a second: a day drains in minutes. */
const BINARY_BATCH_SAMPLES = 4000;
const BINARY_DRAIN_RATE = 20;
/** What a backlog leaves to others on a server under load, while nobody looks at this sensor. */
const DRAIN_SHARE: Readonly<Record<SystemLoad, number>> = { normal: 1, elevated: 0.75, high: 0.5, critical: 0.25 };

/** What a server does beyond the platform's own; announced in the answer to the join. */
export interface ServerAbilities {
  /** Old samples may come after new ones. */
  readonly outOfOrder: boolean;
  /** Takes large batches in our block form. */
  readonly binary: boolean;
}

/** What a backlog may use. */
export interface Pace {
  /** Batches a second. */
  readonly rate: number;
  /** Samples in a batch; new ones too. */
  readonly samples: number;
}

/** The pace of a backlog under this config. */
export function paceOf(config: BackpressureConfig, { binary }: ServerAbilities): Pace {
  const wanted = config.attention === 'high' || config.attention === 'medium';
  const share = wanted ? 1 : DRAIN_SHARE[config.load];
  return {
    rate: (binary ? BINARY_DRAIN_RATE : BATCHES_PER_SECOND) * share,
    samples: binary ? BINARY_BATCH_SAMPLES : MAX_BATCH_SAMPLES,
  };
}

export interface BudgetInput {
  /** Unix ms. */
  readonly now: number;
  /** When the channel was joined, Unix ms; undefined while it is not. */
  readonly joinedAt: number | undefined;
  /** Last config on this join; undefined before the first. */
  readonly config: BackpressureConfig | undefined;
  readonly abilities: ServerAbilities;
  /** New samples waiting to be sent. */
  readonly pending: number;
  /** When the oldest of them was measured, Unix ms. */
  readonly oldestPendingAt: number;
  /** Something waits that must not wait for the window (a button, a marker). */
  readonly urgent: boolean;
  /** There may be samples from before the join. */
  readonly backlog: boolean;
  /** Parts of refused batches wait to be sent again. */
  readonly suspects: number;
  readonly batchesInFlight: number;
  readonly bytesInFlight: number;
  readonly maxBytesInFlight: number;
  /** Batches that may go now by the rate limit; below 1: none. */
  readonly tokens: number;
  /** The same for the backlog. */
  readonly drainTokens: number;
}

export type Decision =
  | { readonly kind: 'send'; readonly work: Work }
  /** Ask again at this time (Unix ms). */
  | { readonly kind: 'wait'; readonly until: number }
  /** Ask again when something changes. */
  | { readonly kind: 'hold'; readonly why: 'empty' | 'not-joined' | 'paused' | 'in-flight' };

/** Whether to send now, and what. */
export function decide(input: BudgetInput): Decision {
  if (input.joinedAt === undefined) return { kind: 'hold', why: 'not-joined' };
  const works = worksOf(input);
  if (works.length === 0) return { kind: 'hold', why: 'empty' };
  const firstConfigBy = input.joinedAt + FIRST_CONFIG_WAIT;
  if (!input.config && input.now < firstConfigBy) return { kind: 'wait', until: firstConfigBy };
  const config = input.config ?? DEFAULT_BACKPRESSURE;
  if (config.paused) return { kind: 'hold', why: 'paused' };
  if (input.batchesInFlight >= MAX_BATCHES_IN_FLIGHT || input.bytesInFlight >= input.maxBytesInFlight) {
    return { kind: 'hold', why: 'in-flight' };
  }
  let until = Infinity;
  for (const work of works) {
    const due = dueAt(input, work, config);
    if (due <= input.now) return { kind: 'send', work };
    until = Math.min(until, due);
  }
  return { kind: 'wait', until };
}

/** What there is to do, in the order in which it is tried. */
function worksOf({ suspects, pending, backlog, abilities }: BudgetInput): Work[] {
  const works: Work[] = [];
  // A refused batch came before everything that is still here.
  if (suspects > 0) works.push('suspect');
  if (pending > 0 && (abilities.outOfOrder || !backlog)) works.push('live');
  if (backlog) works.push('old');
  return works;
}

function dueAt(input: BudgetInput, work: Work, config: BackpressureConfig): number {
  if (work === 'old') return tokenAt(input.now, input.drainTokens, paceOf(config, input.abilities).rate);
  const ready = work === 'suspect' || input.urgent || input.pending >= config.batchSize;
  const due = ready ? input.now : input.oldestPendingAt + config.batchWindow;
  return due > input.now ? due : tokenAt(input.now, input.tokens, BATCHES_PER_SECOND);
}

function tokenAt(now: number, tokens: number, rate: number): number {
  return tokens >= 1 ? now : now + Math.ceil(((1 - tokens) * 1000) / rate);
}

/** A token bucket: `tokens` after time has passed. */
export function refill(tokens: number, elapsedMs: number, rate = BATCHES_PER_SECOND): number {
  return Math.min(BATCH_BURST, tokens + (Math.max(0, elapsedMs) * rate) / 1000);
}

/**
 * The link to one device as a pure machine: (state, event) → (state, effects). No clock, no timers, no radio in here;
 * `link.ts` performs the effects and reports back with events.
 */
import { backoffDelay } from '../../lib/backoff.ts';
import { appError, unreachable, type AppError, type ErrorCode } from '../../model/errors.ts';
import type { LinkState } from '../../model/link.ts';

/** First retry after 250–500 ms, later ones spread up to half a minute: a strap is put back on within that. */
const BACKOFF = { base: 500, cap: 30_000 } as const;

export type LinkEvent =
  /** The person (or the app after a reload) wants the link. `seek`: wait until the device is heard. */
  | { readonly type: 'start'; readonly seek: boolean }
  | { readonly type: 'seen' }
  | { readonly type: 'connected' }
  | { readonly type: 'discovered' }
  | { readonly type: 'subscribed' }
  /** A notification arrived. */
  | { readonly type: 'packet' }
  /** Nothing arrived for too long. `since`: Unix ms of the last packet. */
  | { readonly type: 'silence'; readonly since: number }
  /** The device or the radio ended the connection. */
  | { readonly type: 'dropped' }
  /** The step under way failed. */
  | { readonly type: 'failed'; readonly error: AppError }
  /** The pause is over. `seek`: the browser has not heard the device yet, so a plain connect cannot work. */
  | { readonly type: 'retry-due'; readonly seek: boolean }
  | { readonly type: 'adapter'; readonly on: boolean }
  /** The person asks to try now. */
  | { readonly type: 'retry' }
  | { readonly type: 'stop' }
  | { readonly type: 'forget' };

export type LinkEffect =
  /** Listen for advertisements, report `seen`. */
  | { readonly do: 'seek' }
  /** Connect with a deadline, report `connected` or `failed`. */
  | { readonly do: 'connect' }
  | { readonly do: 'discover' }
  | { readonly do: 'subscribe' }
  /** Report `silence` once packets stay away. */
  | { readonly do: 'watch' }
  /** Report `retry-due` after `ms`. */
  | { readonly do: 'wait'; readonly ms: number }
  /** End whatever is under way: operations, timers, the connection. */
  | { readonly do: 'teardown' }
  /** The connection over which bytes came is gone: the next bytes belong to a new one. */
  | { readonly do: 'link-lost' }
  /** Give the permission back. */
  | { readonly do: 'forget' };

/** When and by what luck an event happened; keeps clock and chance out of the machine. */
export interface Moment {
  /** Unix ms. */
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export interface Step {
  readonly state: LinkState;
  readonly effects: readonly LinkEffect[];
}

/** What to do about an error: try again, wait for the adapter, or wait for a person. */
export type Reaction = 'retry' | 'await-adapter' | 'give-up';

const REACTIONS: Readonly<Partial<Record<ErrorCode, Reaction>>> = {
  'bluetooth-adapter-off': 'await-adapter',
  'bluetooth-no-adapter': 'await-adapter',
  'bluetooth-cancelled': 'give-up',
  'bluetooth-unsupported': 'give-up',
  'bluetooth-unsupported-ios': 'give-up',
  'bluetooth-unsupported-firefox': 'give-up',
  'bluetooth-unsupported-safari': 'give-up',
  'bluetooth-disabled-brave': 'give-up',
  'bluetooth-disabled-linux': 'give-up',
  'bluetooth-insecure-context': 'give-up',
  'bluetooth-permission': 'give-up',
  'bluetooth-no-gesture': 'give-up',
  'bluetooth-no-services': 'give-up',
  'bluetooth-device-forgotten': 'give-up',
  'bluetooth-other-tab': 'give-up',
};

/** Everything not listed heals by itself often enough to be tried again, with backoff. */
export function reactionTo(code: ErrorCode): Reaction {
  return REACTIONS[code] ?? 'retry';
}

/** True where a connection exists or is being made, so that leaving the state has to end it. */
function isActive(state: LinkState): boolean {
  return state.at !== 'idle' && state.at !== 'lost' && state.at !== 'forgotten';
}

/** True where bytes may have come over the present connection. */
function mayCarryBytes(state: LinkState): boolean {
  return state.at === 'subscribing' || state.at === 'live' || state.at === 'stale';
}

/** Effects of leaving `state` for one without a connection. */
function leaving(state: LinkState): LinkEffect[] {
  const effects: LinkEffect[] = [];
  if (isActive(state)) effects.push({ do: 'teardown' });
  if (mayCarryBytes(state)) effects.push({ do: 'link-lost' });
  return effects;
}

function stay(state: LinkState): Step {
  return { state, effects: [] };
}

function connecting(from: LinkState, attempt: number): Step {
  return { state: { at: 'connecting', attempt }, effects: [...leaving(from), { do: 'connect' }] };
}

/** Starts try number `attempt`, by listening for the device first where that is needed. */
function reaching(from: LinkState, attempt: number, seek: boolean): Step {
  if (!seek) return connecting(from, attempt);
  return { state: { at: 'seeking', attempt }, effects: [...leaving(from), { do: 'seek' }] };
}

/** Which try of the present outage this state is part of; 0 where the link works. */
function attemptOf(state: LinkState): number {
  switch (state.at) {
    case 'connecting':
    case 'waiting':
      return state.attempt;
    case 'seeking':
    case 'discovering':
    case 'subscribing':
      return state.attempt ?? 1;
    default:
      return 0;
  }
}

function failed(state: LinkState, error: AppError, moment: Moment): Step {
  if (reactionTo(error.code) !== 'retry') return { state: { at: 'lost', error }, effects: leaving(state) };
  const attempt = attemptOf(state) + 1;
  const ms = backoffDelay(attempt, { ...BACKOFF, random: moment.random });
  return {
    state: { at: 'waiting', attempt, retryAt: moment.now + ms, error },
    effects: [...leaving(state), { do: 'wait', ms }],
  };
}

/** Events that mean the same in every state but `forgotten`; undefined for the others. */
function anywhere(state: LinkState, event: LinkEvent): Step | undefined {
  switch (event.type) {
    case 'forget':
      return { state: { at: 'forgotten' }, effects: [...leaving(state), { do: 'forget' }] };
    case 'stop':
      return state.at === 'idle' ? stay(state) : { state: { at: 'idle' }, effects: leaving(state) };
    case 'adapter':
      return adapter(state, event.on);
    default:
      return undefined;
  }
}

function adapter(state: LinkState, on: boolean): Step {
  if (!on && isActive(state)) {
    return { state: { at: 'lost', error: appError('bluetooth-adapter-off') }, effects: leaving(state) };
  }
  const awaited = state.at === 'lost' && reactionTo(state.error.code) === 'await-adapter';
  return on && awaited ? connecting(state, 1) : stay(state);
}

/**
 * The next state and what to do about it. Events that make no sense in a state (a late answer, a second press) leave it
 * as it is: the same object, no effects.
 */
export function next(state: LinkState, event: LinkEvent, moment: Moment): Step {
  if (state.at === 'forgotten') return stay(state);
  return anywhere(state, event) ?? inState(state, event, moment);
}

function inState(state: LinkState, event: LinkEvent, moment: Moment): Step {
  switch (state.at) {
    case 'idle':
    case 'lost':
      return resting(state, event);
    case 'seeking':
      return seeking(state, event);
    case 'waiting':
      if (event.type === 'retry') return connecting(state, state.attempt);
      return event.type === 'retry-due' ? reaching(state, state.attempt, event.seek) : stay(state);
    case 'connecting':
    case 'discovering':
    case 'subscribing':
      return establishing(state, event, moment);
    case 'live':
    case 'stale':
      return established(state, event, moment);
    case 'forgotten':
      return stay(state);
    default:
      return unreachable(state);
  }
}

function resting(state: LinkState, event: LinkEvent): Step {
  if (event.type === 'retry') return connecting(state, 1);
  if (event.type !== 'start') return stay(state);
  return reaching(state, 1, event.seek);
}

function seeking(state: LinkState, event: LinkEvent): Step {
  if (event.type === 'seen' || event.type === 'retry') return connecting(state, attemptOf(state));
  if (event.type !== 'failed') return stay(state);
  // Listening did not work; a plain connection may, unless a person has to act first. Even "no adapter" is no proof:
  // Chromium has answered so to watchAdvertisements while connections worked.
  if (reactionTo(event.error.code) !== 'give-up') return connecting(state, attemptOf(state));
  return { state: { at: 'lost', error: event.error }, effects: leaving(state) };
}

type Establishing = Extract<LinkState, { at: 'connecting' | 'discovering' | 'subscribing' }>;

function establishing(state: Establishing, event: LinkEvent, moment: Moment): Step {
  if (event.type === 'failed') return failed(state, event.error, moment);
  const attempt = attemptOf(state);
  switch (state.at) {
    case 'connecting':
      // A drop here is reported by the connect step itself, as its failure.
      if (event.type !== 'connected') return stay(state);
      return { state: { at: 'discovering', attempt }, effects: [{ do: 'discover' }] };
    case 'discovering':
      if (event.type === 'dropped') return failed(state, appError('bluetooth-out-of-range'), moment);
      if (event.type !== 'discovered') return stay(state);
      return { state: { at: 'subscribing', attempt }, effects: [{ do: 'subscribe' }] };
    case 'subscribing':
      if (event.type === 'dropped') return failed(state, appError('bluetooth-out-of-range'), moment);
      if (event.type !== 'subscribed') return stay(state);
      return { state: { at: 'live' }, effects: [{ do: 'watch' }] };
    default:
      return unreachable(state);
  }
}

type Established = Extract<LinkState, { at: 'live' | 'stale' }>;

function established(state: Established, event: LinkEvent, moment: Moment): Step {
  switch (event.type) {
    case 'dropped':
      return failed(state, appError('bluetooth-out-of-range'), moment);
    case 'failed':
      return failed(state, event.error, moment);
    case 'silence':
      return state.at === 'live' ? { state: { at: 'stale', since: event.since }, effects: [] } : stay(state);
    case 'packet':
      return state.at === 'stale' ? { state: { at: 'live' }, effects: [{ do: 'watch' }] } : stay(state);
    case 'retry':
      // Connected but silent: some straps need a fresh connection to send again.
      return state.at === 'stale' ? connecting(state, 1) : stay(state);
    default:
      return stay(state);
  }
}

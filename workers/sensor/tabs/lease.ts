/**
 * Who leads. Every tab waits for one Web Lock; the browser gives it to the next when its holder is closed or crashes. A
 * holder that is frozen keeps the lock and falls silent: then one of the others takes it away, and the old leader learns
 * it when it wakes (its request is rejected, or it hears a later term).
 */
import type { Clock } from '../../../src/lib/timers.ts';
import { LEADER_LOCK, type Locks } from './ports.ts';

/** ms between two signs of life of a leader. */
export const BEAT_INTERVAL = 500;
/** How long a leader may be silent before its lock is taken, ms. */
export const PATIENCE = 1500;
const MAX_PATIENCE = 24_000;
/** Tabs do not all reach for the lock at once, ms. */
const JITTER = 150;
const CHECK_INTERVAL = 100;
/** A check this late means that this very tab was asleep: it knows nothing of the leader then. */
const OVERSLEPT = 700;
/** A leader that lived this long was worth following, ms: patience is back to normal. */
const STEADY = 10_000;

export interface LeaseDeps {
  readonly locks: Locks;
  readonly clock: Clock;
  readonly random: () => number;
  /** @param tookOver another tab led until a moment ago */
  readonly onLead: (term: number, tookOver: boolean) => void;
  readonly onDeposed: () => void;
}

/** One request for the lock, and the way to end it. */
interface Request {
  readonly abort: AbortController;
  release: () => void;
}

type State =
  | { readonly at: 'waiting'; readonly request: Request }
  | { readonly at: 'leading'; readonly request: Request; readonly term: number }
  | { readonly at: 'closed' };

export class Lease {
  readonly #deps: LeaseDeps;
  #state: State;
  /** The latest term heard of, and since when. */
  #seen = 0;
  #seenSince = 0;
  #heardAt: number;
  #checkedAt: number;
  #patience = PATIENCE;
  #stopChecking: () => void = () => undefined;

  constructor(deps: LeaseDeps) {
    this.#deps = deps;
    this.#heardAt = this.#checkedAt = deps.clock.now();
    this.#state = this.#ask(false);
    this.#checkLater();
  }

  /** A leader gave a sign of life. False if it is one of the past. */
  heard(term: number): boolean {
    if (term < this.#seen) return false;
    const now = this.#deps.clock.now();
    if (term > this.#seen) this.#seenSince = now;
    else if (now - this.#seenSince > STEADY) this.#patience = PATIENCE;
    this.#seen = term;
    this.#heardAt = now;
    // Somebody took the lock while this tab was frozen, and the browser has not told it yet.
    if (this.#state.at === 'leading' && term > this.#state.term) this.#depose(this.#state.request);
    return true;
  }

  /** Gives the lock back, or stops waiting for it. */
  close(): void {
    const state = this.#state;
    this.#state = { at: 'closed' };
    this.#stopChecking();
    if (state.at !== 'closed') end(state.request);
  }

  #ask(steal: boolean): State {
    const request: Request = { abort: new AbortController(), release: () => undefined };
    const options = steal ? { steal: true } : { signal: request.abort.signal };
    void this.#deps.locks
      .request(LEADER_LOCK, options, () => this.#granted(request))
      .catch(() => {
        // Taken away while held. Waiting requests that we aborted ourselves are no longer the present one.
        if (this.#isPresent(request)) this.#depose(request);
      });
    return { at: 'waiting', request };
  }

  #granted(request: Request): Promise<void> {
    if (!this.#isPresent(request)) return Promise.resolve();
    const { clock, random, onLead } = this.#deps;
    const tookOver = this.#seen > 0;
    // Later than every term before it even if the clock was set back, and never the same in two tabs.
    const term = Math.max(this.#seen + 1, clock.now()) + random();
    this.#seen = term;
    this.#state = { at: 'leading', request, term };
    const held = new Promise<void>((resolve) => {
      request.release = resolve;
    });
    onLead(term, tookOver);
    return held;
  }

  #depose(request: Request): void {
    const led = this.#state.at === 'leading';
    this.#heardAt = this.#deps.clock.now();
    this.#state = this.#ask(false);
    end(request);
    if (led) this.#deps.onDeposed();
  }

  #isPresent(request: Request): boolean {
    return this.#state.at !== 'closed' && this.#state.request === request;
  }

  #checkLater(): void {
    this.#stopChecking = this.#deps.clock.after(CHECK_INTERVAL, () => {
      this.#check();
      this.#checkLater();
    });
  }

  #check(): void {
    const { clock, random } = this.#deps;
    const now = clock.now();
    if (now - this.#checkedAt > OVERSLEPT) this.#heardAt = now;
    this.#checkedAt = now;
    if (this.#state.at !== 'waiting' || now - this.#heardAt < this.#patience + random() * JITTER) return;
    const { request } = this.#state;
    // Two tabs that cannot hear each other would take the lock from each other for ever, so each time takes longer.
    this.#patience = Math.min(MAX_PATIENCE, this.#patience * 2);
    this.#heardAt = now;
    this.#state = this.#ask(true);
    end(request);
  }
}

function end(request: Request): void {
  request.abort.abort();
  request.release();
}

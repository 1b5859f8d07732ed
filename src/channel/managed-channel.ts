/**
 * One topic that should be joined: joins when the connection is up, again after drops and crashes, and knows which
 * refusals are final. Every join asks for fresh parameters.
 */
import { backoffDelay } from '../lib/backoff.ts';
import type { Clock } from '../lib/timers.ts';
import { appError, describeThrown, type AppError } from '../model/errors.ts';
import type { ChannelState } from '../model/connection.ts';
import { fail, type Result } from '../model/result.ts';
import type { JoinHandlers, Reply, WireChannel } from './wire-socket.ts';

const JOIN_TIMEOUT = 15_000;
/** A crashed join is a defect of ours: looks transient, is not. */
const CRASHED_JOIN_TRIES = 2;
/** After a crash or a leave the server cleans up for a while; joining sooner can give a dead channel. */
const REJOIN = { base: 1000, cap: 15_000 };

/** True: there is a new credential. False: none to be had without a person. Later: could not ask now. */
export type Renewal = boolean | 'later';

export interface ChannelSpec {
  /** Topic and parameters of the next join; asked for at each one. A failure refuses the channel. */
  prepare(): Promise<Result<{ readonly topic: string; readonly params: object }>>;
  onMessage(event: string, payload: unknown): void;
  onJoined(response: unknown): void;
  onLeft(): void;
  onState(state: ChannelState): void;
}

export interface ManagedChannel {
  readonly state: ChannelState;
  push(event: string, payload: unknown, onReply?: (reply: Reply) => void): boolean;
  /** Leaves and joins anew. */
  restart(reason: string): void;
  /** Tries a refused channel again. */
  retry(): void;
  close(): void;
  connectionUp(): void;
  connectionDown(): void;
}

export interface ManagedChannelDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly join: (topic: string, params: object, timeout: number, handlers: JoinHandlers) => WireChannel;
  readonly connected: () => boolean;
  /** How long this topic must rest after it was left, ms; 0: it may be joined. */
  readonly restOf: (topic: string) => number;
  readonly queue: (run: () => Promise<void>) => void;
  readonly renewCredential: () => Promise<Renewal>;
  /** The server refuses our credential for good. */
  readonly refused: (error: AppError) => void;
  readonly gone: () => void;
}

export function createManagedChannel(spec: ChannelSpec, deps: ManagedChannelDeps): ManagedChannel {
  return new TopicChannel(spec, deps);
}

class TopicChannel implements ManagedChannel {
  readonly #spec: ChannelSpec;
  readonly #deps: ManagedChannelDeps;
  #state: ChannelState = { at: 'waiting' };
  #wire: WireChannel | undefined;
  #tries = 0;
  #crashes = 0;
  /** The credential was renewed since the last good join: another refusal is final. */
  #renewed = false;
  #timer: (() => void) | undefined;
  /** Numbers the joins and drops: what was begun under another number is over. */
  #epoch = 0;
  /** Ends our turn in the queue of joins, so that the next may go. */
  #endTurn: (() => void) | undefined;
  #closed = false;

  constructor(spec: ChannelSpec, deps: ManagedChannelDeps) {
    this.#spec = spec;
    this.#deps = deps;
  }

  get state(): ChannelState {
    return this.#state;
  }

  push(event: string, payload: unknown, onReply?: (reply: Reply) => void): boolean {
    return this.#state.at === 'joined' && this.#wire?.push(event, payload, onReply) === true;
  }

  connectionUp(): void {
    this.#tries = 0;
    if (this.#state.at !== 'waiting') return;
    this.#timer?.();
    this.#enqueue();
  }

  connectionDown(): void {
    if (this.#state.at !== 'refused') this.#drop();
  }

  restart(_reason: string): void {
    if (this.#state.at !== 'joined') return;
    this.#drop();
    this.#again();
  }

  retry(): void {
    if (this.#state.at !== 'refused') return;
    this.#crashes = 0;
    this.#renewed = false;
    this.#setState({ at: 'waiting' });
    if (this.#deps.connected()) this.#enqueue();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#drop();
    this.#deps.gone();
  }

  /** Forgets the current join; what was pushed on it is unconfirmed. */
  #drop(): void {
    this.#epoch += 1;
    this.#timer?.();
    this.#wire?.discard();
    this.#wire = undefined;
    this.#endTurn?.();
    const wasJoined = this.#state.at === 'joined';
    this.#setState({ at: 'waiting' });
    if (wasJoined) this.#spec.onLeft();
  }

  #again(): void {
    this.#tries += 1;
    this.#enqueueAfter(backoffDelay(this.#tries, { ...REJOIN, random: this.#deps.random }));
  }

  #enqueueAfter(ms: number): void {
    this.#timer?.();
    this.#timer = this.#deps.clock.after(ms, () => this.#enqueue());
  }

  #enqueue(): void {
    this.#deps.queue(() => this.#takeTurn());
  }

  /** Resolves when this join is over, well or not, or was given up. */
  #takeTurn(): Promise<void> {
    if (this.#closed || this.#state.at !== 'waiting' || !this.#deps.connected()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#endTurn = resolve;
      this.#setState({ at: 'joining' });
      void this.#join();
    });
  }

  async #join(): Promise<void> {
    const epoch = this.#epoch;
    const prepared = await this.#prepare();
    if (epoch !== this.#epoch) return;
    if (!prepared.ok) return this.#prepareFailed(prepared.error);
    const { topic, params } = prepared.value;
    const rest = this.#deps.restOf(topic);
    if (rest > 0 || !this.#deps.connected()) {
      this.#drop();
      return this.#enqueueAfter(rest);
    }
    this.#wire = this.#deps.join(topic, params, JOIN_TIMEOUT, {
      ok: (response) => this.#joined(response),
      refused: (reason) => void this.#joinRefused(reason),
      timeout: () => this.#lost(),
      ended: () => this.#lost(),
      message: (event, payload) => this.#spec.onMessage(event, payload),
    });
  }

  /** A spec that throws must not leave the channel between two states for ever. */
  async #prepare(): Promise<Awaited<ReturnType<ChannelSpec['prepare']>>> {
    try {
      return await this.#spec.prepare();
    } catch (thrown) {
      return fail(appError('unexpected', describeThrown(thrown)));
    }
  }

  #joined(response: unknown): void {
    this.#tries = 0;
    this.#crashes = 0;
    this.#renewed = false;
    this.#endTurn?.();
    this.#setState({ at: 'joined' });
    this.#spec.onJoined(response);
  }

  /** The channel crashed, was closed or never answered: again, later. */
  #lost(): void {
    this.#drop();
    if (!this.#closed && this.#deps.connected()) this.#again();
  }

  #prepareFailed(error: AppError): void | Promise<void> {
    if (error.code === 'server-unreachable' || error.code === 'server-rate-limited') return this.#lost();
    if (error.code === 'server-unauthorized') return this.#unauthorized(error);
    this.#refuse(error);
  }

  async #joinRefused(reason: string): Promise<void> {
    this.#wire = undefined;
    if (reason === 'join crashed' && this.#crashes < CRASHED_JOIN_TRIES) {
      this.#crashes += 1;
      return this.#lost();
    }
    if (reason === 'unauthorized') return this.#unauthorized(appError('server-unauthorized'));
    this.#refuse(appError(reason === 'join crashed' ? 'server-join-crashed' : 'server-refused', reason));
  }

  /** Asks once for a new credential. Others may join meanwhile. */
  async #unauthorized(error: AppError): Promise<void> {
    this.#endTurn?.();
    const epoch = this.#epoch;
    const renewed = !this.#renewed && (await this.#deps.renewCredential());
    if (epoch !== this.#epoch) return;
    this.#renewed ||= renewed === true;
    if (renewed !== false) return this.#lost();
    this.#refuse(error);
    this.#deps.refused(error);
  }

  #refuse(error: AppError): void {
    this.#endTurn?.();
    this.#setState({ at: 'refused', error });
  }

  #setState(state: ChannelState): void {
    if (this.#state.at === state.at && state.at !== 'refused') return;
    this.#state = state;
    this.#spec.onState(state);
  }
}

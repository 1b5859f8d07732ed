/**
 * One topic that should be joined: joins when the connection is up, again after drops and crashes, and knows which
 * refusals are final. Every join asks for fresh parameters.
 */
import { backoffDelay } from '../lib/backoff.ts';
import type { Clock } from '../lib/timers.ts';
import { appError, type AppError } from '../model/errors.ts';
import type { ChannelState } from '../model/connection.ts';
import type { Result } from '../model/result.ts';
import type { JoinHandlers, Reply, WireChannel } from './wire-socket.ts';

const JOIN_TIMEOUT = 15_000;
/** A crashed join is a defect of ours: looks transient, is not. */
const CRASHED_JOIN_TRIES = 2;
/** After a crash or a leave the server cleans up for a while; joining sooner can give a dead channel. */
const REJOIN = { base: 1000, cap: 15_000 };

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
  readonly queue: (run: () => Promise<void>) => void;
  readonly renewCredential: () => Promise<boolean>;
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
  #timer: (() => void) | undefined;
  /** Ends the wait for the running join, so that the next in the queue may go. */
  #endJoin: (() => void) | undefined;
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
    if (this.#state.at === 'waiting') this.#enqueue();
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
    this.#setState({ at: 'waiting' });
    if (this.#deps.connected()) this.#enqueue();
  }

  close(): void {
    this.#closed = true;
    this.#drop();
    this.#deps.gone();
  }

  /** Forgets the current join; what was pushed on it is unconfirmed. */
  #drop(): void {
    this.#timer?.();
    this.#wire?.discard();
    this.#wire = undefined;
    this.#endJoin?.();
    const wasJoined = this.#state.at === 'joined';
    this.#setState({ at: 'waiting' });
    if (wasJoined) this.#spec.onLeft();
  }

  #again(): void {
    this.#tries += 1;
    this.#timer?.();
    const delay = backoffDelay(this.#tries, { ...REJOIN, random: this.#deps.random });
    this.#timer = this.#deps.clock.after(delay, () => this.#enqueue());
  }

  #enqueue(): void {
    this.#deps.queue(() => this.#join());
  }

  /** Resolves when this join is over, well or not: the next in the queue may go. */
  async #join(): Promise<void> {
    if (this.#closed || this.#state.at !== 'waiting' || !this.#deps.connected()) return;
    this.#setState({ at: 'joining' });
    const prepared = await this.#spec.prepare();
    if (this.#closed || !this.#isJoining()) return;
    if (!prepared.ok) return this.#prepareFailed(prepared.error);
    if (!this.#deps.connected()) return this.#setState({ at: 'waiting' });
    const { topic, params } = prepared.value;
    await new Promise<void>((resolve) => {
      this.#endJoin = resolve;
      this.#wire = this.#deps.join(topic, params, JOIN_TIMEOUT, {
        ok: (response) => this.#joined(response),
        refused: (reason) => void this.#joinRefused(reason),
        timeout: () => this.#lost(),
        ended: () => this.#lost(),
        message: (event, payload) => this.#spec.onMessage(event, payload),
      });
    });
  }

  #isJoining(): boolean {
    return this.#state.at === 'joining';
  }

  #joined(response: unknown): void {
    this.#tries = 0;
    this.#crashes = 0;
    this.#endJoin?.();
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
    this.#setState({ at: 'refused', error });
  }

  async #joinRefused(reason: string): Promise<void> {
    this.#wire = undefined;
    this.#endJoin?.();
    if (reason === 'join crashed' && this.#crashes < CRASHED_JOIN_TRIES) {
      this.#crashes += 1;
      return this.#lost();
    }
    if (reason === 'unauthorized') return this.#unauthorized(appError('server-unauthorized'));
    const code = reason === 'join crashed' ? 'server-join-crashed' : 'server-refused';
    this.#setState({ at: 'refused', error: appError(code, reason) });
  }

  async #unauthorized(error: AppError): Promise<void> {
    if (await this.#deps.renewCredential()) return this.#lost();
    this.#setState({ at: 'refused', error });
    this.#deps.refused(error);
  }

  #setState(state: ChannelState): void {
    if (this.#state.at === state.at && state.at !== 'refused') return;
    this.#state = state;
    this.#spec.onState(state);
  }
}

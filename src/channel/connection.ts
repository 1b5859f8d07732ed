/**
 * The connection to the server and the channels on it: reconnects for ever (not sooner than a quarter second after a
 * drop: the real server's clean-up of the old connection would kill the new channels), joins one channel at a time, stops
 * and asks when the server refuses.
 */
import { backoffDelay } from '../lib/backoff.ts';
import type { Clock } from '../lib/timers.ts';
import type { ConnectionState } from '../model/connection.ts';
import type { AppError } from '../model/errors.ts';
import { nextConnection, type ConnectionEvent } from './connection-machine.ts';
import { createManagedChannel, type ChannelSpec, type ManagedChannel, type Renewal } from './managed-channel.ts';
import type { JoinHandlers, SocketHandlers, WireChannel, WireSocket } from './wire-socket.ts';

/** Not sooner than this after a drop, ms. */
const MIN_REJOIN_DELAY = 250;
const RECONNECT = { base: 2 * MIN_REJOIN_DELAY, cap: 15_000 };
/** How long a heartbeat may take when the page wakes up, before the socket counts as dead, ms. */
const WAKE_PROBE = 5000;
/** An attempt to connect that is younger than this is left alone when the page wakes up, ms. */
const YOUNG_ATTEMPT = 3000;
/** A topic that was left rests this long: the server's clean-up after a leave would end a channel joined sooner, ms. */
const TOPIC_REST = 500;

export interface Connection {
  readonly state: ConnectionState;
  connect(): void;
  /** Adds a channel; it is joined now or as soon as the connection is there, and again after each drop. */
  channel(spec: ChannelSpec): ManagedChannel;
  /** The network came back or the page became visible: do not wait for the back-off. */
  wake(): void;
  networkLost(): void;
  /** A person acted after a refusal: try everything again. */
  retry(): void;
  stop(): void;
}

export interface ConnectionDeps {
  readonly makeSocket: (handlers: SocketHandlers) => WireSocket;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onState: (state: ConnectionState) => void;
  /** Asked once when a join is refused as unauthorized. Never rejects. */
  readonly renewCredential: () => Promise<Renewal>;
}

export function createConnection(deps: ConnectionDeps): Connection {
  return new ServerConnection(deps);
}

class ServerConnection implements Connection {
  readonly #deps: ConnectionDeps;
  readonly #socket: WireSocket;
  readonly #channels = new Set<ManagedChannel>();
  #state: ConnectionState = { at: 'idle' };
  #droppedAt = -Infinity;
  /** When the present attempt to connect began, or is due. */
  #attemptAt = -Infinity;
  /** Counts connections: an answer about an earlier one says nothing. */
  #opens = 0;
  readonly #leftAt = new Map<string, number>();
  #wakeTimer: (() => void) | undefined;
  /** Joins run one after the other: the real server does nothing else on a socket while one runs. */
  #joinTail: Promise<void> = Promise.resolve();

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
    this.#socket = deps.makeSocket({
      opened: () => this.#opened(),
      dropped: (reason) => this.#dropped(reason),
      reconnectDelay: (tries) => this.#schedule(tries),
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  connect(): void {
    if (this.#state.at !== 'idle') return;
    this.#apply({ type: 'connect' });
    this.#attemptAt = this.#deps.clock.now();
    this.#socket.connect();
  }

  channel(spec: ChannelSpec): ManagedChannel {
    const channel = createManagedChannel(spec, {
      clock: this.#deps.clock,
      random: this.#deps.random,
      join: (topic, params, timeout, handlers) => this.#join(topic, params, timeout, handlers),
      connected: () => this.#socket.connected,
      restOf: (topic) => this.#restOf(topic),
      queue: (run) => this.#queueJoin(run),
      renewCredential: this.#deps.renewCredential,
      refused: (error) => this.#refused(error),
      gone: () => this.#channels.delete(channel),
    });
    this.#channels.add(channel);
    if (this.#socket.connected) channel.connectionUp();
    return channel;
  }

  wake(): void {
    if (this.#state.at === 'idle' || this.#state.at === 'refused') return;
    // An attempt made without a network may hang for minutes.
    const hopeless = this.#state.at === 'offline';
    this.#apply({ type: 'networkBack' });
    if (this.#socket.connected) return this.#probe(() => this.#replace());
    const age = this.#deps.clock.now() - this.#attemptAt;
    if (hopeless || age < 0 || age > YOUNG_ATTEMPT) this.#reconnectSoon();
  }

  networkLost(): void {
    this.#apply({ type: 'networkLost', now: this.#deps.clock.now() });
    // A server on this machine or network may still be there.
    if (this.#socket.connected) this.#probe(() => undefined);
  }

  retry(): void {
    if (this.#state.at === 'idle') return;
    const refused = this.#state.at === 'refused';
    this.#apply({ type: 'retry' });
    if (refused && this.#socket.connected) this.#apply({ type: 'opened' });
    else if (!this.#socket.connected) this.#reconnectSoon();
    for (const channel of this.#channels) channel.retry();
  }

  stop(): void {
    this.#wakeTimer?.();
    for (const channel of [...this.#channels]) channel.close();
    this.#socket.disconnect();
    this.#apply({ type: 'stop' });
  }

  #opened(): void {
    this.#opens += 1;
    this.#apply({ type: 'opened' });
    for (const channel of this.#channels) channel.connectionUp();
  }

  #dropped(reason: string): void {
    this.#droppedAt = this.#deps.clock.now();
    for (const channel of this.#channels) channel.connectionDown();
    this.#apply({ type: 'dropped', reason, now: this.#droppedAt });
  }

  #schedule(tries: number): number {
    const delay = backoffDelay(tries, { ...RECONNECT, random: this.#deps.random });
    this.#attemptAt = this.#deps.clock.now() + delay;
    this.#apply({ type: 'scheduled', attempt: tries, retryAt: this.#attemptAt });
    return delay;
  }

  #reconnectSoon(): void {
    const { clock } = this.#deps;
    const delay = Math.max(0, this.#droppedAt + MIN_REJOIN_DELAY - clock.now());
    this.#attemptAt = clock.now() + delay;
    this.#wakeTimer?.();
    this.#wakeTimer = clock.after(delay, () => {
      // The library's own timer may have been quicker.
      if (!this.#socket.connected) this.#socket.reconnect();
    });
  }

  /** Asks whether the server is still there. */
  #probe(otherwise: () => void): void {
    const opens = this.#opens;
    void this.#socket.probe(WAKE_PROBE).then((alive) => {
      if (opens !== this.#opens || !this.#socket.connected) return;
      if (alive) this.#apply({ type: 'opened' });
      else otherwise();
    });
  }

  /** The connection is dead although nobody said so: ends it and makes another. */
  #replace(): void {
    this.#socket.disconnect();
    this.#dropped('no answer');
    this.#reconnectSoon();
  }

  #join(topic: string, params: object, timeout: number, handlers: JoinHandlers): WireChannel {
    const wire = this.#socket.join(topic, params, timeout, handlers);
    return {
      push: (event, payload, onReply) => wire.push(event, payload, onReply),
      discard: () => {
        // After a drop nothing is left: what counts then is the time since the drop.
        if (this.#socket.connected) this.#leftAt.set(topic, this.#deps.clock.now());
        wire.discard();
      },
    };
  }

  #restOf(topic: string): number {
    const now = this.#deps.clock.now();
    for (const [left, at] of this.#leftAt) if (now - at >= TOPIC_REST) this.#leftAt.delete(left);
    const at = this.#leftAt.get(topic);
    return at === undefined ? 0 : at + TOPIC_REST - now;
  }

  #queueJoin(run: () => Promise<void>): void {
    this.#joinTail = this.#joinTail.then(run, run);
  }

  #refused(error: AppError): void {
    this.#apply({ type: 'refused', error });
  }

  #apply(event: ConnectionEvent): void {
    const next = nextConnection(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    this.#deps.onState(next);
  }
}

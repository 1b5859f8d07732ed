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
import { createManagedChannel, type ChannelSpec, type ManagedChannel } from './managed-channel.ts';
import type { SocketHandlers, WireSocket } from './wire-socket.ts';

/** Not sooner than this after a drop, ms. */
export const MIN_REJOIN_DELAY = 250;
const RECONNECT = { base: 2 * MIN_REJOIN_DELAY, cap: 15_000 };
/** How long a heartbeat may take when the page wakes up, before the socket counts as dead, ms. */
const WAKE_PROBE = 5000;

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
  /** Asked once when a join is refused as unauthorized: true if there is a new credential. */
  readonly renewCredential: () => Promise<boolean>;
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
    this.#socket.connect();
  }

  channel(spec: ChannelSpec): ManagedChannel {
    const channel = createManagedChannel(spec, {
      clock: this.#deps.clock,
      random: this.#deps.random,
      join: (topic, params, timeout, handlers) => this.#socket.join(topic, params, timeout, handlers),
      connected: () => this.#socket.connected,
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
    if (this.#socket.connected) {
      void this.#socket.probe(WAKE_PROBE).then((alive) => {
        if (!alive) this.#reconnectSoon();
      });
      return;
    }
    this.#apply({ type: 'networkBack' });
    this.#reconnectSoon();
  }

  networkLost(): void {
    this.#apply({ type: 'networkLost', now: this.#deps.clock.now() });
  }

  retry(): void {
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
    this.#apply({ type: 'scheduled', attempt: tries, retryAt: this.#deps.clock.now() + delay });
    return delay;
  }

  #reconnectSoon(): void {
    const { clock } = this.#deps;
    const delay = Math.max(0, this.#droppedAt + MIN_REJOIN_DELAY - clock.now());
    this.#wakeTimer?.();
    this.#wakeTimer = clock.after(delay, () => this.#socket.reconnect());
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

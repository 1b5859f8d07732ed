/** A socket in a test's hands: connects, drops and answers joins when the test says so. */
import type { JoinHandlers, Reply, SocketHandlers, WireChannel, WireSocket } from '../../../src/channel/wire-socket.ts';

export interface ScriptedJoin {
  readonly topic: string;
  readonly params: object;
  readonly at: number;
  readonly handlers: JoinHandlers;
  readonly pushed: { readonly event: string; readonly payload: unknown; readonly onReply?: (reply: Reply) => void }[];
  discarded: boolean;
}

export class ScriptedSocket implements WireSocket {
  connected = false;
  readonly joins: ScriptedJoin[] = [];
  /** What was asked of the socket, with the time. */
  readonly calls: { readonly call: 'connect' | 'reconnect' | 'disconnect'; readonly at: number }[] = [];
  readonly probes: ((alive: boolean) => void)[] = [];
  readonly #handlers: SocketHandlers;
  readonly #now: () => number;

  constructor(handlers: SocketHandlers, now: () => number) {
    this.#handlers = handlers;
    this.#now = now;
  }

  connect(): void {
    this.calls.push({ call: 'connect', at: this.#now() });
  }

  reconnect(): void {
    this.calls.push({ call: 'reconnect', at: this.#now() });
  }

  disconnect(): void {
    this.calls.push({ call: 'disconnect', at: this.#now() });
    this.#end();
  }

  probe(): Promise<boolean> {
    return new Promise((resolve) => this.probes.push(resolve));
  }

  join(topic: string, params: object, _timeout: number, handlers: JoinHandlers): WireChannel {
    // What ends a join ends it for the socket too.
    const over = (): void => {
      join.discarded = true;
    };
    const join: ScriptedJoin = {
      topic,
      params,
      at: this.#now(),
      pushed: [],
      discarded: false,
      handlers: {
        ...handlers,
        refused: (reason) => (over(), handlers.refused(reason)),
        timeout: () => (over(), handlers.timeout()),
        ended: (reason) => (over(), handlers.ended(reason)),
      },
    };
    this.joins.push(join);
    return {
      push(event, payload, onReply) {
        join.pushed.push({ event, payload, ...(onReply && { onReply }) });
        return true;
      },
      discard: over,
    };
  }

  get lastJoin(): ScriptedJoin {
    const last = this.joins.at(-1);
    if (!last) throw new Error('nothing was joined');
    return last;
  }

  open(): void {
    this.connected = true;
    this.#handlers.opened();
  }

  /** As the library does: channels end, the delay before the next try is asked for, then the drop is told. */
  drop(tries = 1): number {
    this.#end();
    const delay = this.#handlers.reconnectDelay(tries);
    this.#handlers.dropped('closed 1006');
    return delay;
  }

  #end(): void {
    this.connected = false;
    for (const join of this.joins) {
      if (!join.discarded) join.handlers.ended('connection_closed');
    }
  }
}

/**
 * The one socket, and the only file that imports phoenix. What it adds to the library, and why:
 * - pushes go out only while joined and keep no timer: the library's own push holds a binding for 10 s per unanswered
 *   push (accepted measurements are never answered) and silently drops what it buffered while disconnected;
 * - a channel object lives for one join: rejoining, its delay and its limits are decided in `managed-channel.ts`;
 * - the delay before reconnecting is ours (see `connection.ts`);
 * - a frame nobody can read is counted and dropped: thrown inside the library it would end the worker's event handler.
 */
import { Socket, type Channel } from 'phoenix';
import { decodeText } from '../protocol/frame.ts';

export interface Reply {
  readonly status: string;
  readonly response: unknown;
}

export interface JoinHandlers {
  /** The join was accepted. */
  ok(response: unknown): void;
  /** The join was refused; `reason` in the server's words. */
  refused(reason: string): void;
  timeout(): void;
  /** The channel crashed, was closed by the server, or the socket dropped. */
  ended(reason: string): void;
  message(event: string, payload: unknown): void;
}

/** One join of one topic. */
export interface WireChannel {
  /** Sends now; false when not joined. A reply to this very push reaches `onReply`, at most once. */
  push(event: string, payload: unknown, onReply?: (reply: Reply) => void): boolean;
  /** Leaves (if the socket is there) and forgets; no handler is called any more. */
  discard(): void;
}

export interface SocketHandlers {
  opened(): void;
  /** The connection ended, whoever ended it. */
  dropped(reason: string): void;
  /** Asked by the library before each reconnect; returns the delay in ms. */
  reconnectDelay(tries: number): number;
  /** A frame that nobody can read. */
  unreadable?(): void;
}

export interface WireSocket {
  connect(): void;
  /** Ends the connection (if any) and opens a new one at once. */
  reconnect(): void;
  disconnect(): void;
  readonly connected: boolean;
  /** True within `ms` if the server answers a heartbeat. */
  probe(ms: number): Promise<boolean>;
  join(topic: string, params: object, timeout: number, handlers: JoinHandlers): WireChannel;
}

/** Never: our own code decides when a channel is joined again. The largest delay a timer takes without overflowing. */
const NEVER = 2 ** 31 - 1;
const HEARTBEAT_INTERVAL = 10_000;

/**
 * @param endpoint e.g. `wss://host/socket` (the library adds `/websocket?vsn=2.0.0`)
 * @param params connect parameters, asked for at each (re)connect
 */
export function createWireSocket(endpoint: string, params: () => object, handlers: SocketHandlers): WireSocket {
  const socket = new Socket(endpoint, {
    params,
    timeout: HEARTBEAT_INTERVAL,
    heartbeatIntervalMs: HEARTBEAT_INTERVAL,
    reconnectAfterMs: (tries) => handlers.reconnectDelay(tries),
    rejoinAfterMs: () => NEVER,
    decode: (raw: unknown, deliver: (frame: object) => void) => {
      const frame = readFrame(raw);
      if (frame) deliver(frame);
      else handlers.unreadable?.();
    },
  });
  const channels = new Map<string, LiveChannel>();
  socket.onOpen(() => handlers.opened());
  socket.onClose((event) => handlers.dropped(`closed ${event.code}`));
  socket.onMessage((message) => {
    const { topic, event, ref, payload } = message as { topic: string; event: string; ref: unknown; payload: unknown };
    if (event === 'phx_reply' && typeof ref === 'string' && isReply(payload))
      channels.get(topic)?.answered(ref, payload);
  });
  return {
    connect: () => socket.connect(),
    reconnect() {
      socket.disconnect();
      socket.connect();
    },
    disconnect: () => socket.disconnect(),
    get connected() {
      return socket.isConnected();
    },
    probe: (ms) => probe(socket, ms),
    join(topic, joinParams, timeout, joinHandlers) {
      channels.get(topic)?.discard();
      const channel = new LiveChannel(socket, topic, joinParams, joinHandlers, () => {
        if (channels.get(topic) === channel) channels.delete(topic);
      });
      channels.set(topic, channel);
      channel.join(timeout);
      return channel;
    },
  };
}

/** A text frame as the library wants it; undefined if it is none, or a reply without a status. */
function readFrame(raw: unknown): object | undefined {
  const decoded = typeof raw === 'string' ? decodeText(raw, 2) : undefined;
  if (!decoded?.ok) return undefined;
  const { joinRef, ref, topic, event, payload } = decoded.value;
  if (typeof topic !== 'string' || typeof event !== 'string') return undefined;
  if (event === 'phx_reply' && !isReply(payload)) return undefined;
  return { join_ref: joinRef, ref, topic, event, payload };
}

function isReply(payload: unknown): payload is Reply {
  return typeof payload === 'object' && payload !== null && 'status' in payload && typeof payload.status === 'string';
}

function probe(socket: Socket, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    const sent = socket.ping(() => {
      clearTimeout(timer);
      resolve(true);
    });
    if (!sent) {
      clearTimeout(timer);
      resolve(false);
    }
  });
}

class LiveChannel implements WireChannel {
  readonly #socket: Socket;
  readonly #channel: Channel & { joinRef(): string };
  readonly #handlers: JoinHandlers;
  readonly #onGone: () => void;
  /** Unanswered pushes in order. An answer settles every earlier one: the server answers a topic's pushes in order. */
  readonly #replies = new Map<string, (reply: Reply) => void>();
  #over = false;

  constructor(socket: Socket, topic: string, params: object, handlers: JoinHandlers, onGone: () => void) {
    this.#socket = socket;
    this.#handlers = handlers;
    this.#onGone = onGone;
    // The typings leave out joinRef(), which the library documents in its source.
    this.#channel = socket.channel(topic, params) as Channel & { joinRef(): string };
    this.#channel.onMessage = (event: string, payload: unknown) => {
      if (!this.#over && !event.startsWith('phx_') && !event.startsWith('chan_reply_'))
        handlers.message(event, payload);
      return payload;
    };
    this.#channel.onError((reason: unknown) => this.#end(describe(reason)));
    this.#channel.onClose(() => this.#end('closed by the server'));
  }

  join(timeout: number): void {
    this.#channel
      .join(timeout)
      .receive('ok', (response: unknown) => {
        if (!this.#over) this.#handlers.ok(response);
      })
      .receive('error', (response: unknown) => {
        if (this.#over) return;
        this.discard();
        this.#handlers.refused(replyReason(response) ?? 'refused');
      })
      .receive('timeout', () => {
        if (this.#over) return;
        this.discard();
        this.#handlers.timeout();
      });
  }

  push(event: string, payload: unknown, onReply?: (reply: Reply) => void): boolean {
    if (this.#over || this.#channel.state !== 'joined' || !this.#socket.isConnected()) return false;
    const ref = this.#socket.makeRef();
    if (onReply) this.#replies.set(ref, onReply);
    this.#socket.push({ topic: this.#channel.topic, event, payload, ref, join_ref: this.#channel.joinRef() });
    return true;
  }

  answered(ref: string, reply: Reply): void {
    const onReply = this.#replies.get(ref);
    if (!onReply) return;
    for (const earlier of this.#replies.keys()) {
      this.#replies.delete(earlier);
      if (earlier === ref) break;
    }
    onReply(reply);
  }

  discard(): void {
    if (this.#over) return;
    this.#over = true;
    this.#replies.clear();
    this.#onGone();
    // leave() on a dead socket would put a stale leave into the library's send buffer.
    if (this.#socket.isConnected()) this.#channel.leave();
    else this.#socket.remove(this.#channel);
  }

  #end(reason: string): void {
    if (this.#over) return;
    this.discard();
    this.#handlers.ended(reason);
  }
}

/** The `reason` of an error response, if it has one. */
export function replyReason(response: unknown): string | undefined {
  if (typeof response !== 'object' || response === null || !('reason' in response)) return undefined;
  return typeof response.reason === 'string' ? response.reason : undefined;
}

function describe(reason: unknown): string {
  if (typeof reason === 'string') return reason;
  return replyReason(reason) ?? 'crashed';
}

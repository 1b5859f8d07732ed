/**
 * The sending side of a socket, bounded. A client that reads slower than it is answered is first no longer read from,
 * so that TCP slows it down; one that does not read at all is cut off.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/** From here what can wait (viewer batches) should. */
const CONGESTED = 256 * 1024;
/** From here nothing more is read from this client. */
const PAUSE = 2 ** 20;
/** Nothing more fits: an answer to the largest frame still does, but not many. */
const LIMIT = 4 * 2 ** 20;
/** ms in which a congested socket must drain once, unless told otherwise. */
export const STALL_TIMEOUT = 15_000;

export class Outlet {
  readonly #ws: WebSocket;
  readonly #stream: Duplex;
  readonly #stallTimeout: number;
  readonly #onSlow: () => void;
  readonly #onDrain = (): void => this.#drained();
  #stall: NodeJS.Timeout | undefined;

  /** @param onSlow called once when the client was cut off for not reading */
  constructor(ws: WebSocket, stream: Duplex, stallTimeout: number, onSlow: () => void) {
    this.#ws = ws;
    this.#stream = stream;
    this.#stallTimeout = stallTimeout;
    this.#onSlow = onSlow;
    stream.on('drain', this.#onDrain);
  }

  get congested(): boolean {
    return this.#ws.bufferedAmount > CONGESTED;
  }

  send(data: string | Uint8Array): void {
    this.#ws.send(data);
    const waiting = this.#ws.bufferedAmount;
    if (waiting <= CONGESTED) return;
    if (waiting > LIMIT) return this.#cut();
    this.#stall ??= setTimeout(() => this.#cut(), this.#stallTimeout);
    if (waiting > PAUSE && !this.#ws.isPaused) this.#ws.pause();
  }

  end(): void {
    clearTimeout(this.#stall);
    this.#stream.off('drain', this.#onDrain);
    // A paused socket would never see the closing frame of the other side.
    if (this.#ws.isPaused) this.#ws.resume();
  }

  #drained(): void {
    clearTimeout(this.#stall);
    this.#stall = undefined;
    if (this.#ws.isPaused) this.#ws.resume();
  }

  #cut(): void {
    this.#onSlow();
    this.#ws.terminate();
  }
}

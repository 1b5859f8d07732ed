/** A piece of network between app and gateway that can be broken: cut, held up, closed for a while, slow or narrow. */
import { connect, createServer } from 'node:net';

/** Bytes that may be on their way in one direction before the sender is held up. */
const ON_THE_WAY = 64 * 1024;

export class TcpProxy {
  /** ms that everything takes in each direction. Applies to what is sent from now on. */
  latency = 0;
  /** Bytes a second that pass in each direction of a connection. */
  bandwidth = Infinity;
  #server;
  #pairs = new Set();
  #target;
  #refusing = false;

  /** @param {number} target port on this machine */
  constructor(target) {
    this.#target = target;
    this.#server = createServer((client) => this.#join(client));
  }

  /** Starts to listen. @returns {Promise<void>} */
  open() {
    return new Promise((listening) => this.#server.listen(0, '127.0.0.1', () => listening()));
  }

  get port() {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return address.port;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resets every connection. New ones work. */
  cut() {
    for (const { client, upstream } of this.#pairs) {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    }
  }

  /** Half-open: connections stay, nothing passes, until `resume`. */
  stall() {
    for (const pair of this.#pairs) {
      pair.stalled = true;
      pair.client.pause();
      pair.upstream.pause();
    }
  }

  resume() {
    for (const pair of this.#pairs) {
      pair.stalled = false;
      pair.client.resume();
      pair.upstream.resume();
    }
  }

  /** Cuts, and refuses new connections until called with false. */
  refuse(on) {
    this.#refusing = on;
    if (on) this.cut();
  }

  /** Ends everything. @returns {Promise<void>} */
  close() {
    this.cut();
    return new Promise((closed) => this.#server.close(() => closed()));
  }

  #join(client) {
    if (this.#refusing) return client.resetAndDestroy();
    const upstream = connect(this.#target, '127.0.0.1');
    const pair = { client, upstream, stalled: false };
    this.#pairs.add(pair);
    this.#carry(pair, client, upstream);
    this.#carry(pair, upstream, client);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ]) {
      // A reset is what this proxy is for; both sides end together.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#pairs.delete(pair);
        // The last bytes of a slow connection are still on their way.
        if (this.latency === 0) other.destroy();
        else setTimeout(() => other.destroy(), 2 * this.latency);
      });
    }
  }

  /** Passes bytes on, in order, each when it is due. */
  #carry(pair, from, to) {
    const waiting = [];
    let bytes = 0;
    let free = 0;
    let ended = false;
    const goOn = () => {
      if (!pair.stalled && bytes <= ON_THE_WAY) from.resume();
    };
    const send = (chunk) => {
      if (!to.writable || to.write(chunk)) return;
      from.pause();
      to.once('drain', goOn);
    };
    const sendNext = () => {
      const chunk = waiting.shift();
      bytes -= chunk.length;
      send(chunk);
      goOn();
      if (ended && waiting.length === 0) to.end();
    };
    from.on('data', (chunk) => {
      const now = performance.now();
      free = Math.max(free, now) + (chunk.length * 1000) / this.bandwidth;
      const due = free + this.latency - now;
      if (due <= 0 && waiting.length === 0) return send(chunk);
      waiting.push(chunk);
      bytes += chunk.length;
      if (bytes > ON_THE_WAY) from.pause();
      setTimeout(sendNext, due);
    });
    from.on('end', () => {
      ended = true;
      if (waiting.length === 0) to.end();
    });
  }
}

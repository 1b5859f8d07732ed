/** A piece of network between app and gateway that can be broken: cut, held up, or closed for a while. */
import { connect, createServer } from 'node:net';

export class TcpProxy {
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
    for (const { client, upstream } of this.#pairs) {
      client.pause();
      upstream.pause();
    }
  }

  resume() {
    for (const { client, upstream } of this.#pairs) {
      client.resume();
      upstream.resume();
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
    const pair = { client, upstream };
    this.#pairs.add(pair);
    client.pipe(upstream);
    upstream.pipe(client);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ]) {
      // A reset is what this proxy is for; both sides end together.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#pairs.delete(pair);
        other.destroy();
      });
    }
  }
}

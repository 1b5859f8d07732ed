/**
 * A server in front of the gateway that understands the socket: passes everything on, and can close with a code, refuse
 * upgrades, hold back frames, change them and add its own, as servers do that crash, restart or protect themselves.
 */
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import { decodeBinary, decodeText, type RawFrame } from '../../../src/protocol/frame.ts';

/** A frame instead of the one that came; `undefined` lets nothing pass. */
export type Change = (frame: RawFrame, link: ProxiedSocket) => RawFrame | undefined;

/** Close code for "no close frame at all": the connection just ends. */
const ABNORMAL = 1006;

/** One socket of the app, with its own to the gateway. */
export class ProxiedSocket {
  readonly #app: WebSocket;
  readonly #gateway: WebSocket;

  constructor(app: WebSocket, gateway: WebSocket) {
    this.#app = app;
    this.#gateway = gateway;
  }

  /** Says something to the app in the gateway's name. */
  tellApp(frame: RawFrame): void {
    if (this.#app.readyState === WebSocket.OPEN) this.#app.send(textOf(frame));
  }

  /** Says something to the gateway in the app's name. */
  tellGateway(frame: RawFrame): void {
    if (this.#gateway.readyState === WebSocket.OPEN) this.#gateway.send(textOf(frame));
  }

  close(code: number): void {
    if (code === ABNORMAL) this.#app.terminate();
    else this.#app.close(code);
    this.#gateway.terminate();
  }
}

export class WsProxy {
  /** Frames from the app on their way to the gateway. */
  up: Change = (frame) => frame;
  /** Frames from the gateway on their way to the app. */
  down: Change = (frame) => frame;
  /** Upgrades are answered with 403 while true. */
  forbids = false;
  readonly #target: number;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #links = new Set<ProxiedSocket>();
  #upgrades = 0;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((incoming, outgoing) => this.#passOn(incoming, outgoing));
    this.#server.on('upgrade', (incoming, socket, head) => this.#upgrade(incoming, socket, head));
  }

  /** @param target the gateway's port on this machine */
  static async open(target: number): Promise<WsProxy> {
    const proxy = new WsProxy(target);
    await new Promise<void>((listening) => proxy.#server.listen(0, '127.0.0.1', listening));
    return proxy;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Sockets asked for so far, refused ones included. */
  get upgrades(): number {
    return this.#upgrades;
  }

  /** Sockets that are open now. */
  get links(): readonly ProxiedSocket[] {
    return [...this.#links];
  }

  /** Closes every socket with this code; 1006 ends them without a word. */
  closeAll(code: number): void {
    for (const link of this.#links) link.close(code);
  }

  async close(): Promise<void> {
    this.closeAll(ABNORMAL);
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  #passOn(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method, url, headers } = incoming;
    const onward = request({ host: '127.0.0.1', port: this.#target, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    // The gateway may be away: then this proxy is, too.
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  }

  #upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#upgrades += 1;
    if (this.forbids) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const { host, origin } = incoming.headers;
    const headers = { ...(host !== undefined && { host }), ...(origin !== undefined && { origin }) };
    const gateway = new WebSocket(`ws://127.0.0.1:${this.#target}${incoming.url}`, {
      headers,
      perMessageDeflate: false,
    });
    gateway.once('error', () => socket.destroy());
    gateway.once('open', () => {
      this.#sockets.handleUpgrade(incoming, socket, head, (app) => this.#join(app, gateway));
    });
  }

  #join(app: WebSocket, gateway: WebSocket): void {
    const link = new ProxiedSocket(app, gateway);
    this.#links.add(link);
    app.on('message', (data, binary) => relay(data, binary, gateway, (frame) => this.up(frame, link)));
    gateway.on('message', (data, binary) => relay(data, binary, app, (frame) => this.down(frame, link)));
    app.on('close', () => {
      this.#links.delete(link);
      gateway.terminate();
    });
    gateway.on('close', (code) => link.close(code));
    // What broke shows as a close on the other side.
    for (const socket of [app, gateway]) socket.on('error', () => socket.terminate());
  }
}

/** Sends on what `change` makes of a frame; one it returns as it came goes as the bytes it came in. */
function relay(data: RawData, binary: boolean, to: WebSocket, change: (frame: RawFrame) => RawFrame | undefined): void {
  if (to.readyState !== WebSocket.OPEN) return;
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
  const decoded = binary ? decodeBinary(bytes) : decodeText(bytes.toString('utf8'), 2);
  if (!decoded.ok) return to.send(bytes, { binary });
  const changed = change(decoded.value);
  if (changed === decoded.value) to.send(bytes, { binary });
  else if (changed !== undefined) to.send(textOf(changed));
}

function textOf({ joinRef, ref, topic, event, payload }: RawFrame): string {
  return JSON.stringify([joinRef, ref, topic, event, payload]);
}

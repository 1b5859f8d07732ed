/**
 * A WebSocket server that says what a test tells it to say: for playing frames recorded from the real server. It knows no
 * rule of the protocol; it only remembers what came.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { decodeBinary } from '../../src/protocol/frame.ts';

/** `[join_ref, ref, topic, event, payload]` */
export type WireFrame = [joinRef: string | null, ref: string | null, topic: string, event: string, payload: unknown];

export interface PhoenixServer {
  readonly url: string;
  /** Everything received but heartbeats, oldest first. */
  readonly received: WireFrame[];
  /** Request URLs of the connections, oldest first. */
  readonly requests: string[];
  /** When each connection was opened and closed, Unix ms. */
  readonly times: { readonly opened: number; closed?: number }[];
  /** Called for each frame but heartbeats; the default says nothing. */
  onFrame: (frame: WireFrame, reply: (...frames: unknown[]) => void) => void;
  /** False: heartbeats stay unanswered. */
  heartbeats: boolean;
  /** Sends to every open connection. A string goes as it is. */
  say(...frames: unknown[]): void;
  /** Closes every connection with this code. */
  hangUp(code: number): void;
  /** Cuts every connection without a word. */
  cut(): void;
  close(): Promise<void>;
}

export async function startPhoenixServer(port = 0): Promise<PhoenixServer> {
  const wss = new WebSocketServer({ port, host: '127.0.0.1' });
  await once(wss, 'listening');
  const send = (socket: WebSocket, frames: readonly unknown[]): void => {
    for (const frame of frames) socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  };
  const server: PhoenixServer = {
    url: `ws://127.0.0.1:${(wss.address() as AddressInfo).port}/socket`,
    received: [],
    requests: [],
    times: [],
    onFrame: () => undefined,
    heartbeats: true,
    say: (...frames) => wss.clients.forEach((socket) => send(socket, frames)),
    hangUp: (code) => wss.clients.forEach((socket) => socket.close(code)),
    cut: () => wss.clients.forEach((socket) => socket.terminate()),
    async close() {
      for (const socket of wss.clients) socket.terminate();
      wss.close();
      await once(wss, 'close');
    },
  };
  wss.on('connection', (socket, request) => {
    const times: PhoenixServer['times'][number] = { opened: Date.now() };
    server.times.push(times);
    server.requests.push(request.url ?? '');
    socket.on('close', () => (times.closed = Date.now()));
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      const frame = isBinary ? readBinary(data) : (JSON.parse(data.toString()) as WireFrame);
      const [, ref, topic, event] = frame;
      if (topic === 'phoenix' && event === 'heartbeat') {
        if (server.heartbeats) send(socket, [[null, ref, 'phoenix', 'phx_reply', { response: {}, status: 'ok' }]]);
        return;
      }
      server.received.push(frame);
      server.onFrame(frame, (...frames) => send(socket, frames));
    });
  });
  return server;
}

/** A binary push as the library writes it; its payload is bytes. Throws for anything else. */
function readBinary(data: Buffer): WireFrame {
  const read = decodeBinary(data);
  if (!read.ok) throw new Error(read.error.detail);
  const { joinRef, ref, topic, event, payload } = read.value;
  return [joinRef, ref, topic, event, payload];
}

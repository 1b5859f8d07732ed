/** `--server`: a gateway in front of another server, seen from the browser's side and from that server's. */
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { post, rawRequest, startGateway, type TestGateway } from './support/gateway.ts';

/** A server that remembers what reached it and answers what the test wants. */
interface Upstream {
  readonly url: string;
  readonly seen: IncomingMessage[];
  readonly bodies: string[];
  answer: http.RequestListener;
  close(): Promise<void>;
}

async function startUpstream(): Promise<Upstream> {
  const sockets = new Set<Socket>();
  const upstream = {
    url: '',
    seen: [] as IncomingMessage[],
    bodies: [] as string[],
    answer: ((_, response) => response.end('hello')) as http.RequestListener,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
  const server = http.createServer((request, response) => {
    upstream.seen.push(request);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      upstream.bodies.push(Buffer.concat(chunks).toString());
      upstream.answer(request, response);
    });
  });
  const channel = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    upstream.seen.push(request);
    if (request.url?.includes('refuse') === true) {
      socket.end('HTTP/1.1 403 Forbidden\r\nx-reason: vsn\r\ncontent-length: 2\r\n\r\nno');
      return;
    }
    channel.handleUpgrade(request, socket, head, (ws) => {
      ws.send('welcome');
      ws.on('message', (data: Buffer, isBinary) => {
        const text = data.toString();
        if (text.startsWith('close ')) ws.close(Number(text.slice(6)));
        else if (text === 'cut') socket.destroy();
        else ws.send(data, { binary: isBinary });
      });
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  upstream.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return upstream;
}

let upstream: Upstream;
let gateway: TestGateway;
beforeEach(async () => {
  upstream = await startUpstream();
  gateway = await startGateway({ upstream: upstream.url });
});
afterEach(async () => {
  await gateway.close();
  await upstream.close();
});

const socketUrl = (where: string): string => `${gateway.url.replace('http', 'ws')}${where}`;
const own = (): { origin: string } => ({ origin: gateway.url });

describe('requests', () => {
  it('reach the server with its own host and origin, everything else as it was', async () => {
    const headers = { ...own(), authorization: 'Bearer x', cookie: 'a=1', 'x-odd': 'yes', connection: 'close' };
    const answer = await post(`${gateway.url}/api/auth/exchange?x=%20y`, { token: 't' }, headers);
    expect(await answer.text()).toBe('hello');
    const [request] = upstream.seen;
    expect(request?.method).toBe('POST');
    expect(request?.url).toBe('/api/auth/exchange?x=%20y');
    expect(request?.headers).toMatchObject({
      host: new URL(upstream.url).host,
      authorization: 'Bearer x',
      'x-odd': 'yes',
    });
    expect(upstream.bodies).toEqual(['{"token":"t"}']);
    await rawRequest(gateway.url, { path: '/auth/x', headers: own() });
    expect(upstream.seen[1]?.headers.origin).toBe(upstream.url);
  });

  it('keep their body in one piece, chunked and with any method', async () => {
    const { hostname, port } = new URL(gateway.url);
    const headers = { 'transfer-encoding': 'chunked' };
    const outgoing = http.request({ hostname, port, path: '/api/x', method: 'GET', headers, agent: false });
    outgoing.write('GET /api/smuggled HTTP/1.1\r\nhost: a\r\n\r\n');
    outgoing.end();
    await once(outgoing, 'response');
    expect(upstream.seen.map((request) => request.url)).toEqual(['/api/x']);
    expect(upstream.bodies).toEqual(['GET /api/smuggled HTTP/1.1\r\nhost: a\r\n\r\n']);
  });

  it('come back with status, headers, cookies and redirects made ours', async () => {
    upstream.answer = (_, response) => {
      response.writeHead(302, {
        location: `${upstream.url}/api/rooms?x=1`,
        'set-cookie': ['a=1; Domain=sensocto.example; HttpOnly', 'b=2'],
        'x-request-id': 'from-the-server-01234',
      });
      response.end();
    };
    const { status, headers } = await rawRequest(gateway.url, { path: '/auth/guest/a/b' });
    expect(status).toBe(302);
    expect(headers.location).toBe('/api/rooms?x=1');
    expect(headers['set-cookie']).toEqual(['a=1; HttpOnly', 'b=2']);
    expect(headers['x-request-id']).toBe('from-the-server-01234');
  });

  it('stream: the first part arrives before the last is sent', async () => {
    let finish: () => void = () => undefined;
    upstream.answer = (_, response) => {
      response.write('first');
      finish = () => response.end(' last');
    };
    const answer = await fetch(`${gateway.url}/api/x`);
    const reader = answer.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('first');
    finish();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(' last');
  });

  it('leave our own routes to the server, and keep everything else here', async () => {
    upstream.answer = (_, response) => response.writeHead(404).end('{"errors":{"detail":"Not Found"}}');
    for (const where of ['/api/guests', '/api/sensors', '/health/ready']) {
      expect(await (await fetch(`${gateway.url}${where}`)).text(), where).toContain('Not Found');
    }
    expect(upstream.seen).toHaveLength(3);
    expect((await fetch(`${gateway.url}/apiary`)).status).toBe(404);
    expect((await fetch(`${gateway.url}/`)).status).toBe(404);
    expect((await fetch(`${gateway.url}/api/lan`)).status).toBe(204);
    expect(upstream.seen).toHaveLength(3);
  });

  it('under a foreign name are refused before they reach the server', async () => {
    const answer = await rawRequest(gateway.url, { path: '/api/me', headers: { host: 'evil.example' } });
    expect(answer.status).toBe(421);
    expect(upstream.seen).toHaveLength(0);
  });

  it('break off when the server breaks off', async () => {
    upstream.answer = (_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('part', () => response.destroy());
    };
    const answer = await fetch(`${gateway.url}/api/x`);
    await expect(answer.text()).rejects.toThrow();
    upstream.answer = (_, response) => response.end('again');
    expect(await (await fetch(`${gateway.url}/api/x`)).text()).toBe('again');
  });
});

describe('sockets', () => {
  it('reach the server with its own host and origin, and carry text and bytes both ways', async () => {
    const ws = new WebSocket(socketUrl('/socket/websocket?vsn=2.0.0&token=t'), own());
    expect(String((await once(ws, 'message'))[0])).toBe('welcome');
    const [request] = upstream.seen;
    expect(request?.url).toBe('/socket/websocket?vsn=2.0.0&token=t');
    expect(request?.headers).toMatchObject({ host: new URL(upstream.url).host, origin: upstream.url });
    const large = 'x'.repeat(300_000);
    ws.send(large);
    expect(String((await once(ws, 'message'))[0])).toBe(large);
    ws.send(Buffer.from([0, 1, 255]));
    const [bytes, isBinary] = (await once(ws, 'message')) as [Buffer, boolean];
    expect([...bytes]).toEqual([0, 1, 255]);
    expect(isBinary).toBe(true);
    ws.terminate();
  });

  it.each([1000, 1002, 1011, 4001])('are closed with the code of the server: %i', async (code) => {
    const ws = new WebSocket(socketUrl('/bridge/websocket'), own());
    await once(ws, 'message');
    ws.send(`close ${code}`);
    expect((await once(ws, 'close'))[0]).toBe(code);
  });

  it('are gone when the server cuts the line', async () => {
    const ws = new WebSocket(socketUrl('/socket/websocket'), own());
    await once(ws, 'message');
    ws.send('cut');
    expect((await once(ws, 'close'))[0]).toBe(1006);
  });

  it('pass on a refusal as it is', async () => {
    const ws = new WebSocket(socketUrl('/socket/websocket?refuse'), own());
    ws.on('error', () => undefined);
    const [, answer] = (await once(ws, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(answer.statusCode).toBe(403);
    expect(answer.headers['x-reason']).toBe('vsn');
  });

  it('from a foreign page are refused here', async () => {
    const ws = new WebSocket(socketUrl('/socket/websocket'), { origin: 'https://evil.example' });
    ws.on('error', () => undefined);
    const [, answer] = (await once(ws, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(answer.statusCode).toBe(403);
    expect(upstream.seen).toHaveLength(0);
  });

  it('elsewhere are nothing', async () => {
    const ws = new WebSocket(socketUrl('/elsewhere'), own());
    ws.on('error', () => undefined);
    const [, answer] = (await once(ws, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(answer.statusCode).toBe(404);
  });

  it('are closed with 1012 when the gateway stops', async () => {
    const ws = new WebSocket(socketUrl('/socket/websocket'), own());
    await once(ws, 'message');
    const closed = once(ws, 'close');
    await gateway.close();
    expect((await closed)[0]).toBe(1012);
  });
});

describe('a server that is down', () => {
  let alone: TestGateway;
  beforeAll(async () => {
    const gone = await startUpstream();
    await gone.close();
    alone = await startGateway({ upstream: gone.url });
  });
  afterAll(() => alone.close());

  it('is a 502 in our error shape', async () => {
    const id = 'from-the-caller-0123456789';
    const answer = await fetch(`${alone.url}/api/me`, { headers: { 'x-request-id': id } });
    expect(answer.status).toBe(502);
    expect(await answer.json()).toEqual({
      error: {
        code: 'upstream-unreachable',
        message: 'The Sensocto server behind this gateway cannot be reached.',
        category: 'server',
        retryable: true,
        retry_after_ms: 5000,
        request_id: id,
      },
    });
    expect(alone.logged.join()).toContain('ECONNREFUSED');
  });

  it('is a refused upgrade for a socket', async () => {
    const ws = new WebSocket(`${alone.url.replace('http', 'ws')}/socket/websocket`);
    ws.on('error', () => undefined);
    const [, answer] = (await once(ws, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(answer.statusCode).toBe(502);
  });
});

describe('another gateway behind', () => {
  it('works as the real server would', async () => {
    const behind = await startGateway();
    const front = await startGateway({ upstream: behind.url });
    try {
      const guest = (await (await post(`${front.url}/api/guests`, { display_name: 'Ada' })).json()) as {
        bearer_token: string;
      };
      const me = await fetch(`${front.url}/api/me`, { headers: { authorization: `Bearer ${guest.bearer_token}` } });
      expect(await me.json()).toMatchObject({ ok: true, user: { display_name: 'Ada' } });
      const ws = new WebSocket(`${front.url.replace('http', 'ws')}/socket/websocket?vsn=2.0.0`, { origin: front.url });
      await once(ws, 'open');
      ws.send('[null,"1","phoenix","heartbeat",{}]');
      expect(JSON.parse(String((await once(ws, 'message'))[0]))).toEqual([
        ...[null, '1', 'phoenix', 'phx_reply', { response: {}, status: 'ok' }],
      ]);
      ws.terminate();
    } finally {
      await front.close();
      await behind.close();
    }
  });
});

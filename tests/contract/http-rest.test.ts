/** REST of a listening gateway, as a stranger's client would use it. */
import { on, once } from 'node:events';
import { rm } from 'node:fs/promises';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { GuestResponse, SensorList, ViewerTokenResponse } from '../../src/protocol/rest.ts';
import { post, rawRequest, startGateway, type TestGateway } from './support/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const url = (where: string): string => `${gateway.url}${where}`;
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

async function mintGuest(name = 'Ada'): Promise<GuestResponse> {
  const answer = await post(url('/api/guests'), { display_name: name });
  expect(answer.status).toBe(201);
  return v.parse(GuestResponse, await answer.json());
}

async function expectProblem(answer: Response, status: number, code: string): Promise<void> {
  expect(answer.status).toBe(status);
  const { error } = (await answer.json()) as { error: Record<string, unknown> };
  expect(Object.keys(error).sort()).toEqual(
    ['category', 'code', 'message', 'request_id', 'retry_after_ms', 'retryable'].sort(),
  );
  expect(error['code']).toBe(code);
  expect(error['request_id']).toBe(answer.headers.get('x-request-id'));
  expect(JSON.stringify(error)).not.toMatch(/node_modules|\.ts:|at Object/);
}

describe('POST /api/guests', () => {
  it('makes a guest whose credentials work', async () => {
    const guest = await mintGuest('  Ada  ');
    expect(guest.bearer_token).toBe(`guest:${guest.guest_id}:${guest.token}`);
    const me = await fetch(url('/api/me'), { headers: bearer(guest.bearer_token) });
    expect(await me.json()).toEqual({ ok: true, user: { id: guest.guest_id, email: null, display_name: 'Ada' } });
  });

  it.each([
    {},
    { display_name: '' },
    { display_name: '   ' },
    { display_name: 'x'.repeat(101) },
    { display_name: 7 },
    [],
    null,
  ])('refuses %j', async (body) => expectProblem(await post(url('/api/guests'), body), 400, 'invalid-request'));

  it('refuses what is not JSON, and other methods', async () => {
    await expectProblem(await fetch(url('/api/guests'), { method: 'POST', body: '{' }), 400, 'invalid-request');
    const answer = await fetch(url('/api/guests'));
    expect(answer.headers.get('allow')).toBe('POST');
    await expectProblem(answer, 405, 'method-not-allowed');
  });
});

describe('POST /api/viewer-tokens', () => {
  it('grants a look to a guest, and to anybody on this machine', async () => {
    const guest = await mintGuest();
    for (const token of [guest.bearer_token, 'missing']) {
      for (const sensorIds of [null, [], ['a', 'b']]) {
        const answer = await post(url('/api/viewer-tokens'), { sensor_ids: sensorIds, quality: 'high' }, bearer(token));
        expect(answer.status).toBe(201);
        expect(v.parse(ViewerTokenResponse, await answer.json()).token).toMatch(/^[\w-]+\.[\w-]+$/);
      }
    }
  });

  it('refuses strangers and odd wishes', async () => {
    const wish = { sensor_ids: null, quality: 'high' };
    await expectProblem(await post(url('/api/viewer-tokens'), wish), 401, 'unauthorized');
    await expectProblem(await post(url('/api/viewer-tokens'), wish, bearer('guest:a:b')), 401, 'unauthorized');
    const ask = (body: unknown): Promise<Response> => post(url('/api/viewer-tokens'), body, bearer('missing'));
    await expectProblem(await ask({ sensor_ids: null, quality: 'best' }), 400, 'invalid-request');
    await expectProblem(await ask({ quality: 'high' }), 400, 'invalid-request');
    await expectProblem(await ask({ sensor_ids: Array(1001).fill('a'), quality: 'high' }), 400, 'too-many-sensors');
  });
});

describe('GET /api/sensors', () => {
  it('lists what streams, which is nothing yet', async () => {
    const answer = await fetch(url('/api/sensors'));
    expect(v.parse(SensorList, await answer.json())).toEqual({ sensors: [] });
    await expectProblem(await fetch(url('/api/sensors/none')), 404, 'unknown-sensor');
    expect((await fetch(url('/api/sensors'), { method: 'HEAD' })).status).toBe(200);
  });
});

describe('a sensor that streams', () => {
  it('is listed, and seen by who holds a viewer token', async () => {
    const guest = await mintGuest();
    const socketUrl = `${gateway.url.replace('http', 'ws')}/socket/websocket?vsn=2.0.0&token=${guest.socket_token}`;
    const ws = new WebSocket(socketUrl, { origin: gateway.url });
    await once(ws, 'open');
    const push = (topic: string, ref: string, event: string, payload: unknown): void =>
      ws.send(JSON.stringify([ref === 'v' ? 'v' : 's', ref, topic, event, payload]));
    const answerTo = async (wanted: (frame: readonly unknown[]) => boolean): Promise<readonly unknown[]> => {
      for await (const [data] of on(ws, 'message') as AsyncIterable<[Buffer]>) {
        const frame = JSON.parse(data.toString()) as unknown[];
        if (wanted(frame)) return frame;
      }
      throw new Error('the socket ended');
    };
    const topic = 'sensocto:sensor:rest-1';
    const joined = answerTo((frame) => frame[1] === 's');
    push(topic, 's', 'phx_join', {
      ...{ connector_id: 'c', connector_name: 'C', sensor_id: 'rest-1', sensor_name: 'Strap', attributes: {} },
      ...{ sensor_type: 'heartrate', sampling_rate: 1, batch_size: 1, bearer_token: guest.bearer_token },
    });
    expect((await joined)[4]).toMatchObject({ status: 'ok' });
    const ponged = answerTo((frame) => frame[1] === 'p');
    push(topic, 'm', 'measurement', { attribute_id: 'heartrate', payload: 72, timestamp: Date.now() });
    push(topic, 'p', 'ping', {});
    await ponged;

    const list = v.parse(SensorList, await (await fetch(url('/api/sensors'))).json());
    const heart = { id: 'heartrate', last_value: { payload: 72 } };
    expect(list.sensors).toMatchObject([{ sensor_id: 'rest-1', freshness: 'fresh', attributes: [heart] }]);
    expect(await (await fetch(url('/api/sensors/rest-1'))).json()).toMatchObject({ sensor_name: 'Strap' });

    const wish = { sensor_ids: ['rest-1'], quality: 'high' };
    const answer = await post(url('/api/viewer-tokens'), wish, bearer(guest.bearer_token));
    const { token } = v.parse(ViewerTokenResponse, await answer.json());
    const seen = answerTo((frame) => frame[3] === 'sensor_batch');
    push(`viewer:data:${token}`, 'v', 'phx_join', {});
    expect(JSON.stringify((await seen)[4])).toContain('"rest-1":{"heartrate":{');
    ws.terminate();
  });
});

describe('account routes', () => {
  it('refuse in the words of the platform', async () => {
    for (const [where, method] of [
      ['/api/me', 'GET'],
      ['/api/auth/verify', 'GET'],
      ['/api/auth/verify', 'POST'],
    ] as const) {
      const none = await fetch(url(where), { method });
      expect(none.status).toBe(401);
      expect(await none.json()).toEqual({ ok: false, error: 'No authorization token provided' });
      const bad = await fetch(url(where), { method, headers: bearer('nonsense') });
      expect(bad.status).toBe(401);
      expect(await bad.json()).toEqual({
        ok: false,
        error: 'Token verification failed (token may be expired or invalid)',
      });
    }
  });
});

describe('every answer', () => {
  it.each(['/api/sensors', '/api/none', '/health/live', '/nowhere', '/api/me'])(
    '%s has an id and security headers',
    async (where) => {
      const answer = await fetch(url(where));
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      const given = 'from-the-caller-0123456789';
      const again = await fetch(url(where), { headers: { 'x-request-id': given } });
      expect(again.headers.get('x-request-id')).toBe(given);
    },
  );

  it('is JSON for unknown addresses of the API', async () => {
    await expectProblem(await fetch(url('/api/none')), 404, 'not-found');
    await expectProblem(await fetch(url('/api')), 404, 'not-found');
    expect((await fetch(url('/api/lan'))).status).toBe(204);
  });

  it('is none for a body that comes in chunks, nor for a method that has none', async () => {
    const chunks = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const part of ['{"display_', 'name":"Zoë"}']) controller.enqueue(new TextEncoder().encode(part));
        controller.close();
      },
    });
    const streamed: RequestInit & { duplex: 'half' } = { method: 'POST', body: chunks, duplex: 'half' };
    expect((await fetch(url('/api/guests'), streamed)).status).toBe(201);
    await expectProblem(await fetch(url('/api/sensors/x'), { method: 'DELETE' }), 405, 'method-not-allowed');
  });

  it('is 413 for a body over 4 MB, announced or not', async () => {
    const large = { display_name: 'x'.repeat(4 * 1024 * 1024) };
    await expectProblem(await post(url('/api/guests'), large), 413, 'too-large');
    const chunks = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let i = 0; i < 5; i++) controller.enqueue(new Uint8Array(1024 * 1024).fill(32));
        controller.close();
      },
    });
    const streamed: RequestInit & { duplex: 'half' } = { method: 'POST', body: chunks, duplex: 'half' };
    await expectProblem(await fetch(url('/api/guests'), streamed), 413, 'too-large');
    expect((await fetch(url('/health/live'))).status).toBe(200);
  });

  it('goes only to those who use a name of this machine', async () => {
    const rebound = await rawRequest(gateway.url, { path: '/api/sensors', headers: { host: 'evil.example:4173' } });
    expect(rebound.status).toBe(421);
    expect(JSON.parse(rebound.body.toString())).toMatchObject({ error: { code: 'unknown-host' } });
    const named = await rawRequest(gateway.url, {
      path: '/api/sensors',
      headers: { host: `localhost:${gateway.port}` },
    });
    expect(named.status).toBe(200);
  });

  it('survives headers that make no sense', async () => {
    for (const host of ['a b', '[', 'x:y:z', '%00']) {
      const answer = await rawRequest(gateway.url, { path: '/api/sensors', headers: { host } });
      expect([400, 421]).toContain(answer.status);
      expect(JSON.parse(answer.body.toString())).toHaveProperty('error.code');
    }
  });
});

describe('health', () => {
  it('is alive and healthy', async () => {
    const live = (await (await fetch(url('/health/live'))).json()) as Record<string, unknown>;
    expect(live).toEqual({ status: 'ok', timestamp: new Date(String(live['timestamp'])).toISOString() });
    const ready = await fetch(url('/health/ready'));
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({
      status: 'healthy',
      checks: {
        database: { healthy: true },
        system_load: { healthy: true, level: 'normal', memory_protection_active: false },
        sockets: { healthy: true, sockets: 0 },
      },
    });
  });
});

describe('health of a gateway whose data folder is gone', () => {
  let sick: TestGateway;
  beforeAll(async () => {
    sick = await startGateway();
  });
  afterAll(() => sick.close());

  it('is 503 and says which check failed, without paths', async () => {
    await rm(sick.dataDir, { recursive: true });
    const ready = await fetch(`${sick.url}/health/ready`);
    expect(ready.status).toBe(503);
    const text = await ready.text();
    expect(JSON.parse(text)).toMatchObject({
      status: 'degraded',
      checks: { database: { healthy: false, detail: 'ENOENT' } },
    });
    expect(text).not.toContain(sick.dataDir);
  });
});

describe('rate limits', () => {
  let limited: TestGateway;
  beforeAll(async () => {
    limited = await startGateway();
  });
  afterAll(() => limited.close());
  const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });

  it('let a workshop of 60 start within a minute, and stop a flood', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 60; i++) {
      const guest = await post(`${limited.url}/api/guests`, { display_name: `Tablet ${i}` }, from('192.0.2.1'));
      statuses.push(guest.status);
      const { bearer_token: token } = v.parse(GuestResponse, await guest.json());
      const wish = { sensor_ids: null, quality: 'medium' };
      const viewer = await post(`${limited.url}/api/viewer-tokens`, wish, { ...from('192.0.2.1'), ...bearer(token) });
      statuses.push(viewer.status);
      expect(viewer.headers.get('x-ratelimit-remaining')).toBe(String(120 - i - 1));
    }
    expect(new Set(statuses)).toEqual(new Set([201]));
    for (let i = 0; i < 60; i++) await post(`${limited.url}/api/guests`, { display_name: 'more' }, from('192.0.2.1'));
    const refused = await post(`${limited.url}/api/guests`, { display_name: 'too many' }, from('192.0.2.1'));
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThanOrEqual(1);
    expect(wait).toBeLessThanOrEqual(60);
    expect(Number(refused.headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1000 - 1);
    await expectProblem(refused, 429, 'rate-limited');
    expect((await post(`${limited.url}/api/guests`, { display_name: 'x' }, from('192.0.2.2'))).status).toBe(201);
  });

  it('count POST only on account routes, and refuse in the words of the platform', async () => {
    const verify = (method: string): Promise<Response> =>
      fetch(`${limited.url}/api/auth/verify`, { method, headers: from('192.0.2.3') });
    for (let i = 0; i < 20; i++) expect((await verify('POST')).status).toBe(401);
    const refused = await verify('POST');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await refused.json()).toEqual({
      error: 'Too many requests',
      message: 'Rate limit exceeded. Please try again later.',
    });
    expect((await verify('GET')).status).toBe(401);
  });
});

describe('a gateway that others can reach', () => {
  let open: TestGateway;
  beforeAll(async () => {
    open = await startGateway({ host: '0.0.0.0' });
  });
  afterAll(() => open.close());

  it('does not take "missing" for a token, and answers to any name', async () => {
    const wish = { sensor_ids: null, quality: 'high' };
    expect((await post(`${open.url}/api/viewer-tokens`, wish, bearer('missing'))).status).toBe(401);
    const named = await rawRequest(open.url, { path: '/api/sensors', headers: { host: 'sensors.example' } });
    expect(named.status).toBe(200);
  });
});

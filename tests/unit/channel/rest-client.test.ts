import { describe, expect, it } from 'vitest';
import { createRestClient } from '../../../src/channel/rest-client.ts';
import type { Fetch } from '../../../src/channel/ports.ts';

const GUEST = { guest_id: 'g1', token: 't', bearer_token: 'guest:g1:t', socket_token: 's' };

function setUp(answer: () => Response | Promise<Response>) {
  const calls: Parameters<Fetch>[] = [];
  const rest = createRestClient((...args) => {
    calls.push(args);
    return Promise.resolve(answer());
  });
  return { calls, rest };
}

const json = (body: unknown, status = 201): Response => new Response(JSON.stringify(body), { status });

describe('rest client', () => {
  it('mints a guest', async () => {
    const { calls, rest } = setUp(() => json({ ...GUEST, more: 1 }));
    expect(await rest.mintGuest('Tablet 7')).toEqual({ ok: true, value: GUEST });
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    expect(calls).toEqual([['/api/guests', { method: 'POST', headers, body: '{"display_name":"Tablet 7"}' }]]);
  });

  it('mints a viewer token, saying who asks', async () => {
    const { calls, rest } = setUp(() => json({ token: 'v1' }));
    expect(await rest.mintViewerToken('guest:g1:t', null, 'high')).toEqual({ ok: true, value: 'v1' });
    expect(calls[0]?.[0]).toBe('/api/viewer-tokens');
    expect(calls[0]?.[1].headers['authorization']).toBe('Bearer guest:g1:t');
    expect(calls[0]?.[1].body).toBe('{"sensor_ids":null,"quality":"high"}');
  });

  it.each([
    [401, 'server-unauthorized', 'server-unauthorized'],
    [403, 'server-unauthorized', 'server-unauthorized'],
    [404, 'server-no-guests', 'server-no-viewer-tokens'],
    [405, 'server-no-guests', 'server-no-viewer-tokens'],
    [422, 'server-refused', 'server-refused'],
    [429, 'server-rate-limited', 'server-rate-limited'],
    [500, 'server-unreachable', 'server-unreachable'],
    [503, 'server-unreachable', 'server-unreachable'],
  ])('HTTP %i', async (status, guest, viewer) => {
    const { rest } = setUp(() => json({ error: {} }, status));
    expect(await rest.mintGuest('x')).toEqual({ ok: false, error: { code: guest, detail: `HTTP ${status}` } });
    expect(await rest.mintViewerToken('b', null, 'low')).toEqual({
      ok: false,
      error: { code: viewer, detail: `HTTP ${status}` },
    });
  });

  it.each([
    ['a page', '<!doctype html><title>Sign in</title>'],
    ['nothing', ''],
    ['another shape', '{"guest_id":"g1"}'],
    ['null', 'null'],
  ])('status 200 with %s comes from a server without the route', async (_what, body) => {
    const { rest } = setUp(() => new Response(body, { status: 200 }));
    expect(await rest.mintGuest('x')).toMatchObject({ ok: false, error: { code: 'server-no-guests' } });
    expect(await rest.mintViewerToken('b', null, 'low')).toMatchObject({
      ok: false,
      error: { code: 'server-no-viewer-tokens' },
    });
  });

  it('a network that fails, before the answer or in it, is not a server without the route', async () => {
    const refused = setUp(() => Promise.reject(new TypeError('Failed to fetch')));
    expect(await refused.rest.mintGuest('x')).toEqual({
      ok: false,
      error: { code: 'server-unreachable', detail: 'TypeError: Failed to fetch' },
    });
    const cut = setUp(
      () =>
        new Response(
          new ReadableStream({
            start(controller) {
              controller.enqueue(new TextEncoder().encode('{"guest'));
              controller.error(new TypeError('terminated'));
            },
          }),
        ),
    );
    expect(await cut.rest.mintGuest('x')).toMatchObject({ ok: false, error: { code: 'server-unreachable' } });
  });
});

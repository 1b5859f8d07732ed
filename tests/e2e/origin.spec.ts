/** Private by default: nothing leaves for another origin, and the page may not load anything that does. */
import { PUBLISHED_MODELS } from '../../src/model/pose-files.ts';
import { waitForBpm } from './support/app.ts';
import { expect, test } from './support/test.ts';

test('asks no other origin for anything, and writes no error', async ({ app, gateway, context }) => {
  const foreign: string[] = [];
  // Requests of workers are seen here too; data: and blob: stay in the page.
  context.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (/^(https?|wss?):$/.test(protocol) && host !== `127.0.0.1:${gateway.port}`) foreign.push(request.url());
  });
  app.page.on('websocket', (socket) => {
    if (new URL(socket.url()).host !== `127.0.0.1:${gateway.port}`) foreign.push(socket.url());
  });
  await app.open(gateway.url);
  await waitForBpm(await app.addDemo());
  await app.go('Watch');
  await waitForBpm(app.card(/^Demo strap/).first());
  await app.go('Settings');
  await app.go('Sense');
  expect(foreign).toEqual([]);
  expect(app.errors).toEqual([]);
});

test('sends a strict policy with pages and with worker scripts', async ({ app, gateway, context }) => {
  const policies = new Map<string, string>();
  context.on('response', (response) => {
    const policy = response.headers()['content-security-policy'];
    if (/\.js$|\/$/.test(new URL(response.url()).pathname)) policies.set(response.url(), policy ?? '');
  });
  await app.open(gateway.url);
  await waitForBpm(await app.addDemo());
  expect(policies.size).toBeGreaterThan(1);
  for (const [url, policy] of policies) {
    expect(policy, url).toMatch(/default-src 'none'/);
    expect(policy, url).toMatch(/script-src 'self'/);
    // The one folder elsewhere from which a person may fetch pose models.
    expect(policy.replace(PUBLISHED_MODELS, ''), url).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/);
  }
  const page = await context.request.get(gateway.url);
  expect(page.headers()['permissions-policy']).toMatch(/bluetooth=\(self\)/);
  expect(page.headers()['x-content-type-options']).toBe('nosniff');
});

/** Installed once, the app starts without a network. */
import type { Page } from '@playwright/test';
import { KEEP_LATER } from '../../src/model/background.ts';
import { waitForBpm } from './support/app.ts';
import { expect, test } from './support/test.ts';

test('starts offline, and a demo strap beats with nobody to send to', async ({ app, gateway, context }) => {
  await app.open(gateway.url);
  await app.page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  // The shell is complete once the worker is active; a page it controls needs one more load.
  await app.page.reload();
  await expect(app.link('Sense')).toBeVisible();

  await context.setOffline(true);
  await app.page.reload();
  await expect(app.link('Sense')).toBeVisible();
  await expect(app.status).toContainText(/offline|reconnecting/i);
  await waitForBpm(await app.addDemo());

  await context.setOffline(false);
  await expect(app.status).toContainText(/live|connected/i, { timeout: 20_000 });
});

/** Names of cached files; the page's service worker must be active. */
async function cachedFiles(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
    return (await Promise.all(caches_.map((cache) => cache.keys()))).flat().map(({ url }) => new URL(url).pathname);
  });
}

test('keeps the pose worker from its first use on, and nothing of it before', async ({ app, gateway, context }) => {
  await app.open(gateway.url);
  await app.page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await app.page.reload();
  await expect(app.link('Sense')).toBeVisible();
  const script = await (await context.request.get(new URL('/sw.js', gateway.url).href)).text();
  const [worker = ''] = /assets\/pose-worker-[\w-]+\.js/.exec(script) ?? [];
  const before = await cachedFiles(app.page);
  expect(before.length).toBeGreaterThan(20);
  expect(before.filter((file) => /pose-worker|wasm/.test(file))).toEqual([]);

  const size = (): Promise<number> =>
    app.page.evaluate(async (url) => (await (await fetch(url)).arrayBuffer()).byteLength, `/${worker}`);
  const online = await size();
  expect(online).toBeGreaterThan(100_000);
  expect(await cachedFiles(app.page)).toContain(`/${worker}`);
  await context.setOffline(true);
  expect(await size()).toBe(online);

  // As the page of a first visit does, whose requests pass the service worker by.
  await context.setOffline(false);
  await app.page.evaluate(async (message) => {
    await caches.delete('later-files');
    (await navigator.serviceWorker.ready).active?.postMessage(message);
  }, KEEP_LATER);
  await expect.poll(() => cachedFiles(app.page)).toContain(`/${worker}`);
});

test('is installable: a manifest with real icons', async ({ app, gateway, request }) => {
  await app.open(gateway.url);
  const href = await app.page.locator('link[rel=manifest]').getAttribute('href');
  const manifest = (await (await request.get(new URL(href ?? '', gateway.url).href)).json()) as {
    readonly name: string;
    readonly display: string;
    readonly icons: readonly { readonly src: string; readonly sizes: string; readonly purpose?: string }[];
  };
  expect(manifest.display).toBe('standalone');
  expect(manifest.icons.map((icon) => icon.sizes)).toEqual(expect.arrayContaining(['192x192', '512x512']));
  expect(manifest.icons.some((icon) => icon.purpose?.includes('maskable'))).toBe(true);
  for (const icon of manifest.icons) {
    const response = await request.get(new URL(icon.src, gateway.url).href);
    expect(response.status(), icon.src).toBe(200);
    expect((await response.body()).length, icon.src).toBeGreaterThan(200);
  }
});

/** Installed once, the app starts without a network. */
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

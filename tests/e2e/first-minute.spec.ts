/** From opening a URL to a heartbeat on this screen and on somebody else's. */
import { AppPage, bpmOn, waitForBpm } from './support/app.ts';
import { expect, test } from './support/test.ts';

test('a demo strap beats here within seconds, and on another screen', async ({ app, gateway, browser }) => {
  await app.open(gateway.url);
  await expect(app.pair).toBeVisible();
  await expect(app.status).toBeVisible();

  const tapped = Date.now();
  const card = await app.addDemo();
  await waitForBpm(card, 8000);
  expect(Date.now() - tapped, 'ms from tap to first heartbeat').toBeLessThan(8000);
  await expect(app.status).toContainText(/live|connected/i);
  await expect(card).toContainText(/demo/i);

  const elsewhere = await browser.newContext();
  const watcher = new AppPage(await elsewhere.newPage());
  await watcher.open(gateway.url);
  await watcher.go('Watch');
  const watched = watcher.card(/^Demo strap/).first();
  await waitForBpm(watched);
  await expect(watched, 'demo data is marked on other screens too').toContainText(/demo/i);
  // Both change once a second; the other screen follows within a beat.
  await expect
    .poll(async () => (await bpmOn(card)) - (await bpmOn(watched)), { timeout: 10_000, intervals: [100] })
    .toBe(0);
  await elsewhere.close();
});

test('a sensor can be stopped, started and forgotten', async ({ app, gateway }) => {
  await app.open(gateway.url);
  const card = await app.addDemo();
  await waitForBpm(card);
  await card.getByRole('button', { name: 'Stop' }).click();
  await expect(card).toContainText(/stopped/i);
  await card.getByRole('button', { name: 'Start' }).click();
  await expect(card).toContainText(/live/i);
  await waitForBpm(card);
  await card.getByRole('button', { name: 'Forget' }).click();
  const confirm = app.page.getByRole('dialog').getByRole('button', { name: /forget/i });
  if (await confirm.isVisible()) await confirm.click();
  await expect(app.cards).toHaveCount(0);
});

test('the server goes away and comes back: said plainly, and the strap streams on', async ({ app, gateway }) => {
  await app.open(gateway.url);
  const card = await app.addDemo();
  await waitForBpm(card);
  await gateway.kill();
  await expect(app.status).toContainText(/reconnecting|offline/i);
  await waitForBpm(card);
  await gateway.start();
  await expect(app.status).toContainText(/live|connected/i, { timeout: 20_000 });
});

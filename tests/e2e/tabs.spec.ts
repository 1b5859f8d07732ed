/** Two tabs of one installation: one leads, the other takes over when it is closed or crashes. */
import * as v from 'valibot';
import { anotherPage, expect, killRenderer, pause, stopAll, test } from './support/faults.ts';
import { waitForBpm, type AppPage } from './support/app.ts';

const Health = v.object({ checks: v.object({ sockets: v.record(v.string(), v.unknown()) }) });

/** How long a tab is frozen, ms. */
const FROZEN = 4000;

/** Sockets on the gateway now. */
async function socketsOn(url: string): Promise<number> {
  const answer = await fetch(`${url}/health/ready`);
  const { sockets } = v.parse(Health, await answer.json()).checks;
  return Number(sockets['sockets']);
}

test('two tabs share one socket, and number their demo straps on', async ({ app, gateway, context }) => {
  await app.open(gateway.url);
  await waitForBpm(await app.addDemo());
  const other = await anotherPage(context);
  await other.open(gateway.url);
  const card = await other.addDemo();
  await waitForBpm(card);
  await expect(card).toContainText('Demo strap 2');
  await expect(other.status).toContainText(/live|connected/i);
  expect(await socketsOn(gateway.url)).toBe(1);
});

for (const end of ['closed', 'crashed'] as const) {
  test(`the leading tab is ${end}: the other goes on, nothing lost or doubled`, async ({
    app,
    gateway,
    context,
    faults,
  }) => {
    await faults.stream(app, gateway.url, 2);
    const other = await anotherPage(context);
    await faults.stream(other, gateway.url, 2);
    await pause(3000);
    const at = end === 'crashed' ? await killRenderer(app.page) : await closeNow(app);
    faults.truth.died(app.page, at);
    // What the new leader sends shows that it leads: the status stays connected in a tab that merely waits.
    await expect.poll(() => socketsOn(gateway.url), { intervals: [50] }).toBe(1);
    const gone = Date.now();
    await waitForBpm(other.cards.last());
    await expect(other.status).toContainText(/live|connected|sending/i);
    expect(gone - at, 'ms until one socket is there again').toBeLessThan(2000);
    await pause(3000);
    await faults.expectAllStored(other);
    expect(await socketsOn(gateway.url)).toBe(1);
  });
}

test('the leading tab is frozen: the other leads within 2 s, and the first follows when it wakes', async ({
  app,
  gateway,
  context,
  faults,
}) => {
  await faults.stream(app, gateway.url, 1);
  const other = await anotherPage(context);
  await faults.stream(other, gateway.url, 1);
  await pause(1500);
  const before = await leader(other);
  // As if frozen: nothing runs in it, not even what the browser has to tell it.
  const [worker] = app.page.workers();
  const frozen = Date.now();
  const thawed = worker?.evaluate((until) => {
    while (Date.now() < until);
  }, frozen + FROZEN);
  await expect.poll(() => leader(other), { intervals: [50], timeout: FROZEN }).not.toBe(before);
  expect(Date.now() - frozen, 'ms until another tab leads').toBeLessThan(2000);
  await thawed;
  await expect.poll(() => socketsOn(gateway.url), { timeout: 10_000 }).toBe(1);
  await waitForBpm(app.cards.last());
  await pause(1500);
  await stopAll(app.page);
  await faults.expectAllStored(other);
});

/** The worker that holds the lock of the leader, as the browser names it. */
async function leader({ page }: AppPage): Promise<string | undefined> {
  return page.evaluate(async () => {
    const { held } = await navigator.locks.query();
    return held?.find((lock) => lock.name === 'sensocto-leader')?.clientId;
  });
}

async function closeNow({ page }: AppPage): Promise<number> {
  const at = Date.now();
  await page.close();
  return at;
}

/** Two tabs of one installation: one leads, the other takes over when it is closed or crashes. */
import * as v from 'valibot';
import { anotherPage, expect, killRenderer, pause, test } from './support/faults.ts';
import { waitForBpm, type AppPage } from './support/app.ts';

const Health = v.object({ checks: v.object({ sockets: v.record(v.string(), v.unknown()) }) });

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

async function closeNow({ page }: AppPage): Promise<number> {
  const at = Date.now();
  await page.close();
  return at;
}

/** Pages die, storage fills up, clocks jump. What was measured outlives them all. */
import type { Page } from '@playwright/test';
import { encodeHeartRate } from '../../../src/device/demo/encode.ts';
import { TcpProxy } from '../../support/tcp-proxy.mjs';
import { bpmOn, waitForBpm } from '../support/app.ts';
import { BluetoothLab, heartRateStrap, MEASUREMENT } from '../support/bluetooth.ts';
import { anotherPage, expect, killRenderer, pause, test as base } from '../support/faults.ts';
import { statusOf } from '../support/ground-truth.ts';

const test = base.extend<{ tcp: TcpProxy }>({
  tcp: async ({ gateway }, use) => {
    const proxy = new TcpProxy(gateway.port);
    await proxy.open();
    await use(proxy);
    await proxy.close();
  },
});

const KILLS = 3;

test('the page is killed three times at random moments: a quarter second each is lost at most', async ({
  app,
  context,
  faults,
  gateway,
}) => {
  let alive = app;
  for (let kills = 0; kills < KILLS; kills++) {
    await faults.stream(alive, gateway.url, 4);
    await pause(500 + 2000 * Math.random());
    const at = await killRenderer(alive.page);
    await pause(200);
    faults.truth.died(alive.page, at);
    await alive.page.close();
    alive = await anotherPage(context);
  }
  await faults.stream(alive, gateway.url, 4);
  await faults.expectAllStored(alive);
});

test('killed without a network: the next page sends what the first had kept, with no sensor connected', async ({
  app,
  context,
  faults,
  gateway,
  tcp,
}) => {
  await faults.stream(app, tcp.url, 4);
  tcp.refuse(true);
  await pause(3000);
  const at = await killRenderer(app.page);
  await pause(200);
  faults.truth.died(app.page, at);
  await app.page.close();
  tcp.refuse(false);
  const next = await anotherPage(context);
  await next.open(tcp.url);
  const found = await faults.truth.settled(gateway.url);
  expect(found.problems).toEqual([]);
  expect(found.repeats).toBe(0);
  expect(found.stored).toBeGreaterThan(20);
});

test('reloaded without a network: the app starts, keeps what waits, and sends it when the network is back', async ({
  app,
  context,
  faults,
  tcp,
}) => {
  await app.open(tcp.url);
  await app.page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await faults.stream(app, tcp.url, 4);
  const network = async (on: boolean): Promise<void> => {
    tcp.refuse(!on);
    await context.setOffline(!on);
  };
  await network(false);
  await pause(2500);
  const kept = (await statusOf(app.page))?.totals.kept ?? 0;
  expect(kept, 'samples that wait').toBeGreaterThan(10);
  faults.truth.died(app.page, Date.now());
  await app.page.reload();
  await expect(app.status).toContainText(/offline|reconnecting/i);
  await expect.poll(async () => (await statusOf(app.page))?.totals.kept ?? 0).toBeGreaterThanOrEqual(kept);
  for (let straps = 0; straps < 4; straps++) await app.addDemo();
  await waitForBpm(app.cards.last());
  await network(true);
  await expect(app.status).toContainText(/live|connected|sending/i, { timeout: 15_000 });
  await faults.expectAllStored(app);
});

/**
 * Makes the database of the page's worker refuse what is written, as browsers do when there is no room: the transaction
 * is aborted with QuotaExceededError. (The quota that DevTools can set is not what databases obey.)
 */
async function setFull(page: Page, full: boolean): Promise<void> {
  for (const worker of page.workers()) await worker.evaluate(refuseWrites, full);
}

function refuseWrites(full: boolean): void {
  const { prototype } = IDBObjectStore as unknown as { prototype: IDBObjectStore & { roomy?: IDBObjectStore['put'] } };
  const put = (prototype.roomy ??= prototype.put);
  prototype.put = !full
    ? put
    : function (this: IDBObjectStore, ...args: Parameters<IDBObjectStore['put']>) {
        const request = put.apply(this, args);
        // When the first one has been taken: all that the transaction holds is on its way by then.
        request.addEventListener('success', () => {
          const { transaction } = this;
          if (Object.hasOwn(transaction, 'error')) return;
          const error = new DOMException('injected', 'QuotaExceededError');
          Object.defineProperty(transaction, 'error', { value: error });
          transaction.abort();
        });
        return request;
      };
}

test('every write is refused for want of room while there is no network: what goes is counted, all else arrives', async ({
  app,
  faults,
  gateway,
  tcp,
}) => {
  await faults.stream(app, tcp.url);
  tcp.refuse(true);
  await pause(1000);
  await setFull(app.page, true);
  await pause(3500);
  const full = await statusOf(app.page);
  expect(full?.storage.kind === 'memory' || (full?.totals.evicted ?? 0) > 0, 'the app noticed').toBe(true);
  faults.truth.mayGiveUp();
  await setFull(app.page, false);
  tcp.refuse(false);
  await expect(app.status).toContainText(/live|connected|sending/i, { timeout: 15_000 });
  const evicted = (await statusOf(app.page))?.totals.evicted ?? 0;
  await faults.expectAllStored(app);
  await expect
    .poll(async () => (await faults.truth.compare(gateway.url)).lost, 'what is missing was given up, and said')
    .toBe(evicted);
  const found = await faults.truth.compare(gateway.url);
  expect(found.problems).toEqual([]);
  expect(found.stored).toBeGreaterThan(40);
});

const STRAP = heartRateStrap('09:09:09:09:10:11', 'Chest strap');

test('the clock is set back an hour, and forward again: all samples are kept in order', async ({
  app,
  browser,
  faults,
  gateway,
  page,
}) => {
  const lab = await BluetoothLab.open(browser, { reloads: false });
  await lab.addPeripheral(STRAP);
  await lab.watch(page);
  await page.addInitScript(movableClock);
  await faults.stream(app, gateway.url, 1);
  lab.choose(STRAP.address);
  await app.pair.click();
  await expect(app.card(STRAP.name)).toBeVisible();
  await expect.poll(() => lab.operations).toContain(`${STRAP.name} subscribe 2a37`);
  for (const [round, shift] of [0, -3_600_000, -3_600_000, 0].entries()) {
    await page.evaluate((ms) => (window as unknown as { moveClock: (ms: number) => void }).moveClock(ms), shift);
    for (let packet = 0; packet < 6; packet++) {
      const bytes = new Uint8Array(
        encodeHeartRate({ rate: 60 + 10 * round + packet, contact: true, ticks: [900 + packet] }),
      );
      await lab.notify(STRAP.address, MEASUREMENT, [bytes]);
      await pause(150);
    }
    const shown = await bpmOn(app.card(STRAP.name));
    expect(shown, 'the heart rate on the card goes on').toBe(65 + 10 * round);
  }
  const demo = faults.truth.generated;
  await expect.poll(() => faults.truth.generated, { message: 'the demo strap beats on' }).toBeGreaterThan(demo);
  await faults.expectAllStored(app);
  await lab.close();
  expect(lab.problems).toEqual([]);
});

/** Runs in the page before the app: lets a test move the time of day, as a corrected system clock does. */
function movableClock(): void {
  const real = Date.now.bind(Date);
  let shift = 0;
  Date.now = () => real() + shift;
  (window as unknown as { moveClock: (ms: number) => void }).moveClock = (ms) => {
    shift = ms;
  };
}

/** Pages and browsers die, clocks jump. What was measured outlives them all. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from '@playwright/test';
import { encodeHeartRate } from '../../../src/device/demo/encode.ts';
import { compareRecording, fillLog } from '../../soak/support/recording.mjs';
import { DAY_SENSOR, dayOfBlocks } from '../../soak/subjects/day.ts';
import { browserProcess } from '../../support/chromium-process.mjs';
import { TcpProxy } from '../../support/tcp-proxy.mjs';
import { AppPage, bpmOn, waitForBpm } from '../support/app.ts';
import { browserLaunch } from '../support/browser.ts';
import { BluetoothLab, heartRateStrap, MEASUREMENT } from '../support/bluetooth.ts';
import { anotherPage, expect, killRenderer, pause, test as base } from '../support/faults.ts';
import { statusOf } from '../support/ground-truth.ts';

/** A browser of its own that keeps what it stores in a folder. */
class BrowserOnDisk {
  readonly #profile: string;
  readonly #onLaunch: (context: BrowserContext) => Promise<void>;
  #context: BrowserContext | undefined;

  constructor(profile: string, onLaunch: (context: BrowserContext) => Promise<void>) {
    this.#profile = profile;
    this.#onLaunch = onLaunch;
  }

  async launch(): Promise<AppPage> {
    this.#context = await chromium.launchPersistentContext(this.#profile, await browserLaunch());
    await this.#onLaunch(this.#context);
    return new AppPage(await this.#context.newPage());
  }

  /** Kills its main process, and with it all others. Gives the time of death, Unix ms. */
  async kill(): Promise<number> {
    const gone = new Promise((resolve) => this.#context?.once('close', resolve));
    const pid = await browserProcess(this.#profile);
    const at = Date.now();
    process.kill(pid, 'SIGKILL');
    await gone;
    return at;
  }

  async dispose(): Promise<void> {
    await this.#context?.close();
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

const test = base.extend<{ disk: BrowserOnDisk; tcp: TcpProxy }>({
  disk: async ({ faults }, use) => {
    const profile = await mkdtemp(join(tmpdir(), 'sensocto-browser-'));
    const disk = new BrowserOnDisk(profile, (context) => faults.truth.follow(context));
    await use(disk);
    await disk.dispose();
  },
  tcp: async ({ gateway }, use) => {
    const proxy = new TcpProxy(gateway.port);
    await proxy.open();
    await use(proxy);
    await proxy.close();
  },
});

const KILLS = 2;

test('the page is killed twice at random moments: a quarter second each is lost at most', async ({
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

test('ten minutes of ECG and heart rate wait: the installed app is opened and reloaded without a network, and sends it all', async ({
  app,
  context,
  faults,
  gateway,
  tcp,
}) => {
  await app.open(tcp.url);
  await app.page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  // Not even the app itself is open while the log is filled.
  await app.page.goto('about:blank');
  const start = Math.floor(Date.now() / 1000 - RECORDED - 60) * 1000;
  const filled = await fillLog(context, tcp.url, { start, seconds: RECORDED, attributes: ['ecg', 'heartrate'] });
  expect(filled.kept).toBe(RECORDED * 131);
  const network = async (on: boolean): Promise<void> => {
    tcp.refuse(!on);
    await context.setOffline(!on);
  };
  await network(false);
  await faults.stream(app, tcp.url, 2);
  await pause(1500);
  faults.truth.died(app.page, Date.now());
  await app.page.reload();
  await expect(app.status).toContainText(/offline|reconnecting/i);
  const kept = async (): Promise<number> => (await statusOf(app.page))?.totals.kept ?? 0;
  await expect.poll(kept, 'samples that wait').toBeGreaterThan(filled.kept);
  await app.addDemo();
  await waitForBpm(app.cards.last());
  await network(true);
  await expect(app.status).toContainText(/live|connected|sending/i, { timeout: 15_000 });
  await faults.expectAllStored(app);
  await expect.poll(kept, { message: 'all is sent', timeout: 20_000 }).toBe(0);
  expect(await compareRecording(gateway.url, recording(start))).toBe(filled.kept);
});

/** s; the long run has an hour. */
const RECORDED = 600;

function recording(start: number) {
  function* blocks() {
    for (const second of dayOfBlocks(start, RECORDED))
      yield second.filter(({ attribute }) => attribute === 'ecg' || attribute === 'heartrate');
  }
  return { sensorId: DAY_SENSOR, blocks: blocks() };
}

test('the whole browser is killed, and started again on the same disk', async ({ disk, faults, gateway }) => {
  const killed = await disk.launch();
  await faults.stream(killed, gateway.url, 4);
  await pause(500 + 1500 * Math.random());
  const at = await disk.kill();
  await pause(200);
  faults.truth.died(killed.page, at);
  const next = await disk.launch();
  await faults.stream(next, gateway.url, 4);
  await faults.expectAllStored(next);
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
  await faults.stream(app, gateway.url, 1);
  lab.choose(STRAP.address);
  await app.pair.click();
  await expect(app.card(STRAP.name)).toBeVisible();
  await expect.poll(() => lab.operations).toContain(`${STRAP.name} subscribe 2a37`);
  for (const [round, shift] of [0, -3_600_000, -3_600_000, 0].entries()) {
    await page.evaluate(moveClock, shift);
    for (const worker of page.workers()) await worker.evaluate(moveClock, shift);
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

/** Runs in page and worker: moves the time of day by so many ms, as a corrected system clock does. */
function moveClock(ms: number): void {
  const clock = Date as unknown as { real?: () => number; now: () => number };
  const real = (clock.real ??= clock.now.bind(Date));
  clock.now = () => real() + ms;
}

/** A heart-rate strap from opening the address to another screen, through the browser's real Bluetooth stack. */
import type { Browser, Page } from '@playwright/test';
import { encodeHeartRate } from '../../src/device/demo/encode.ts';
import { AppPage, bpmOn, waitForBpm } from './support/app.ts';
import { BluetoothLab, heartRateStrap, MEASUREMENT } from './support/bluetooth.ts';
import { expect, test as base } from './support/test.ts';

const STRAP = heartRateStrap('09:09:09:09:10:01', 'Chest strap');
const OTHER = heartRateStrap('09:09:09:09:10:02', 'Arm band', 50);
const THERMOMETER = {
  address: '09:09:09:09:10:03',
  name: 'Chest thermometer',
  services: [{ uuid: '0000180d-0000-1000-8000-00805f9b34fb', characteristics: [] }],
};

const test = base.extend<{ reloads: boolean; lab: BluetoothLab }>({
  reloads: [false, { option: true }],
  lab: async ({ browser, reloads }, use) => {
    const lab = await BluetoothLab.open(browser, { reloads });
    await use(lab);
    await lab.close();
    expect(lab.problems).toEqual([]);
  },
});

const beat = (rate: number, ticks: readonly number[] = [], contact = true): Uint8Array =>
  new Uint8Array(encodeHeartRate({ rate, contact, ticks }));

/** Taps the app's button; the lab answers the chooser. */
async function pair(app: AppPage, lab: BluetoothLab, strap: typeof STRAP): Promise<void> {
  lab.choose(strap.address);
  await app.pair.click();
  await expect(app.card(strap.name)).toBeVisible();
  await expect.poll(() => lab.operations).toContain(`${strap.name} subscribe 2a37`);
}

/** Straps keep talking: one packet now and then until `done`. */
async function keepBeating(lab: BluetoothLab, packet: () => Uint8Array, done: () => Promise<void>): Promise<void> {
  const finished = done().then(() => true);
  for (let running = true; running;) {
    await lab.notify(STRAP.address, MEASUREMENT, [packet()]);
    running = !(await Promise.race([finished, new Promise<boolean>((resolve) => setTimeout(resolve, 300, false))]));
  }
  await finished;
}

async function openWatch(browser: Browser, url: string): Promise<AppPage> {
  const page: Page = await (await browser.newContext()).newPage();
  const app = new AppPage(page);
  await app.open(url);
  await app.go('Watch');
  return app;
}

test('paired with two taps; the same heart rate on another screen', async ({ app, lab, gateway, browser, page }) => {
  await lab.addPeripheral(STRAP);
  await lab.watch(page);
  await app.open(gateway.url);
  await pair(app, lab, STRAP);
  await lab.notify(STRAP.address, MEASUREMENT, [beat(71, [865])]);
  expect(await waitForBpm(app.card('Chest strap'))).toBe(71);
  await expect(app.card('Chest strap')).toContainText('87');
  await expect(app.card('Chest strap')).toContainText('Live');

  const other = await openWatch(browser, gateway.url);
  await keepBeating(
    lab,
    () => beat(84, [731]),
    async () => {
      await expect.poll(() => bpmOn(other.card('Chest strap')), { timeout: 10_000 }).toBe(84);
    },
  );
  expect(await bpmOn(app.card('Chest strap'))).toBe(84);
  await other.page.context().close();
  expect(app.errors).toEqual([]);
});

test('200 notifications are all measured and confirmed; bad ones are counted and the stream goes on', async ({
  app,
  lab,
  gateway,
  page,
}) => {
  await lab.addPeripheral(STRAP);
  await lab.watch(page);
  await app.open(gateway.url);
  await pair(app, lab, STRAP);
  const rates = Array.from({ length: 200 }, (_, index) => 60 + (index % 90));
  await lab.notify(
    STRAP.address,
    MEASUREMENT,
    rates.map((rate) => beat(rate, [1024])),
  );
  await lab.notify(STRAP.address, MEASUREMENT, [
    Uint8Array.of(0x10, 70, 1),
    Uint8Array.of(0x00, 70, 1, 2, 3),
    beat(99),
  ]);
  await expect.poll(() => bpmOn(app.card('Chest strap'))).toBe(99);

  const answer = await page.request.get(`${gateway.url}/api/sensors`);
  const { sensors } = (await answer.json()) as { sensors: { sensor_name: string; sensor_id: string }[] };
  const sensor = sensors.find((one) => one.sensor_name === 'Chest strap');
  expect(sensor).toBeDefined();
  // 201 rates, 200 RR intervals, battery, body location: all confirmed within the batch window of a sensor nobody watches.
  await app.card('Chest strap').getByRole('button', { name: /^More/ }).click();
  await app.card('Chest strap').getByRole('button', { name: 'Details' }).click();
  const details = page.getByRole('dialog');
  await expect(details).toContainText(/Confirmed by the server\s*403/, { timeout: 15_000 });
  await expect(details).toContainText(/Measured\s*403/);
  await expect(details).toContainText(/cut short\.?\s*1/);
  await expect(details).toContainText(/longer than its standard allows\.?\s*1/);
  await expect(details).toContainText('1.2.3');
});

test('a dropped link comes back by itself, and contact lost is said', async ({ app, lab, gateway, page }) => {
  await lab.addPeripheral(STRAP);
  await lab.watch(page);
  await app.open(gateway.url);
  await pair(app, lab, STRAP);
  await lab.notify(STRAP.address, MEASUREMENT, [beat(70)]);
  await waitForBpm(app.card('Chest strap'));
  await lab.disconnect(STRAP.address);
  await expect(app.card('Chest strap')).toContainText(/Reconnecting|Connecting/);
  await expect.poll(() => lab.operations.filter((one) => one === 'Chest strap subscribe 2a37').length).toBe(2);
  await lab.notify(STRAP.address, MEASUREMENT, [beat(75)]);
  await expect.poll(() => bpmOn(app.card('Chest strap'))).toBe(75);
  await lab.notify(STRAP.address, MEASUREMENT, [beat(75, [], false)]);
  await expect(app.card('Chest strap')).toContainText(/contact/i);
  await expect(app.card('Chest strap')).toContainText(/Stale/, { timeout: 10_000 });
});

test('two straps at once stay apart', async ({ app, lab, gateway, page }) => {
  await lab.addPeripheral(STRAP);
  await lab.addPeripheral(OTHER);
  await lab.watch(page);
  await app.open(gateway.url);
  await pair(app, lab, STRAP);
  await pair(app, lab, OTHER);
  await lab.notify(STRAP.address, MEASUREMENT, [beat(61)]);
  await lab.notify(OTHER.address, MEASUREMENT, [beat(142)]);
  await expect.poll(() => bpmOn(app.card('Chest strap'))).toBe(61);
  await expect.poll(() => bpmOn(app.card('Arm band'))).toBe(142);
});

test('adapter off is said, and the strap comes back with it', async ({ app, lab, gateway, page }) => {
  await lab.addPeripheral(STRAP);
  await lab.watch(page);
  await app.open(gateway.url);
  await pair(app, lab, STRAP);
  await lab.setAdapter('absent');
  await expect(app.card('Chest strap')).toContainText('Bluetooth is switched off', { timeout: 15_000 });
  await lab.setAdapter('powered-on');
  await lab.addPeripheral(STRAP);
  await expect(app.card('Chest strap')).toContainText(/Live|Stale/, { timeout: 20_000 });
  await lab.notify(STRAP.address, MEASUREMENT, [beat(77)]);
  await expect.poll(() => bpmOn(app.card('Chest strap'))).toBe(77);
});

test('a device without the service it advertises: said on its card', async ({ app, lab, gateway, page }) => {
  await lab.addPeripheral(THERMOMETER);
  await lab.watch(page);
  await app.open(gateway.url);
  lab.choose(THERMOMETER.address);
  await app.pair.click();
  await expect(app.card('Chest thermometer')).toContainText(/nothing this app can read|no service|cannot read/i, {
    timeout: 15_000,
  });
});

test('a chooser closed without a choice changes nothing and says what helps', async ({ app, lab, gateway, page }) => {
  await lab.addPeripheral(STRAP);
  await lab.watch(page);
  await app.open(gateway.url);
  lab.cancelNext();
  await app.pair.click();
  await expect(app.pair).toBeEnabled();
  await expect(page.getByRole('alert')).toContainText('No sensor was chosen');
  await expect(page.getByRole('alert')).toContainText('list all devices');
});

test.describe('after a reload', () => {
  test.use({ reloads: true });
  test('a known strap comes back without the chooser, under the same sensor id', async ({
    app,
    lab,
    gateway,
    page,
  }) => {
    await lab.addPeripheral(STRAP);
    await lab.watch(page);
    await app.open(gateway.url);
    await pair(app, lab, STRAP);
    const ids = async () =>
      (
        (await (await page.request.get(`${gateway.url}/api/sensors`)).json()) as { sensors: { sensor_id: string }[] }
      ).sensors.map((sensor) => sensor.sensor_id);
    await expect.poll(async () => (await ids()).length).toBeGreaterThan(0);
    const before = await ids();
    await page.reload();
    await expect(app.card('Chest strap')).toBeVisible();
    // Straps advertise again and again; a single time may pass before the page listens.
    await expect(async () => {
      await lab.advertise(STRAP.address);
      expect(lab.operations.filter((one) => one === 'Chest strap subscribe 2a37')).toHaveLength(2);
    }).toPass({ timeout: 15_000, intervals: [300] });
    await lab.notify(STRAP.address, MEASUREMENT, [beat(66)]);
    expect(await waitForBpm(app.card('Chest strap'))).toBe(66);
    await expect.poll(ids).toEqual(before);
  });
});

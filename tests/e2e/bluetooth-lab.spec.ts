/** Our radio and link over the browser's own Bluetooth stack, without the app: what the app's specs rest on. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test, type Page } from '@playwright/test';
import { build } from 'vite';
import { RADIO_CASES } from '../contract/bluetooth-radio.ts';
import { encodeHeartRate } from '../../src/device/demo/encode.ts';
import { BluetoothLab, BATTERY, heartRateStrap, MEASUREMENT } from './support/bluetooth.ts';
import type { LinkRecord } from './support/bluetooth-page.ts';

const STRAP = heartRateStrap('09:09:09:09:09:01', 'Strap 1');
const OTHER = heartRateStrap('09:09:09:09:09:02', 'Strap 2', 50);
const THERMOMETER = {
  address: '09:09:09:09:09:03',
  name: 'Thermometer',
  services: [{ uuid: '00001809-0000-1000-8000-00805f9b34fb', characteristics: [] }],
};

let server: Server;
let origin: string;

test.beforeAll(async () => {
  const script = await bundle();
  server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(
      isScript ? script : '<!doctype html><title>Lab</title><body><script type="module" src="/page.js"></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

test.afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
});

/** The page's script with everything it imports, built in memory. */
async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      // One script: what the radio fetches later has no address in this page.
      rolldownOptions: { output: { codeSplitting: false } },
      lib: { entry: fileURLToPath(new URL('./support/bluetooth-page.ts', import.meta.url)), formats: ['es'] },
    },
  });
  for (const { output } of [result].flat().filter((one) => 'output' in one)) {
    for (const chunk of output) if (chunk.type === 'chunk') return chunk.code;
  }
  throw new Error('nothing was built');
}

/** A lab with the given devices and a page that has the radio. */
async function start(page: Page, lab: BluetoothLab, ...devices: Parameters<BluetoothLab['addPeripheral']>[0][]) {
  for (const device of devices) await lab.addPeripheral(device);
  await lab.watch(page);
  await page.goto(origin);
}

async function pair(page: Page, lab: BluetoothLab, address: string): Promise<string> {
  lab.choose(address);
  const answer = page.evaluate(() => window.lab.pair());
  await page.getByRole('button', { name: 'Pair' }).click();
  return answer;
}

const record = (page: Page, name: string): Promise<LinkRecord | undefined> =>
  page.evaluate((n) => window.lab.records[n], name);

/** Where the link stands, and its error's code if it has one. */
async function at(page: Page, name: string): Promise<string | undefined> {
  const state = (await record(page, name))?.states.at(-1);
  return state && 'error' in state ? `${state.at} ${state.error.code}` : state?.at;
}

const packets = (rates: readonly number[], ticks: readonly number[] = []): Uint8Array[] =>
  rates.map((rate) => new Uint8Array(encodeHeartRate({ rate, contact: true, ticks })));

const withLab = test.extend<{ reloads: boolean; lab: BluetoothLab }>({
  reloads: [false, { option: true }],
  lab: async ({ browser, reloads }, use) => {
    const lab = await BluetoothLab.open(browser, { reloads });
    await use(lab);
    await lab.close();
    expect(lab.problems).toEqual([]);
  },
});

withLab('choose, connect, discover, 200 notifications decoded, link drop and recovery', async ({ page, lab }) => {
  await start(page, lab, STRAP);
  expect(await page.evaluate(() => window.lab.capability())).toEqual({ ok: true, value: { canReturn: true } });
  expect(await pair(page, lab, STRAP.address)).toBe('ok');
  await expect.poll(() => at(page, 'Strap 1')).toBe('live');

  const rates = Array.from({ length: 200 }, (_, index) => 60 + (index % 90));
  const began = Date.now();
  await lab.notify(STRAP.address, MEASUREMENT, packets(rates, [1024, 896]));
  const first = await record(page, 'Strap 1');
  expect(first?.heartrate).toEqual(rates);
  expect(first?.rr).toEqual(rates.flatMap(() => [1000, 875]));
  expect(first?.bad).toEqual([]);
  expect(first?.facts).toEqual([
    { kind: 'bodyLocation', text: 'chest' },
    { kind: 'battery', percent: 87 },
    { kind: 'device', label: 'manufacturer', text: 'Lab' },
    { kind: 'device', label: 'model', text: 'Strap 1' },
    { kind: 'device', label: 'firmware', text: '1.2.3' },
  ]);
  for (const arrival of first?.arrivals ?? []) {
    expect(arrival).toBeGreaterThan(began - 50);
    expect(arrival).toBeLessThan(Date.now() + 50);
  }

  await lab.disconnect(STRAP.address);
  await expect.poll(async () => (await record(page, 'Strap 1'))?.linksLost).toBe(1);
  await expect.poll(() => at(page, 'Strap 1')).toBe('live');
  await lab.notify(STRAP.address, MEASUREMENT, packets([101, 102, 103]));
  const second = await record(page, 'Strap 1');
  expect(second?.heartrate.slice(200)).toEqual([101, 102, 103]);
  expect(second?.states.map((state) => state.at)).toEqual([
    ...['connecting', 'discovering', 'subscribing', 'live', 'waiting'],
    ...['connecting', 'discovering', 'subscribing', 'live'],
  ]);
  // Fresh services after the reconnect, and never two operations at a time.
  expect(lab.operations.filter((operation) => operation.endsWith('discovery'))).toHaveLength(2);
});

withLab('malformed packets are refused and the stream goes on', async ({ page, lab }) => {
  await start(page, lab, STRAP);
  await pair(page, lab, STRAP.address);
  await expect.poll(() => at(page, 'Strap 1')).toBe('live');
  const bad = [Uint8Array.of(0x16), Uint8Array.of(0x00, 0x48, 0x00), new Uint8Array()];
  await lab.notify(STRAP.address, MEASUREMENT, [...packets([70]), ...bad, ...packets([71])]);
  const seen = await record(page, 'Strap 1');
  expect(seen?.heartrate).toEqual([70, 71]);
  expect(seen?.bad).toEqual(['decode-truncated', 'decode-oversized', 'decode-truncated']);
  await expect.poll(() => at(page, 'Strap 1'), { message: 'nothing more arrives' }).toBe('stale');
  await lab.notify(STRAP.address, MEASUREMENT, packets([72]));
  expect(await at(page, 'Strap 1')).toBe('live');
});

withLab('a chooser closed without a choice, a device without a known service', async ({ page, lab }) => {
  await start(page, lab, STRAP);
  lab.cancelNext();
  expect(await pair(page, lab, STRAP.address)).toBe('bluetooth-cancelled');
  // A strap that advertises heart rate but turns out to have something else inside.
  const liar = { ...THERMOMETER, services: [...THERMOMETER.services] };
  await lab.addPeripheral({ ...liar, services: [{ uuid: STRAP.services[0]?.uuid ?? '', characteristics: [] }] });
  expect(await pair(page, lab, THERMOMETER.address)).toBe('ok');
  await expect.poll(() => at(page, 'Thermometer')).toBe('lost bluetooth-no-services');
});

withLab('refused connects are tried again', async ({ page, lab }) => {
  await start(page, lab, STRAP);
  lab.fail(STRAP.address, 'connection', 0x3e, 2);
  await pair(page, lab, STRAP.address);
  await expect.poll(() => at(page, 'Strap 1')).toBe('live');
  const states = (await record(page, 'Strap 1'))?.states ?? [];
  const waits = states.flatMap((state) => (state.at === 'waiting' ? [`${state.attempt} ${state.error.code}`] : []));
  expect(waits).toEqual(['2 bluetooth-out-of-range', '3 bluetooth-out-of-range']);
});

withLab('one value that cannot be read does not end the link', async ({ page, lab }) => {
  await start(page, lab, STRAP);
  lab.fail(STRAP.address, 'read', 0x02, 1);
  await pair(page, lab, STRAP.address);
  await expect.poll(() => at(page, 'Strap 1')).toBe('live');
  const seen = await record(page, 'Strap 1');
  expect(seen?.warnings.map((error) => error.code)).toEqual(['bluetooth-gatt']);
  expect(seen?.facts).not.toContainEqual({ kind: 'bodyLocation', text: 'chest' });
});

withLab('the adapter goes and comes back', async ({ page, lab }) => {
  await start(page, lab, STRAP);
  await pair(page, lab, STRAP.address);
  await expect.poll(() => at(page, 'Strap 1')).toBe('live');
  await lab.setAdapter('absent');
  await expect.poll(() => at(page, 'Strap 1')).toBe('lost bluetooth-adapter-off');
  expect(await page.evaluate(() => window.lab.capability())).toMatchObject({ error: { code: 'bluetooth-no-adapter' } });
  await lab.setAdapter('powered-on');
  await lab.addPeripheral(STRAP);
  await expect.poll(() => at(page, 'Strap 1'), { timeout: 20_000 }).toBe('live');
});

withLab('two straps at once do not mix', async ({ page, lab }) => {
  await start(page, lab, STRAP, OTHER);
  await pair(page, lab, STRAP.address);
  await pair(page, lab, OTHER.address);
  await expect.poll(() => at(page, 'Strap 1')).toBe('live');
  await expect.poll(() => at(page, 'Strap 2')).toBe('live');
  await Promise.all([
    lab.notify(STRAP.address, MEASUREMENT, packets([61, 62, 63])),
    lab.notify(OTHER.address, MEASUREMENT, packets([161, 162, 163])),
  ]);
  await lab.notify(OTHER.address, BATTERY, [Uint8Array.of(49)]);
  await lab.disconnect(STRAP.address);
  await lab.notify(OTHER.address, MEASUREMENT, packets([164]));
  expect((await record(page, 'Strap 1'))?.heartrate).toEqual([61, 62, 63]);
  expect((await record(page, 'Strap 2'))?.heartrate).toEqual([161, 162, 163, 164]);
  expect((await record(page, 'Strap 2'))?.facts).toContainEqual({ kind: 'battery', percent: 49 });
  expect((await record(page, 'Strap 2'))?.linksLost).toBe(0);
});

withLab.describe(() => {
  withLab.use({ reloads: true });
  withLab('a known strap comes back after a reload without the chooser', async ({ page, lab }) => {
    await start(page, lab, STRAP);
    await pair(page, lab, STRAP.address);
    await expect.poll(() => at(page, 'Strap 1')).toBe('live');
    const before = await record(page, 'Strap 1');
    await page.reload();
    // Under emulation the name is gone after a reload; the id is what counts, and the app keeps names by id.
    const [name = '', ...others] = await page.evaluate(() => window.lab.returnToKnown());
    expect(others).toEqual([]);
    await expect.poll(() => at(page, name)).toBe('seeking');
    await lab.advertise(STRAP.address);
    await expect.poll(() => at(page, name)).toBe('live');
    await lab.notify(STRAP.address, MEASUREMENT, packets([88]));
    const after = await record(page, name);
    expect(after?.heartrate).toEqual([88]);
    expect(after?.id).toBe(before?.id);
  });
});

// A lab each: a link that is left over when its page goes confuses the emulation for the next page.
for (const { name } of RADIO_CASES) {
  withLab(`browser radio: ${name}`, async ({ page, lab }) => {
    await page.exposeFunction('labPress', () => page.getByRole('button', { name: 'Pair' }).click());
    await page.exposeFunction('labSend', (count: number) =>
      lab.notify(STRAP.address, MEASUREMENT, packets(Array<number>(count).fill(75))),
    );
    await page.exposeFunction('labDrop', () => lab.disconnect(STRAP.address));
    await start(page, lab, STRAP);
    expect(await page.evaluate((n) => window.lab.runCase(n), name)).toBeUndefined();
  });
}

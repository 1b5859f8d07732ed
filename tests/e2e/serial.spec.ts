/** An Arduino on a cable from the chooser to the gateway. The port is a fake of `navigator.serial`; all else is real. */
import * as v from 'valibot';
import { PATH, SensorList } from '../../src/protocol/rest.ts';
import type { AppPage } from './support/app.ts';
import { fakeInPage, fakeInWorker, noneInWorker, type FakeBoard } from './support/fake-serial.ts';
import { readHistory } from './support/ground-truth.ts';
import { expect, test } from './support/test.ts';

const COUNT = 40;

/** As the sketch of docs/arduino.md prints, in pieces that know nothing of lines. */
async function print(board: FakeBoard, from: number, count = COUNT): Promise<void> {
  const lines = Array.from(
    { length: count },
    (_, i) => `millis:${(from + i) * 20},light_raw:${from + i},analog:300\r\n`,
  );
  const text = lines.join('');
  for (let at = 0; at < text.length; at += 50) await board.send(text.slice(at, at + 50));
}

async function pair(app: AppPage): Promise<void> {
  await app.page.getByText('More ways', { exact: true }).click();
  await app.page.getByRole('button', { name: 'By cable' }).click();
  await app.page.getByRole('button', { name: 'Choose the port' }).click();
  await expect(app.card('Arduino')).toBeVisible();
}

/** What the gateway holds of the board, once it is as much as that. */
async function held(url: string, attribute: string, count: number): Promise<unknown[]> {
  let values: unknown[] = [];
  await expect(async () => {
    const { sensors } = v.parse(SensorList, await (await fetch(`${url}${PATH.sensors}`)).json());
    const sensor = sensors.find(({ sensor_name }) => sensor_name === 'Arduino');
    values = sensor ? (await readHistory(url, sensor.sensor_id, attribute)).map(({ value }) => value) : [];
    expect(values.length).toBeGreaterThanOrEqual(count);
  }).toPass({ timeout: 20_000, intervals: [250] });
  return values;
}

const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

test('read in the worker; pulled, it waits, and plugged in again it goes on; every sample reaches the gateway', async ({
  app,
  gateway,
  page,
}) => {
  await fakeInPage(page);
  await app.open(gateway.url);
  const board = await fakeInWorker(page);
  await pair(app);
  await expect.poll(() => board.log()).toEqual(['open 115200']);
  await print(board, 0);
  const card = app.card('Arduino');
  await expect(card).toContainText('Live');
  // The first line may be the rest of one; all others are read.
  expect(await held(gateway.url, 'light_raw', COUNT - 1)).toEqual(numbers(1, COUNT - 1));
  await board.plugOut();
  await expect(card).toContainText('cable was pulled');
  await board.plugIn();
  await expect.poll(() => board.log()).toEqual(['open 115200', 'close', 'open 115200']);
  await print(board, 500);
  await expect(card).toContainText('Live');
  const all = await held(gateway.url, 'light_raw', 2 * (COUNT - 1));
  expect(all).toEqual([...numbers(1, COUNT - 1), ...numbers(501, COUNT - 1)]);
  expect(app.errors).toEqual([]);
});

test('where workers have no ports, the window reads', async ({ app, gateway, page }) => {
  await fakeInPage(page);
  await app.open(gateway.url);
  const board = await noneInWorker(page);
  await pair(app);
  await expect.poll(() => board.log()).toEqual(['open 115200']);
  await print(board, 1000);
  await expect(app.card('Arduino')).toContainText('Live');
  expect(await held(gateway.url, 'light_raw', COUNT - 1)).toEqual(numbers(1001, COUNT - 1));
  expect(app.errors).toEqual([]);
});

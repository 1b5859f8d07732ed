/** Devices side by side: what the radio has room for, names that two of them share, and commands that reach the right one. */
import type { DeviceCommand } from '../../src/model/command.ts';
import { commandPath } from '../../src/protocol/command.ts';
import environment from '../fixtures/profiles/environmental-sensing.ts';
import thingyPackets from '../fixtures/profiles/thingy52.ts';
import { heartRateStrap, MEASUREMENT } from './support/bluetooth.ts';
import { expect, golden, test, type Families } from './support/families.ts';
import { weatherStation } from './support/peripherals/environment.ts';
import { THINGY, thingy52 } from './support/peripherals/thingy.ts';

const heartrate = (values: readonly number[]) => ({ readings: [{ attribute: 'heartrate', values }] });

test('devices that share the names of their readings stay apart; a full radio is said before the next one', async ({
  families,
}) => {
  const { app, budget } = families;
  const chest = await families.pair(heartRateStrap('09:09:09:09:21:01', 'Chest strap'));
  const arm = await families.pair(heartRateStrap('09:09:09:09:21:02', 'Arm band'));
  // Four are no reason to worry.
  await expect(app.pair).toBeEnabled();
  await expect(budget).toBeHidden();

  const thingy = await families.pair(thingy52('09:09:09:09:21:03', 'Thingy'));
  await expect(budget).toContainText('use 21 of about 15');
  const station = await families.pair(weatherStation('09:09:09:09:21:04', 'Balcony'));
  await expect(budget).toContainText('use 24 of about 15');

  await chest.raw(MEASUREMENT, [Uint8Array.of(0, 61), Uint8Array.of(0, 62)]);
  await arm.raw(MEASUREMENT, [Uint8Array.of(0, 142)]);
  chest.expects(heartrate([61, 62]));
  arm.expects(heartrate([142]));
  await thingy.send([golden(thingyPackets, 'temperature: 21.42 °C'), golden(thingyPackets, 'humidity: 45 %')]);
  await station.send([golden(environment, 'temperature 25'), golden(environment, 'humidity 50')]);
  await station.send([golden(environment, 'temperature -5')], 2);
  await expect(thingy.card).toContainText('21.4');
  await expect(station.card).toContainText('25.0');
  await expect(chest.card).toContainText('62');
  await expect(arm.card).toContainText('142');

  const all = [chest, arm, thingy, station];
  for (const device of all) await device.isStored();
  expect(new Set(await Promise.all(all.map((device) => device.sensorId()))).size).toBe(4);
  for (const device of all) expect(await device.details()).toMatch(/could not be read None\./);
});

const led = (r: number, g: number, b: number): DeviceCommand => {
  return { command: 'set_led', led: { mode: 'constant', r, g, b, intensity: 50, delay: 1000 } };
};
const TONE: DeviceCommand = { command: 'play_tone', frequency: 440, duration: 1000 };

async function send(families: Families, sensorId: string, command: DeviceCommand): Promise<void> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer missing' };
  const body = JSON.stringify(command);
  const answer = await fetch(`${families.url}${commandPath(sensorId)}`, { method: 'POST', headers, body });
  expect(answer.status).toBe(202);
}

test('Thingy:52: configured, streams, and does what a viewer asks only after leave; one stop ends that', async ({
  families,
}) => {
  const { page } = families.app;
  const thingy = await families.pair(thingy52('09:09:09:09:21:05', 'Thingy'));
  // Every second, its LED's colour kept; motion at 25 Hz.
  expect(thingy.written(THINGY.environmentConfig)).toEqual(['e8 03 e8 03 e8 03 e8 03 01 67 4e 1d']);
  expect(thingy.written(THINGY.motionConfig)).toEqual(['e8 03 f4 01 f4 01 19 00 01']);
  await thingy.send([
    golden(thingyPackets, 'pressure: 1013.25 hPa'),
    golden(thingyPackets, 'raw motion: 1 g, ±1 °/s, 50 µT'),
    golden(thingyPackets, 'tap: y down, twice'),
  ]);
  await thingy.isStored();

  const sensorId = await thingy.sensorId();
  const asked = page.getByRole('dialog', { name: /control Thingy/ });
  await send(families, sensorId, led(255, 128, 0));
  await expect(asked).toContainText('Light on');
  expect(thingy.written(THINGY.led), 'nothing before leave is given').toEqual([]);
  await asked.getByRole('button', { name: 'Allow once' }).click();
  await expect.poll(() => thingy.written(THINGY.led)).toEqual(['01 ff 80 00']);

  await send(families, sensorId, led(0, 0, 255));
  await asked.getByRole('button', { name: 'Refuse' }).click();
  await expect(asked).toBeHidden();

  await send(families, sensorId, TONE);
  await asked.getByRole('button', { name: 'Allow until I stop' }).click();
  await expect.poll(() => thingy.written(THINGY.speakerData)).toEqual(['b8 01 e8 03 3c']);
  expect(thingy.written(THINGY.soundConfig)).toEqual(['01 01']);
  await send(families, sensorId, led(0, 255, 0));
  await expect.poll(() => thingy.written(THINGY.led)).toEqual(['01 ff 80 00', '01 00 ff 00']);

  await page.getByRole('button', { name: 'Stop all movement' }).click();
  await expect.poll(() => thingy.written(THINGY.led).at(-1)).toBe('00');
  await send(families, sensorId, led(9, 9, 9));
  await expect(asked).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(asked).toBeHidden();
  expect(thingy.written(THINGY.led)).toHaveLength(3);
  await expect(thingy.card).toContainText(/Live|Stale/);
});

/** Devices on a cable from choosing a port to the list of devices. */
import { expect, test } from 'vitest';
import { createApp } from '../../../src/app/sensocto-app.ts';
import { SerialPorts } from '../../../src/app/serial.ts';
import type { LinkParts } from '../../../src/app/device-origin.ts';
import { createScriptedRadio } from '../../../src/device/demo/scripted-radio.ts';
import { appError, type AppError } from '../../../src/model/errors.ts';
import { fail, ok } from '../../../src/model/result.ts';
import type { SourceNotes } from '../../../src/model/source-notes.ts';
import { FakePort, FakeSerial } from '../../support/fake-serial.ts';
import { createManualClock, turns } from '../../support/manual-clock.ts';
import { createScriptedWorker } from './scripted-worker.ts';

const LINES = 'x:1\nx:2\nx:3\nx:4\n';

async function settle(): Promise<void> {
  for (let i = 0; i < 8; i++) await turns();
}

/** Workers without ports: the window reads, which is the same code. */
function setUp(serial = new FakeSerial(), problem?: AppError, worker = createScriptedWorker()) {
  const clock = createManualClock();
  const asked: string[] = [];
  const fed: { sensorId: string; values: number; notes: SourceNotes | undefined }[] = [];
  const radio = Object.assign(createScriptedRadio({ timers: clock, now: () => clock.now() }), {
    capability: () => Promise.resolve(fail(appError('bluetooth-no-adapter'))),
  });
  const { app, input } = createApp({
    radio,
    demoRadio: radio,
    loadLink: () => Promise.reject<LinkParts>(new Error('not here')),
    worker,
    openSocket: () => {
      throw new Error('not here');
    },
    loadPhone: () => Promise.reject(new Error('not here')),
    loadPose: () => Promise.reject(new Error('not here')),
    loadSerial() {
      asked.push('load');
      return Promise.resolve(
        new SerialPorts({
          serial,
          openInWorker: (sensorId, { baud, format }) => {
            asked.push(`${sensorId} ${baud} ${format ?? 'any'}`);
            return Promise.resolve(fail(appError('serial-unsupported')));
          },
          clock,
          random: () => 0.5,
        }),
      );
    },
    serialProblem: problem,
    ingestReadings: (sensorId, readings, _attributes, _arrival, notes) =>
      fed.push({ sensorId, values: readings.length, notes }),
    ingest: () => undefined,
    clock,
    random: () => 0.5,
    requestPersistence: () => Promise.resolve(ok(true)),
    persistsQuietly: true,
  });
  return { app, input, worker, clock, asked, fed, at: () => app.devices.get().map(({ link }) => link.at) };
}

test('chosen, opened, read, listed; what it says beside its readings comes along', async () => {
  const port = new FakePort();
  const serial = new FakeSerial(port);
  serial.chosen = port;
  const { app, asked, fed, at, worker } = setUp(serial);
  expect(await app.pairSerial({ baud: 57_600, preset: 'arduino' })).toEqual(ok(undefined));
  await settle();
  expect(asked).toEqual(['load', 'sensor-of-serial-2341-0043-0 57600 any']);
  port.send(LINES);
  await settle();
  expect(at()).toEqual(['live']);
  expect(app.devices.get()[0]).toMatchObject({ kind: 'serial', name: 'Arduino', demo: false, subscriptions: 0 });
  expect(fed[0]).toMatchObject({
    sensorId: 'sensor-of-serial-2341-0043-0',
    values: 1,
    notes: { device: { format: 'name:value lines', baud: '57600' } },
  });
  expect(worker.calls).toContain('note serial-2341-0043-0 baud 57600');
  expect(worker.calls).toContain('note serial-2341-0043-0 preset 1');
  expect(app.isStreaming()).toBe(true);
});

test('chosen again with another speed: one device, read anew', async () => {
  const port = new FakePort();
  const serial = new FakeSerial(port);
  serial.chosen = port;
  const { app, asked, at } = setUp(serial);
  await app.pairSerial({ baud: 9600, preset: 'custom' });
  await settle();
  await app.pairSerial({ baud: 115_200, preset: 'cyton' });
  await settle();
  expect(at()).toHaveLength(1);
  expect(asked.slice(2)).toEqual(['sensor-of-serial-2341-0043-0 115200 cyton']);
  expect(port.log.slice(-2)).toEqual(['open 115200', 'write b']);
});

test('what is known beforehand, and what a person decides, is said', async () => {
  const missing = setUp(new FakeSerial(), appError('serial-unsupported'));
  expect(missing.app.serialProblem?.code).toBe('serial-unsupported');
  expect(await missing.app.pairSerial({ baud: 9600, preset: 'custom' })).toEqual(fail(appError('serial-unsupported')));
  expect(missing.asked).toEqual([]);
  const { app, at } = setUp();
  expect(await app.pairSerial({ baud: 9600, preset: 'custom' })).toMatchObject(fail({ code: 'serial-cancelled' }));
  expect(await app.pairSerial({ baud: 1, preset: 'custom' })).toMatchObject(fail({ code: 'serial-input' }));
  expect(at()).toEqual([]);
});

test('a remembered device that is plugged in comes back by itself, with its speed, without Bluetooth', async () => {
  const worker = createScriptedWorker();
  for (const [deviceId, notes] of [
    ['serial-2341-0043-0', { baud: 250_000, preset: 1 }],
    ['serial-0403-6015-0', { baud: 115_200, preset: 3 }],
  ] as const) {
    worker.known.set(deviceId, {
      deviceId,
      deviceName: 'Board',
      name: 'Balcony',
      sensorId: `s-${deviceId}`,
      sensorType: 'arduino',
      notes,
    });
  }
  const serial = new FakeSerial(new FakePort({ usbVendorId: 0x9999 }), new FakePort());
  const { app, input, asked, at } = setUp(serial, undefined, worker);
  await input.start();
  await settle();
  expect(asked).toEqual(['load', 's-serial-2341-0043-0 250000 any']);
  expect(app.devices.get().map(({ name }) => name)).toEqual(['Balcony']);
  expect(at()).toEqual(['subscribing']);
});

test('nothing is fetched where no cable was ever used', async () => {
  const { input, asked } = setUp();
  await input.start();
  expect(asked).toEqual([]);
});

test('forgotten: the port is closed and the permission given back', async () => {
  const port = new FakePort();
  const serial = new FakeSerial(port);
  serial.chosen = port;
  const { app, at } = setUp(serial);
  await app.pairSerial({ baud: 9600, preset: 'custom' });
  await settle();
  expect(await app.forget('serial-2341-0043-0')).toEqual(ok(undefined));
  await settle();
  expect(at()).toEqual([]);
  expect(port.log).toContain('forget');
  expect(port.readable).toBeNull();
});

/** Scenes of the further ways to a sensor. */
import { appError } from '../../src/model/errors.ts';
import { makeMapping } from '../../src/model/mapping.ts';
import { scriptedDevice, scriptedStatus, scriptedStream, type ScriptedApp } from '../support/scripted-app.ts';
import { createScriptedLesson, scriptedValue } from '../support/scripted-lesson.ts';
import type { Scene } from './scene.ts';

const SERVICE = '0000fff0-0000-1000-8000-00805f9b34fb';
const uuid = (short: string): string => `0000${short}-0000-1000-8000-00805f9b34fb`;
const nothing = (): void => undefined;

/** A plant sensor: moisture and warmth in the 3rd to 6th byte, a counter before them. */
function plant(app: ScriptedApp): void {
  const lesson = createScriptedLesson();
  app.lesson = lesson;
  lesson.open([
    scriptedValue(SERVICE, uuid('fff1'), [0xa5, 0, 0x10, 0x0e, 0x5e, 0x08, 0, 0xff]),
    scriptedValue(SERVICE, uuid('fff2'), undefined, { can: { read: false, notify: false, write: true } }),
    scriptedValue('6e400001-b5a3-f393-e0a9-e50e24dcca9e', '6e400003-b5a3-f393-e0a9-e50e24dcca9e'),
    scriptedValue(uuid('180a'), uuid('2a29'), [...new TextEncoder().encode('Flower Systems GmbH')], {
      can: { read: true, notify: false, write: false },
    }),
    scriptedValue(uuid('180f'), uuid('2a19'), undefined, { error: appError('bluetooth-gatt') }),
  ]);
  let count = 0;
  setInterval(() => {
    count += 1;
    const moisture = 3600 + Math.round(40 * Math.sin(count / 5));
    lesson.send(0, [0xa5, count % 256, moisture % 256, moisture >> 8, 0x5e, 0x08, 0, 0xff]);
  }, 200);
}

const TO_BYTES = ['More ways', 'page: Teach a device', 'Many small makers', 'Choose the device'];
const NAMED = [...TO_BYTES, 'byte 1', 'Name = Counter'];

function taught(app: ScriptedApp): void {
  const made = makeMapping({
    name: 'Plant sensor',
    characteristics: [
      {
        service: SERVICE,
        characteristic: uuid('fff1'),
        readings: [{ attribute: 'soil_moisture', attributeType: 'generic', unit: '%', offset: 2, type: 'uint16' }],
      },
    ],
  });
  const status = scriptedStatus('plant', { streams: [scriptedStream('soil_moisture')], facts: {} });
  app.devices.set([
    scriptedDevice('Plant 3', { at: 'live' }, { status, subscriptions: 1, mappings: made.ok ? [made.value] : [] }),
  ]);
}

export const WAY_SCENES: Readonly<Record<string, Scene>> = {
  ways: { screen: 'sense', set: nothing, press: ['More ways'] },
  'ways-firefox': {
    screen: 'sense',
    set(app) {
      app.serialProblem = appError('serial-unsupported');
      app.bluetooth.set({ at: 'unavailable', error: appError('bluetooth-unsupported-firefox') });
    },
    press: ['More ways'],
  },
  'way-cable': { screen: 'sense', set: nothing, press: ['More ways', 'page: By cable'] },
  'way-cable-none-chosen': {
    screen: 'sense',
    set: (app) => void (app.failNext = appError('serial-cancelled')),
    press: ['More ways', 'page: By cable', 'Choose the port'],
  },
  'way-toys': { screen: 'sense', set: nothing, press: ['More ways', 'page: Toys through Intiface'] },
  'way-toys-away': {
    screen: 'sense',
    set: (app) => void (app.failNext = appError('toys-unreachable')),
    press: ['More ways', 'page: Toys through Intiface', 'Connect'],
  },
  'way-file': { screen: 'sense', set: nothing, press: ['More ways', 'page: Use a device file'] },
  'teach-numbers': {
    screen: 'sense',
    set: nothing,
    press: ['More ways', 'page: Teach a device', 'Many small makers', 'Service number = 18', 'Add'],
  },
  'teach-bytes': { screen: 'sense', set: plant, press: TO_BYTES },
  'teach-reading': { screen: 'sense', set: plant, press: NAMED },
  'teach-keep': { screen: 'sense', set: plant, press: [...NAMED, 'Next'] },
  'taught-details': { screen: 'sense', set: taught, press: ['More about Plant 3', 'page: Details'] },
};

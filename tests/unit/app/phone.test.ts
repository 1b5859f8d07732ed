/** This phone as a device, from the app's actions to what the worker is given. The browser's sensors are fakes. */
import { describe, expect, it } from 'vitest';
import type { SensoctoApp } from '../../../src/app/api.ts';
import { Devices } from '../../../src/app/devices.ts';
import { createPhoneDoor } from '../../../src/app/phone-door.ts';
import { createPhone } from '../../../src/app/phone.ts';
import { createButtons } from '../../../src/device/phone/buttons.ts';
import { createMarkers } from '../../../src/device/phone/markers.ts';
import type { PhoneParts } from '../../../src/device/phone/phone-sources.ts';
import { createPresence } from '../../../src/device/phone/presence.ts';
import type { Source } from '../../../src/device/source.ts';
import { createStore } from '../../../src/lib/store.ts';
import { appError } from '../../../src/model/errors.ts';
import type { Json } from '../../../src/model/block.ts';
import type { Reading } from '../../../src/model/reading.ts';
import { fail, ok } from '../../../src/model/result.ts';
import type { LocationDetail } from '../../../src/device/phone/phone-types.ts';
import type { WorkerStatus } from '../../../workers/sensor/api.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { IDLE_STATUS, scriptedStatus } from '../../support/scripted-app.ts';
import { createScriptedWorker } from './scripted-worker.ts';

const SENSOR = 'sensor-of-this-phone';

function setUp() {
  const clock = createManualClock();
  const worker = createScriptedWorker();
  const ingested: { readings: readonly Reading[]; arrival: number }[] = [];
  const status = createStore<WorkerStatus>(IDLE_STATUS);
  const devices = new Devices({
    worker,
    ingest: () => undefined,
    ingestReadings: (_sensorId, readings, _attributes, arrival) => ingested.push({ readings, arrival }),
    status,
    onForgotten: () => undefined,
  });
  const rates: number[] = [];
  const asked: string[] = [];
  const motion: Source = {
    kind: 'motion',
    attributes: [{ attribute: 'accelerometer', attributeType: 'accelerometer', samplingRate: 50 }],
    support: () => Promise.resolve(fail(appError('source-insecure'))),
    ask: () => {
      asked.push('motion');
      return Promise.resolve(ok(undefined));
    },
    start: () => Promise.resolve(ok(undefined)),
    setRate: (hz) => void (rates.at(-1) === hz || rates.push(hz)),
  };
  const edge = {
    detail: (): LocationDetail => 'exact',
    tellBattery: (_isLow: boolean): void => undefined,
    escape: (): void => undefined,
    captures: 0,
    loads: 0,
    failLoad: false,
  };
  const makeParts = (detail: () => LocationDetail): PhoneParts => {
    edge.detail = detail;
    const now = (): number => clock.now();
    const [buttons, markers, presence] = [createButtons(now), createMarkers(now), createPresence(now)];
    return {
      sources: [motion, buttons.source, markers.source, presence.source],
      buttons,
      markers,
      presence,
      captureKeys(onEscape, signal) {
        edge.captures += 1;
        edge.escape = onEscape;
        signal.addEventListener('abort', () => (edge.captures -= 1), { once: true });
      },
      watchLowBattery: (onChange) => (edge.tellBattery = onChange),
    };
  };
  const load = async () => {
    edge.loads += 1;
    await Promise.resolve();
    if (edge.failLoad) throw new TypeError('failed to fetch');
    return createPhone(makeParts, clock);
  };
  const app: Pick<SensoctoApp, 'phone' | 'press' | 'usePhone'> & ReturnType<typeof createPhoneDoor> = createPhoneDoor(
    load,
    devices,
    () => clock.now(),
  );
  const payloads = (): Json[] =>
    ingested.flatMap(({ readings }) => readings.flatMap((one) => (one.kind === 'structured' ? one.payloads : [])));
  return { clock, worker, devices, status, app, edge, rates, asked, ingested, payloads };
}

describe('this phone', () => {
  it('says what it offers and why not, and is fetched once', async () => {
    const { app, edge } = setUp();
    const offers = await app.phoneOffers();
    expect(offers).toMatchObject({
      value: [{ kind: 'motion', error: { code: 'source-insecure' } }, { kind: 'buttons' }, { kind: 'markers' }, {}],
    });
    await app.phoneOffers();
    expect(edge.loads).toBe(1);
  });

  it('is fetched again after that failed', async () => {
    const { app, edge } = setUp();
    edge.failLoad = true;
    expect(await app.phoneOffers()).toMatchObject({ error: { code: 'unexpected' } });
    edge.failLoad = false;
    expect(await app.phoneOffers()).toMatchObject({ ok: true });
  });

  it('asks first, then measures with what was chosen', async () => {
    const { app, asked, worker, devices } = setUp();
    expect(await app.usePhone(['motion', 'buttons'])).toEqual(ok(undefined));
    expect(asked).toEqual(['motion']);
    expect(worker.calls).toEqual(['remember this-phone', `openSensor ${SENSOR} as This phone`]);
    const [view] = devices.views.get();
    expect(view).toMatchObject({ kind: 'phone', deviceId: 'this-phone' });
    expect(view?.sources.map(({ kind, state }) => `${kind} ${state.at}`)).toEqual([
      'motion on',
      'buttons on',
      'markers off',
      'presence off',
    ]);
  });

  it('chosen again, it takes up more, also after it was stopped', async () => {
    const { app, devices } = setUp();
    await app.usePhone(['buttons']);
    await app.usePhone(['markers']);
    const on = (): string[] =>
      (devices.views.get()[0]?.sources ?? []).flatMap(({ kind, state }) => (state.at === 'on' ? [kind] : []));
    expect(on()).toEqual(['buttons', 'markers']);
    await devices.stop('this-phone');
    expect(on()).toEqual([]);
    expect(await app.usePhone(['presence'])).toEqual(ok(undefined));
    expect(on()).toEqual(['buttons', 'markers', 'presence']);
  });

  it('records presses, words and presence at the moment they were made', async () => {
    const { app, clock, ingested, payloads } = setUp();
    expect(await app.press(2)).toMatchObject({ error: { code: 'source-off' } });
    await app.usePhone(['buttons', 'markers', 'presence']);
    const at = clock.now();
    await app.press(2);
    expect(app.phone.get().held).toEqual([2]);
    await app.release(2);
    await app.mark('go');
    await app.share({ title: 'Bach' });
    expect(app.phone.get()).toMatchObject({ held: [], shared: { title: 'Bach' } });
    expect(payloads()).toEqual([
      { value: 2, event: 'press' },
      { value: 2, event: 'release' },
      { text: 'go', number: 1 },
      { title: 'Bach', state: 'active', source: 'person' },
    ]);
    expect(ingested.every(({ arrival }) => arrival === at)).toBe(true);
  });

  it.each([
    ['switched off', (devices: Devices) => devices.switchSource('this-phone', 'buttons', false)],
    ['stopped', (devices: Devices) => devices.stop('this-phone')],
  ])('releases what is held before it is %s', async (_name, end) => {
    const { app, devices, payloads } = setUp();
    await app.usePhone(['buttons']);
    await app.press(5);
    await end(devices);
    expect(payloads()).toEqual([
      { value: 5, event: 'press' },
      { value: 5, event: 'release' },
    ]);
    expect(app.phone.get().held).toEqual([]);
  });

  it('captures keys while it can do something with them', async () => {
    const { app, devices, edge } = setUp();
    expect(await app.captureKeys(true)).toMatchObject({ error: { code: 'source-off' } });
    await app.usePhone(['markers']);
    expect(await app.captureKeys(true)).toEqual(ok(undefined));
    await app.captureKeys(true);
    expect([edge.captures, app.phone.get().capturing]).toEqual([1, true]);
    edge.escape();
    expect([edge.captures, app.phone.get().capturing]).toEqual([0, false]);
    await app.captureKeys(true);
    await devices.stop('this-phone');
    expect([edge.captures, app.phone.get().capturing]).toEqual([0, false]);
  });

  it('passes on how exactly places are given away', async () => {
    const { app, edge } = setUp();
    await app.setLocationDetail('1 km');
    expect([edge.detail(), app.phone.get().locationDetail]).toEqual(['1 km', '1 km']);
  });

  it('measures slower while nobody looks or the battery is low, and as fast as it can where that is wanted', async () => {
    const { app, rates, status, edge } = setUp();
    await app.usePhone(['motion']);
    const tell = (change: Parameters<typeof scriptedStatus>[1]): void =>
      status.set({ ...IDLE_STATUS, sensors: [scriptedStatus(SENSOR, change)] });
    tell({ attention: 'high' });
    tell({ attention: 'medium' });
    tell({ attention: 'high', paused: true });
    tell({ attention: 'high' });
    edge.tellBattery(true);
    await app.pinFullRate(true);
    edge.tellBattery(false);
    expect(rates).toEqual([50, 25, 5, 50, 10, 50]);
    expect(app.phone.get().fullRate).toBe(true);
  });
});

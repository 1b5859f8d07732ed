/** The delivery sheet in its states. */
import { appError } from '../../src/model/errors.ts';
import type { Gap, SensorProof, Tally } from '../../src/model/proof.ts';
import type { SensorStatus } from '../../src/app/api.ts';
import { sumTallies } from '../../src/app/certificate.ts';
import { IDLE_STATUS, scriptedDevice, scriptedStatus } from '../support/scripted-app.ts';
import type { ScriptedApp } from '../support/scripted-app.ts';
import type { Scene } from './scene.ts';
import { fillHeart } from './signals.ts';

/** A private window. */
export const MEMORY = {
  ...({ kind: 'memory', reason: 'The browser refused: private window', persisted: false } as const),
  ...{ usage: 0, quota: undefined, logBytes: 0 },
};

const live = { at: 'live' } as const;
const tally = (measured: number, change: Partial<Tally> = {}): Tally => {
  const { kept = 0, setAside = 0, evicted = 0 } = change;
  return { measured, kept, setAside, evicted, confirmed: measured - kept - setAside - evicted };
};

/** Puts sensors on the screen, with totals that add up. */
function fill(app: ScriptedApp, now: number, sensors: Readonly<Record<string, Partial<SensorStatus>>>): void {
  const devices = Object.entries(sensors).map(([name, change]) => {
    const device = scriptedDevice(name, live);
    return { ...device, status: scriptedStatus(device.sensorId, change) };
  });
  app.devices.set(devices);
  for (const { sensorId } of devices) fillHeart(app.live, 'own', sensorId, now, 74);
  const statuses = devices.map(({ status }) => status);
  const oldest = statuses.flatMap(({ oldestUnsentAt }) => (oldestUnsentAt === undefined ? [] : [oldestUnsentAt]));
  app.status.set({
    ...IDLE_STATUS,
    sensors: statuses,
    totals: { ...sumTallies(statuses), oldestUnsentAt: oldest.length > 0 ? Math.min(...oldest) : undefined },
  });
  app.facts = { ...app.facts, sensors: devices.map(({ name, status }) => proof(name, status, now)) };
}

function proof(name: string, status: SensorStatus, now: number): SensorProof {
  const { measured, kept, confirmed, setAside, evicted, gaps, sensorId } = status;
  return {
    ...{ sensorId, name, sensorType: 'heart_rate_strap', demo: false, gaps },
    ...{ measured, kept, confirmed, setAside, evicted },
    attributes: status.attributes.map((one) => ({
      ...one,
      firstTime: now - 3_600_000,
      lastTime: now - 1000,
      seq: [[0, one.measured - 1]],
      receipt: { count: one.confirmed, durable: one.confirmed - 8, ranges: [[0, one.confirmed - 1]] },
    })),
  };
}

const gapsBefore = (now: number): readonly Gap[] => [
  { from: now - 26 * 3_600_000, to: now - 26 * 3_600_000 + 125_000, cause: 'link-lost' },
  { from: now - 3_000_000, to: now - 2_940_000, cause: 'tab-hidden' },
  { from: now - 2_400_000, to: now - 1_900_000, cause: 'phone-asleep' },
  { from: now - 900_000, to: now - 890_000, cause: 'evicted', attribute: 'ecg', samples: 1300 },
  { from: now - 12_000, to: undefined, cause: 'link-lost' },
];

function troubled(app: ScriptedApp, now: number): void {
  const ecg = { attribute: 'ecg', ...tally(12_345_678, { kept: 812_340, setAside: 130, evicted: 1300 }) };
  const heart = { attribute: 'heartrate', ...tally(94_960, { kept: 3120 }) };
  fill(app, now, {
    'Movesense 2140 of the second runner': {
      ...sumTallies([ecg, heart]),
      attributes: [heart, ecg],
      oldestUnsentAt: now - 5_400_000,
      gaps: gapsBefore(now),
    },
    'Polar H10 8C2A': { ...tally(3182), oldestUnsentAt: undefined },
  });
  app.status.set({
    ...app.status.get(),
    waiting: [{ sensorId: 'wahoo', name: 'Wahoo TICKR', kept: 412 }],
    storage: { ...IDLE_STATUS.storage, persisted: false },
  });
  const item = { attribute: 'ecg', at: now - 60_000, firstSeq: 4096 };
  app.aside = [
    { ...item, reason: 'invalid_batch', samples: 1, content: { kind: 'samples', measurements: [] } },
    { ...item, reason: 'block-corrupt', samples: 129, content: { kind: 'unreadable', base64: 'AAECAw==' } },
  ];
  app.statusLine.set({ kind: 'offline', kept: 815_872 });
}

const open = ['Delivery'];

export const DELIVERY_SCENES: Readonly<Record<string, Scene>> = {
  draining: { screen: 'sense', set: drain },
  'delivery-empty': { screen: 'sense', press: open, set: () => undefined },
  'delivery-all': {
    screen: 'sense',
    press: open,
    set(app, now) {
      fill(app, now, { 'Polar H10 8C2A': { ...tally(3182), gaps: [] } });
      app.statusLine.set({ kind: 'connected', sending: 1 });
    },
  },
  'delivery-draining': { screen: 'sense', press: [...open, 'Polar H10'], set: drain },
  'delivery-trouble': { screen: 'sense', press: open, set: troubled },
  'delivery-trouble-sensor': {
    screen: 'sense',
    press: [...open, 'Movesense', 'Show 130 samples'],
    set: troubled,
  },
  'delivery-certificate': { screen: 'sense', press: [...open, 'Make a certificate', 'The certificate'], set: troubled },
  'delivery-memory': {
    screen: 'sense',
    press: open,
    set(app, now) {
      fill(app, now, { 'Polar H10 8C2A': { ...tally(3182, { kept: 40 }), oldestUnsentAt: now - 40_000 } });
      app.status.set({ ...app.status.get(), storage: MEMORY });
      app.statusLine.set({ kind: 'connected', sending: 1 });
    },
  },
  'memory-only': {
    screen: 'sense',
    set(app, now) {
      fill(app, now, { 'Polar H10 8C2A': tally(3182) });
      app.status.set({ ...app.status.get(), storage: MEMORY });
      app.statusLine.set({ kind: 'connected', sending: 1 });
    },
  },
  'delivery-failure': {
    screen: 'sense',
    press: [...open, 'Make a certificate'],
    set(app, now) {
      fill(app, now, { 'Polar H10 8C2A': tally(3182) });
      app.failNext = appError('unexpected', 'the worker does not answer');
    },
  },
};

/** 12 340 samples at 300 a second, as fast as a real drain, again and again. */
function drain(app: ScriptedApp, now: number): void {
  const all = 12_340;
  const show = (left: number): void => {
    const change = {
      ...tally(94_960, { kept: left }),
      drain: { left, secondsLeft: left / 300 },
      oldestUnsentAt: now - 3_700_000,
    };
    const device = scriptedDevice('Polar H10 8C2A', live);
    const status = scriptedStatus(device.sensorId, change);
    app.devices.set([{ ...device, status }]);
    app.status.set({
      ...IDLE_STATUS,
      sensors: [status],
      totals: { ...sumTallies([status]), oldestUnsentAt: change.oldestUnsentAt },
    });
    app.statusLine.set({ kind: 'draining', left, secondsLeft: left / 300 });
  };
  fillHeart(app.live, 'own', 'polar-h10-8c2a', now, 74);
  let left = all;
  show(left);
  setInterval(() => show((left = left > 300 ? left - 300 : all)), 1000);
}

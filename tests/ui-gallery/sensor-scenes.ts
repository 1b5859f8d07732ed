/** Sensors of every kind: own cards, this phone, commands, watched ones. */
import type { StreamStatus, WatchedSensor } from '../../src/app/api.ts';
import type { Json } from '../../src/model/block.ts';
import { appError } from '../../src/model/errors.ts';
import { skeletonShape } from '../../src/model/payloads.ts';
import { IDLE_STATUS, scriptedDevice, scriptedStatus, scriptedStream } from '../support/scripted-app.ts';
import type { ScriptedApp } from '../support/scripted-app.ts';
import { skeletonMotion } from '../support/skeleton-motion.ts';
import type { Scene } from './scene.ts';
import { fillEcg, fillHeart } from './signals.ts';

const live = { at: 'live' } as const;
type Origin = 'own' | 'watched';

/** Fills streams with sums of sines: `[stream, period ms, height, middle]`. */
function fillWaves(
  app: ScriptedApp,
  origin: Origin,
  id: string,
  now: number,
  hertz: number,
  waves: readonly (readonly [string, number, number, number])[],
): void {
  for (let t = now - 40_000; t <= now; t += 1000 / hertz) {
    for (const [stream, period, height, middle] of waves) {
      const phase = (2 * Math.PI * t) / period;
      app.live.push(origin, id, stream, t, middle + height * (Math.sin(phase) + 0.2 * Math.sin(7.3 * phase)));
    }
  }
}

/** One card of a sensor that works well. */
function own(
  name: string,
  streams: readonly StreamStatus[],
  fill: (app: ScriptedApp, id: string, now: number) => void,
  press: readonly string[] = [],
): Scene {
  return {
    screen: 'sense',
    press,
    set(app, now) {
      const device = scriptedDevice(name, live);
      const { sensorId } = device;
      const rate = streams[0]?.rate ?? 0;
      const facts = { battery: 71, device: { Manufacturer: 'Example', Model: name } };
      app.devices.set([{ ...device, status: scriptedStatus(sensorId, { streams, rate, facts }) }]);
      app.statusLine.set({ kind: 'connected', sending: 1 });
      fill(app, sensorId, now);
    },
  };
}

const ECG_STREAMS = [
  scriptedStream('ecg', {
    requestedRate: 130,
    rate: 128.9,
    samples: 77_000,
    lost: 310,
    uncertainty: 3.2,
    driftPpm: 41.3,
  }),
  scriptedStream('accelerometer', { requestedRate: 50, rate: 50.1, uncertainty: 6, driftPpm: 41.3 }),
  scriptedStream('heartrate_ecg', { attributeType: 'heartrate_estimate', estimated: true }),
  scriptedStream('hrv', { requestedRate: 0.2, rate: 0.2, estimated: true }),
  scriptedStream('quality_ecg', { attributeType: 'signal_quality', estimated: true }),
  scriptedStream('battery', { requestedRate: 0, rate: 0 }),
];

function fillEcgStrap(app: ScriptedApp, id: string, now: number): void {
  fillEcg(app.live, 'own', id, now);
  fillMotion(app, id, now);
  app.live.push('own', id, 'heartrate_ecg', now, 69.8);
  for (const [field, value] of [
    ['rmssd', 42],
    ['sdnn', 55],
    ['pnn50', 21],
  ] as const) {
    app.live.push('own', id, `hrv/${field}`, now, value);
  }
  app.live.push('own', id, 'quality_ecg', now, 0.93);
  app.live.push('own', id, 'battery', now, 71);
}

function fillMotion(app: ScriptedApp, id: string, now: number, origin: Origin = 'own'): void {
  fillWaves(app, origin, id, now, 50, [
    ['accelerometer/x', 1900, 3, 0],
    ['accelerometer/y', 2700, 2, -3],
    ['accelerometer/z', 3100, 1.5, 9.8],
  ]);
}

function fillTrend(app: ScriptedApp, id: string, now: number, stream: string, base: number, height: number): void {
  for (let ago = 60; ago >= 0; ago--) {
    app.live.push('own', id, stream, now - 1000 * ago, base + height * Math.sin(ago / 9));
  }
}

const PHONE_SOURCES = [
  { kind: 'motion', attributes: ['accelerometer', 'gyroscope'], state: { at: 'on' } },
  { kind: 'geolocation', attributes: ['geolocation'], state: { at: 'on' } },
  {
    kind: 'microphone',
    attributes: ['microphone'],
    state: { at: 'trouble', error: appError('source-permission', 'NotAllowedError') },
  },
  { kind: 'buttons', attributes: ['button'], state: { at: 'on' } },
  { kind: 'markers', attributes: ['marker'], state: { at: 'on' } },
  { kind: 'presence', attributes: ['rich_presence'], state: { at: 'on' } },
  { kind: 'light', attributes: ['light'], state: { at: 'off' } },
] as const;

function phone(app: ScriptedApp, now: number): void {
  const streams = [
    scriptedStream('accelerometer', { requestedRate: 50, rate: 49.7 }),
    scriptedStream('geolocation', { requestedRate: 0, rate: 1 }),
    scriptedStream('button', { requestedRate: 0, rate: 0, latest: { value: 3, event: 'press' }, lastAt: now }),
    scriptedStream('battery', { requestedRate: 0, rate: 0, latest: { level: 64, charging: 'no' } }),
  ];
  const status = scriptedStatus('this-phone', { streams, rate: 49.7, facts: {} });
  app.devices.set([
    scriptedDevice('This phone', live, { kind: 'phone', sources: PHONE_SOURCES, subscriptions: 0, status }),
  ]);
  app.statusLine.set({ kind: 'connected', sending: 1 });
  app.phone.set({ ...app.phone.get(), held: [3] });
  fillMotion(app, 'this-phone', now);
  for (const [field, value] of [
    ['latitude', 47.378177],
    ['longitude', 8.540192],
    ['accuracy', 12],
  ] as const) {
    app.live.push('own', 'this-phone', `geolocation/${field}`, now, value);
  }
}

function watched(
  sensorId: string,
  name: string,
  attributes: Readonly<Record<string, Json | undefined>>,
): WatchedSensor {
  return {
    sensorId,
    name,
    connectorName: 'Lab laptop',
    sensorType: 'generic',
    demo: sensorId.startsWith('demo'),
    attributes: Object.entries(attributes).map(([attribute, latest]) => ({
      attribute,
      attributeType: attribute,
      ...(latest !== undefined && { latest }),
    })),
  };
}

function watchAll(app: ScriptedApp, now: number): void {
  app.status.set({
    ...IDLE_STATUS,
    watch: { at: 'live' },
    watched: [
      watched('demo-neon', 'Demo eye tracker 1', { eye_gaze: undefined, eye_aperture: undefined, eye_worn: true }),
      watched('belt', 'Breath belt', { respiration: undefined, respiration_rate: undefined }),
      watched('buoy', 'Coral buoy', { water_temperature: undefined, salinity: undefined, ph: undefined }),
      watched('board', 'Button box', { button: { value: 4, event: 'press' }, status: 'Waiting for the next runner' }),
      watched('walker', 'Walker', { geolocation: undefined }),
      watched('dancer', 'Dancer', { skeleton: undefined }),
    ],
  });
  fillWaves(app, 'watched', 'demo-neon', now, 60, [
    ['eye_gaze/x', 2300, 0.2, 0.5],
    ['eye_gaze/y', 1700, 0.15, 0.5],
  ]);
  fillWaves(app, 'watched', 'belt', now, 25, [['respiration', 4200, 12, 75]]);
  app.live.push('watched', 'belt', 'respiration_rate', now, 14.2);
  const dancer = skeletonShape(skeletonMotion(1, { seed: 5, from: 7.2 }).payloads[0] ?? null);
  if (dancer) app.live.pushSkeleton('watched', 'dancer', 'skeleton', now, dancer);
  for (let ago = 60; ago >= 0; ago -= 5) {
    app.live.push('watched', 'buoy', 'water_temperature', now - ago * 1000, 26 + Math.sin(ago / 20));
  }
  for (const [field, value] of [
    ['latitude', 46.94809],
    ['longitude', 7.44744],
    ['accuracy', 35],
    ['altitude', 542],
  ] as const) {
    app.live.push('watched', 'walker', `geolocation/${field}`, now, value);
  }
}

const ASKING = {
  asking: [
    {
      key: 'a',
      sensorId: 'thingy',
      name: 'Thingy',
      command: { command: 'play_tone', frequency: 440, duration: 1500 },
      at: Date.now(),
    },
  ],
  allowed: [],
  moving: ['toy'],
  done: 2,
  refused: 1,
  failure: undefined,
} as const;

function controlled(app: ScriptedApp, now: number, asking: boolean): void {
  const device = scriptedDevice('Toy', live);
  const streams = [scriptedStream('vibrate', { requestedRate: 0, rate: 0.4 })];
  app.devices.set([{ ...device, status: scriptedStatus('toy', { streams, facts: { battery: 88 } }) }]);
  fillTrend(app, 'toy', now, 'vibrate', 0.5, 0.4);
  app.commands.set(asking ? ASKING : { ...ASKING, asking: [], allowed: ['toy'] });
}

const EEG = ['tp9', 'af7', 'af8', 'tp10'].map((place) => `eeg_${place}`);

export const SENSOR_SCENES: Readonly<Record<string, Scene>> = {
  'own-ecg': own('Polar H10 8C2A', ECG_STREAMS, fillEcgStrap),
  'own-ecg-list': own('Polar H10 8C2A', ECG_STREAMS, fillEcgStrap, ['All readings']),
  'own-ecg-details': own('Polar H10 8C2A', ECG_STREAMS, fillEcgStrap, ['More about', 'page: Details']),
  'own-motion': own(
    'Movesense 2140',
    [scriptedStream('accelerometer', { requestedRate: 50, rate: 50 })],
    (app, id, now) => fillMotion(app, id, now),
  ),
  'own-imu': own('Arduino Nano', [scriptedStream('imu', { requestedRate: 104, rate: 103.8 })], (app, id, now) =>
    fillWaves(app, 'own', id, now, 104, [
      ['imu/accelerometer.x', 1900, 3, 0],
      ['imu/accelerometer.y', 2700, 2, -3],
      ['imu/accelerometer.z', 3100, 1.5, 9.8],
      ['imu/gyroscope.x', 900, 2, 0],
      ['imu/gyroscope.y', 1300, 3, 1],
      ['imu/gyroscope.z', 2300, 1, -6],
    ]),
  ),
  'own-eeg': own(
    'Muse 2',
    EEG.map((attribute) => scriptedStream(attribute, { attributeType: 'eeg', requestedRate: 256, rate: 255.2 })),
    (app, id, now) =>
      fillWaves(
        app,
        'own',
        id,
        now,
        256,
        EEG.map((attribute, i) => [attribute, 90 + 17 * i, 30, 0] as const),
      ),
    ['All readings'],
  ),
  'own-thermometer': own(
    'Thermometer',
    [
      scriptedStream('body_temperature', { requestedRate: 0, rate: 0.2 }),
      scriptedStream('body_temperature_site', { requestedRate: 0, rate: 0, latest: 'Ear' }),
    ],
    (app, id, now) => fillTrend(app, id, now, 'body_temperature', 36.7, 0.1),
    ['All readings'],
  ),
  'own-pressure': own(
    'Weather station',
    [scriptedStream('pressure'), scriptedStream('humidity'), scriptedStream('temperature')],
    (app, id, now) => {
      fillTrend(app, id, now, 'pressure', 1013.2, 0.4);
      fillTrend(app, id, now, 'humidity', 43, 1);
      fillTrend(app, id, now, 'temperature', 21.4, 0.2);
    },
    ['All readings', 'page: Show Air pressure'],
  ),
  'own-unknown': own('Garden node', [scriptedStream('soil_moisture', { attributeType: 'soil' })], (app, id, now) =>
    fillTrend(app, id, now, 'soil_moisture', 0.0312, 0.002),
  ),
  'own-words': own(
    'Button box',
    [scriptedStream('button', { requestedRate: 0, rate: 0, latest: { value: 3, event: 'press' }, lastAt: Date.now() })],
    () => undefined,
  ),
  'own-many': {
    screen: 'sense',
    set(app, now) {
      const made = Object.entries({
        'Polar H10 8C2A': [scriptedStream('heartrate')],
        'Movesense 2140': [scriptedStream('accelerometer', { requestedRate: 50, rate: 50 })],
        'New sensor': [],
        Thermometer: [scriptedStream('body_temperature')],
      }).map(([name, streams]) => {
        const device = scriptedDevice(name, live, { subscriptions: 4 });
        return { ...device, status: scriptedStatus(device.sensorId, { streams, facts: {} }) };
      });
      app.devices.set(made);
      fillHeart(app.live, 'own', 'polar-h10-8c2a', now, 72);
      fillMotion(app, 'movesense-2140', now);
      fillTrend(app, 'thermometer', now, 'body_temperature', 36.7, 0.1);
    },
  },
  phone: { screen: 'sense', set: phone },
  'phone-door': {
    screen: 'sense',
    press: ['Use this phone'],
    set(app) {
      const error = appError('source-unsupported');
      const works = ['motion', 'orientation', 'geolocation', 'battery', 'microphone', 'buttons', 'markers', 'presence'];
      app.offers = [
        ...works.map((kind) => ({ kind, error: undefined })),
        ...['light', 'proximity'].map((kind) => ({ kind, error })),
      ];
    },
  },
  'command-dialog': { screen: 'sense', set: (app, now) => controlled(app, now, true) },
  'command-allowed': { screen: 'sense', set: (app, now) => controlled(app, now, false) },
  'watch-sensors': { screen: 'watch', set: watchAll },
};

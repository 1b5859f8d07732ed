/** Every state a person can meet, by name. Each scene sets a scripted app; `screen` is where it shows. */
import { appError } from '../../src/model/errors.ts';
import type { ErrorCode } from '../../src/model/errors.ts';
import type { WatchedSensor, WatchedAttribute } from '../../src/app/api.ts';
import { IDLE_STATUS, scriptedDevice, scriptedStatus } from '../support/scripted-app.ts';
import type { ScriptedApp } from '../support/scripted-app.ts';
import { DELIVERY_SCENES, MEMORY } from './delivery-scenes.ts';
import { POSE_SCENES } from './pose-scenes.ts';
import type { Scene } from './scene.ts';
import { SENSOR_SCENES } from './sensor-scenes.ts';
import { WAY_SCENES } from './way-scenes.ts';
import { ecg, fillEcg, fillHeart, heartRate } from './signals.ts';

const live = { at: 'live' } as const;

function oneStrap(app: ScriptedApp, now: number, device = scriptedDevice('Polar H10 8C2A', live)): void {
  app.devices.set([device]);
  app.statusLine.set({ kind: 'connected', sending: 1 });
  fillHeart(app.live, 'own', device.sensorId, now, 72, 7);
}

/** Goes on as a real strap would: one value a second, beats in it. */
function keepBeating(app: ScriptedApp, origin: 'own' | 'watched', id: string, base: number): void {
  setInterval(() => {
    const now = Date.now();
    const bpm = heartRate(now, base);
    app.live.push(origin, id, 'heartrate', now, bpm);
    app.live.push(origin, id, 'rr_interval', now, 60_000 / bpm);
    app.live.tell(origin, id);
  }, 1000);
}

function keepDrawing(app: ScriptedApp, id: string): void {
  let drawn = Date.now();
  setInterval(() => {
    const now = Date.now();
    for (; drawn < now; drawn += 1000 / 130) app.live.push('watched', id, 'ecg', drawn, ecg(drawn, 860));
    app.live.tell('watched', id);
  }, 50);
}

function unavailable(code: ErrorCode): Scene {
  return { screen: 'sense', set: (app) => app.bluetooth.set({ at: 'unavailable', error: appError(code) }) };
}

function lost(code: ErrorCode): Scene {
  const error = appError(code, 'NetworkError: GATT Server is disconnected.');
  return {
    screen: 'sense',
    set: (app, now) => oneStrap(app, now, scriptedDevice('Polar H10 8C2A', { at: 'lost', error })),
  };
}

const named = (attribute: string): WatchedAttribute => ({ attribute, attributeType: attribute });

function watched(
  sensorId: string,
  name: string,
  connectorName: string,
  change: Partial<WatchedSensor> = {},
): WatchedSensor {
  const attributes = ['battery', 'rr_interval', 'heartrate'].map(named);
  return { sensorId, name, connectorName, sensorType: 'heart_rate_strap', demo: false, attributes, ...change };
}

export const SCENES: Readonly<Record<string, Scene>> = {
  empty: { screen: 'sense', set: () => undefined },
  'one-live': {
    screen: 'sense',
    set(app, now) {
      oneStrap(app, now);
      app.streaming = true;
      keepBeating(app, 'own', 'polar-h10-8c2a', 72);
    },
  },
  demo: {
    screen: 'sense',
    set(app, now) {
      const device = scriptedDevice('Demo strap 1', live, { demo: true });
      oneStrap(app, now, device);
      keepBeating(app, 'own', device.sensorId, 64);
    },
  },
  'many-states': {
    screen: 'sense',
    set(app, now) {
      const away = appError('bluetooth-out-of-range', 'NetworkError: Connection attempt failed.');
      const noContact = scriptedStatus('b', {
        facts: { battery: 12, contact: false },
        badNotifications: { 'decode-truncated': 3 },
      });
      app.devices.set([
        scriptedDevice('Polar H10 8C2A', live),
        scriptedDevice('Wahoo TICKR of the second runner, blue', live, { status: noContact }),
        scriptedDevice('Garmin HRM-Pro', { at: 'stale', since: now - 4000 }),
        scriptedDevice('Coospo H6', { at: 'waiting', attempt: 3, retryAt: now + 5000, error: away }),
        scriptedDevice('Decathlon dual', { at: 'idle' }),
        scriptedDevice('Demo strap 1', { at: 'connecting', attempt: 1 }, { demo: true, status: undefined }),
      ]);
      for (const device of app.devices.get()) if (device.status) fillHeart(app.live, 'own', device.sensorId, now, 90);
      app.statusLine.set({ kind: 'paused', why: 'memory', kept: 1204 });
    },
  },
  'contact-lost': {
    screen: 'sense',
    set: (app, now) =>
      oneStrap(
        app,
        now,
        scriptedDevice('Polar H10 8C2A', live, { status: scriptedStatus('a', { facts: { contact: false } }) }),
      ),
  },
  'lost-busy': lost('bluetooth-busy'),
  'lost-forgotten': lost('bluetooth-device-forgotten'),
  'lost-no-services': lost('bluetooth-no-services'),
  'lost-timeout': lost('bluetooth-timeout'),
  'no-bluetooth-ios': unavailable('bluetooth-unsupported-ios'),
  'no-bluetooth-firefox': unavailable('bluetooth-unsupported-firefox'),
  'no-bluetooth-safari': unavailable('bluetooth-unsupported-safari'),
  'no-bluetooth-brave': unavailable('bluetooth-disabled-brave'),
  'no-bluetooth-linux': unavailable('bluetooth-disabled-linux'),
  'no-bluetooth-insecure': unavailable('bluetooth-insecure-context'),
  'bluetooth-off': unavailable('bluetooth-adapter-off'),
  offline: {
    screen: 'sense',
    set(app, now) {
      oneStrap(app, now);
      app.statusLine.set({ kind: 'offline', kept: 1204 });
    },
  },
  reconnecting: {
    screen: 'sense',
    set(app, now) {
      oneStrap(app, now);
      app.statusLine.set({
        kind: 'reconnecting',
        attempt: 3,
        inSeconds: 5,
        kept: 212,
        reason: 'the server closed the connection',
      });
    },
  },
  paused: {
    screen: 'sense',
    set(app, now) {
      oneStrap(
        app,
        now,
        scriptedDevice('Polar H10 8C2A', live, { status: scriptedStatus('a', { paused: true, kept: 340 }) }),
      );
      app.statusLine.set({ kind: 'paused', why: 'load', kept: 340 });
    },
  },
  'sign-in': {
    screen: 'sense',
    set(app, now) {
      oneStrap(app, now);
      app.statusLine.set({ kind: 'sign-in', kept: 3120, error: appError('server-unauthorized') });
    },
  },
  refused: {
    screen: 'sense',
    set(app, now) {
      const status = scriptedStatus('a', {
        channel: { at: 'refused', error: appError('server-refused', 'reason: unknown') },
      });
      oneStrap(app, now, scriptedDevice('Polar H10 8C2A', live, { status }));
      app.statusLine.set({ kind: 'failed', error: appError('server-refused') });
    },
  },
  'sign-in-dialog': {
    screen: 'sense',
    press: ['Sign in'],
    set(app, now) {
      oneStrap(app, now);
      app.status.set({ ...IDLE_STATUS, totals: { ...IDLE_STATUS.totals, measured: 4000, kept: 3120, confirmed: 880 } });
      app.statusLine.set({ kind: 'sign-in', kept: 3120, error: appError('server-unauthorized') });
    },
  },
  'no-guests-dialog': {
    screen: 'sense',
    press: ['Sign in'],
    set: (app) => app.statusLine.set({ kind: 'failed', error: appError('server-no-guests') }),
  },
  ...DELIVERY_SCENES,
  ...SENSOR_SCENES,
  ...WAY_SCENES,
  ...POSE_SCENES,
  'no-guests': {
    screen: 'settings',
    set: (app) => app.statusLine.set({ kind: 'failed', error: appError('server-no-guests') }),
  },
  'watch-empty': { screen: 'watch', set: (app) => app.status.set({ ...IDLE_STATUS, watch: { at: 'live' } }) },
  'watch-loading': { screen: 'watch', set: (app) => app.status.set({ ...IDLE_STATUS, watch: { at: 'joining' } }) },
  'watch-unavailable': {
    screen: 'watch',
    set: (app) =>
      app.status.set({ ...IDLE_STATUS, watch: { at: 'unavailable', error: appError('server-no-viewer-tokens') } }),
  },
  'watch-live': {
    screen: 'watch',
    set(app, now) {
      app.devices.set([scriptedDevice('Polar H10 8C2A', live)]);
      app.status.set({
        ...IDLE_STATUS,
        watch: { at: 'live' },
        watched: [
          watched('polar-h10-8c2a', 'Polar H10 8C2A', 'Workshop tablet 3'),
          watched('ecg-1', 'Movesense 2140', 'Lab laptop', { attributes: ['ecg', 'rr_interval'].map(named) }),
          watched('demo-1', 'Demo strap 1', 'Phone of the host', { demo: true }),
          watched('late', 'Garmin HRM-Pro', 'Treadmill 2'),
          watched('new', 'Coospo H6', 'Treadmill 4', { attributes: [] }),
        ],
      });
      fillHeart(app.live, 'watched', 'polar-h10-8c2a', now, 72);
      fillEcg(app.live, 'watched', 'ecg-1', now);
      fillHeart(app.live, 'watched', 'demo-1', now, 118, 6);
      fillHeart(app.live, 'watched', 'late', now - 14_000, 131);
      keepBeating(app, 'watched', 'polar-h10-8c2a', 72);
      keepBeating(app, 'watched', 'demo-1', 118);
      keepDrawing(app, 'ecg-1');
    },
  },
  settings: { screen: 'settings', set: () => undefined },
  'settings-private': { screen: 'settings', set: (app) => app.status.set({ ...IDLE_STATUS, storage: MEMORY }) },
};

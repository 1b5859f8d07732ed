import { describe, expect, it } from 'vitest';
import type {
  DeviceView,
  SourceView,
  SensorStatus,
  SignalState,
  StatusLine,
  WorkerStatus,
} from '../../../src/app/api.ts';
import { createLiveHub } from '../../../src/app/live-hub.ts';
import { isMeasured, signalState } from '../../../src/app/signal-state.ts';
import { statusLine } from '../../../src/app/status-line.ts';
import type { ConnectionState } from '../../../src/model/connection.ts';
import { appError } from '../../../src/model/errors.ts';
import type { LinkState } from '../../../src/model/link.ts';

const NOW = 1_700_000_000_000;
const error = appError('bluetooth-out-of-range');

const sensor: SensorStatus = {
  sensorId: 's1',
  channel: { at: 'joined' },
  attention: 'none',
  load: 'normal',
  memoryProtection: false,
  loadMultiplier: 1,
  paused: false,
  measured: 10,
  kept: 4,
  confirmed: 6,
  setAside: 0,
  evicted: 0,
  oldestUnsentAt: undefined,
  drain: undefined,
  gaps: [],
  attributes: [],
  badNotifications: {},
  streams: [],
  rate: 1,
  facts: {},
};

describe('isMeasured', () => {
  const source = (at: 'off' | 'starting' | 'on', ...attributes: readonly string[]): SourceView => ({
    kind: attributes.join(' '),
    attributes,
    state: { at },
  });
  const trouble = { kind: 'place', attributes: ['geolocation'], state: { at: 'trouble', error } } as const;

  it.each<[string, readonly SourceView[], string, boolean]>([
    ['a device without sources', [], 'heartrate', true],
    ['what no source yields', [source('off', 'light')], 'respiration', true],
    ['a source that is on', [source('on', 'accelerometer', 'gyroscope')], 'gyroscope', true],
    ['a source that is off', [source('off', 'light'), source('on', 'battery')], 'light', false],
    ['a source that starts', [source('starting', 'light')], 'light', false],
    ['a source in trouble', [trouble], 'geolocation', false],
    ['one of two sources is on', [trouble, source('on', 'geolocation')], 'geolocation', true],
  ])('%s', (_name, sources, attribute, measured) => {
    expect(isMeasured({ sources }, attribute)).toBe(measured);
  });
});

describe('signalState', () => {
  const device = (link: LinkState, facts?: SensorStatus['facts']): DeviceView => ({
    deviceId: 'd1',
    sensorId: 's1',
    name: 'Strap',
    kind: 'bluetooth',
    demo: false,
    link,
    sources: [],
    subscriptions: 2,
    mappings: [],
    status: facts && { ...sensor, facts },
  });

  it.each<[string, DeviceView, SignalState]>([
    ['idle', device({ at: 'idle' }), { kind: 'stopped' }],
    ['forgotten', device({ at: 'forgotten' }), { kind: 'stopped' }],
    ['seeking', device({ at: 'seeking' }), { kind: 'seeking' }],
    ['connecting', device({ at: 'connecting', attempt: 1 }), { kind: 'connecting' }],
    ['discovering', device({ at: 'discovering' }), { kind: 'connecting' }],
    ['subscribing', device({ at: 'subscribing' }), { kind: 'connecting' }],
    ['live, nothing known yet', device({ at: 'live' }), { kind: 'live' }],
    ['live, on the skin', device({ at: 'live' }, { contact: true }), { kind: 'live' }],
    ['live, cannot tell about contact', device({ at: 'live' }, {}), { kind: 'live' }],
    ['live, off the skin', device({ at: 'live' }, { contact: false }), { kind: 'contact-lost' }],
    ['stale', device({ at: 'stale', since: NOW - 4400 }), { kind: 'stale', seconds: 4 }],
    ['stale, clocks apart', device({ at: 'stale', since: NOW + 900 }), { kind: 'stale', seconds: 0 }],
    [
      'waiting',
      device({ at: 'waiting', attempt: 3, retryAt: NOW + 5000, error }),
      { kind: 'reconnecting', attempt: 3, inSeconds: 5, error },
    ],
    [
      'waiting, overdue',
      device({ at: 'waiting', attempt: 3, retryAt: NOW - 5000, error }),
      { kind: 'reconnecting', attempt: 3, inSeconds: 0, error },
    ],
    ['lost', device({ at: 'lost', error }), { kind: 'lost', error }],
  ])('%s', (_name, view, state) => {
    expect(signalState(view, NOW)).toEqual(state);
  });
});

describe('statusLine', () => {
  const status = (connection: ConnectionState, ...sensors: Partial<SensorStatus>[]): WorkerStatus => ({
    connection,
    watch: { at: 'off' },
    watched: [],
    unreadable: 0,
    sensors: sensors.map((one) => ({ ...sensor, ...one })),
    connectorName: 'Tablet',
    storage: { kind: 'durable', persisted: undefined, usage: undefined, quota: undefined, logBytes: 0 },
    totals: {
      ...{ measured: 0, confirmed: 0, setAside: 0, evicted: 0, oldestUnsentAt: undefined },
      kept: sensors.reduce((sum, one) => sum + (one.kept ?? sensor.kept), 0),
    },
    waiting: [],
    commands: [],
    server: {},
  });
  const unauthorized = appError('server-unauthorized');
  const crashed = appError('server-join-crashed');

  it.each<[string, WorkerStatus, StatusLine]>([
    ['idle', status({ at: 'idle' }), { kind: 'starting' }],
    ['connecting', status({ at: 'connecting' }), { kind: 'starting' }],
    ['connected, nothing sent', status({ at: 'connected' }, { rate: 0 }), { kind: 'connected', sending: 0 }],
    ['connected', status({ at: 'connected' }, {}, {}, { rate: 0 }), { kind: 'connected', sending: 2 }],
    [
      'reconnecting',
      status({ at: 'reconnecting', attempt: 3, retryAt: NOW + 4600, reason: 'closed 1006' }, {}, { kept: 3 }),
      { kind: 'reconnecting', attempt: 3, inSeconds: 5, kept: 7, reason: 'closed 1006' },
    ],
    ['offline', status({ at: 'offline', since: NOW }, {}), { kind: 'offline', kept: 4 }],
    [
      'refused for want of a credential',
      status({ at: 'refused', error: unauthorized }, {}),
      { kind: 'sign-in', kept: 4, error: unauthorized },
    ],
    ['refused for another reason', status({ at: 'refused', error: crashed }, {}), { kind: 'failed', error: crashed }],
    ['paused by load', status({ at: 'connected' }, {}, { paused: true }), { kind: 'paused', why: 'load', kept: 8 }],
    [
      'paused by memory',
      status({ at: 'connected' }, { paused: true, memoryProtection: true }),
      { kind: 'paused', why: 'memory', kept: 4 },
    ],
    [
      'paused, but no connection: that is worse',
      status({ at: 'offline', since: NOW }, { paused: true }),
      { kind: 'offline', kept: 4 },
    ],
    [
      'a backlog on its way: the slowest sensor counts',
      status(
        { at: 'connected' },
        { drain: { left: 300, secondsLeft: 40 } },
        { drain: { left: 12, secondsLeft: 3 } },
        {},
      ),
      { kind: 'draining', left: 312, secondsLeft: 40 },
    ],
    [
      'a backlog whose time nobody knows',
      status(
        { at: 'connected' },
        { drain: { left: 300, secondsLeft: 40 } },
        { drain: { left: 1, secondsLeft: undefined } },
      ),
      { kind: 'draining', left: 301, secondsLeft: undefined },
    ],
    [
      'a backlog that the server has paused',
      status({ at: 'connected' }, { paused: true, drain: { left: 4, secondsLeft: undefined } }),
      { kind: 'paused', why: 'load', kept: 4 },
    ],
    [
      'one channel refused',
      status({ at: 'connected' }, {}, { channel: { at: 'refused', error: crashed } }),
      { kind: 'failed', error: crashed },
    ],
  ])('%s', (_name, worker, line) => {
    expect(statusLine(worker, NOW)).toEqual(line);
  });
});

describe('live hub', () => {
  const message = (sensorId: string, ...values: number[]) => ({
    origin: 'own' as const,
    sensorId,
    attribute: 'heartrate',
    times: Float64Array.from(values, (_, i) => NOW + i),
    values: Float32Array.from(values),
  });

  it('keeps values per stream, also before anybody asked', () => {
    const hub = createLiveHub();
    hub.receive(message('s1', 60, 61));
    hub.receive(message('s2', 99));
    const ring = hub.ring('own', 's1', 'heartrate');
    expect(ring.latest()).toEqual({ time: NOW + 1, value: 61 });
    expect(hub.ring('watched', 's1', 'heartrate').length).toBe(0);
    hub.receive(message('s1', 62));
    expect(ring.length).toBe(3);
    expect(hub.ring('own', 's1', 'heartrate')).toBe(ring);
  });

  it('tells who listens to that sensor, until they stop', () => {
    const hub = createLiveHub();
    const heard: string[] = [];
    const stopFirst = hub.onValues('own', 's1', () => heard.push('first'));
    hub.onValues('own', 's1', () => heard.push('second'));
    hub.onValues('watched', 's1', () => heard.push('watched'));
    hub.receive(message('s1', 60));
    stopFirst();
    stopFirst();
    hub.receive(message('s1', 61));
    hub.receive(message('s2', 61));
    expect(heard).toEqual(['first', 'second', 'second']);
  });

  it('has the newest skeleton of an attribute, and tells who listens', () => {
    const hub = createLiveHub();
    let heard = 0;
    hub.onValues('watched', 's1', () => (heard += 1));
    const skeleton = (attribute: string, time: number) =>
      ({
        kind: 'skeleton',
        origin: 'watched',
        sensorId: 's1',
        attribute,
        time,
        aspect: 4 / 3,
        points: Float32Array.of(time),
      }) as const;
    expect(hub.skeleton('watched', 's1', 'skeleton')).toBeUndefined();
    hub.receive(skeleton('skeleton', 1));
    hub.receive(skeleton('skeleton_2', 2));
    hub.receive(skeleton('skeleton', 3));
    expect(hub.skeleton('watched', 's1', 'skeleton')).toMatchObject({ time: 3, points: Float32Array.of(3) });
    expect(hub.skeleton('watched', 's1', 'skeleton_2')).toMatchObject({ time: 2 });
    expect(hub.skeleton('own', 's1', 'skeleton')).toBeUndefined();
    expect(heard).toBe(3);
    hub.drop('watched', 's1');
    expect(hub.skeleton('watched', 's1', 'skeleton')).toBeUndefined();
  });

  it('drops a sensor with its values, not its listeners', () => {
    const hub = createLiveHub();
    let heard = 0;
    hub.onValues('own', 's1', () => (heard += 1));
    hub.receive(message('s1', 60));
    hub.drop('own', 's1');
    expect(hub.ring('own', 's1', 'heartrate').length).toBe(0);
    hub.receive(message('s1', 61));
    expect(heard).toBe(2);
  });
});

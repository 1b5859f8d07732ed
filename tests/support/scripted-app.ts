/**
 * A scripted `SensoctoApp` for looking at screens and testing them: every state can be set, every action is noted.
 * Not shipped; the demo sensors of the product are something else (they go through the whole real pipeline).
 */
import type {
  BluetoothCapability,
  CommandState,
  DeviceView,
  Lesson,
  LiveHub,
  PhoneOffer,
  PhoneState,
  SensoctoApp,
  SensorStatus,
  StatusLine,
  StreamStatus,
  WorkerStatus,
} from '../../src/app/api.ts';
import { RingBuffer } from '../../src/lib/ring-buffer.ts';
import { createStore } from '../../src/lib/store.ts';
import type { Store } from '../../src/lib/store.ts';
import { appError, type AppError } from '../../src/model/errors.ts';
import type { LinkState } from '../../src/model/link.ts';
import type { CertificateFacts, SetAsideItem } from '../../src/model/proof.ts';
import type { SkeletonShape } from '../../src/model/payloads.ts';
import { fail, ok } from '../../src/model/result.ts';
import type { Result } from '../../src/model/result.ts';
import { createScriptedPose, type ScriptedPose } from './scripted-pose.ts';

/** A hub whose values the script pushes. */
export interface ScriptedHub extends LiveHub {
  push(origin: 'own' | 'watched', sensorId: string, attribute: string, time: number, value: number): void;
  /** The newest skeleton of an attribute: x, y, z, v of each landmark. */
  pushSkeleton(
    origin: 'own' | 'watched',
    sensorId: string,
    attribute: string,
    time: number,
    shape: SkeletonShape,
  ): void;
  /** Tells the listeners of a sensor, as the app does after a message of the worker. */
  tell(origin: 'own' | 'watched', sensorId: string): void;
}

function createScriptedHub(): ScriptedHub {
  const rings = new Map<string, RingBuffer>();
  const skeletons = new Map<string, SkeletonShape & { readonly time: number }>();
  const listeners = new Map<string, Set<() => void>>();
  const ring = (origin: string, sensorId: string, attribute: string): RingBuffer => {
    const key = `${origin}/${sensorId}/${attribute}`;
    const found = rings.get(key) ?? new RingBuffer(8192);
    rings.set(key, found);
    return found;
  };
  return {
    ring,
    fields: (origin, sensorId, attribute) =>
      [...rings].flatMap(([key, { written }]) => {
        const prefix = `${origin}/${sensorId}/${attribute}/`;
        return key.startsWith(prefix) && written > 0 ? [key.slice(prefix.length)] : [];
      }),
    onValues(origin, sensorId, listener) {
      const key = `${origin}/${sensorId}`;
      const set = listeners.get(key) ?? new Set();
      listeners.set(key, set.add(listener));
      return () => set.delete(listener);
    },
    skeleton: (origin, sensorId, attribute) => skeletons.get(`${origin}/${sensorId}/${attribute}`),
    pushSkeleton: (origin, sensorId, attribute, time, shape) =>
      void skeletons.set(`${origin}/${sensorId}/${attribute}`, { time, ...shape }),
    push: (origin, sensorId, attribute, time, value) => ring(origin, sensorId, attribute).push(time, value),
    tell(origin, sensorId) {
      for (const listener of [...(listeners.get(`${origin}/${sensorId}`) ?? [])]) listener();
    },
  };
}

export interface ScriptedApp extends SensoctoApp {
  readonly bluetooth: Store<BluetoothCapability>;
  readonly devices: Store<readonly DeviceView[]>;
  readonly status: Store<WorkerStatus>;
  readonly statusLine: Store<StatusLine>;
  readonly now: Store<number>;
  readonly live: ScriptedHub;
  /** Actions in the order they were asked for, e.g. `stop strap-1`. */
  readonly asked: string[];
  /** What the next actions answer; success when absent. */
  failNext: AppError | undefined;
  streaming: boolean;
  aside: readonly SetAsideItem[];
  facts: CertificateFacts;
  /** What the browser answers when asked to keep the storage. */
  persists: boolean;
  /** What looking at a device shows. */
  lesson: Lesson | undefined;
  offers: readonly PhoneOffer[];
  /** Why cables cannot be used. */
  serialProblem: AppError | undefined;
  readonly commands: Store<CommandState>;
  readonly phone: Store<PhoneState>;
  readonly scriptedPose: ScriptedPose;
}

export const IDLE_STATUS: WorkerStatus = {
  connection: { at: 'connected' },
  watch: { at: 'off' },
  watched: [],
  unreadable: 0,
  sensors: [],
  connectorName: 'Workshop tablet 3',
  storage: { kind: 'durable', persisted: true, usage: 12_400_000, quota: 2_147_000_000, logBytes: 4_210_000 },
  totals: { measured: 0, kept: 0, confirmed: 0, setAside: 0, evicted: 0, oldestUnsentAt: undefined },
  waiting: [],
  commands: [],
  server: {},
};

/** One stream that comes as it should. */
export function scriptedStream(attribute: string, change: Partial<StreamStatus> = {}): StreamStatus {
  return {
    attribute,
    attributeType: attribute,
    requestedRate: 1,
    rate: 1,
    samples: 1591,
    lost: 0,
    lastAt: undefined,
    estimated: false,
    ...change,
  };
}

/** Counts and facts of a strap that works well. */
export function scriptedStatus(sensorId: string, change: Partial<SensorStatus> = {}): SensorStatus {
  return {
    sensorId,
    channel: { at: 'joined' },
    attention: 'medium',
    load: 'normal',
    memoryProtection: false,
    loadMultiplier: 1,
    paused: false,
    measured: 3182,
    kept: 4,
    confirmed: 3178,
    setAside: 0,
    evicted: 0,
    oldestUnsentAt: undefined,
    drain: undefined,
    gaps: [],
    attributes: [],
    badNotifications: {},
    streams: [scriptedStream('heartrate'), scriptedStream('rr_interval', { requestedRate: 0 })],
    rate: 1,
    facts: {
      battery: 83,
      contact: true,
      bodyLocation: 'Chest',
      device: { Manufacturer: 'Polar Electro Oy', Model: 'H10', Firmware: '5.0.0' },
    },
    ...change,
  };
}

/** A strap in a given link state. */
export function scriptedDevice(name: string, link: LinkState, change: Partial<DeviceView> = {}): DeviceView {
  const sensorId = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return {
    deviceId: sensorId,
    sensorId,
    name,
    kind: 'bluetooth',
    demo: false,
    link,
    sources: [],
    subscriptions: 2,
    mappings: [],
    status: scriptedStatus(sensorId),
    ...change,
  };
}

export function createScriptedApp(now: number): ScriptedApp {
  const asked: string[] = [];
  const answer = (what: string): Promise<Result<void>> => {
    asked.push(what);
    const error = app.failNext;
    return Promise.resolve(error === undefined ? ok(undefined) : fail(error));
  };
  const app: ScriptedApp = {
    bluetooth: createStore<BluetoothCapability>({ at: 'ready', canReturn: true }),
    devices: createStore<readonly DeviceView[]>([]),
    status: createStore(IDLE_STATUS),
    statusLine: createStore<StatusLine>({ kind: 'connected', sending: 0 }),
    now: createStore(now),
    live: createScriptedHub(),
    asked,
    failNext: undefined,
    streaming: false,
    aside: [],
    facts: { installation: 'a1b2c3d4e5f60718', from: now - 3_600_000, to: undefined, takenAt: now, sensors: [] },
    persists: true,
    lesson: undefined,
    offers: [],
    pairBluetooth: (options) => answer(options?.showAll === true ? 'pair all' : 'pair'),
    pairSerial: ({ baud, preset }) => answer(`serial ${preset} ${baud}`),
    serialProblem: undefined,
    tryDemo: (kind) => answer(kind === undefined ? 'demo' : `demo ${kind}`),
    phoneOffers: () => Promise.resolve(ok(app.offers)),
    usePhone: (kinds) => answer(`phone ${kinds.join(' ')}`),
    phone: createStore<PhoneState>({
      held: [],
      capturing: false,
      locationDetail: 'exact',
      fullRate: false,
      shared: undefined,
    }),
    press: (button) => answer(`press ${button}`),
    release: (button) => answer(`release ${button}`),
    mark: (text) => answer(`mark ${text}`),
    captureKeys: (on) => answer(`keys ${on ? 'on' : 'off'}`),
    share: (presence) => answer(presence === undefined ? 'share nothing' : `share ${presence.title}`),
    setLocationDetail: (detail) => answer(`location ${detail}`),
    pinFullRate: (on) => answer(`full rate ${on ? 'on' : 'off'}`),
    scriptedPose: createScriptedPose(answer),
    loadPose: () => Promise.resolve(ok(app.scriptedPose)),
    startLesson: (services) => {
      asked.push(`lesson ${services.join(' ')}`);
      const lesson = app.lesson;
      return Promise.resolve(lesson ? ok(lesson) : fail(app.failNext ?? appError('uuid-missing')));
    },
    learn: (_, mapping) => answer(`learn ${mapping.name}`),
    useMapping: (mapping) => answer(`use ${mapping.name}`),
    connectToys: (address) => answer(`toys ${address}`),
    switchSource: (deviceId, kind, on) => answer(`switch ${deviceId} ${kind} ${on ? 'on' : 'off'}`),
    commands: createStore<CommandState>({
      asking: [],
      allowed: [],
      moving: [],
      done: 0,
      refused: 0,
      failure: undefined,
    }),
    allowCommands: (sensorId, always) => void asked.push(`allow ${sensorId}${always ? ' always' : ''}`),
    refuseCommands: (sensorId) => void asked.push(`refuse ${sensorId}`),
    stopCommands: () => void asked.push('stop commands'),
    stop: (deviceId) => answer(`stop ${deviceId}`),
    reconnect: (deviceId) => answer(`reconnect ${deviceId}`),
    forget: (deviceId) => answer(`forget ${deviceId}`),
    rename: (deviceId, name) => answer(`rename ${deviceId} ${name}`),
    setConnectorName: (name) => answer(`connector ${name}`),
    // The token itself is never noted.
    useAccessToken: () => answer('token'),
    watch: (on) => void asked.push(on ? 'watch on' : 'watch off'),
    setVisibleSensors: (ids) => void asked.push(`visible ${ids.join(' ')}`),
    focusSensors: (ids) => void asked.push(`focus ${ids.join(' ')}`),
    setAside(sensorId) {
      asked.push(`set aside ${sensorId}`);
      return Promise.resolve(app.failNext === undefined ? ok(app.aside) : fail(app.failNext));
    },
    certificate(sensorId) {
      asked.push(sensorId === undefined ? 'certificate' : `certificate ${sensorId}`);
      return Promise.resolve(app.failNext === undefined ? ok(app.facts) : fail(app.failNext));
    },
    requestPersistence() {
      asked.push('persist');
      return Promise.resolve(app.failNext === undefined ? ok(app.persists) : fail(app.failNext));
    },
    retryNow: () => void asked.push('retry'),
    isStreaming: () => app.streaming,
  };
  return app;
}

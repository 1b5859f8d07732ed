/** The app: joins devices, worker and screens. Built once, in `main.ts`, from real or scripted edges. */
import type { Radio, RequestOptions } from '../device/bluetooth/radio.ts';
import { createStore, type Readable } from '../lib/store.ts';
import type { Clock } from '../lib/timers.ts';
import { appError, describeThrown, type AppError } from '../model/errors.ts';
import { fail, type Result } from '../model/result.ts';
import type { LiveMessage, WorkerStatus } from '../../workers/sensor/api.ts';
import type { BluetoothCapability, SensoctoApp, StatusLine } from './api.ts';
import { CommandDesk } from './commands.ts';
import { createDemoDoor } from './demo-door.ts';
import { bluetoothOrigin, type BluetoothEdges } from './device-origin.ts';
import { Devices, type DevicesDeps, type RemoteWorker } from './devices.ts';
import { createLiveHub } from './live-hub.ts';
import { createPhoneDoor } from './phone-door.ts';
import type { Phone } from './phone.ts';
import type { SerialPorts } from './serial.ts';
import { createSerialDoor } from './serial-door.ts';
import { statusLine } from './status-line.ts';
import type { Toys, ToysDeps } from './toys.ts';

/** How often watchers are served: the best the server gives. */
const WATCH_QUALITY = 'high';

/** Demo sensors of a kind that other tabs may be using at the same time. */
const MAX_DEMO_TRIES = 20;

const NOTHING_YET: WorkerStatus = {
  connection: { at: 'idle' },
  watch: { at: 'off' },
  watched: [],
  unreadable: 0,
  sensors: [],
  connectorName: '',
  storage: { kind: 'durable', persisted: undefined, usage: undefined, quota: undefined, logBytes: 0 },
  totals: { measured: 0, kept: 0, confirmed: 0, setAside: 0, evicted: 0, oldestUnsentAt: undefined },
  waiting: [],
  commands: [],
  server: {},
};

export interface AppEdges {
  readonly radio: Radio;
  readonly loadLink: BluetoothEdges['loadLink'];
  readonly demoRadio: Radio;
  /** Opens a WebSocket; only to this computer, for toys. */
  readonly openSocket: ToysDeps['open'];
  /** Fetches what this phone's sensors are read with. */
  readonly loadPhone: () => Promise<Phone>;
  /** Fetches what devices on a cable are read with. */
  readonly loadSerial: () => Promise<SerialPorts>;
  /** Why they cannot be read here; undefined: they can. */
  readonly serialProblem: AppError | undefined;
  readonly worker: RemoteWorker;
  readonly ingest: DevicesDeps['ingest'];
  readonly ingestReadings: DevicesDeps['ingestReadings'];
  readonly clock: Clock;
  readonly random: () => number;
  /** Asks the browser not to clear the storage by itself: only a window may. */
  readonly requestPersistence: () => Promise<Result<boolean>>;
}

/** What the edges report into the app. */
export interface AppInput {
  status(status: WorkerStatus): void;
  live(message: LiveMessage): void;
  /** A second passed while the page is visible. */
  tick(): void;
  /** The worker failed, or never started. What it reports later shows that it lives. */
  workerCrashed(detail: string): void;
  /** Storage and connection, then the devices that may come back without a chooser. */
  start(): Promise<void>;
}

export function createApp(edges: AppEdges): { readonly app: SensoctoApp; readonly input: AppInput } {
  const { clock, worker } = edges;
  const status = createStore<WorkerStatus>(NOTHING_YET);
  const now = createStore(clock.now());
  const line = createStore<StatusLine>({ kind: 'starting' });
  const bluetooth = createStore<BluetoothCapability>({ at: 'checking' });
  const hub = createLiveHub();
  const devices = new Devices({ ...edges, status, onForgotten: (sensorId) => hub.drop('own', sensorId) });
  const desk = new CommandDesk({
    deviceName: (sensorId) => devices.bySensor(sensorId)?.name,
    run: (sensorId, command) => devices.command(sensorId, command),
  });
  const serial = createSerialDoor(edges.loadSerial, edges.serialProblem, devices);
  const startDemo = createDemoDoor({
    fromRadio: (kind) =>
      choose(devices, edges, edges.demoRadio, { showAll: true, ...(kind !== undefined && { kind }) }),
    add: (origin) => devices.add(origin),
    clock,
  });
  let toys: Promise<Toys> | undefined;
  let crashed = false;

  /** Fetched when somebody has toys. */
  async function withToys(run: (toys: Toys) => Promise<Result<void>>): Promise<Result<void>> {
    try {
      toys ??= import('./toys.ts').then(
        (module) => new module.Toys({ open: edges.openSocket, clock, add: (origin) => devices.add(origin) }),
      );
      return await run(await toys);
    } catch (thrown) {
      toys = undefined;
      return fail(appError('unexpected', describeThrown(thrown)));
    }
  }

  function refresh(): void {
    now.set(clock.now());
    if (!crashed) setIfChanged(line, statusLine(status.get(), now.get()));
  }

  const app: SensoctoApp = {
    bluetooth,
    devices: devices.views,
    status,
    statusLine: line,
    live: hub,
    now,
    commands: desk.state,
    pairBluetooth: ({ showAll = false } = {}) => choose(devices, edges, edges.radio, { showAll }),
    tryDemo: (kind) => firstFree(() => startDemo(kind)),
    pairSerial: (options) => serial.pairSerial(options),
    serialProblem: serial.serialProblem,
    ...createPhoneDoor(edges.loadPhone, devices, () => clock.now()),
    startLesson: (services) => withTeaching((teaching) => teaching.startLesson(edges.radio, services, clock)),
    learn(lesson, mapping) {
      lesson.end();
      return devices.addTaught(bluetoothOrigin(lesson.peripheral, edges.radio, edges), mapping);
    },
    useMapping: (mapping) =>
      withTeaching(async ({ chooseFor }) => {
        const chosen = await chooseFor(edges.radio, mapping);
        return chosen.ok ? devices.addTaught(bluetoothOrigin(chosen.value, edges.radio, edges), mapping) : chosen;
      }),
    connectToys: (address) => withToys((toys) => toys.connect(address)),
    switchSource: (deviceId, kind, on) => devices.switchSource(deviceId, kind, on),
    allowCommands: (sensorId, always) => desk.allow(sensorId, always),
    refuseCommands: (sensorId) => desk.refuse(sensorId),
    stopCommands: () => desk.stopAll(),
    stop: (deviceId) => devices.stop(deviceId),
    reconnect: (deviceId) => devices.reconnect(deviceId),
    forget: (deviceId) => devices.forget(deviceId),
    rename: (deviceId, name) => devices.rename(deviceId, name),
    setConnectorName: (name) => worker.setConnectorName(name),
    useAccessToken: (token) => worker.useAccessToken(token),
    watch: (on) => void worker.watch(on, WATCH_QUALITY),
    setVisibleSensors: (sensorIds) => void worker.setVisibleSensors(sensorIds),
    focusSensors: (sensorIds) => void worker.focusSensors(sensorIds),
    retryNow: () => void worker.retryNow(),
    setAside: (sensorId) => worker.setAside(sensorId),
    certificate: (sensorId) => worker.certificate(sensorId),
    requestPersistence: () => edges.requestPersistence(),
    isStreaming: () => devices.isStreaming(),
  };

  async function start(): Promise<void> {
    try {
      await begin();
    } catch (thrown) {
      // Only a defect of ours gets here: expected failures are results.
      input.workerCrashed(describeThrown(thrown));
    }
  }

  async function begin(): Promise<void> {
    const started = worker.start();
    const capability = await edges.radio.capability();
    bluetooth.set(
      capability.ok
        ? { at: 'ready', canReturn: capability.value.canReturn }
        : { at: 'unavailable', error: capability.error },
    );
    await started;
    // Only devices this installation remembers: a grant may be older than a "forget" that the browser could not carry out.
    const records = new Map((await worker.remembered()).map((record) => [record.deviceId, record]));
    await serial.comeBack([...records.values()]);
    if (!capability.ok) return;
    for (const peripheral of await edges.radio.known()) {
      const record = records.get(peripheral.id);
      if (record) await devices.takeUp(bluetoothOrigin(peripheral, edges.radio, edges), record);
    }
  }

  const input: AppInput = {
    status(next) {
      crashed = false;
      status.set(next);
      desk.take(next);
      refresh();
    },
    live: (message) => hub.receive(message),
    tick: refresh,
    workerCrashed(detail) {
      crashed = true;
      line.set({ kind: 'failed', error: appError('worker-crashed', detail) });
    },
    start,
  };
  return { app, input };
}

/** Every tab numbers its demo sensors from one; those that another tab uses are passed over. */
async function firstFree(choose: () => Promise<Result<void>>): Promise<Result<void>> {
  for (let tries = 1; ; tries++) {
    const tried = await choose();
    if (tried.ok || tried.error.code !== 'bluetooth-other-tab' || tries === MAX_DEMO_TRIES) return tried;
  }
}

async function choose(
  devices: Devices,
  edges: BluetoothEdges,
  radio: Radio,
  options: RequestOptions,
): Promise<Result<void>> {
  try {
    const chosen = await radio.request(options);
    return chosen.ok ? await devices.add(bluetoothOrigin(chosen.value, radio, edges)) : chosen;
  } catch (thrown) {
    return fail(appError('unexpected', describeThrown(thrown)));
  }
}

async function withTeaching<T>(run: (teaching: typeof import('./teach.ts')) => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await run(await import('./teach.ts'));
  } catch (thrown) {
    return fail(appError('unexpected', describeThrown(thrown)));
  }
}

/** Small plain objects: listeners hear only of real changes. */
function setIfChanged(store: Readable<StatusLine> & { set(value: StatusLine): void }, next: StatusLine): void {
  if (JSON.stringify(store.get()) !== JSON.stringify(next)) store.set(next);
}

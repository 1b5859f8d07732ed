/** The app: joins devices, worker and screens. Built once, in `main.ts`, from real or scripted edges. */
import { createStore, type Readable } from '../lib/store.ts';
import { appError, describeThrown, type AppError } from '../model/errors.ts';
import type { Result } from '../model/result.ts';
import type { Live, WorkerStatus } from '../../workers/sensor/api.ts';
import type { BluetoothCapability, SensoctoApp, StatusLine } from './api.ts';
import { createCommandsDoor } from './commands-door.ts';
import { createBluetoothDoor, type RadioEdges } from './bluetooth-door.ts';
import { bluetoothOrigin } from './device-origin.ts';
import { Devices, type DevicesDeps, type RemoteWorker } from './devices.ts';
import { createLiveHub } from './live-hub.ts';
import { createPhoneDoor } from './phone-door.ts';
import type { Phone } from './phone.ts';
import type { SerialPorts } from './serial.ts';
import type { PoseActions } from './pose-api.ts';
import { createPoseDoor } from './pose-door.ts';
import { createSerialDoor } from './serial-door.ts';
import { statusLine } from './status-line.ts';
import { createToysDoor } from './toys-door.ts';
import type { ToysDeps } from './toys.ts';

/** How often watchers are served: the best the server gives. */
const WATCH_QUALITY = 'high';

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

export interface AppEdges extends RadioEdges {
  /** Opens a WebSocket; only to this computer, for toys. */
  readonly openSocket: ToysDeps['open'];
  /** Fetches what this phone's sensors are read with. */
  readonly loadPhone: () => Promise<Phone>;
  /** Fetches what pose capture is made of; the camera becomes one of `devices`. */
  readonly loadPose: (devices: Devices) => Promise<PoseActions>;
  /** Fetches what devices on a cable are read with. */
  readonly loadSerial: () => Promise<SerialPorts>;
  /** Why they cannot be read here; undefined: they can. */
  readonly serialProblem: AppError | undefined;
  readonly worker: RemoteWorker;
  readonly ingest: DevicesDeps['ingest'];
  readonly ingestReadings: DevicesDeps['ingestReadings'];
  /** Asks the browser not to clear the storage by itself: only a window may. */
  readonly requestPersistence: () => Promise<Result<boolean>>;
  /** The browser decides that by itself, without a question to the person. */
  readonly persistsQuietly: boolean;
}

/** What the edges report into the app. */
export interface AppInput {
  status(status: WorkerStatus): void;
  live(message: Live): void;
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
  const commands = createCommandsDoor({
    deviceName: (sensorId) => devices.bySensor(sensorId)?.name,
    run: (sensorId, command) => devices.command(sensorId, command),
  });
  const serial = createSerialDoor(edges.loadSerial, edges.serialProblem, devices);
  let crashed = false;
  const persist = persistOnce(edges);

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
    ...createBluetoothDoor(edges, devices),
    pairSerial: (options) => serial.pairSerial(options),
    serialProblem: serial.serialProblem,
    ...createPhoneDoor(edges.loadPhone, devices, () => clock.now()),
    ...createPoseDoor(() => edges.loadPose(devices)),
    ...createToysDoor({ open: edges.openSocket, clock, add: (origin) => devices.add(origin) }),
    ...deviceActions(devices),
    ...commands.actions,
    ...workerActions(worker),
    requestPersistence: () => edges.requestPersistence(),
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
      commands.take(next);
      persist(next);
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

/** Once something is kept here, the browser should not clear it by itself. */
function persistOnce({ persistsQuietly, requestPersistence }: AppEdges): (status: WorkerStatus) => void {
  let asked = false;
  return ({ storage, totals }) => {
    if (asked || !persistsQuietly || storage.persisted !== false || totals.measured === 0) return;
    asked = true;
    void requestPersistence();
  };
}

function deviceActions(
  devices: Devices,
): Pick<SensoctoApp, 'switchSource' | 'stop' | 'reconnect' | 'forget' | 'rename' | 'isStreaming'> {
  return {
    switchSource: (deviceId, kind, on) => devices.switchSource(deviceId, kind, on),
    stop: (deviceId) => devices.stop(deviceId),
    reconnect: (deviceId) => devices.reconnect(deviceId),
    forget: (deviceId) => devices.forget(deviceId),
    rename: (deviceId, name) => devices.rename(deviceId, name),
    isStreaming: () => devices.isStreaming(),
  };
}

type WorkerActions =
  | 'setConnectorName'
  | 'useAccessToken'
  | 'watch'
  | 'setVisibleSensors'
  | 'focusSensors'
  | 'retryNow'
  | 'setAside'
  | 'certificate';

function workerActions(worker: RemoteWorker): Pick<SensoctoApp, WorkerActions> {
  return {
    setConnectorName: (name) => worker.setConnectorName(name),
    useAccessToken: (token) => worker.useAccessToken(token),
    watch: (on) => void worker.watch(on, WATCH_QUALITY),
    setVisibleSensors: (sensorIds) => void worker.setVisibleSensors(sensorIds),
    focusSensors: (sensorIds) => void worker.focusSensors(sensorIds),
    retryNow: () => void worker.retryNow(),
    setAside: (sensorId) => worker.setAside(sensorId),
    certificate: (sensorId) => worker.certificate(sensorId),
  };
}

/** Small plain objects: listeners hear only of real changes. */
function setIfChanged(store: Readable<StatusLine> & { set(value: StatusLine): void }, next: StatusLine): void {
  if (JSON.stringify(store.get()) !== JSON.stringify(next)) store.set(next);
}

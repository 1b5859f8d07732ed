/** The sensor worker: everything from decoding to the socket. Composition only; each part is built from its ports. */
import { createConnection, type Connection } from '../../src/channel/connection.ts';
import { checkAccessToken, createCredentials, type Credentials } from '../../src/channel/credentials.ts';
import type { RestClient } from '../../src/channel/rest-client.ts';
import type { SocketHandlers, WireSocket } from '../../src/channel/wire-socket.ts';
import type { Clock } from '../../src/lib/timers.ts';
import { appError, describeThrown } from '../../src/model/errors.ts';
import type { Mapping } from '../../src/model/mapping.ts';
import type { CertificateFacts, SetAsideItem } from '../../src/model/proof.ts';
import { fail, ok, type Result } from '../../src/model/result.ts';
import type { Reading } from '../../src/model/reading.ts';
import type { AttributeRegistration, SensorDescriptor, SensorId } from '../../src/model/sensor.ts';
import type { SourceNotes } from '../../src/model/source-notes.ts';
import { memorySettings, type SettingsStore } from '../../src/outbox/database.ts';
import type { Outbox } from '../../src/outbox/ports.ts';
import type { StorageFacts } from '../../src/outbox/quota.ts';
import type { Quality } from '../../src/protocol/viewer.ts';
import { createServerClock } from '../../src/stream/server-clock.ts';
import type { Live, RememberedDevice, SensorStatus, SensorWorkerApi, WorkerStatus } from './api.ts';
import { Commands } from './commands.ts';
import { DEFAULT_CONNECTOR_NAME, openDevices, type Devices } from './devices.ts';
import { createLiveFeed, type LiveFeed } from './live-feed.ts';
import { asideSummaries, heldTally, storageStatus, totalsOf } from './proof.ts';
import { serverFacts } from './server-facts.ts';
import { Sensors } from './sensors.ts';
import { liveBuffers } from './tabs/live-buffers.ts';
import type { Watcher } from './watcher.ts';

/** ms between two status messages. */
const STATUS_INTERVAL = 250;
/** ms between two looks at how full the storage is. */
const STORAGE_INTERVAL = 30_000;
/** ms between two while nothing else happens but a rate that falls. */
const RATE_INTERVAL = 1000;

export interface WorkerEdges {
  readonly clock: Clock;
  readonly random: () => number;
  readonly fillRandom: (target: Uint8Array) => void;
  readonly openSettings: () => Promise<SettingsStore>;
  readonly outbox: Outbox;
  /** Fetches what the log needs to read and write blocks; absent: it is there. */
  readonly codecReady?: () => Promise<void>;
  /** Unix ms, also after a sleep; absent: the clock's own. */
  readonly wall?: () => number;
  /** What the browser says about storage; absent: nothing. */
  readonly storageFacts?: () => Promise<StorageFacts>;
  readonly rest: RestClient;
  /** `params`: connect parameters, asked for at each (re)connect. */
  readonly makeSocket: (params: () => object, handlers: SocketHandlers) => WireSocket;
}

export class SensorWorker implements SensorWorkerApi {
  readonly #edges: WorkerEdges;
  /** The session of certificates. */
  readonly #startedAt: number;
  readonly #connection: Connection;
  /** The log's disk could not be read. */
  #logGone = false;
  #watcher: Watcher | undefined;
  #watcherLoading: Promise<Watcher> | undefined;
  readonly #live: LiveFeed;
  readonly #sensors: Sensors;
  readonly #commands = new Commands();
  readonly #serverClock = createServerClock();
  #settings: SettingsStore = memorySettings();
  #devices: Devices | undefined;
  #credentials: Credentials | undefined;
  #started: Promise<Result<void>> | undefined;
  #livePort: MessagePort | undefined;
  #statusPort: MessagePort | undefined;
  #storageFacts: StorageFacts = { persisted: undefined, usage: undefined, quota: undefined };
  #factsAt = -Infinity;
  #statusDue = false;
  #rateDue = false;
  #stopped = false;

  constructor(edges: WorkerEdges) {
    this.#edges = edges;
    this.#startedAt = edges.clock.now();
    const { clock } = edges;
    this.#live = createLiveFeed(clock, (message) => this.#postLive(message));
    this.#connection = createConnection({
      makeSocket: (handlers) => edges.makeSocket(() => this.#socketParams(), handlers),
      clock,
      random: edges.random,
      onState: () => this.#changed(),
      renewCredential: async () => (await this.#credentials?.renew()) ?? 'later',
    });
    this.#sensors = new Sensors({
      loadPipeline: async () => {
        const [{ SensorPipeline }] = await Promise.all([import('./pipeline.ts'), edges.codecReady?.()]);
        return (needs) => new SensorPipeline(needs);
      },
      connection: this.#connection,
      outbox: edges.outbox,
      clock,
      wall: edges.wall ?? (() => clock.now()),
      live: this.#live,
      connector: () => this.#devices?.connector() ?? { connectorId: '', connectorName: DEFAULT_CONNECTOR_NAME },
      bearer: () => this.#bearer(),
      serverClock: this.#serverClock,
      onCommand: (sensorId, command) => this.#commands.add(sensorId, command, clock.now()),
      onChange: () => this.#changed(),
    });
  }

  start(): Promise<Result<void>> {
    this.#started ??= this.#start();
    return this.#started;
  }

  attach(ports: { readonly live: MessagePort; readonly status: MessagePort }): Promise<void> {
    this.#livePort = ports.live;
    this.#statusPort = ports.status;
    this.#changed();
    return Promise.resolve();
  }

  async remember(deviceId: string, deviceName: string, sensorType?: string): Promise<Result<RememberedDevice>> {
    return ok(await (await this.#known()).remember(deviceId, deviceName, sensorType));
  }

  async remembered(): Promise<readonly RememberedDevice[]> {
    return (await this.#known()).list();
  }

  async rename(deviceId: string, name: string): Promise<Result<void>> {
    return (await this.#known()).rename(deviceId, name);
  }

  async teach(deviceId: string, mappings: readonly Mapping[]): Promise<Result<void>> {
    return (await this.#known()).teach(deviceId, mappings);
  }

  async note(deviceId: string, name: string, value: number): Promise<Result<void>> {
    return (await this.#known()).note(deviceId, name, value);
  }

  async forget(deviceId: string): Promise<Result<void>> {
    await (await this.#known()).forget(deviceId);
    return ok(undefined);
  }

  async openSensor(sensor: SensorDescriptor): Promise<Result<void>> {
    await this.#known();
    await this.#sensors.open(sensor);
    return ok(undefined);
  }

  async closeSensor(sensorId: SensorId): Promise<Result<void>> {
    await this.#sensors.close(sensorId);
    return ok(undefined);
  }

  ingest(sensorId: SensorId, characteristic: string, bytes: ArrayBuffer, arrival: number): void {
    this.#sensors.get(sensorId)?.ingest(characteristic, bytes, arrival);
  }

  ingestReadings(
    sensorId: SensorId,
    readings: readonly Reading[],
    attributes: readonly AttributeRegistration[],
    arrival: number,
    notes?: SourceNotes,
  ): void {
    this.#sensors.get(sensorId)?.ingestReadings(readings, attributes, arrival, notes);
  }

  linkLost(sensorId: SensorId): void {
    this.#sensors.get(sensorId)?.linkLost();
  }

  async setConnectorName(name: string): Promise<Result<void>> {
    const devices = await this.#known();
    const set = await devices.setConnectorName(name);
    if (set.ok) for (const pipeline of this.#sensors.all()) pipeline.renameConnector(devices.connector().connectorName);
    this.#changed();
    return set;
  }

  async useAccessToken(text: string): Promise<Result<void>> {
    await this.#known();
    const token = checkAccessToken(text);
    if (!token.ok) return token;
    if (!this.#credentials) return fail(appError('unexpected', 'not started'));
    const kept = await this.#credentials.use(token.value);
    await this.retryNow();
    return kept;
  }

  watch(on: boolean, quality: Quality): Promise<void> {
    return this.#withWatcher((watcher) => watcher.watch(on, quality));
  }

  setVisibleSensors(sensorIds: readonly SensorId[]): Promise<void> {
    return this.#withWatcher((watcher) => watcher.setVisible(sensorIds));
  }

  focusSensors(sensorIds: readonly SensorId[]): Promise<void> {
    return this.#withWatcher((watcher) => watcher.setFocus(sensorIds));
  }

  async setAside(sensorId: SensorId): Promise<Result<readonly SetAsideItem[]>> {
    try {
      const [{ allAsides, setAsideItem }] = await Promise.all([
        import('./session-proof.ts'),
        this.#edges.codecReady?.(),
      ]);
      return ok((await allAsides(this.#edges.outbox, sensorId)).map(setAsideItem));
    } catch (thrown) {
      return fail(appError('storage-unavailable', describeThrown(thrown)));
    }
  }

  async certificate(sensorId: SensorId | undefined): Promise<Result<CertificateFacts>> {
    const devices = await this.#known();
    const { clock, outbox, codecReady } = this.#edges;
    try {
      const [{ certificateFacts, sessionProofs }] = await Promise.all([import('./session-proof.ts'), codecReady?.()]);
      // What was measured until now is in the log then.
      this.#sensors.flush();
      const now = clock.now();
      const open = this.#sensors.all().map((pipeline) => {
        const { descriptor } = pipeline;
        const facts = { descriptor, gaps: pipeline.status(now).gaps, receipts: pipeline.receipts() };
        return [descriptor.sensorId, facts] as const;
      });
      const proofs = await sessionProofs(outbox, new Map(open), this.#startedAt, sensorId);
      return ok(certificateFacts(devices.connector().connectorId, this.#startedAt, clock.now(), proofs));
    } catch (thrown) {
      return fail(appError('storage-unavailable', describeThrown(thrown)));
    }
  }

  retryNow(): Promise<void> {
    this.#connection.retry();
    return Promise.resolve();
  }

  pageEvent(event: 'online' | 'offline' | 'visible' | 'hidden' | 'pagehide'): void {
    if (event === 'offline') this.#connection.networkLost();
    else if (event === 'online' || event === 'visible') this.#connection.wake();
    if (event === 'visible') this.#sensors.hidden(false);
    if (event !== 'hidden' && event !== 'pagehide') return;
    this.#sensors.hidden(true);
    // The page may end without another word.
    void this.#edges.outbox.checkpoint();
  }

  /** The log says that its storage went or came back. What lies on a disk that is back is read from the next join on. */
  logChanged(): void {
    const { storage } = this.#edges.outbox;
    // A disk that is full is read all the time.
    const gone = storage.kind === 'memory' && !storage.full;
    if (this.#logGone && !gone) this.#sensors.rewind();
    this.#logGone = gone;
    this.#changed();
  }

  /** Another tab leads from now on: leaves the server, for good. */
  stop(): void {
    this.#stopped = true;
    this.#sensors.stop();
    this.#connection.stop();
  }

  /** Storage only: a server that does not answer must not keep anybody from pairing. */
  async #start(): Promise<Result<void>> {
    const devices = await this.#openStorage();
    this.#devices = devices;
    this.#credentials = createCredentials({
      settings: this.#settings,
      rest: this.#edges.rest,
      now: () => this.#edges.clock.now(),
      displayName: () => devices.connector().connectorName,
    });
    await this.#sensors.drainLeftovers();
    void this.#connect(this.#credentials);
    this.#changed();
    return ok(undefined);
  }

  /** Watching is fetched when somebody watches. Wishes take effect in the order in which they came. */
  async #withWatcher(run: (watcher: Watcher) => void): Promise<void> {
    this.#watcherLoading ??= import('./watcher.ts').then(
      (module) =>
        (this.#watcher = new module.Watcher({
          connection: this.#connection,
          rest: this.#edges.rest,
          bearer: () => this.#bearer(),
          live: this.#live,
          onChange: () => this.#changed(),
        })),
    );
    run(await this.#watcherLoading);
  }

  async #openStorage(): Promise<Devices> {
    try {
      this.#settings = await this.#edges.openSettings();
      return await openDevices(this.#settings, this.#edges.fillRandom);
    } catch {
      // A database that opens and then fails is as good as none: the status says that nothing outlives this tab.
      this.#settings = memorySettings();
      return openDevices(this.#settings, this.#edges.fillRandom);
    }
  }

  async #connect(credentials: Credentials): Promise<void> {
    // The socket names the guest when it opens. Without a server the credential comes later: each join asks again.
    await credentials.load();
    if (!this.#stopped) this.#connection.connect();
  }

  async #known(): Promise<Devices> {
    await this.start();
    if (!this.#devices) throw new Error('storage did not open');
    return this.#devices;
  }

  async #bearer(): Promise<string> {
    await this.start();
    return (await this.#credentials?.bearer()) ?? 'missing';
  }

  #socketParams(): object {
    const token = this.#credentials?.socketToken();
    return token === undefined ? {} : { token };
  }

  #status(): WorkerStatus {
    const now = this.#edges.clock.now();
    const { outbox } = this.#edges;
    const sensors = this.#sensors.all().map((pipeline) => pipeline.status(now));
    return {
      connection: this.#connection.state,
      watch: this.#watcher?.state ?? { at: 'off' },
      watched: this.#watcher?.sensors ?? [],
      unreadable: this.#watcher?.unreadable ?? 0,
      sensors,
      connectorName: this.#devices?.connector().connectorName ?? DEFAULT_CONNECTOR_NAME,
      storage: {
        ...storageStatus(outbox.storage),
        ...this.#storageFacts,
        logBytes: outbox.sensors().reduce((sum, sensorId) => sum + outbox.depth(sensorId).bytes, 0),
      },
      totals: totalsOf([...sensors, ...this.#heldOfClosed(sensors)]),
      waiting: this.#sensors.waiting(),
      aside: asideSummaries(outbox),
      commands: this.#commands.recent(now),
      server: serverFacts(this.#serverClock, now),
    };
  }

  /** What the log still holds of sensors that are closed: refused samples are kept until somebody takes them out. */
  #heldOfClosed(open: readonly SensorStatus[]): ReturnType<typeof heldTally>[] {
    const { outbox } = this.#edges;
    const ids = new Set(open.map(({ sensorId }) => sensorId));
    return outbox.sensors().flatMap((sensorId) => (ids.has(sensorId) ? [] : [heldTally(outbox.depth(sensorId))]));
  }

  #changed(): void {
    if (this.#statusDue) return;
    this.#statusDue = true;
    this.#edges.clock.after(STATUS_INTERVAL, () => {
      this.#statusDue = false;
      this.#publish();
    });
  }

  /** How full the storage is, now and then; the next status tells. */
  #lookAtStorage(): void {
    const now = this.#edges.clock.now();
    if (!this.#edges.storageFacts || now - this.#factsAt < STORAGE_INTERVAL) return;
    this.#factsAt = now;
    void this.#edges.storageFacts().then((facts) => (this.#storageFacts = facts));
  }

  #publish(): void {
    this.#lookAtStorage();
    const status = this.#status();
    this.#statusPort?.postMessage(status);
    // A rate falls because nothing happens, which by itself would tell nobody.
    if (this.#rateDue || !status.sensors.some((sensor) => sensor.rate > 0)) return;
    this.#rateDue = true;
    this.#edges.clock.after(RATE_INTERVAL, () => {
      this.#rateDue = false;
      this.#changed();
    });
  }

  #postLive(message: Live): void {
    this.#livePort?.postMessage(message, liveBuffers(message));
  }
}

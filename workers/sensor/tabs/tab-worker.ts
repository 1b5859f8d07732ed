/**
 * The sensor worker as each tab has it. One tab of the origin leads: its worker owns socket, log and pipelines. The
 * others hand every call and every byte to it and show what it reports. A tab keeps what it delivered until the log has
 * it, and what it opened, so that a new leader gets both without the window noticing.
 */
import type { Mapping } from '../../../src/model/mapping.ts';
import { appError } from '../../../src/model/errors.ts';
import { fail, type Result } from '../../../src/model/result.ts';
import type { Reading } from '../../../src/model/reading.ts';
import type { AttributeRegistration, SensorDescriptor, SensorId } from '../../../src/model/sensor.ts';
import type { SourceNotes } from '../../../src/model/source-notes.ts';
import type { Quality } from '../../../src/protocol/viewer.ts';
import type { Live, SensorWorkerApi, TabWorkerApi, WorkerStatus } from '../api.ts';
import { Calls } from './calls.ts';
import { Claims } from './claims.ts';
import { Feeds } from './feeds.ts';
import { Host } from './host.ts';
import { Lease } from './lease.ts';
import { liveBuffers } from './live-buffers.ts';
import type { FromLeader, TabMessage, ToLeader, Wish } from './messages.ts';
import { tabLock, type Broadcast, type Locks, type TabEdges } from './ports.ts';

type Ports = Parameters<SensorWorkerApi['attach']>[0];
type PageEvent = Parameters<SensorWorkerApi['pageEvent']>[0];

export class TabWorker implements TabWorkerApi {
  readonly #edges: TabEdges;
  readonly #claims: Claims;
  readonly #feeds: Feeds;
  readonly #calls: Calls;
  readonly #end = new AbortController();
  #begun = false;
  #broadcast: Broadcast | undefined;
  #lease: Lease | undefined;
  #host: Host | undefined;
  /** The leadership this tab follows (its own included); undefined while there is none. */
  #term: number | undefined;
  #wish: Wish = { watch: undefined, visible: undefined, focused: [] };
  #ports: Ports | undefined;
  #lastStatus: WorkerStatus | undefined;

  constructor(edges: TabEdges) {
    this.#edges = edges;
    this.#claims = new Claims(edges.locks, edges.clock);
    this.#calls = new Calls((id, call) => {
      if (this.#term !== undefined) this.#toLeader({ type: 'call', tab: edges.tab, term: this.#term, id, call });
    });
    this.#feeds = new Feeds({
      clock: edges.clock,
      term: () => this.#term,
      open: (descriptor) => this.#calls.askOnce('open', descriptor),
      close: (sensorId) => this.#calls.askOnce('close', sensorId),
      give: (term, sensorId, item) => this.#toLeader({ type: 'feed', tab: edges.tab, term, sensorId, item }),
    });
  }

  /** True while this tab's worker is the one. */
  get leads(): boolean {
    return this.#host !== undefined;
  }

  start(): Promise<Result<void>> {
    return this.#ask('start');
  }

  attach(ports: Ports): Promise<void> {
    this.#ports = ports;
    if (this.#lastStatus) ports.status.postMessage(this.#lastStatus);
    return Promise.resolve();
  }

  async openSensor(descriptor: SensorDescriptor): Promise<Result<void>> {
    const { sensorId } = descriptor;
    const claimed = await this.#claims.claim(sensorId);
    if (!claimed.ok) return claimed;
    const opened = await this.#feeds.open(descriptor);
    if (!this.#feeds.isOpen(sensorId)) this.#claims.release(sensorId);
    return opened;
  }

  async closeSensor(sensorId: SensorId): Promise<Result<void>> {
    await this.#edges.plug?.(this, sensorId, undefined);
    const closed = await this.#feeds.close(sensorId);
    if (!this.#feeds.isOpen(sensorId)) this.#claims.release(sensorId);
    return closed;
  }

  ingest(sensorId: SensorId, characteristic: string, bytes: ArrayBuffer, arrival: number): void {
    this.#feeds.add(sensorId, { kind: 'bytes', characteristic, bytes, arrival });
  }

  ingestReadings(
    sensorId: SensorId,
    readings: readonly Reading[],
    attributes: readonly AttributeRegistration[],
    arrival: number,
    notes?: SourceNotes,
  ): void {
    this.#feeds.add(sensorId, { kind: 'readings', readings, attributes, arrival, ...(notes && { notes }) });
  }

  async openSerial(...port: Parameters<TabWorkerApi['openSerial']>): Promise<Result<void>> {
    return (await this.#edges.openSerial?.(this, ...port)) ?? fail(appError('serial-unsupported'));
  }

  async feedFrom(sensorId: SensorId, port: MessagePort): Promise<Result<void>> {
    const open = this.#feeds.isOpen(sensorId);
    return (open && (await this.#edges.plug?.(this, sensorId, port))) || fail(appError('unexpected', 'not open'));
  }

  linkLost(sensorId: SensorId): void {
    this.#feeds.add(sensorId, { kind: 'link-lost' });
  }

  watch(on: boolean, quality: Quality): Promise<void> {
    // What is on the screen is said anew each time watching begins.
    this.#wish = { ...this.#wish, ...(on ? { watch: quality } : { watch: undefined, visible: undefined }) };
    return this.#ask('want', this.#wish);
  }

  setVisibleSensors(sensorIds: readonly SensorId[]): Promise<void> {
    this.#wish = { ...this.#wish, visible: sensorIds };
    return this.#ask('want', this.#wish);
  }

  focusSensors(sensorIds: readonly SensorId[]): Promise<void> {
    this.#wish = { ...this.#wish, focused: sensorIds };
    return this.#ask('want', this.#wish);
  }

  remember(...device: Parameters<SensorWorkerApi['remember']>): ReturnType<SensorWorkerApi['remember']> {
    return this.#ask('remember', ...device);
  }

  remembered(): ReturnType<SensorWorkerApi['remembered']> {
    return this.#ask('remembered');
  }

  rename(deviceId: string, name: string): Promise<Result<void>> {
    return this.#ask('rename', deviceId, name);
  }

  teach(deviceId: string, mappings: readonly Mapping[]): Promise<Result<void>> {
    return this.#ask('teach', deviceId, mappings);
  }

  note(deviceId: string, name: string, value: number): Promise<Result<void>> {
    return this.#ask('note', deviceId, name, value);
  }

  forget(deviceId: string): Promise<Result<void>> {
    return this.#ask('forget', deviceId);
  }

  setConnectorName(name: string): Promise<Result<void>> {
    return this.#ask('setConnectorName', name);
  }

  useAccessToken(token: string): Promise<Result<void>> {
    return this.#ask('useAccessToken', token);
  }

  setAside(sensorId: SensorId): ReturnType<SensorWorkerApi['setAside']> {
    return this.#ask('setAside', sensorId);
  }

  certificate(sensorId: SensorId | undefined): ReturnType<SensorWorkerApi['certificate']> {
    return this.#ask('certificate', sensorId);
  }

  retryNow(): Promise<void> {
    return this.#ask('retryNow');
  }

  pageEvent(event: PageEvent): void {
    void this.#ask('pageEvent', event);
  }

  /** Ends this tab's part, as closing the tab does. */
  close(): void {
    this.#end.abort();
    this.#host?.stop();
    this.#host = undefined;
    this.#lease?.close();
    this.#broadcast?.close();
  }

  readonly #ask: Calls['ask'] = (method, ...args) => {
    this.#begin();
    return this.#calls.ask(method, ...args);
  };

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    const { locks, openBroadcast } = this.#edges;
    // Without both, tabs cannot find out about each other: each is on its own.
    if (!locks || !openBroadcast) return this.#lead(this.#edges.clock.now(), false, false);
    const broadcast = openBroadcast();
    this.#broadcast = broadcast;
    broadcast.onmessage = (event: MessageEvent<TabMessage>) => this.#heard(event.data);
    this.#enter(locks);
  }

  /** Takes the lock that shows others that this tab lives, and only then shows itself. */
  #enter(locks: Locks): void {
    const { clock, random, tab } = this.#edges;
    const live = (): Promise<void> => {
      this.#lease = new Lease({
        locks,
        clock,
        random,
        onLead: (term, tookOver) => this.#lead(term, tookOver, true),
        onDeposed: () => this.#deposed(),
      });
      this.#broadcast?.postMessage({ type: 'hello', tab } satisfies TabMessage);
      return new Promise((resolve) => this.#end.signal.addEventListener('abort', () => resolve(), { once: true }));
    };
    // The browser refuses locks to documents that are no longer active, and those need none.
    locks.request(tabLock(tab), { signal: this.#end.signal }, live).catch((thrown: unknown) => thrown);
  }

  #lead(term: number, tookOver: boolean, exclusive: boolean): void {
    const { tab, clock, locks, makeCore } = this.#edges;
    // The host speaks while it is being made: this tab hears it once it can answer.
    const early: FromLeader[] = [];
    const host = new Host({
      tab,
      term,
      tookOver,
      clock,
      locks: exclusive ? locks : undefined,
      makeCore: () => makeCore(exclusive),
      send: (message, to) => {
        if (to !== tab) this.#broadcast?.postMessage(message);
        if (to !== undefined && to !== tab) return;
        if (this.#host) this.#fromLeader(message);
        else early.push(message);
      },
    });
    this.#host = host;
    for (const message of early) this.#fromLeader(message);
  }

  /** Another tab leads now. Everything not answered and not logged waits for its first sign of life. */
  #deposed(): void {
    this.#host?.stop();
    this.#host = undefined;
    this.#term = undefined;
    this.#broadcast?.postMessage({ type: 'hello', tab: this.#edges.tab } satisfies TabMessage);
  }

  #toLeader(message: ToLeader): void {
    if (this.#host) this.#host.take(message);
    else this.#broadcast?.postMessage(message);
  }

  #heard(message: TabMessage): void {
    if (this.#end.signal.aborted) return;
    if (message.type === 'hello' || message.type === 'call' || message.type === 'feed') this.#host?.take(message);
    else this.#fromLeader(message);
  }

  #fromLeader(message: FromLeader): void {
    switch (message.type) {
      case 'beat':
        if (this.#lease && !this.#lease.heard(message.term)) return;
        if (message.term !== this.#term) this.#follow(message.term);
        return this.#feeds.logged(this.#edges.tab, message.logged);
      case 'answer':
        if (message.to === this.#edges.tab) this.#calls.answered(message.id, message.answer);
        return;
      case 'status':
        if (message.term === this.#term) this.#showStatus(message.status);
        return;
      case 'live':
        if (message.term === this.#term) this.#showLive(message.message);
    }
  }

  /** A new leader: it gets what is open, what is wanted and what was asked, and then the bytes it does not have. */
  #follow(term: number): void {
    this.#term = term;
    this.#calls.follow();
    if (this.#wish.watch !== undefined || this.#wish.focused.length > 0) void this.#ask('want', this.#wish);
    this.#feeds.resume();
  }

  #showStatus(status: WorkerStatus): void {
    const sensors = status.sensors.map((sensor) => {
      const dropped = this.#feeds.dropped(sensor.sensorId);
      if (dropped === 0) return sensor;
      return { ...sensor, badNotifications: { ...sensor.badNotifications, 'tab-buffer-full': dropped } };
    });
    this.#lastStatus = { ...status, sensors };
    this.#ports?.status.postMessage(this.#lastStatus);
  }

  /** Each window gets what it can show: its own sensors, and others' while it watches. */
  #showLive(message: Live): void {
    const shown = message.origin === 'own' ? this.#feeds.isOpen(message.sensorId) : this.#wish.watch !== undefined;
    if (shown) this.#ports?.live.postMessage(message, liveBuffers(message));
  }
}

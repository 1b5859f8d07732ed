/**
 * The leader's side: makes the one worker and serves all tabs, its own included. What a tab opened is closed when the tab
 * is gone, which its own lock tells.
 */
import type { Clock } from '../../../src/lib/timers.ts';
import { describeThrown } from '../../../src/model/errors.ts';
import { ok, type Result } from '../../../src/model/result.ts';
import type { SensorDescriptor, SensorId } from '../../../src/model/sensor.ts';
import type { Live, SensorWorkerApi, WorkerStatus } from '../api.ts';
import { BEAT_INTERVAL } from './lease.ts';
import type { Answer, Call, FeedItem, FromLeader, Logged, Opened, TabId, ToLeader } from './messages.ts';
import { tabLock, type LeaderCore, type Locks } from './ports.ts';
import { Wishes } from './wishes.ts';

/**
 * A leader that follows on another waits this long before it connects, ms: the real server's clean-up of the old
 * connection would end channels that are joined sooner.
 */
const TAKE_OVER_REST = 250;

export interface HostDeps {
  readonly tab: TabId;
  readonly term: number;
  readonly clock: Clock;
  readonly locks: Locks | undefined;
  readonly makeCore: () => Promise<LeaderCore>;
  /** Another tab led until a moment ago. */
  readonly tookOver: boolean;
  /** `to` undefined: all tabs. */
  readonly send: (message: FromLeader, to?: TabId) => void;
}

/** One tab feeding one sensor. */
interface Feed {
  readonly tab: TabId;
  readonly sensorId: SensorId;
  /** Highest number that the worker has taken. */
  received: number;
  open: boolean;
}

export class Host {
  readonly #deps: HostDeps;
  readonly #core: Promise<LeaderCore>;
  /** The same, once it is there: bytes must not wait for a promise each. */
  #ready: LeaderCore | undefined;
  readonly #feeds = new Map<string, Feed>();
  /** Who fed each sensor last. */
  readonly #feeding = new Map<SensorId, TabId>();
  readonly #wishes = new Wishes();
  readonly #others = new Set<TabId>();
  readonly #end = new AbortController();
  readonly #ports = [new MessageChannel(), new MessageChannel()] as const;
  #lastStatus: WorkerStatus | undefined;
  #stopBeating: () => void = () => undefined;

  constructor(deps: HostDeps) {
    this.#deps = deps;
    this.#core = this.#start();
    // Whoever calls hears of a failure; here it only must not count as unhandled.
    this.#core.catch(ignoreEnd);
    this.#beat();
  }

  /** A message of a tab, this one or another. */
  take(message: ToLeader): void {
    if (this.#end.signal.aborted) return;
    if (message.type === 'hello' || message.term === this.#deps.term) this.#meet(message.tab);
    switch (message.type) {
      case 'hello':
        return this.#greet(message.tab);
      case 'call':
        if (message.term === this.#deps.term) void this.#answer(message.tab, message.id, message.call);
        return;
      case 'feed':
        if (message.term === this.#deps.term) this.#feed(message.tab, message.sensorId, message.item);
    }
  }

  /** This tab leads no more: nothing is sent, written or answered from here on. */
  stop(): void {
    if (this.#end.signal.aborted) return;
    this.#end.abort();
    this.#stopBeating();
    for (const { port1 } of this.#ports) port1.close();
    this.#ready?.marks.stop();
    this.#ready?.stop();
  }

  async #start(): Promise<LeaderCore> {
    const { clock, tookOver, makeCore } = this.#deps;
    if (tookOver) await new Promise<void>((resolve) => void clock.after(TAKE_OVER_REST, resolve));
    this.#end.signal.throwIfAborted();
    const core = await makeCore();
    if (this.#end.signal.aborted) {
      core.marks.stop();
      core.stop();
      throw new Error('another tab leads');
    }
    const [live, status] = this.#ports;
    live.port1.onmessage = (event: MessageEvent<Live>) => this.#live(event.data);
    status.port1.onmessage = (event: MessageEvent<WorkerStatus>) => this.#status(event.data);
    await core.worker.attach({ live: live.port2, status: status.port2 });
    this.#ready = core;
    // Not only when a window asks: one that followed so far has asked long ago.
    void core.worker.start();
    return core;
  }

  /** Signs of life begin before the worker is there: opening storage may take its time. */
  #beat(): void {
    this.#deps.send({ type: 'beat', term: this.#deps.term, logged: this.#logged() });
    this.#stopBeating = this.#deps.clock.after(BEAT_INTERVAL, () => this.#beat());
  }

  #logged(): Logged[] {
    const marks = this.#ready?.marks;
    if (!marks) return [];
    return [...this.#feeds.values()].map(({ tab, sensorId }) => ({
      tab,
      sensorId,
      number: marks.logged(sensorId, tab),
    }));
  }

  #greet(tab: TabId): void {
    const { send, term } = this.#deps;
    send({ type: 'beat', term, logged: [] }, tab);
    if (this.#lastStatus) send({ type: 'status', term, status: this.#lastStatus }, tab);
  }

  /** Learns when another tab is gone: its lock is free then. */
  #meet(tab: TabId): void {
    const { locks, tab: own } = this.#deps;
    if (tab === own || this.#others.has(tab)) return;
    this.#others.add(tab);
    const { signal } = this.#end;
    void locks
      ?.request(tabLock(tab), { signal }, () => {
        this.#gone(tab);
        return Promise.resolve();
      })
      // Rejected only when this leadership ends, and then nobody needs to know.
      .catch((thrown: unknown) => thrown);
  }

  #gone(tab: TabId): void {
    this.#others.delete(tab);
    this.#wishes.delete(tab);
    const left = [...this.#feeds.values()].filter((feed) => feed.tab === tab);
    void this.#core.then((core) => {
      void this.#wishes.tell(core.worker);
      for (const feed of left) {
        void this.#close(core, tab, feed.sensorId).finally(() => this.#feeds.delete(keyOf(tab, feed.sensorId)));
      }
    }, ignoreEnd);
  }

  async #answer(tab: TabId, id: number, call: Call): Promise<void> {
    const { send } = this.#deps;
    let answer: Answer;
    try {
      answer = { ok: true, value: await this.#run(tab, call) };
    } catch (thrown) {
      answer = { ok: false, detail: describeThrown(thrown) };
    }
    // A leadership that ended meanwhile answers nothing: the tab asks the next one.
    if (!this.#end.signal.aborted) send({ type: 'answer', to: tab, id, answer }, tab);
  }

  async #run(tab: TabId, call: Call): Promise<unknown> {
    const core = await this.#core;
    const { worker } = core;
    switch (call.method) {
      case 'start':
        return worker.start();
      case 'open':
        return this.#open(core, tab, ...call.args);
      case 'close':
        return this.#close(core, tab, ...call.args);
      case 'want':
        this.#wishes.set(tab, ...call.args);
        return this.#wishes.tell(worker);
      default:
        return apply(worker, call.method, call.args);
    }
  }

  async #open(core: LeaderCore, tab: TabId, descriptor: SensorDescriptor): Promise<Opened> {
    const { sensorId } = descriptor;
    const key = keyOf(tab, sensorId);
    const feed = this.#feeds.get(key) ?? { tab, sensorId, received: 0, open: true };
    feed.open = true;
    this.#feeds.set(key, feed);
    const result = await core.worker.openSensor(descriptor);
    feed.received = Math.max(feed.received, core.marks.logged(sensorId, tab));
    return { term: this.#deps.term, result, received: feed.received };
  }

  /** The tab's feed ends; the sensor does too if no other tab feeds it. */
  #close(core: LeaderCore, tab: TabId, sensorId: SensorId): Promise<Result<void>> {
    const feed = this.#feeds.get(keyOf(tab, sensorId));
    if (feed) feed.open = false;
    const shared = [...this.#feeds.values()].some((other) => other.sensorId === sensorId && other.open);
    return shared ? Promise.resolve(ok(undefined)) : core.worker.closeSensor(sensorId);
  }

  #feed(tab: TabId, sensorId: SensorId, item: FeedItem): void {
    const feed = this.#feeds.get(keyOf(tab, sensorId));
    const core = this.#ready;
    // Given twice, or by a tab that has not opened it: numbers tell.
    if (!core || !feed?.open || item.number <= feed.received) return;
    const { worker, marks } = core;
    // Another window holds the link now: what its clocks and decoders knew ended with the old one.
    if ((this.#feeding.get(sensorId) ?? tab) !== tab) worker.linkLost(sensorId);
    this.#feeding.set(sensorId, tab);
    hand(worker, sensorId, item);
    feed.received = item.number;
    marks.taken(sensorId, { tab, number: item.number });
  }

  #status(status: WorkerStatus): void {
    this.#lastStatus = status;
    this.#deps.send({ type: 'status', term: this.#deps.term, status });
  }

  #live(message: Live): void {
    // Many and large: not to a channel where nobody listens.
    this.#deps.send(
      { type: 'live', term: this.#deps.term, message },
      this.#others.size === 0 ? this.#deps.tab : undefined,
    );
  }
}

function hand(worker: SensorWorkerApi, sensorId: SensorId, item: FeedItem): void {
  switch (item.kind) {
    case 'bytes':
      return worker.ingest(sensorId, item.characteristic, item.bytes, item.arrival);
    case 'readings':
      return worker.ingestReadings(sensorId, item.readings, item.attributes, item.arrival, item.notes);
    case 'link-lost':
      return worker.linkLost(sensorId);
  }
}

function keyOf(tab: TabId, sensorId: SensorId): string {
  return `${tab} ${sensorId}`;
}

/** Method and arguments fit each other by their type; only a tab of another version could ask for something else. */
function apply(worker: SensorWorkerApi, method: keyof SensorWorkerApi, args: readonly unknown[]): unknown {
  const run: unknown = Reflect.get(worker, method);
  if (typeof run !== 'function') throw new Error(`there is no ${String(method)}`);
  return Reflect.apply(run, worker, args) as unknown;
}

/** A leadership that never began has nothing to tidy. */
function ignoreEnd(): void {
  return undefined;
}

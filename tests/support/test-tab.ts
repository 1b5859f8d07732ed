/**
 * A tab in a test's hands: the whole worker over a real BroadcastChannel, and everything that can happen to a tab. A
 * killed one does nothing any more; a frozen one does later what it would have done.
 */
import { createRestClient } from '../../src/channel/rest-client.ts';
import { encodeHeartRate } from '../../src/device/demo/encode.ts';
import { HEART_RATE_MEASUREMENT } from '../../src/device/profiles/heart-rate.ts';
import { systemClock, type Clock } from '../../src/lib/timers.ts';
import type { Result } from '../../src/model/result.ts';
import { memorySettings, type SettingsStore } from '../../src/outbox/database.ts';
import type { Live, LiveMessage, LiveSkeleton, WorkerStatus } from '../../workers/sensor/api.ts';
import { SensorWorker, type WorkerEdges } from '../../workers/sensor/sensor-worker.ts';
import { markOutbox } from '../../workers/sensor/tabs/feed-marks.ts';
import type { LeaderCore, Locks } from '../../workers/sensor/tabs/ports.ts';
import { TabWorker } from '../../workers/sensor/tabs/tab-worker.ts';
import type { LockManager, TabLocks } from './lock-manager.ts';
import type { SharedLog } from './shared-log.ts';

/** What all tabs of one origin share. */
export interface Origin {
  readonly locks: LockManager;
  readonly channel: string;
  readonly settings: SettingsStore;
  readonly log: SharedLog;
  /** Names of tabs, one for each socket that was opened and not closed. */
  readonly sockets: Set<string>;
  /** Names of the tabs that led, in order. */
  readonly leaders: string[];
  /** Sensors that a leader closed, in order. */
  readonly closed: string[];
}

export function createOrigin(locks: LockManager, log: SharedLog): Origin {
  const channel = `tabs-${Math.random()}`;
  return { locks, channel, log, settings: memorySettings(), sockets: new Set(), leaders: [], closed: [] };
}

export class TestTab {
  readonly name: string;
  readonly sensorId: string;
  readonly worker: TabWorker;
  readonly statuses: WorkerStatus[] = [];
  readonly live: LiveMessage[] = [];
  readonly skeletons: LiveSkeleton[] = [];
  /** RR ticks that its window delivered, each used once. */
  readonly ticks: number[] = [];
  readonly #origin: Origin;
  readonly #locks: TabLocks;
  readonly #channel: BroadcastChannel;
  readonly #clock: Clock;
  readonly #ports = [new MessageChannel(), new MessageChannel()] as const;
  #state: 'awake' | 'frozen' | 'dead' = 'awake';
  #later: (() => void)[] = [];
  #linked = false;
  readonly #deaths: (() => void)[] = [];

  constructor(origin: Origin, name: string, sensorId = `sensor-${name}`) {
    this.name = name;
    this.sensorId = sensorId;
    this.#origin = origin;
    this.#locks = origin.locks.client();
    this.#channel = new BroadcastChannel(origin.channel);
    this.#clock = {
      now: () => systemClock.now(),
      after: (ms, task) => systemClock.after(ms, () => this.#when(task)),
    };
    this.worker = new TabWorker({
      clock: this.#clock,
      random: () => Math.random(),
      tab: name,
      locks: this.#wakingLocks(),
      openBroadcast: () => this.#wakingChannel(),
      makeCore: () => this.#makeCore(),
    });
    const [live, status] = this.#ports;
    live.port1.onmessage = ({ data }: MessageEvent<Live>) => {
      if ('kind' in data) this.skeletons.push(data);
      else this.live.push(data);
    };
    status.port1.onmessage = (event: MessageEvent<WorkerStatus>) => this.statuses.push(event.data);
    void this.worker.attach({ live: live.port2, status: status.port2 });
  }

  /** Starts, and links a strap. */
  async open(): Promise<Result<void>> {
    await this.worker.start();
    const { sensorId, name } = this;
    const opened = await this.worker.openSensor({ sensorId, name, sensorType: 'heart_rate_strap', demo: true });
    this.#linked = opened.ok;
    return opened;
  }

  /** The window delivers one heart beat, if it has a link; windows of frozen and dead tabs do not. */
  beat(): void {
    if (this.#state !== 'awake' || !this.#linked) return;
    const tick = 300 + this.ticks.length;
    this.ticks.push(tick);
    const bytes = encodeHeartRate({ rate: 60, ticks: [tick] });
    this.worker.ingest(this.sensorId, HEART_RATE_MEASUREMENT, bytes, systemClock.now());
  }

  /** The browser ends it: closed, crashed or discarded. */
  kill(): void {
    this.#state = 'dead';
    this.#later = [];
    for (const die of this.#deaths) die();
    this.#channel.close();
    for (const { port1 } of this.#ports) port1.close();
    this.#origin.sockets.delete(this.name);
    this.#locks.die();
  }

  freeze(): void {
    this.#state = 'frozen';
  }

  thaw(): void {
    this.#state = 'awake';
    for (const task of this.#later.splice(0)) task();
  }

  #when(task: () => void): void {
    if (this.#state === 'awake') task();
    else if (this.#state === 'frozen') this.#later.push(task);
  }

  /** Until the tab is awake again; for ever if it is dead. */
  #awake(): Promise<void> {
    return new Promise((resolve) => this.#when(resolve));
  }

  #wakingLocks(): Locks {
    return {
      request: async (name, options, held) => {
        try {
          await this.#locks.request(name, options, async () => {
            await this.#awake();
            return held();
          });
        } finally {
          await this.#awake();
        }
      },
    };
  }

  #wakingChannel(): BroadcastChannel {
    const channel = this.#channel;
    return new Proxy(channel, {
      get: (target, key): unknown => {
        if (key === 'postMessage') {
          return (message: unknown) => {
            if (this.#state !== 'dead') target.postMessage(message);
          };
        }
        if (key === 'close') return () => target.close();
        return Reflect.get(target, key, target);
      },
      set: (target, key, listener: (event: MessageEvent) => void) => {
        if (key === 'onmessage') target.onmessage = (event) => this.#when(() => listener(event));
        return true;
      },
    });
  }

  async #makeCore(): Promise<LeaderCore> {
    const { name } = this;
    const { sockets, settings, log, leaders, closed } = this.#origin;
    leaders.push(name);
    const { marks, outbox } = markOutbox(await log.open(this.#clock, (die) => this.#deaths.push(die)));
    const worker = new WatchedWorker(closed, {
      clock: this.#clock,
      random: () => 0.5,
      fillRandom: (target) => target.fill(7),
      openSettings: () => Promise.resolve(settings),
      outbox,
      // Nobody answers: what counts here is what reaches the log.
      rest: createRestClient(() => Promise.reject(new TypeError('no network'))),
      makeSocket: () => ({
        connected: false,
        connect: () => sockets.add(name),
        reconnect: () => sockets.add(name),
        disconnect: () => sockets.delete(name),
        probe: () => Promise.resolve(false),
        join: () => {
          throw new Error('never connected');
        },
      }),
    });
    return { worker, marks, stop: () => worker.stop() };
  }
}

/** Tells which sensors are closed. */
class WatchedWorker extends SensorWorker {
  readonly #closed: string[];

  constructor(closed: string[], edges: WorkerEdges) {
    super(edges);
    this.#closed = closed;
  }

  override closeSensor(sensorId: string): Promise<Result<void>> {
    this.#closed.push(sensorId);
    return super.closeSensor(sensorId);
  }
}

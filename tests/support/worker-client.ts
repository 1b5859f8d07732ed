/** The whole sensor worker as the page has it, with a real socket and real requests, in Node. */
import { WebSocket } from 'ws';
import { createRestClient } from '../../src/channel/rest-client.ts';
import { createWireSocket, type WireSocket } from '../../src/channel/wire-socket.ts';
import { encodeHeartRate } from '../../src/device/demo/encode.ts';
import { HEART_RATE_MEASUREMENT } from '../../src/device/profiles/heart-rate.ts';
import { systemClock } from '../../src/lib/timers.ts';
import type { SensorDescriptor, SensorId } from '../../src/model/sensor.ts';
import { memorySettings } from '../../src/outbox/database.ts';
import { createMemoryOutbox } from '../../src/outbox/memory-outbox.ts';
import type { Outbox } from '../../src/outbox/ports.ts';
import type { Live, LiveMessage, LiveSkeleton, SensorStatus, WorkerStatus } from '../../workers/sensor/api.ts';
import { SensorWorker } from '../../workers/sensor/sensor-worker.ts';

export interface WorkerClient {
  readonly worker: SensorWorker;
  /** Status messages as the page got them, oldest first. */
  readonly statuses: WorkerStatus[];
  readonly live: LiveMessage[];
  readonly skeletons: LiveSkeleton[];
  /** The latest status; throws before the first. */
  status(): WorkerStatus;
  /** The latest status of a sensor; throws if it has none. */
  sensor(sensorId: SensorId): SensorStatus;
  close(): void;
}

/** Counts of what a strap itself sent: what is estimated from it comes when enough of it is there. */
export function strapTally({
  attributes,
}: Pick<SensorStatus, 'attributes'>): Pick<SensorStatus, 'measured' | 'kept' | 'confirmed' | 'setAside'> {
  const own = attributes.filter(({ attribute }) => attribute === 'heartrate' || attribute === 'rr_interval');
  const sum = (pick: (one: (typeof own)[number]) => number): number => own.reduce((total, one) => total + pick(one), 0);
  return {
    measured: sum((one) => one.measured),
    kept: sum((one) => one.kept),
    confirmed: sum((one) => one.confirmed),
    setAside: sum((one) => one.setAside),
  };
}

/** First sequence number of every attribute. */
export const FIRST_SEQ = 5000;

/**
 * A worker of its own installation.
 * @param url e.g. `http://127.0.0.1:4173`
 * @param tag tells installations apart
 * @param outbox its log, if it is to outlive the worker
 */
export function startWorker(url: string, tag: number, outbox: Outbox = createMemoryOutbox(FIRST_SEQ)): WorkerClient {
  // The library looks for it by name; Node 20 has none.
  globalThis.WebSocket ??= WebSocket as unknown as typeof globalThis.WebSocket;
  const sockets: WireSocket[] = [];
  const worker = new SensorWorker({
    clock: systemClock,
    random: () => 0.5,
    fillRandom: (target) => target.fill(tag),
    openSettings: () => Promise.resolve(memorySettings()),
    outbox,
    rest: createRestClient((path, init) => fetch(`${url}${path}`, init)),
    makeSocket(params, handlers) {
      const socket = createWireSocket(`${url.replace(/^http/, 'ws')}/socket`, params, handlers);
      sockets.push(socket);
      return socket;
    },
  });
  const [livePorts, statusPorts] = [new MessageChannel(), new MessageChannel()];
  const statuses: WorkerStatus[] = [];
  const live: LiveMessage[] = [];
  const skeletons: LiveSkeleton[] = [];
  livePorts.port1.onmessage = ({ data }: MessageEvent<Live>) => {
    if ('kind' in data) skeletons.push(data);
    else live.push(data);
  };
  statusPorts.port1.onmessage = (event: MessageEvent<WorkerStatus>) => statuses.push(event.data);
  void worker.attach({ live: livePorts.port2, status: statusPorts.port2 });

  function status(): WorkerStatus {
    const last = statuses.at(-1);
    if (!last) throw new Error('no status yet');
    return last;
  }

  return {
    worker,
    statuses,
    live,
    skeletons,
    status,
    sensor(sensorId) {
      const found = status().sensors.find((sensor) => sensor.sensorId === sensorId);
      if (!found) throw new Error(`no status of ${sensorId}`);
      return found;
    },
    close() {
      worker.stop();
      for (const socket of sockets) socket.disconnect();
      livePorts.port1.close();
      statusPorts.port1.close();
    },
  };
}

/** A strap in a test's hands: what it measured, to compare with what arrived. */
export class TestStrap {
  readonly descriptor: SensorDescriptor;
  readonly rates: number[] = [];
  readonly intervals: number[] = [];
  readonly #client: WorkerClient;

  constructor(client: WorkerClient, sensorId: SensorId, demo = false) {
    this.#client = client;
    this.descriptor = { sensorId, name: `Strap ${sensorId}`, sensorType: 'heart_rate_strap', demo };
  }

  open(): Promise<unknown> {
    return this.#client.worker.openSensor(this.descriptor);
  }

  /** Sends packets of one rate and one interval each, now. */
  beat(packets: number): void {
    for (let i = 0; i < packets; i++) {
      const ticks = 700 + ((this.rates.length * 13) % 300);
      const rate = 55 + (this.rates.length % 90);
      this.rates.push(rate);
      this.intervals.push(Math.fround((ticks * 1000) / 1024));
      const bytes = encodeHeartRate({ rate, ticks: [ticks] });
      this.#client.worker.ingest(this.descriptor.sensorId, HEART_RATE_MEASUREMENT, bytes, systemClock.now());
    }
  }

  /** Samples measured. */
  get samples(): number {
    return this.rates.length + this.intervals.length;
  }
}

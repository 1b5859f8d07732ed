/**
 * The devices of this installation: a link each (real or scripted), a sensor each in the worker, and one list for the
 * screen. Bytes go straight from link to worker.
 */
import type { createLink, Link } from '../device/bluetooth/link.ts';
import type { Peripheral, Radio } from '../device/bluetooth/radio.ts';
import { PROFILES } from '../device/profiles/registry.ts';
import { createStore, type Readable } from '../lib/store.ts';
import type { Clock } from '../lib/timers.ts';
import { appError, describeThrown } from '../model/errors.ts';
import type { LinkState } from '../model/link.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { RememberedDevice, SensorWorkerApi, WorkerStatus } from '../../workers/sensor/api.ts';
import type { DeviceView } from './api.ts';

/** The worker as the window calls it: every call answers later. */
export type RemoteWorker = {
  readonly [Name in keyof SensorWorkerApi]: SensorWorkerApi[Name] extends (...args: infer Args) => infer Answer
    ? (...args: Args) => Promise<Awaited<Answer>>
    : never;
};

export interface DevicesDeps {
  readonly worker: RemoteWorker;
  /** Sends bytes to the worker, transferring the buffer. */
  readonly ingest: (sensorId: string, characteristic: string, bytes: ArrayBuffer, arrival: number) => void;
  readonly clock: Clock;
  readonly random: () => number;
  /** Fetches what links are made of: nobody needs it before there is a device. */
  readonly loadLink: () => Promise<typeof createLink>;
  readonly status: Readable<WorkerStatus>;
  /** A device left the list for good. */
  readonly onForgotten: (sensorId: string) => void;
}

interface Entry {
  readonly peripheral: Peripheral;
  record: RememberedDevice;
  readonly link: Link;
  /** What the person asked for last; the worker may still be answering an earlier wish. */
  wanted: boolean;
}

export class Devices {
  readonly #deps: DevicesDeps;
  readonly #entries = new Map<string, Entry>();
  readonly #views = createStore<readonly DeviceView[]>([]);

  constructor(deps: DevicesDeps) {
    this.#deps = deps;
    // The list joins links with the worker's counts, so it follows both.
    deps.status.subscribe(() => this.#publish());
  }

  get views(): Readable<readonly DeviceView[]> {
    return this.#views;
  }

  /** Adds a chosen device (or takes up the one already listed) and links it. */
  async add(peripheral: Peripheral, radio: Radio): Promise<Result<void>> {
    if (this.#entries.has(peripheral.id)) return this.reconnect(peripheral.id);
    const remembered = await this.#deps.worker.remember(peripheral.id, peripheral.name);
    if (!remembered.ok) return remembered;
    const added = await this.takeUp(peripheral, radio, remembered.value);
    // Chosen here, but linked by another tab: that is where its card is.
    if (!added.ok && added.error.code === 'bluetooth-other-tab') this.#drop(peripheral.id);
    return added;
  }

  /**
   * Adds a device this installation remembers, under its record: browsers have no name for such a device before it is
   * heard, so the record's counts.
   */
  async takeUp(peripheral: Peripheral, radio: Radio, record: RememberedDevice): Promise<Result<void>> {
    let make: typeof createLink;
    try {
      make = await this.#deps.loadLink();
    } catch (thrown) {
      // The file is gone or the network is: as with any missing part, the page offers a reload.
      return fail(appError('unexpected', describeThrown(thrown)));
    }
    // Chosen twice while the worker answered: one device has one link.
    if (this.#entries.has(peripheral.id)) return this.reconnect(peripheral.id);
    const link = this.#makeLink(make, peripheral, radio, record.sensorId);
    this.#entries.set(peripheral.id, { peripheral, record, link, wanted: true });
    this.#publish();
    return this.#open(peripheral.id);
  }

  async stop(deviceId: string): Promise<Result<void>> {
    const entry = this.#entries.get(deviceId);
    if (!entry) return unknownDevice();
    entry.wanted = false;
    entry.link.stop();
    return this.#deps.worker.closeSensor(entry.record.sensorId);
  }

  async reconnect(deviceId: string): Promise<Result<void>> {
    const entry = this.#entries.get(deviceId);
    if (!entry) return unknownDevice();
    if (entry.link.state.at === 'idle') return this.#open(deviceId);
    entry.link.retry();
    return ok(undefined);
  }

  async forget(deviceId: string): Promise<Result<void>> {
    const entry = this.#entries.get(deviceId);
    if (!entry) return unknownDevice();
    entry.wanted = false;
    await entry.link.forget();
    this.#drop(deviceId);
    // First what must survive a reload; closing may wait seconds for the server, and the device may be paired again then.
    const forgotten = await this.#deps.worker.forget(deviceId);
    await this.#deps.worker.closeSensor(entry.record.sensorId);
    if (!this.#entries.has(deviceId)) this.#deps.onForgotten(entry.record.sensorId);
    return forgotten;
  }

  async rename(deviceId: string, name: string): Promise<Result<void>> {
    const entry = this.#entries.get(deviceId);
    if (!entry) return unknownDevice();
    const renamed = await this.#deps.worker.rename(deviceId, name);
    if (!renamed.ok) return renamed;
    entry.record = { ...entry.record, name: name.trim() || entry.record.deviceName };
    this.#publish();
    return ok(undefined);
  }

  /** True while any link is up or being tried: nothing may reload the page then. */
  isStreaming(): boolean {
    const idle = new Set<LinkState['at']>(['idle', 'lost', 'forgotten']);
    return [...this.#entries.values()].some(({ link }) => !idle.has(link.state.at));
  }

  async #open(deviceId: string): Promise<Result<void>> {
    const entry = this.#entries.get(deviceId);
    if (!entry) return unknownDevice();
    const { record, peripheral, link } = entry;
    entry.wanted = true;
    const opened = await this.#deps.worker.openSensor({
      sensorId: record.sensorId,
      name: record.name,
      sensorType: PROFILES[0]?.sensorType ?? 'generic',
      demo: peripheral.demo,
    });
    if (!this.#isWanted(entry)) return this.#deps.worker.closeSensor(record.sensorId);
    if (opened.ok) link.start();
    return opened;
  }

  #drop(deviceId: string): void {
    this.#entries.delete(deviceId);
    this.#publish();
  }

  /** Asked anew after each wait. */
  #isWanted(entry: Entry): boolean {
    return entry.wanted;
  }

  #makeLink(make: typeof createLink, peripheral: Peripheral, radio: Radio, sensorId: string): Link {
    const { clock, random, worker, ingest } = this.#deps;
    return make(peripheral, {
      profiles: PROFILES,
      onBytes: (characteristic, bytes, arrival) => ingest(sensorId, characteristic, bytes, arrival),
      onState: () => this.#publish(),
      onLinkLost: () => void worker.linkLost(sensorId),
      radio,
      now: () => clock.now(),
      random,
      timers: clock,
    });
  }

  #publish(): void {
    const statuses = new Map(this.#deps.status.get().sensors.map((status) => [status.sensorId, status]));
    this.#views.set(
      [...this.#entries.values()].map(({ peripheral, record, link }) => ({
        deviceId: peripheral.id,
        sensorId: record.sensorId,
        name: record.name,
        demo: peripheral.demo,
        link: link.state,
        status: statuses.get(record.sensorId),
      })),
    );
  }
}

function unknownDevice(): Result<void> {
  return fail(appError('bluetooth-device-forgotten'));
}

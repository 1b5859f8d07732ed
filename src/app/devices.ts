/**
 * The devices of this installation: a link each, a sensor each in the worker, and one list for the screen. What a link
 * delivers goes straight to the worker.
 */
import { createStore, type Readable } from '../lib/store.ts';
import type { DeviceNotes } from '../device/profiles/profile.ts';
import type { DeviceCommand } from '../model/command.ts';
import { appError, describeThrown } from '../model/errors.ts';
import type { LinkState } from '../model/link.ts';
import type { Mapping } from '../model/mapping.ts';
import type { Reading } from '../model/reading.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { AttributeRegistration } from '../model/sensor.ts';
import type { SourceNotes } from '../model/source-notes.ts';
import type { RememberedDevice, SensorWorkerApi, WorkerStatus } from '../../workers/sensor/api.ts';
import type { DeviceView } from './api.ts';
import type { DeviceLink, DeviceOrigin, LinkHooks } from './device-origin.ts';

/** The worker as the window calls it: every call answers later. */
export type RemoteWorker = {
  readonly [Name in keyof SensorWorkerApi]: SensorWorkerApi[Name] extends (...args: infer Args) => infer Answer
    ? (...args: Args) => Promise<Awaited<Answer>>
    : never;
};

/** Until a device has said what it is. */
const UNKNOWN_TYPE = 'generic';

export interface DevicesDeps {
  readonly worker: RemoteWorker;
  /** Sends bytes to the worker, transferring the buffer. */
  readonly ingest: (sensorId: string, characteristic: string, bytes: ArrayBuffer, arrival: number) => void;
  /** Sends readings to the worker. */
  readonly ingestReadings: (
    sensorId: string,
    readings: readonly Reading[],
    attributes: readonly AttributeRegistration[],
    arrival: number,
    notes?: SourceNotes,
  ) => void;
  readonly status: Readable<WorkerStatus>;
  /** A device left the list for good. */
  readonly onForgotten: (sensorId: string) => void;
}

interface Entry {
  readonly origin: DeviceOrigin;
  record: RememberedDevice;
  readonly link: DeviceLink;
  /** The type under which the sensor is open. */
  openAs: string | undefined;
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
    deps.status.subscribe(() => {
      this.#pace(deps.status.get());
      this.#publish();
    });
  }

  get views(): Readable<readonly DeviceView[]> {
    return this.#views;
  }

  /** Adds a chosen device (or takes up the one already listed) and links it. */
  async add(origin: DeviceOrigin): Promise<Result<void>> {
    if (this.#entries.has(origin.id)) return this.reconnect(origin.id);
    const remembered = await this.#deps.worker.remember(origin.id, origin.name, origin.sensorType);
    if (!remembered.ok) return remembered;
    const added = await this.takeUp(origin, remembered.value);
    // Chosen here, but linked by another tab: that is where its card is.
    if (!added.ok && added.error.code === 'bluetooth-other-tab') this.#drop(origin.id);
    return added;
  }

  /**
   * Adds a device this installation remembers, under its record: browsers have no name for such a device before it is
   * heard, so the record's counts.
   */
  async takeUp(origin: DeviceOrigin, record: RememberedDevice): Promise<Result<void>> {
    let link: DeviceLink;
    try {
      link = await origin.makeLink(this.#hooks(origin.id, record));
    } catch (thrown) {
      // The file is gone or the network is: as with any missing part, the page offers a reload.
      return fail(appError('unexpected', describeThrown(thrown)));
    }
    // Chosen twice while the worker answered: one device has one link.
    if (this.#entries.has(origin.id)) return this.reconnect(origin.id);
    const sensorType = record.sensorType ?? origin.sensorType;
    const known = sensorType === undefined ? record : { ...record, sensorType };
    this.#entries.set(origin.id, { origin, record: known, link, openAs: undefined, wanted: true });
    this.#publish();
    return this.#open(origin.id);
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

  /** Adds a device to be read as a person taught it. */
  async addTaught(origin: DeviceOrigin, mapping: Mapping): Promise<Result<void>> {
    // A link reads as it was made: one that is there already goes first.
    if (this.#entries.has(origin.id)) {
      await this.stop(origin.id);
      this.#drop(origin.id);
    }
    const remembered = await this.#deps.worker.remember(origin.id, origin.name);
    if (!remembered.ok) return remembered;
    const taught = await this.#deps.worker.teach(origin.id, [mapping]);
    return taught.ok ? this.add(origin) : taught;
  }

  /** Switches one of a device's sources. */
  async switchSource(deviceId: string, kind: string, on: boolean): Promise<Result<void>> {
    const { link } = this.#entries.get(deviceId) ?? {};
    const switched = (await link?.switch?.(kind, on)) ?? unknownDevice();
    this.#publish();
    return switched;
  }

  /** Hands a command to the device behind a sensor. `bluetooth-other-tab` if another tab has it. */
  async command(sensorId: string, command: DeviceCommand): Promise<Result<void>> {
    const entry = this.bySensor(sensorId);
    return entry ? entry.link.command(command) : fail(appError('bluetooth-other-tab'));
  }

  /** The device behind a sensor, if its link is in this tab. */
  bySensor(sensorId: string): { readonly link: DeviceLink; readonly name: string } | undefined {
    const entry = [...this.#entries.values()].find(({ record }) => record.sensorId === sensorId);
    return entry && { link: entry.link, name: entry.record.name };
  }

  /** True while any link is up or being tried: nothing may reload the page then. */
  isStreaming(): boolean {
    const idle = new Set<LinkState['at']>(['idle', 'lost', 'forgotten']);
    return [...this.#entries.values()].some(({ link }) => !idle.has(link.state.at));
  }

  async #open(deviceId: string): Promise<Result<void>> {
    const entry = this.#entries.get(deviceId);
    if (!entry) return unknownDevice();
    entry.wanted = true;
    // What it is goes to the platform when its sensor joins: a device that is linked for the first time is asked first.
    const opened = entry.record.sensorType === undefined ? ok(undefined) : await this.#openSensor(entry);
    if (!this.#isWanted(entry)) return this.#deps.worker.closeSensor(entry.record.sensorId);
    if (opened.ok) entry.link.start();
    return opened;
  }

  async #openSensor(entry: Entry): Promise<Result<void>> {
    const { record, origin } = entry;
    const sensorType = record.sensorType ?? UNKNOWN_TYPE;
    const { sensorId, name, mappings } = record;
    const { demo } = origin;
    const sensor = { sensorId, name, sensorType, demo, ...(mappings && { mappings }) };
    const opened = await this.#deps.worker.openSensor(sensor);
    if (opened.ok) entry.openAs = sensorType;
    return opened;
  }

  /** A device says what it is; one that turns out to be something else than before joins anew. */
  async #learnType(deviceId: string, sensorType: string): Promise<Result<void>> {
    const entry = this.#entries.get(deviceId);
    if (!entry || entry.openAs === sensorType) return ok(undefined);
    const remembered = await this.#deps.worker.remember(deviceId, entry.record.deviceName, sensorType);
    if (!remembered.ok) return remembered;
    // A name the wearer gave meanwhile is in the worker's record too.
    entry.record = remembered.value;
    return this.#isWanted(entry) ? this.#openSensor(entry) : ok(undefined);
  }

  #drop(deviceId: string): void {
    this.#entries.delete(deviceId);
    this.#publish();
  }

  /** Asked anew after each wait. */
  #isWanted(entry: Entry): boolean {
    return entry.wanted;
  }

  #hooks(deviceId: string, { sensorId, mappings = [] }: RememberedDevice): LinkHooks {
    const { worker, ingest, ingestReadings } = this.#deps;
    return {
      sensorId,
      onBytes: (characteristic, bytes, arrival) => ingest(sensorId, characteristic, bytes, arrival),
      onReadings: (...readings) => ingestReadings(sensorId, ...readings),
      onSensorType: (sensorType) => this.#learnType(deviceId, sensorType),
      mappings,
      notes: this.#notes(deviceId),
      onState: () => this.#publish(),
      onLinkLost: () => void worker.linkLost(sensorId),
    };
  }

  /** Kept in the worker's record of the device, so that it outlives the page. */
  #notes(deviceId: string): DeviceNotes {
    return {
      get: (name) => this.#entries.get(deviceId)?.record.notes?.[name],
      set: (name, value) => {
        const entry = this.#entries.get(deviceId);
        if (entry) entry.record = { ...entry.record, notes: { ...entry.record.notes, [name]: value } };
        void this.#deps.worker.note(deviceId, name, value);
      },
    };
  }

  #pace(status: WorkerStatus): void {
    for (const { record, link } of this.#entries.values()) {
      const sensor = link.follow && status.sensors.find(({ sensorId }) => sensorId === record.sensorId);
      if (sensor) link.follow?.(sensor);
    }
  }

  #publish(): void {
    const statuses = new Map(this.#deps.status.get().sensors.map((status) => [status.sensorId, status]));
    this.#views.set(
      [...this.#entries.values()].map(({ origin, record, link }) => ({
        deviceId: origin.id,
        sensorId: record.sensorId,
        name: record.name,
        kind: origin.kind,
        demo: origin.demo,
        link: link.state,
        sources: link.sources ?? [],
        subscriptions: link.subscriptions,
        mappings: record.mappings ?? [],
        status: statuses.get(record.sensorId),
      })),
    );
  }
}

function unknownDevice(): Result<void> {
  return fail(appError('bluetooth-device-forgotten'));
}

/** The log on disk: appends at once in memory, writes behind, reads back in pages. Joins the parts of this folder. */
import type { Block } from '../model/block.ts';
import type { Clock } from '../lib/timers.ts';
import type { AttributeProof, AttributeTally } from '../model/proof.ts';
import type { AttributeRegistration, SensorDescriptor, SensorId } from '../model/sensor.ts';
import type { FeedMark, OutboxDepth, OutboxEntry, SampleRun } from '../stream/ports.ts';
import { readAsides } from './aside.ts';
import { LogWriter } from './log-writer.ts';
import { ASIDE_PAGE, MAX_GAPS } from './ports.ts';
import type { AsideEntry, BlockCodec, Gap, LogDatabase, Outbox, StorageState, UnsentSensor } from './ports.ts';
import { LogReader } from './reader.ts';
import { recoverRow } from './recover.ts';
import { emptyRow, isGap, parseRow } from './row.ts';
import { SensorLog } from './sensor-log.ts';

export interface DurableOutboxDeps {
  readonly db: LogDatabase;
  readonly codec: BlockCodec;
  readonly clock: Clock;
  /** Bytes of records, all sensors together. More than that: the least important go. */
  readonly budgetBytes: number;
  /** Bytes of samples in memory while the disk takes none; absent: HELD_BYTES. */
  readonly heldBytes?: number;
  /** Something changed by itself: records were evicted, the storage failed or is back. */
  readonly onChange?: () => void;
}

/** Takes the log over and loads its counts. Rejects with what the database throws. */
export async function openDurableOutbox(deps: DurableOutboxDeps): Promise<Outbox> {
  const { db, codec, clock } = deps;
  const now = (): number => clock.now();
  const logs: SensorLog[] = [];
  for (const { key, value } of await db.claim()) {
    const row = parseRow(key, value);
    const found = row ? { row, junk: [] } : await recoverRow(db, key, now());
    if (!found) continue;
    const log = new SensorLog(found.row, codec, now);
    // Nobody would ever read these: no count tells of them.
    for (const { id, value: junk } of found.junk) log.setAsideUnknown(id, junk, 'block-corrupt');
    logs.push(log);
  }
  return new DurableOutbox(deps, logs);
}

class DurableOutbox implements Outbox {
  readonly #deps: DurableOutboxDeps;
  readonly #logs: Map<SensorId, SensorLog>;
  readonly #writer: LogWriter;
  readonly #reader: LogReader;

  constructor(deps: DurableOutboxDeps, logs: readonly SensorLog[]) {
    this.#deps = deps;
    this.#logs = new Map(logs.map((log) => [log.sensorId, log]));
    const { db, codec, clock, budgetBytes, heldBytes } = deps;
    this.#writer = new LogWriter({
      db,
      logs: () => [...this.#logs.values()],
      clock,
      budgetBytes,
      heldBytes,
      onChange: () => deps.onChange?.(),
    });
    this.#reader = new LogReader({
      db,
      codec,
      flush: () => this.#writer.flush(),
      durable: () => this.#durable,
      readable: () => this.#writer.readable,
      takenOver: () => this.#writer.takenOver,
      traded: () => this.#writer.traded(),
      failed: (thrown) => this.#writer.failed(thrown),
    });
    if (logs.some((log) => log.dirty)) this.#writer.changed();
  }

  get storage(): StorageState {
    return this.#writer.storage;
  }

  append(sensorId: SensorId, block: Block, origin?: FeedMark): OutboxEntry {
    const entry = this.#log(sensorId).append(block, origin);
    this.#writer.changed();
    return entry;
  }

  read(
    sensorId: SensorId,
    after: number | undefined,
    maxSamples: number,
    upTo?: number,
  ): Promise<readonly OutboxEntry[]> {
    if (this.#writer.takenOver) return Promise.resolve([]);
    return this.#reader.read(this.#log(sensorId), after, maxSamples, upTo);
  }

  end(sensorId: SensorId): number {
    return this.#log(sensorId).end();
  }

  confirm(sensorId: SensorId, upTo: number): Promise<void> {
    return this.#change(sensorId, (log) => log.confirm(upTo));
  }

  confirmSamples(sensorId: SensorId, runs: readonly SampleRun[]): Promise<void> {
    return this.#change(sensorId, (log) => log.confirmSamples(runs));
  }

  setAside(sensorId: SensorId, ids: readonly number[], reason: string): Promise<void> {
    return this.#change(sensorId, (log) => log.setAside(ids, reason));
  }

  setAsideSamples(sensorId: SensorId, last: number, samples: number, reason: string): Promise<void> {
    return this.#change(sensorId, (log) => log.setAsideSamples(last, samples, reason));
  }

  depth(sensorId: SensorId): OutboxDepth {
    return this.#log(sensorId).depth();
  }

  lastIngested(sensorId: SensorId, tab: string): number {
    return this.#log(sensorId).lastIngested(tab);
  }

  describe(descriptor: SensorDescriptor): void {
    void this.#change(descriptor.sensorId, (log) => log.describe(descriptor));
  }

  register(sensorId: SensorId, registration: AttributeRegistration): void {
    void this.#change(sensorId, (log) => log.register(registration));
  }

  sensors(): readonly SensorId[] {
    return [...this.#logs.keys()];
  }

  sensorsWithData(): readonly UnsentSensor[] {
    const all = [...this.#logs.values()].map(({ sensorId, descriptor, registrations, ledger }) => {
      return { sensorId, descriptor, registrations, kept: ledger.kept };
    });
    return all.filter(({ kept }) => kept > 0);
  }

  attributes(sensorId: SensorId): readonly AttributeTally[] {
    return this.#log(sensorId).ledger.tallies();
  }

  descriptor(sensorId: SensorId): SensorDescriptor | undefined {
    return this.#logs.get(sensorId)?.descriptor;
  }

  async account(sensorId: SensorId): Promise<readonly AttributeProof[]> {
    const log = this.#log(sensorId);
    await this.#writer.flush();
    await this.#reader.survey(log);
    return log.account();
  }

  unknownAsides(sensorId: SensorId): number {
    return this.#logs.get(sensorId)?.unknownAsides ?? 0;
  }

  checkpoint(): Promise<void> {
    return this.#writer.checkpoint();
  }

  recordGap(gap: Gap): void {
    void this.#change(gap.sensorId, (log) => log.recordGap(gap));
  }

  async gaps(sensorId: SensorId): Promise<readonly Gap[]> {
    await this.#writer.flush();
    const stored = this.#writer.readable ? await this.#deps.db.gaps(sensorId) : [];
    return [...stored.filter(isGap), ...this.#log(sensorId).pending.gaps].slice(-MAX_GAPS);
  }

  async aside(sensorId: SensorId, after = -1, limit = ASIDE_PAGE): Promise<readonly AsideEntry[]> {
    await this.#writer.flush();
    const stored = this.#writer.readable ? await this.#deps.db.asides(sensorId, after, limit) : [];
    return readAsides([...stored, ...this.#log(sensorId).pending.asides], after, limit, this.#deps.codec);
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  get #durable(): boolean {
    return this.storage.kind === 'durable';
  }

  #log(sensorId: SensorId): SensorLog {
    let log = this.#logs.get(sensorId);
    if (!log) {
      const { codec, clock } = this.#deps;
      log = new SensorLog(emptyRow(sensorId), codec, () => clock.now());
      // A log that begins while the disk is away has no note of its numbers there.
      if (!this.#durable) log.skipTo(Math.floor(clock.now()) * 1000);
      this.#logs.set(sensorId, log);
    }
    return log;
  }

  /** Changes a log now; resolves when that is written, or cannot be for now. */
  #change(sensorId: SensorId, work: (log: SensorLog) => void): Promise<void> {
    work(this.#log(sensorId));
    return this.#writer.flush();
  }
}

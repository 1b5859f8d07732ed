/**
 * Writes what changed, one transaction after the other, all sensors together. A full disk makes it give up what matters
 * least; any other failure makes it hold everything in memory and try to open the database again.
 */
import { appError, describeThrown } from '../model/errors.ts';
import type { Clock } from '../lib/timers.ts';
import { Eviction } from './eviction.ts';
import { LogTakenOver, type LogDatabase, type StorageState } from './ports.ts';
import type { SensorLog, Taken } from './sensor-log.ts';

/** At least this often everything is forced to the disk, ms; in between the system may hold it back. */
const STRICT_EVERY = 10_000;
/** Between two tries to open a database that failed, ms. */
const REOPEN_EVERY = 5000;
/** Records of one sensor in one transaction: what waited for a database comes back in steps. */
const RECORDS_PER_COMMIT = 256;
/** When room must be made: at least so many bytes, and a share of what is there, so that it is not needed at once again. */
const LEAST_FREED = 16_384;
const FREED_SHARE = 0.05;
/** Tries to make room for the same transaction before the disk counts as failed. */
const ROOM_TRIES = 3;
/** A disk that stays full although room was made is not helped by giving up more and more: once in this time, ms. */
const ROOM_AGAIN = 60_000;

export interface WriterDeps {
  readonly db: LogDatabase;
  readonly logs: () => readonly SensorLog[];
  readonly clock: Clock;
  readonly budgetBytes: number;
  readonly onChange: () => void;
}

type Outcome = 'written' | 'no-room' | 'failed';

export class LogWriter {
  readonly #deps: WriterDeps;
  readonly #eviction: Eviction;
  #storage: StorageState = { kind: 'durable' };
  #running = false;
  #closed = false;
  #cleanEnd = false;
  /** Sensors with writes that are not forced to the disk. */
  readonly #loose = new Set<SensorLog>();
  #strictTimer: (() => void) | undefined;
  #strictDue = false;
  #reopenTimer: (() => void) | undefined;
  #failures = 0;
  #reopening: Promise<void> | undefined;
  #roomMadeAt = -Infinity;
  #waiters: (() => void)[] = [];
  /** Waiters whose changes are in the transaction under way. */
  #boarded: (() => void)[] = [];

  constructor(deps: WriterDeps) {
    this.#deps = deps;
    this.#eviction = new Eviction(deps.db);
    deps.db.onClosed((reason) => this.failed(new Error(reason)));
  }

  get storage(): StorageState {
    return this.#storage;
  }

  /** Something changed: it is written as soon as the transaction under way has ended. */
  changed(): void {
    void this.#run();
  }

  /** Resolves when everything that has changed so far is written, or cannot be for now. */
  flush(): Promise<void> {
    if (this.#storage.kind === 'memory' || (!this.#running && !this.#dirty())) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
      void this.#run();
    });
  }

  /** Writes everything, forced to the disk, and notes that nothing is missing. */
  async checkpoint(): Promise<void> {
    if (this.#storage.kind === 'memory') await this.#reopen();
    this.#cleanEnd = true;
    for (const log of this.#deps.logs()) log.touch();
    await this.flush();
  }

  async close(): Promise<void> {
    if (!this.#closed) await this.checkpoint();
    this.#closed = true;
    this.#strictTimer?.();
    this.#reopenTimer?.();
    this.#deps.db.close();
  }

  /** The database failed, here or while it was read: everything stays in memory until it opens again. */
  failed(thrown: unknown): void {
    this.#failures += 1;
    if (this.#storage.kind === 'durable') {
      const now = this.#deps.clock.now();
      const error = appError('storage-unavailable', describeThrown(thrown));
      this.#storage = { kind: 'memory', error, since: now };
      // What is sent from memory may never be noted on disk: its numbers must be none that the disk will give again.
      for (const log of this.#deps.logs()) log.skipTo(Math.floor(now) * 1000);
      this.#deps.onChange();
    }
    // What another tab keeps now is not ours to write, however often we ask.
    if (thrown instanceof LogTakenOver) this.#closed = true;
    if (!this.#closed) this.#reopenTimer ??= this.#deps.clock.after(REOPEN_EVERY, () => void this.#reopen());
    this.#release(true);
  }

  /** One try at a time. */
  #reopen(): Promise<void> {
    this.#reopening ??= this.#tryReopen().finally(() => (this.#reopening = undefined));
    return this.#reopening;
  }

  async #tryReopen(): Promise<void> {
    this.#reopenTimer?.();
    this.#reopenTimer = undefined;
    // Opening again closes what is open, with whatever is under way.
    if (this.#closed || this.#storage.kind === 'durable') return;
    const failures = this.#failures;
    try {
      await this.#deps.db.reopen();
    } catch (thrown) {
      this.failed(thrown);
      return;
    }
    // Closed again before we got to use it: the next try is on its way.
    if (failures !== this.#failures) return;
    this.#storage = { kind: 'durable' };
    await this.#run();
    this.#deps.onChange();
  }

  #dirty(): boolean {
    return this.#deps.logs().some((log) => log.dirty);
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      // All that is appended in one turn goes into one transaction.
      await Promise.resolve();
      await this.#writeAll();
    } finally {
      this.#running = false;
      this.#release(true);
    }
  }

  async #writeAll(): Promise<void> {
    let tries = 0;
    while (this.#storage.kind === 'durable' && this.#dirty()) {
      const outcome = await this.#step();
      if (outcome === 'written') tries = 0;
      if (outcome !== 'no-room') continue;
      tries += 1;
      if (!(await this.#makeRoom(tries))) this.failed(new DOMException('no room', 'QuotaExceededError'));
    }
  }

  /** Writes what waits; what is then too much goes with the next transaction. */
  async #step(): Promise<Outcome> {
    const outcome = await this.#commit(RECORDS_PER_COMMIT);
    const { logs, budgetBytes } = this.#deps;
    const over = logs().reduce((sum, log) => sum + log.ledger.bytes, 0) - budgetBytes;
    if (outcome === 'written' && over > 0) await this.#free(over + FREED_SHARE * budgetBytes);
    return outcome;
  }

  /** After the browser refused to write: gives up some records, and writes that alone. False if it does not help. */
  async #makeRoom(tries: number): Promise<boolean> {
    const now = this.#deps.clock.now();
    if (tries > ROOM_TRIES || (tries === 1 && now - this.#roomMadeAt < ROOM_AGAIN)) return false;
    this.#roomMadeAt = now;
    const stored = this.#deps.logs().reduce((sum, log) => sum + log.ledger.bytes, 0);
    const freed = await this.#free(Math.max(LEAST_FREED, FREED_SHARE * stored));
    return freed !== undefined && freed > 0 && (await this.#commit(0)) === 'written';
  }

  async #free(bytes: number): Promise<number | undefined> {
    try {
      const freed = await this.#eviction.free(this.#deps.logs(), bytes);
      if (freed > 0) this.#deps.onChange();
      return freed;
    } catch (thrown) {
      this.failed(thrown);
      return undefined;
    }
  }

  async #commit(records: number): Promise<Outcome> {
    const close = this.#cleanEnd;
    const everything = this.#strictDue || close;
    if (everything) for (const log of this.#loose) log.touch();
    const taken = this.#deps
      .logs()
      .filter((log) => log.dirty)
      .map((log) => log.take(records, close));
    const whole = taken.every((one) => one.whole);
    if (whole) this.#boarded.push(...this.#waiters.splice(0));
    const strict = everything || taken.some((one) => one.strict);
    try {
      await this.#deps.db.commit(
        taken.map((one) => one.changes),
        strict ? 'strict' : 'relaxed',
      );
    } catch (thrown) {
      for (const one of taken) one.log.failed(one);
      this.#waiters.unshift(...this.#boarded.splice(0));
      if (isQuota(thrown)) return 'no-room';
      this.failed(thrown);
      return 'failed';
    }
    for (const one of taken) one.log.landed(one);
    if (close && whole) this.#cleanEnd = false;
    this.#forced(taken, strict, everything);
    this.#release(false);
    return 'written';
  }

  /** Keeps account of what the system may still hold back. */
  #forced(taken: readonly Taken[], strict: boolean, everything: boolean): void {
    if (everything || strict) {
      // A forced transaction brings all before it to the disk as well.
      this.#loose.clear();
      this.#strictTimer?.();
      this.#strictTimer = undefined;
      this.#strictDue = false;
      return;
    }
    for (const one of taken) this.#loose.add(one.log);
    this.#strictTimer ??= this.#deps.clock.after(STRICT_EVERY, () => {
      this.#strictTimer = undefined;
      this.#strictDue = true;
      for (const log of this.#loose) log.touch();
      void this.#run();
    });
  }

  #release(all: boolean): void {
    const done = [...this.#boarded.splice(0), ...(all ? this.#waiters.splice(0) : [])];
    for (const resolve of done) resolve();
  }
}

/** Browsers say that there is no room by this name, as the error or as what it was caused by. */
function isQuota(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'QuotaExceededError';
}

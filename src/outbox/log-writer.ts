/**
 * Writes what changed, one transaction after the other, all sensors together. On a full disk it gives up what matters least
 * where that makes room for what matters as much or more; where nothing helps, the new is held in memory, within a bound. Any
 * other failure makes it hold everything in memory and try to open the database again.
 */
import { appError, describeThrown, type AppError } from '../model/errors.ts';
import type { Clock } from '../lib/timers.ts';
import type { Eviction, tradeOf } from './eviction.ts';
import { HELD_BYTES, LogTakenOver, type LogDatabase, type StorageState } from './ports.ts';
import { sizeOf } from './row.ts';
import type { SensorLog } from './sensor-log.ts';
import { StrictTimer } from './strict-timer.ts';
import type { Taken, Trade } from './taken.ts';

/** Between two tries to open a database that failed, or to write to a disk that was full, ms. */
const RETRY_EVERY = 5000;
/** Records of one sensor in one transaction: what waited for a database comes back in steps. */
const RECORDS_PER_COMMIT = 256;
/** The same while there is little room: fewer may fit where many do not. */
const FEW_RECORDS = 8;
/** When the log is over its budget, this share of it is freed, so that it is not over it at once again. */
const FREED_SHARE = 0.05;
/** Bytes of records on disk that a trade on a full disk chooses from. */
const OFFERED = 65_536;
/** After a trade that made room for less than this share of what it cost, there is none for this time, ms. */
const TRADE_YIELD = 1 / 8;
const TRADE_AGAIN = 60_000;
/** When memory is at its bound, this share of it is freed. */
const HELD_SHARE = 0.05;

export interface WriterDeps {
  readonly db: LogDatabase;
  readonly logs: () => readonly SensorLog[];
  readonly clock: Clock;
  readonly budgetBytes: number;
  /** See HELD_BYTES. */
  readonly heldBytes?: number | undefined;
  readonly onChange: () => void;
}

type Outcome = 'written' | 'no-room' | 'failed';

/** What makes room. */
interface Room {
  readonly eviction: Eviction;
  readonly tradeOf: typeof tradeOf;
}

/** Why nothing is written for now. */
interface Trouble {
  readonly error: AppError;
  readonly since: number;
  readonly full: boolean;
}

export class LogWriter {
  readonly #deps: WriterDeps;
  #room: Room | undefined;
  readonly #strict: StrictTimer;
  #trouble: Trouble | undefined;
  #running = false;
  #closed = false;
  #takenOver = false;
  #cleanEnd = false;
  #retryTimer: (() => void) | undefined;
  #failures = 0;
  #retrying: Promise<void> | undefined;
  /** The last trade on a full disk: when it was, bytes it freed, and bytes written since. */
  #traded = { at: -Infinity, freed: 0, written: 0 };
  #trading: Promise<unknown> = Promise.resolve();
  #waiters: (() => void)[] = [];
  /** Waiters whose changes are in the transaction under way. */
  #boarded: (() => void)[] = [];

  constructor(deps: WriterDeps) {
    this.#deps = deps;
    this.#strict = new StrictTimer(deps.clock, () => this.changed());
    deps.db.onClosed((reason) => this.failed(new Error(reason)));
  }

  get storage(): StorageState {
    if (!this.#trouble) return { kind: 'durable' };
    return { kind: 'memory', ...this.#trouble, heldBytes: this.#held(), heldLimit: this.#heldLimit };
  }

  /** Whether what is on disk can be read: also while it takes nothing more. */
  get readable(): boolean {
    return !this.#trouble || this.#trouble.full;
  }

  /** Somebody else has the log: nothing may be handed out any more. */
  get takenOver(): boolean {
    return this.#takenOver;
  }

  /** Something changed: it is written as soon as the transaction under way has ended. */
  changed(): void {
    if (this.#trouble) this.#keepBound();
    else void this.#run();
  }

  /** Resolves when everything that has changed so far is written, or cannot be for now. */
  flush(): Promise<void> {
    if (this.#trouble || (!this.#running && !this.#dirty())) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
      void this.#run();
    });
  }

  /** Resolves when no trade is under way. */
  async traded(): Promise<void> {
    await this.#trading;
  }

  /** Writes everything, forced to the disk, and notes that nothing is missing. */
  async checkpoint(): Promise<void> {
    if (this.#trouble) await this.#retry();
    this.#cleanEnd = true;
    for (const log of this.#deps.logs()) log.touch();
    await this.flush();
  }

  async close(): Promise<void> {
    if (!this.#closed) await this.checkpoint();
    this.#closed = true;
    this.#strict.stop();
    this.#retryTimer?.();
    this.#deps.db.close();
  }

  /** The database failed, here or while it was read: everything stays in memory until it opens again. */
  failed(thrown: unknown): void {
    this.#failures += 1;
    // What another tab keeps now is not ours to write or to send, however often we ask.
    if (thrown instanceof LogTakenOver) this.#takenOver = this.#closed = true;
    this.#hold(thrown, false);
    this.#release(true);
  }

  /** From now on what is new stays in memory. */
  #hold(thrown: unknown, full: boolean): void {
    const before = this.#trouble;
    if (before?.full !== full) {
      const since = this.#deps.clock.now();
      this.#trouble = { error: appError('storage-unavailable', describeThrown(thrown)), since, full };
      // What is sent from memory may never be noted on disk: its numbers must be none that the disk will give again.
      if (!before) for (const log of this.#deps.logs()) log.skipTo(Math.floor(since) * 1000);
      this.#deps.onChange();
    }
    if (!this.#closed) this.#retryTimer ??= this.#deps.clock.after(RETRY_EVERY, () => void this.#retry());
  }

  /** One try at a time. */
  #retry(): Promise<void> {
    this.#retrying ??= this.#tryAgain().finally(() => (this.#retrying = undefined));
    return this.#retrying;
  }

  async #tryAgain(): Promise<void> {
    this.#retryTimer?.();
    this.#retryTimer = undefined;
    if (this.#closed || !this.#trouble) return;
    if (this.#trouble.full) return this.#run();
    // Opening again closes what is open, with whatever is under way.
    const failures = this.#failures;
    try {
      await this.#deps.db.reopen();
    } catch (thrown) {
      this.failed(thrown);
      return;
    }
    // Closed again before we got to use it: the next try is on its way.
    if (failures !== this.#failures) return;
    this.#trouble = undefined;
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
    let tight = this.#trouble !== undefined;
    let refused = false;
    while (this.readable && this.#dirty()) {
      await this.#keepRings();
      if (!this.readable) return;
      const outcome = await this.#commit(tight ? FEW_RECORDS : RECORDS_PER_COMMIT);
      if (outcome === 'written') await this.#keepBudget();
      if (outcome !== 'no-room') continue;
      if (!refused) {
        // What was answered for goes first: that makes room and costs nothing. And few may fit where many do not.
        [tight, refused] = [true, true];
        await this.#commit(0);
      } else if (!(await this.#trade())) {
        return this.#hold(new DOMException('no room', 'QuotaExceededError'), true);
      }
    }
    if (!this.#trouble?.full) return;
    this.#trouble = undefined;
    this.#deps.onChange();
  }

  /**
   * Fetched with the first transaction, long before there is too much of anything: a page that measures nothing has no use
   * for it. Undefined while it cannot be had, as without a network on a first visit; the next call tries again.
   */
  async #roomMaker(): Promise<Room | undefined> {
    try {
      const parts = this.#room ? undefined : await import('./eviction.ts');
      if (parts) this.#room ??= { eviction: new parts.Eviction(this.#deps.db), tradeOf: parts.tradeOf };
    } catch {
      // What is too much stays for now: that loses nothing.
    }
    return this.#room;
  }

  /** What is beyond the rings goes with the next transaction. */
  async #keepRings(): Promise<void> {
    let lost = 0;
    try {
      for (const log of this.#deps.logs()) {
        for (const { attribute, samples } of log.beyondRings(false)) {
          lost += (await (await this.#roomMaker())?.eviction.keepRing(log, attribute, samples)) ?? 0;
        }
      }
    } catch (thrown) {
      this.failed(thrown);
    }
    if (lost > 0) this.#deps.onChange();
  }

  /** What is too much goes with the next transaction. */
  async #keepBudget(): Promise<void> {
    const { logs, budgetBytes, onChange } = this.#deps;
    const over = this.#stored() - budgetBytes;
    if (over <= 0) return;
    try {
      const room = await this.#roomMaker();
      if (room && (await room.eviction.free(logs(), over + FREED_SHARE * budgetBytes)) > 0) onChange();
    } catch (thrown) {
      this.failed(thrown);
    }
  }

  /**
   * After the browser refused to write: puts the most important of what waits in the place of the least important of what is
   * there, in one transaction. False if that is no use: then nothing was given up.
   */
  async #trade(): Promise<boolean> {
    const { logs, clock, onChange } = this.#deps;
    const { at, freed, written } = this.#traded;
    if (clock.now() - at < TRADE_AGAIN && written < freed * TRADE_YIELD) return false;
    try {
      const room = await this.#roomMaker();
      if (!room) return false;
      const offers = await room.eviction.offers(logs(), OFFERED);
      // From here to the transaction nobody else gets a turn: what is chosen is still there.
      const trades = room.tradeOf(logs(), offers, FEW_RECORDS);
      if (!trades) return false;
      const trading = this.#commit(FEW_RECORDS, trades);
      this.#trading = trading;
      if ((await trading) === 'no-room') return false;
    } catch (thrown) {
      this.failed(thrown);
    }
    onChange();
    return true;
  }

  /** Memory is finite too. Nothing that is on disk goes: deleting it would not help. */
  #keepBound(): void {
    const { eviction } = this.#room ?? {};
    if (!eviction) return void this.#roomMaker().then((room) => room && this.#trouble && this.#keepBound());
    let lost = 0;
    for (const log of this.#deps.logs()) {
      for (const { attribute, samples } of log.beyondRings(true)) {
        lost += eviction.keepRingInMemory(log, attribute, samples);
      }
    }
    if (lost > 0) this.#deps.onChange();
    const over = this.#held() - this.#heldLimit;
    if (over <= 0) return;
    eviction.freeMemory(this.#deps.logs(), over + HELD_SHARE * this.#heldLimit);
    this.#deps.onChange();
  }

  get #heldLimit(): number {
    return this.#deps.heldBytes ?? HELD_BYTES;
  }

  /** Bytes of samples that are in memory only. */
  #held(): number {
    let sum = 0;
    for (const { tail } of this.#deps.logs()) {
      for (const record of tail.records) if (record.dirty && !record.stored) sum += record.held;
    }
    return sum;
  }

  /** Bytes on disk. */
  #stored(): number {
    return this.#deps.logs().reduce((sum, log) => sum + log.ledger.bytes, 0);
  }

  async #commit(records: number, trades?: ReadonlyMap<SensorLog, Trade>): Promise<Outcome> {
    const close = this.#cleanEnd;
    const everything = this.#strict.due || close;
    if (everything) this.#strict.touch();
    const taken = this.#deps
      .logs()
      .filter((log) => log.dirty || (trades?.get(log)?.victims.length ?? 0) > 0)
      .map((log) => log.take(records, close, trades?.get(log)));
    const whole = taken.every((one) => one.whole);
    if (whole) this.#boarded.push(...this.#waiters.splice(0));
    const strict = everything || taken.some((one) => one.strict);
    try {
      await this.#deps.db.commit(
        taken.map((one) => one.changes),
        strict ? 'strict' : 'relaxed',
      );
    } catch (thrown) {
      const refused = isQuota(thrown);
      for (const one of taken) one.log.failed(one, refused);
      this.#waiters.unshift(...this.#boarded.splice(0));
      if (refused) return 'no-room';
      this.failed(thrown);
      return 'failed';
    }
    for (const one of taken) one.log.landed(one);
    if (close && whole) this.#cleanEnd = false;
    if (!this.#room) void this.#roomMaker();
    this.#strict.wrote(
      taken.map((one) => one.log),
      strict,
    );
    this.#book(taken, trades !== undefined);
    this.#release(false);
    return 'written';
  }

  /** Keeps account of what a trade was good for. */
  #book(taken: readonly Taken[], trade: boolean): void {
    if (trade) {
      const given = taken.flatMap((one) => [...one.given.values()]);
      this.#traded = {
        at: this.#deps.clock.now(),
        freed: given.reduce((sum, { bytes }) => sum + bytes, 0),
        written: 0,
      };
    }
    for (const { changes } of taken) for (const { record } of changes.puts) this.#traded.written += sizeOf(record);
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

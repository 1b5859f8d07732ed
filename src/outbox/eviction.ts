/**
 * Making room: of all sensors, the attributes of the lowest priority go first, and of those the oldest records. Everything
 * given up is counted and noted as a gap. What is on its way to the server stays.
 */
import type { AttributeId } from '../model/attribute.ts';
import { EVICTION_ORDER, priorityOf, type Priority } from '../model/priority.ts';
import type { DatedRecord } from './handout.ts';
import type { Gap, LogDatabase } from './ports.ts';
import { giveUp, hasFree, RingGaps } from './rings.ts';
import { parseRecord, sizeOf } from './row.ts';
import type { SensorLog } from './sensor-log.ts';
import type { Trade } from './taken.ts';

const PAGE = 128;
/** Records of one attribute that are looked for at once. */
const ENOUGH = 64;
/** A trade frees a little more than it needs: not every byte that is freed can be used. */
const MARGIN = 1.5;

/** A record that may go. */
export interface Candidate extends DatedRecord {
  readonly log: SensorLog;
}

/** Samples of one attribute that go, as they are noted. */
interface Loss {
  readonly log: SensorLog;
  readonly attribute: AttributeId;
  from: number;
  to: number;
  samples: number;
}

/** Where an attribute's oldest record may be: everything before was looked at. */
type Hints = Map<string, number>;

export class Eviction {
  readonly #db: LogDatabase;
  readonly #hints = new WeakMap<SensorLog, Hints>();
  readonly #gaps = new RingGaps();

  constructor(db: LogDatabase) {
    this.#db = db;
  }

  /**
   * Chooses and counts what goes, on disk or on its way there; the next transaction deletes it.
   * @param bytes to be freed
   * @returns bytes that will be free: fewer if there is nothing else to give up
   * @throws what the database throws
   */
  async free(logs: readonly SensorLog[], bytes: number): Promise<number> {
    const losses = new Losses();
    let freed = 0;
    try {
      for (const priority of EVICTION_ORDER) {
        while (freed < bytes) {
          const candidates = await this.#oldest(logs, priority, (found) => found.length >= ENOUGH);
          const all = [...candidates, ...inTail(logs, priority, ({ size }) => size > 0)].filter(isFree).sort(byAge);
          if (all.length === 0) break;
          for (const one of all) {
            if (freed >= bytes) break;
            freed += one.size;
            losses.add(one, one.log.evict(one));
          }
        }
      }
    } finally {
      // Also of what went before the database failed.
      losses.note();
    }
    return freed;
  }

  /**
   * What could make room on disk: records of the lowest priority that is there, of each attribute about so many bytes.
   * @throws what the database throws
   */
  async offers(logs: readonly SensorLog[], bytes: number): Promise<readonly Candidate[]> {
    for (const priority of EVICTION_ORDER) {
      const found = await this.#oldest(logs, priority, (some) => sum(some, ({ size }) => size) >= bytes);
      if (found.some(isFree)) return found;
    }
    return [];
  }

  /**
   * Gives up samples that are in memory only, in the same order. Needs no disk.
   * @param bytes to be freed
   */
  freeMemory(logs: readonly SensorLog[], bytes: number): void {
    const losses = new Losses();
    let freed = 0;
    for (const priority of EVICTION_ORDER) {
      const waiting = inTail(logs, priority, ({ written, stored }) => written === 0 && !stored);
      for (const one of waiting.filter(isFree).sort(byAge)) {
        if (freed >= bytes) break;
        freed += one.held;
        losses.add(one, one.log.evict(one));
      }
    }
    losses.note();
  }

  /**
   * Gives up what an attribute has beyond its ring, the oldest first.
   * @param samples to be given up
   * @returns how many went: fewer if the rest is on its way to the server
   * @throws what the database throws
   */
  async keepRing(log: SensorLog, attribute: AttributeId, samples: number): Promise<number> {
    const enough = (found: readonly Candidate[]): boolean => sum(found, (one) => log.liveOf(one)) >= samples;
    const some = (one: Candidate): boolean => hasFree(log, one);
    const onDisk = await this.#onDisk(log, attribute, enough, some);
    return this.#cut(log, attribute, [...onDisk, ...inMemory(log, attribute)], samples, true);
  }

  /** The same of what is in memory only, while the disk takes nothing. */
  keepRingInMemory(log: SensorLog, attribute: AttributeId, samples: number): number {
    return this.#cut(log, attribute, inMemory(log, attribute), samples, false);
  }

  #cut(
    log: SensorLog,
    attribute: AttributeId,
    records: readonly Candidate[],
    samples: number,
    durable: boolean,
  ): number {
    let lost = 0;
    let [from, to] = [Infinity, -Infinity];
    for (const record of records) {
      if (lost >= samples) break;
      const went = giveUp(log, record, samples - lost);
      if (!went) continue;
      lost += went.samples;
      from = Math.min(from, went.from);
      to = Math.max(to, went.to);
    }
    const { sensorId } = log;
    if (lost > 0) this.#gaps.note(log, { sensorId, cause: 'evicted', attribute, from, to, samples: lost }, durable);
    return lost;
  }

  /** The oldest records on disk of one priority: of each attribute as many as are `enough`. */
  async #oldest(
    logs: readonly SensorLog[],
    priority: Priority,
    enough: (found: readonly Candidate[]) => boolean,
  ): Promise<Candidate[]> {
    const found: Candidate[] = [];
    for (const log of logs) {
      for (const attribute of attributesOf(log, priority)) found.push(...(await this.#onDisk(log, attribute, enough)));
    }
    return found;
  }

  async #onDisk(
    log: SensorLog,
    attribute: AttributeId,
    enough: (found: readonly Candidate[]) => boolean,
    wanted: (one: Candidate) => boolean = isFree,
  ): Promise<Candidate[]> {
    const hints: Hints = this.#hints.get(log) ?? new Map<string, number>();
    this.#hints.set(log, hints);
    const found: Candidate[] = [];
    let at = hints.get(attribute) ?? 0;
    let first: number | undefined;
    for (let more = true; more && !enough(found);) {
      const page = await this.#db.records(log.sensorId, { from: at, to: log.tail.stableBelow - 1 }, PAGE);
      for (const { id, value } of page) {
        at = id + 1;
        const record = parseRecord(value);
        if (record?.attribute !== attribute || log.pending.doomed.has(id)) continue;
        first ??= id;
        const { from, to, samples } = record;
        const one = { log, attribute, id, last: id + samples - 1, size: sizeOf(record), from, to };
        if (!wanted(one)) continue;
        // It goes without being read, and belongs to the session's account all the same.
        log.session.saw(id, record);
        found.push(one);
      }
      more = page.length === PAGE;
    }
    hints.set(attribute, first ?? at);
    return found;
  }
}

/** What goes, added up by sensor and attribute: one gap each. */
class Losses {
  readonly #losses = new Map<string, Loss>();

  add({ log, attribute, from, to }: Candidate, samples: number): void {
    const key = `${log.sensorId} ${attribute}`;
    const loss = this.#losses.get(key);
    if (!loss) {
      this.#losses.set(key, { log, attribute, from, to, samples });
      return;
    }
    loss.from = Math.min(loss.from, from);
    loss.to = Math.max(loss.to, to);
    loss.samples += samples;
  }

  note(): void {
    for (const loss of this.#losses.values()) loss.log.recordGap(gapOf(loss));
  }

  gapsOf(log: SensorLog): Gap[] {
    return [...this.#losses.values()].filter((loss) => loss.log === log).map(gapOf);
  }
}

function gapOf({ log, ...loss }: Loss): Gap {
  return { sensorId: log.sensorId, cause: 'evicted', ...loss };
}

/**
 * The oldest of what is offered, against what waits in memory and matters as much or more. Nothing is counted or deleted: the
 * transaction that takes the trade does both, if it succeeds, and until then nothing is read of these logs.
 * @param records of each log that the transaction will take
 * @returns by log; undefined if there is nothing to give up, or nothing that is worth it
 */
export function tradeOf(
  logs: readonly SensorLog[],
  offers: readonly Candidate[],
  records: number,
): ReadonlyMap<SensorLog, Trade> | undefined {
  const free = offers.filter(isFree).sort(byAge);
  const least = Math.max(...free.map(({ log, attribute }) => priorityOf(log.typeOf(attribute))));
  const takes = (log: SensorLog, attribute: AttributeId): boolean => priorityOf(log.typeOf(attribute)) <= least;
  const needed = sum(logs, (log) => {
    const waiting = log.tail.records.filter(({ dirty, attribute }) => dirty && takes(log, attribute));
    return sum(waiting.slice(0, records), ({ needs }) => needs);
  });
  if (free.length === 0 || needed === 0) return undefined;
  const losses = new Losses();
  const victims: Candidate[] = [];
  for (const one of free) {
    if (sum(victims, ({ size }) => size) >= MARGIN * needed) break;
    victims.push(one);
    losses.add(one, one.log.liveOf(one));
  }
  const trades = logs.map((log): [SensorLog, Trade] => [
    log,
    {
      victims: victims.filter((one) => one.log === log),
      gaps: losses.gapsOf(log),
      takes: (attribute) => takes(log, attribute),
    },
  ]);
  return new Map(trades);
}

function attributesOf(log: SensorLog, priority: Priority): AttributeId[] {
  return log.ledger.attributes.filter(
    (attribute) => priorityOf(log.typeOf(attribute)) === priority && log.ledger.of(attribute).bytes > 0,
  );
}

/** Records that are not on disk in full, so newer than all that are. */
function inTail(
  logs: readonly SensorLog[],
  priority: Priority,
  wanted: (record: SensorLog['tail']['records'][number]) => boolean,
): (Candidate & { readonly held: number })[] {
  return logs.flatMap((log) =>
    log.tail.records
      .filter((record) => priorityOf(log.typeOf(record.attribute)) === priority && wanted(record))
      .map(({ attribute, id, last, size, from, to, held }) => ({ log, attribute, id, last, size, from, to, held })),
  );
}

/** Records of an attribute that are in memory, ascending. */
function inMemory(log: SensorLog, attribute: AttributeId): Candidate[] {
  return log.tail.records
    .filter((record) => record.attribute === attribute && hasFree(log, record))
    .map(({ id, last, size, from, to }) => ({ log, attribute, id, last, size, from, to }));
}

/** Neither on its way to the server nor deleted. */
function isFree({ log, id, last }: Candidate): boolean {
  return !log.isHanded(id, last) && !log.pending.doomed.has(id) && !log.gone.covers(id, last);
}

function byAge(one: Candidate, other: Candidate): number {
  return one.from - other.from;
}

function sum<T>(list: readonly T[], pick: (one: T) => number): number {
  return list.reduce((total, one) => total + pick(one), 0);
}

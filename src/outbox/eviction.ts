/**
 * Making room: of all sensors, the attributes of the lowest priority go first, and of those the oldest records. Everything
 * given up is counted and noted as a gap. What is on its way to the server stays.
 */
import type { AttributeId } from '../model/attribute.ts';
import { EVICTION_ORDER, priorityOf, type Priority } from '../model/priority.ts';
import type { LogDatabase } from './ports.ts';
import { parseRecord, sizeOf } from './row.ts';
import type { RecordFacts } from './handout.ts';
import type { SensorLog } from './sensor-log.ts';

const PAGE = 128;
/** Records of one attribute that are looked for at once. */
const ENOUGH = 64;

interface Candidate extends RecordFacts {
  readonly log: SensorLog;
  readonly from: number;
  readonly to: number;
}

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

  constructor(db: LogDatabase) {
    this.#db = db;
  }

  /**
   * Chooses and counts what goes; the next transaction deletes it.
   * @param bytes to be freed
   * @returns bytes that will be free: fewer if there is nothing else to give up
   * @throws what the database throws
   */
  async free(logs: readonly SensorLog[], bytes: number): Promise<number> {
    const losses = new Map<string, Loss>();
    let freed = 0;
    try {
      for (const priority of EVICTION_ORDER) {
        while (freed < bytes) {
          const candidates = await this.#candidates(logs, priority);
          if (candidates.length === 0) break;
          for (const one of candidates) {
            if (freed >= bytes) break;
            freed += one.size;
            note(losses, one, one.log.evict(one));
          }
        }
      }
    } finally {
      // Also of what went before the database failed.
      for (const { log, ...loss } of losses.values()) {
        log.recordGap({ sensorId: log.sensorId, cause: 'evicted', ...loss });
      }
    }
    return freed;
  }

  /** The oldest records of one priority, oldest first. */
  async #candidates(logs: readonly SensorLog[], priority: Priority): Promise<Candidate[]> {
    const found: Candidate[] = [];
    for (const log of logs) {
      for (const attribute of log.ledger.attributes) {
        if (priorityOf(log.typeOf(attribute)) !== priority || log.ledger.of(attribute).bytes === 0) continue;
        found.push(...(await this.#onDisk(log, attribute)), ...inTail(log, attribute));
      }
    }
    // What was handed out or deleted while the disk was read is none any more.
    return found.filter(isFree).sort((a, b) => a.from - b.from);
  }

  async #onDisk(log: SensorLog, attribute: AttributeId): Promise<Candidate[]> {
    const hints: Hints = this.#hints.get(log) ?? new Map<string, number>();
    this.#hints.set(log, hints);
    const found: Candidate[] = [];
    let at = hints.get(attribute) ?? 0;
    let first: number | undefined;
    for (let more = true; more && found.length < ENOUGH;) {
      const page = await this.#db.records(log.sensorId, { from: at, to: log.tail.stableBelow - 1 }, PAGE);
      for (const { id, value } of page) {
        at = id + 1;
        const record = parseRecord(value);
        if (record?.attribute !== attribute || log.pending.doomed.has(id)) continue;
        first ??= id;
        const { from, to, samples } = record;
        const one = { log, attribute, id, last: id + samples - 1, size: sizeOf(record), from, to };
        if (isFree(one)) found.push(one);
      }
      more = page.length === PAGE;
    }
    hints.set(attribute, first ?? at);
    return found;
  }
}

/** Not on disk in full, so newer than all that is. */
function inTail(log: SensorLog, attribute: AttributeId): Candidate[] {
  return log.tail.records
    .filter((record) => record.attribute === attribute && record.size > 0)
    .map(({ id, last, size, from, to }) => ({ log, attribute, id, last, size, from, to }));
}

/** Neither on its way to the server nor deleted. */
function isFree({ log, id, last }: Candidate): boolean {
  return !log.isHanded(id, last) && !log.pending.doomed.has(id) && !log.gone.covers(id, last);
}

function note(losses: Map<string, Loss>, { log, attribute, from, to }: Candidate, samples: number): void {
  const key = `${log.sensorId} ${attribute}`;
  const loss = losses.get(key);
  if (!loss) {
    losses.set(key, { log, attribute, from, to, samples });
    return;
  }
  loss.from = Math.min(loss.from, from);
  loss.to = Math.max(loss.to, to);
  loss.samples += samples;
}

/**
 * Attributes of which only so much is kept while it cannot be sent (a ring): which of it goes, and how that is noted. Sample
 * by sample, as one record may hold more than a ring.
 */
import type { AttributeId } from '../model/attribute.ts';
import { IdRanges, type IdRange } from '../lib/id-ranges.ts';
import { firstOf, type DatedRecord, type Handout, type RecordFacts } from './handout.ts';
import type { Gap } from './ports.ts';
import type { SensorLog } from './sensor-log.ts';

/** Samples of one attribute that its ring gave up. */
export type RingGap = Gap & { readonly attribute: AttributeId; readonly samples: number };

/** What a sensor's log lets nobody else do. */
export interface RingDoor {
  readonly handout: Handout;
  readonly drop: (record: RecordFacts) => void;
  /** Samples left. @param oldest time of the oldest that is left in the log, where that is known */
  readonly settle: (oldest: number | undefined) => void;
}

/** Whether something of the record could be given up. */
export function hasFree(log: SensorLog, { id, last }: RecordFacts): boolean {
  return !log.pending.doomed.has(id) && freeParts(log, id, last).length > 0;
}

/**
 * Gives up the oldest of a record's samples that are not on their way to the server, so many at most.
 * @returns how many that were and the times of the first and the last of them; undefined if there are none
 */
export function giveUp(
  log: SensorLog,
  record: DatedRecord,
  most: number,
): { readonly samples: number; readonly from: number; readonly to: number } | undefined {
  const { ledger, gone, door } = log;
  if (!hasFree(log, record)) return undefined;
  const went = firstOnes(freeParts(log, record.id, record.last), most);
  for (const { from, to } of went) gone.add(from, to);
  ledger.of(record.attribute).evicted += total(went);
  if (gone.covers(record.id, record.last)) {
    door.drop(record);
    // Nobody will ask for its numbers again, and thousands of such records may come before one that is sent.
    gone.remove(record.id, record.last);
  }
  const times = timesOf(record, went);
  door.settle(ledger.kept === ledger.keptOf(record.attribute) ? times.to : undefined);
  return { samples: total(went), ...times };
}

/**
 * A ring that is full gives something up every few seconds: that is one gap that grows, until some sample of the attribute
 * was answered for. What is lost then lies behind what was not.
 */
export class RingGaps {
  readonly #growing = new WeakMap<
    SensorLog,
    Map<AttributeId, { readonly key: number; readonly gap: RingGap; readonly answered: number }>
  >();

  /** @param durable what is noted on disk can be noted anew */
  note(log: SensorLog, gap: RingGap, durable: boolean): void {
    const { confirmed, setAside } = log.ledger.of(gap.attribute);
    const answered = confirmed + setAside;
    const ours = this.#growing.get(log) ?? new Map<AttributeId, never>();
    this.#growing.set(log, ours);
    const known = ours.get(gap.attribute);
    const grows = known?.answered === answered && (durable || log.pending.hasGap(known.key));
    const whole = grows ? joined(known.gap, gap) : gap;
    ours.set(gap.attribute, { key: log.recordGap(whole, grows ? known.key : undefined), gap: whole, answered });
  }
}

/** The parts of `from` … `to` that are neither dealt with nor on their way. */
function freeParts({ door, gone }: SensorLog, from: number, to: number): readonly IdRange[] {
  const away = door.handout.overlapping(from, to).map(({ entry }) => [firstOf(entry), entry.id] as const);
  const handed = new IdRanges(away);
  return gone.missing(from, to).flatMap((part) => handed.missing(part.from, part.to));
}

/** The first so many of these numbers. */
function firstOnes(parts: readonly IdRange[], most: number): readonly IdRange[] {
  const first: IdRange[] = [];
  for (const { from, to } of parts) {
    const left = most - total(first);
    if (left > 0) first.push({ from, to: Math.min(to, from + left - 1) });
  }
  return first;
}

/**
 * When the first and the last of these samples of a record were measured, Unix ms. Of a record only the times of its ends
 * are at hand: what lies between them is taken to be evenly spaced.
 */
function timesOf(
  { id, last, from, to }: DatedRecord,
  parts: readonly IdRange[],
): { readonly from: number; readonly to: number } {
  const at = (number: number): number => (last > id ? from + ((to - from) * (number - id)) / (last - id) : from);
  return { from: at(parts[0]?.from ?? id), to: at(parts.at(-1)?.to ?? last) };
}

function total(parts: readonly IdRange[]): number {
  return parts.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}

function joined(one: RingGap, other: RingGap): RingGap {
  return {
    ...one,
    from: Math.min(one.from, other.from),
    to: Math.max(one.to, other.to),
    samples: one.samples + other.samples,
  };
}

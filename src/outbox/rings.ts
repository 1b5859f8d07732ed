/**
 * Attributes of which only so much is kept while it cannot be sent (a ring): what is beyond that, which of it goes, and how
 * that is noted. Sample by sample, as one record may hold more than a ring.
 */
import type { AttributeId } from '../model/attribute.ts';
import { IdRanges, type IdRange } from '../lib/id-ranges.ts';
import type { AttributeRegistration } from '../model/sensor.ts';
import { firstOf, type DatedRecord, type Handout, type RecordFacts } from './handout.ts';
import type { Ledger } from './ledger.ts';
import type { Pending } from './pending.ts';
import type { Gap } from './ports.ts';
import type { Tail } from './tail.ts';

/** When an attribute is beyond its ring, this share of the ring goes besides, so that it is not beyond it at once again. */
const FREED_SHARE = 0.1;

/** Samples of one attribute that its ring gave up. */
export type RingGap = Gap & { readonly attribute: AttributeId; readonly samples: number };

/** The parts of one sensor's log. */
export interface RingsDeps {
  readonly ledger: Ledger;
  readonly pending: Pending;
  readonly handout: Handout;
  readonly tail: Tail;
  readonly gone: IdRanges;
  readonly registrations: () => readonly AttributeRegistration[];
  readonly drop: (record: RecordFacts) => void;
  /** Under a new key unless one is given; returns it. */
  readonly noteGap: (gap: Gap, key: number | undefined) => number;
  /** Samples left. @param oldest time of the oldest that is left in the log, where that is known */
  readonly settle: (oldest: number | undefined) => void;
}

export class Rings {
  readonly #deps: RingsDeps;
  /** The gap that grows, by attribute. */
  readonly #growing = new Map<
    AttributeId,
    { readonly key: number; readonly gap: RingGap; readonly answered: number }
  >();

  constructor(deps: RingsDeps) {
    this.#deps = deps;
  }

  /**
   * What is to go, by attribute.
   * @param memory only what is in memory counts: nothing else can be given up for now
   */
  beyond(memory: boolean): readonly { readonly attribute: AttributeId; readonly samples: number }[] {
    const { registrations, tail, ledger, handout, gone } = this.#deps;
    return registrations().flatMap(({ attribute, ring }) => {
      if (ring === undefined) return [];
      const ours = tail.records.filter((record) => record.attribute === attribute);
      const unsent = memory
        ? ours.reduce((sum, { id, last }) => sum + total(this.#free(id, last)), 0)
        : ledger.keptOf(attribute) - handout.count(attribute, gone);
      return unsent > ring ? [{ attribute, samples: unsent - ring + Math.floor(ring * FREED_SHARE) }] : [];
    });
  }

  /** Whether something of the record could be given up. */
  hasFree({ id, last }: RecordFacts): boolean {
    return !this.#deps.pending.doomed.has(id) && this.#free(id, last).length > 0;
  }

  /**
   * Gives up the oldest of a record's samples that are not on their way to the server, so many at most.
   * @returns how many that were and the times of the first and the last of them; undefined if there are none
   */
  giveUp(
    record: DatedRecord,
    most: number,
  ): { readonly samples: number; readonly from: number; readonly to: number } | undefined {
    const { ledger, gone, drop, settle } = this.#deps;
    const went = firstOnes(this.#free(record.id, record.last), most);
    if (went.length === 0 || !this.hasFree(record)) return undefined;
    for (const { from, to } of went) gone.add(from, to);
    ledger.of(record.attribute).evicted += total(went);
    if (gone.covers(record.id, record.last)) {
      drop(record);
      // Nobody will ask for its numbers again, and thousands of such records may come before one that is sent.
      gone.remove(record.id, record.last);
    }
    const times = timesOf(record, went);
    settle(ledger.kept === ledger.keptOf(record.attribute) ? times.to : undefined);
    return { samples: total(went), ...times };
  }

  /**
   * Notes what went. A ring that is full gives something up every few seconds: that is one gap that grows, until some sample
   * of the attribute was answered for. What is lost then lies behind what was not.
   * @param durable what is noted on disk can be noted anew
   */
  note(gap: RingGap, durable: boolean): void {
    const { ledger, pending, noteGap } = this.#deps;
    const { confirmed, setAside } = ledger.of(gap.attribute);
    const answered = confirmed + setAside;
    const known = this.#growing.get(gap.attribute);
    const grows = known?.answered === answered && (durable || pending.hasGap(known.key));
    const whole = grows ? joined(known.gap, gap) : gap;
    this.#growing.set(gap.attribute, { key: noteGap(whole, grows ? known.key : undefined), gap: whole, answered });
  }

  /** The parts of `from` … `to` that are neither dealt with nor on their way. */
  #free(from: number, to: number): readonly IdRange[] {
    const { handout, gone } = this.#deps;
    const away = handout.overlapping(from, to).map(({ entry }) => [firstOf(entry), entry.id] as const);
    const handed = new IdRanges(away);
    return gone.missing(from, to).flatMap((part) => handed.missing(part.from, part.to));
  }
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

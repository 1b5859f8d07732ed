/** Counts of one sensor's attributes. Kept samples are never counted themselves: they are what is left of the others. */
import type { AttributeId } from '../model/attribute.ts';
import type { AttributeTally } from '../model/proof.ts';
import type { OutboxDepth } from '../stream/ports.ts';
import type { AttributeTotals } from './ports.ts';

/** Kept samples of an attribute. */
function keptOf(totals: Readonly<AttributeTotals>): number {
  return totals.measured - totals.confirmed - totals.setAside - totals.evicted;
}

/** What a transaction gives up of an attribute, if it succeeds. */
export interface GivenUp {
  readonly samples: number;
  readonly bytes: number;
}

export class Ledger {
  readonly #totals = new Map<AttributeId, AttributeTotals>();
  /** What had been answered for when this session began. */
  readonly #before = new Map<AttributeId, Readonly<AttributeTotals>>();
  /** Where the sequence numbers of a new attribute start. */
  #firstSeq = 0;

  /** @param skip added to every sequence number */
  constructor(attributes: Readonly<Record<AttributeId, Readonly<AttributeTotals>>>, skip: number) {
    for (const [attribute, totals] of Object.entries(attributes)) {
      this.#totals.set(attribute, { ...totals, nextSeq: totals.nextSeq + skip });
      this.#before.set(attribute, totals);
    }
  }

  /** The counts of an attribute, to be changed in place; all 0 if it is new. */
  of(attribute: AttributeId): AttributeTotals {
    let totals = this.#totals.get(attribute);
    if (!totals) {
      totals = { nextSeq: this.#firstSeq, measured: 0, confirmed: 0, setAside: 0, evicted: 0, bytes: 0 };
      this.#totals.set(attribute, totals);
    }
    return totals;
  }

  /** Samples of an attribute that nobody has answered for. */
  keptOf(attribute: AttributeId): number {
    const totals = this.#totals.get(attribute);
    return totals ? keptOf(totals) : 0;
  }

  get attributes(): readonly AttributeId[] {
    return [...this.#totals.keys()];
  }

  get kept(): number {
    let sum = 0;
    for (const totals of this.#totals.values()) sum += keptOf(totals);
    return sum;
  }

  get bytes(): number {
    let sum = 0;
    for (const { bytes } of this.#totals.values()) sum += bytes;
    return sum;
  }

  /** Each attribute on its own. */
  tallies(): readonly AttributeTally[] {
    return [...this.#totals].map(([attribute, totals]) => {
      const { measured, confirmed, setAside, evicted } = totals;
      return { attribute, measured, kept: keptOf(totals), confirmed, setAside, evicted };
    });
  }

  /**
   * Each attribute in this session: of what waited when it began, and of what was appended since. Adds up like every tally:
   * what was answered for before is in none of the counts.
   */
  sessionTallies(): readonly AttributeTally[] {
    return this.tallies().map((one) => {
      const before = this.#before.get(one.attribute);
      if (!before) return one;
      const confirmed = one.confirmed - before.confirmed;
      const setAside = one.setAside - before.setAside;
      const evicted = one.evicted - before.evicted;
      return { ...one, measured: one.kept + confirmed + setAside + evicted, confirmed, setAside, evicted };
    });
  }

  /** All attributes together. */
  sum(): Omit<OutboxDepth, 'oldestUnsentAt'> {
    const sum = { measured: 0, kept: this.kept, confirmed: 0, setAside: 0, evicted: 0, bytes: 0 };
    for (const totals of this.#totals.values()) {
      for (const key of ['measured', 'confirmed', 'setAside', 'evicted', 'bytes'] as const) sum[key] += totals[key];
    }
    return sum;
  }

  /** Sequence numbers go on from `seq` at least, for attributes known and new. */
  skipTo(seq: number): void {
    this.#firstSeq = Math.max(this.#firstSeq, seq);
    for (const totals of this.#totals.values()) totals.nextSeq = Math.max(totals.nextSeq, seq);
  }

  /** Nothing is on disk any more. A record that was damaged may have been smaller than when it was counted. */
  noBytes(): void {
    for (const totals of this.#totals.values()) totals.bytes = 0;
  }

  /** Counts everything kept as set aside. True if there was anything. */
  writeOff(): boolean {
    let any = false;
    for (const totals of this.#totals.values()) {
      const kept = keptOf(totals);
      if (kept === 0) continue;
      totals.setAside += kept;
      any = true;
    }
    return any;
  }

  /**
   * For storage.
   * @param left measured samples that are not on disk, by attribute
   * @param given what goes with the same transaction
   */
  toRow(
    left: ReadonlyMap<AttributeId, number>,
    given: ReadonlyMap<AttributeId, GivenUp>,
  ): Readonly<Record<AttributeId, AttributeTotals>> {
    const entries = [...this.#totals].map(([attribute, totals]) => {
      const { samples, bytes } = given.get(attribute) ?? { samples: 0, bytes: 0 };
      const row: AttributeTotals = {
        ...totals,
        measured: totals.measured - (left.get(attribute) ?? 0),
        evicted: totals.evicted + samples,
        bytes: Math.max(0, totals.bytes - bytes),
      };
      return [attribute, row] as const;
    });
    return Object.fromEntries(entries);
  }

  /** What was given up is gone. */
  gaveUp(given: ReadonlyMap<AttributeId, GivenUp>): void {
    for (const [attribute, { samples, bytes }] of given) {
      const totals = this.of(attribute);
      totals.evicted += samples;
      totals.bytes = Math.max(0, totals.bytes - bytes);
    }
  }
}

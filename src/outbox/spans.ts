/** When the samples of a session were measured, and which sequence numbers they have; by attribute. */
import { IdRanges } from '../lib/id-ranges.ts';
import type { AttributeId } from '../model/attribute.ts';
import type { AttributeProof, SeqRange } from '../model/proof.ts';

/** Some samples in a row. */
export interface Stretch {
  /** Unix ms of the first and the last. */
  readonly from: number;
  readonly to: number;
  /** Undefined: not known. */
  readonly firstSeq: number | undefined;
  readonly samples: number;
}

interface Span {
  from: number;
  to: number;
  seq: IdRanges;
}

export class Spans {
  readonly #spans = new Map<AttributeId, Span>();

  /** Adds samples. What was added before counts once. */
  add(attribute: AttributeId, { from, to, firstSeq, samples }: Stretch): void {
    const span = this.#spans.get(attribute) ?? { from: Infinity, to: -Infinity, seq: new IdRanges() };
    this.#spans.set(attribute, span);
    // A clock may have been set back in between. A time that is none says nothing.
    for (const time of [from, to].filter(Number.isFinite)) {
      span.from = Math.min(span.from, time);
      span.to = Math.max(span.to, time);
    }
    if (firstSeq !== undefined) span.seq.add(firstSeq, firstSeq + samples - 1);
  }

  /** The same samples have other sequence numbers from now on. */
  renumber(attribute: AttributeId, firstSeq: number, samples: number, newFirstSeq: number): void {
    const span = this.#spans.get(attribute);
    if (!span) return;
    span.seq = without(span.seq, firstSeq, firstSeq + samples - 1);
    span.seq.add(newFirstSeq, newFirstSeq + samples - 1);
  }

  of(attribute: AttributeId): Pick<AttributeProof, 'firstTime' | 'lastTime' | 'seq'> {
    const span = this.#spans.get(attribute);
    if (!span) return { firstTime: undefined, lastTime: undefined, seq: [] };
    const timed = span.from <= span.to;
    return {
      firstTime: timed ? span.from : undefined,
      lastTime: timed ? span.to : undefined,
      seq: span.seq.toPairs(),
    };
  }
}

/** The set without `from` … `to`. */
function without(set: IdRanges, from: number, to: number): IdRanges {
  const cut = new IdRanges([[from, to]]);
  const rest: SeqRange[] = set
    .toPairs()
    .flatMap(([first, last]) => cut.missing(first, last).map((part): SeqRange => [part.from, part.to]));
  return new IdRanges(rest);
}

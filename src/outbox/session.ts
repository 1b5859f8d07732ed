/** What one sensor's session is about: everything that waited when the log was opened, and everything appended since. */
import { IdRanges } from '../lib/id-ranges.ts';
import { sliceBlock, type Block } from '../model/block.ts';
import type { AttributeProof } from '../model/proof.ts';
import type { BlockCodec, SensorRow, StoredRecord } from './ports.ts';
import { Spans } from './spans.ts';

export class Session {
  readonly #codec: BlockCodec;
  readonly #spans = new Spans();
  /** Records from this number on are of this session; those below waited for it. */
  readonly firstId: number;
  /** What of those had been answered for before. */
  readonly #goneBefore: IdRanges;
  /** All that waited has been looked at. */
  complete: boolean;

  constructor(row: SensorRow, codec: BlockCodec) {
    this.#codec = codec;
    this.firstId = row.nextId;
    this.#goneBefore = new IdRanges(row.gone);
    this.complete = Object.keys(row.attributes).length === 0;
  }

  appended(block: Block, firstSeq: number): void {
    this.#spans.add(block.attribute, stretchOf(block, firstSeq));
  }

  renumbered(attribute: string, firstSeq: number, samples: number, newFirstSeq: number): void {
    this.#spans.renumber(attribute, firstSeq, samples, newFirstSeq);
  }

  /** A record was found on disk. One that waited counts with what had not been answered for, however often it is found. */
  saw(id: number, record: StoredRecord): void {
    if (id >= this.firstId || this.complete) return;
    const { attribute, samples, from, to, firstSeq } = record;
    const parts = this.#goneBefore.missing(id, id + samples - 1);
    const whole = parts[0]?.from === id && parts[0].to === id + samples - 1;
    if (whole && firstSeq !== undefined) return this.#spans.add(attribute, { from, to, firstSeq, samples });
    if (parts.length === 0) return;
    const decoded = this.#codec.decode(record.bytes);
    // Unreadable: it will be set aside, and what is known of it is what stands beside its bytes.
    if (!decoded.ok) return this.#spans.add(attribute, { from, to, firstSeq, samples });
    const { block, firstSeq: first } = decoded.value;
    for (const part of parts) {
      const slice = sliceBlock(block, part.from - id, part.to - id + 1);
      this.#spans.add(attribute, stretchOf(slice, first + part.from - id));
    }
  }

  of(attribute: string): Pick<AttributeProof, 'firstTime' | 'lastTime' | 'seq'> {
    return this.#spans.of(attribute);
  }
}

function stretchOf({ times }: Block, firstSeq: number) {
  return { from: times[0] ?? NaN, to: times.at(-1) ?? NaN, firstSeq, samples: times.length };
}

/**
 * From the bytes of one connection to readings: finds out their form over the first moments, then reads them in that form,
 * those first ones included. Bytes in pieces of any size, batches and counted errors out; never throws. Pure.
 */
import { createLineReader } from '../lines/line-reader.ts';
import { NOTHING, type Batch, type ContentError, type FormReader } from './batch.ts';
import { createCytonReader } from './cyton.ts';
import { createDetector, DETECTION_BYTES, type Form } from './detector.ts';
import { createFrameReader } from './frame-reader.ts';

/** How long the form is looked for before the answer is "unknown", ms. */
const DETECTION_TIME = 2000;
/** Bytes without a single reading after which the form is looked for anew: it is another program now. */
const BARREN_BYTES = 8192;

export interface TimedBatch {
  /** Unix ms. */
  readonly arrival: number;
  readonly batch: Batch;
}

export interface Framer {
  /** @param arrival Unix ms */
  take(bytes: Uint8Array, arrival: number): readonly TimedBatch[];
  /** Time passes without bytes, Unix ms. */
  tick(now: number): readonly TimedBatch[];
  /** Undefined while it is looked for. */
  readonly form: Form | undefined;
  /** Why nothing can be read at the moment; undefined: it can, or it is too early to say. */
  readonly problem: ContentError | undefined;
}

/** @param fixed the form, where it is known */
export function createFramer(fixed?: Form): Framer {
  return new AutoFramer(fixed);
}

class AutoFramer implements Framer {
  readonly #fixed: Form | undefined;
  #form: Form | undefined;
  #reader: FormReader | undefined;
  #detector = createDetector();
  /** Not read yet, as nobody knows how. */
  #held: { readonly bytes: Uint8Array; readonly arrival: number }[] = [];
  #heldBytes = 0;
  #barren = 0;
  #problem: ContentError | undefined;

  constructor(fixed: Form | undefined) {
    this.#fixed = fixed;
    if (fixed) this.#fix(fixed);
  }

  get form(): Form | undefined {
    return this.#form;
  }

  get problem(): ContentError | undefined {
    return this.#problem;
  }

  take(bytes: Uint8Array, arrival: number): readonly TimedBatch[] {
    if (this.#reader) return this.#read(this.#reader, bytes, arrival);
    const batches: TimedBatch[] = [];
    // A piece of any size is looked at as if it came in small ones.
    let rest = bytes;
    while (rest.length > 0 && !this.#reader) {
      const part = rest.slice(0, DETECTION_BYTES - this.#heldBytes);
      rest = rest.subarray(part.length);
      this.#held.push({ bytes: part, arrival });
      this.#heldBytes += part.length;
      const form = this.#detector.push(part);
      if (form) batches.push(...this.#settle(form));
      else if (this.#heldBytes >= DETECTION_BYTES) batches.push(...this.#conclude(arrival, true));
    }
    if (this.#reader && rest.length > 0) batches.push(...this.#read(this.#reader, rest, arrival));
    return this.#reader ? batches : [...batches, ...this.tick(arrival)];
  }

  tick(now: number): readonly TimedBatch[] {
    const [first] = this.#held;
    if (this.#reader || !first || now - first.arrival < DETECTION_TIME) return [];
    return this.#conclude(now, false);
  }

  #conclude(now: number, isOver: boolean): readonly TimedBatch[] {
    const verdict = this.#detector.conclude(isOver);
    switch (verdict.at) {
      case 'undecided':
        return [];
      case 'known':
        return this.#settle(verdict.form);
      case 'unknown': {
        const { text } = this.#detector;
        const detail = `${this.#heldBytes} bytes`;
        this.#problem = verdict.error;
        this.#lookAnew();
        const problems = [{ code: verdict.error, detail }];
        return [{ arrival: now, batch: { ...NOTHING, problems, texts: text === undefined ? [] : [text] } }];
      }
    }
  }

  #lookAnew(): void {
    this.#form = undefined;
    this.#reader = undefined;
    this.#detector = createDetector();
    this.#held = [];
    this.#heldBytes = 0;
    this.#barren = 0;
  }

  /** Reads what was held, each piece with its own arrival. */
  #settle(form: Form): readonly TimedBatch[] {
    const held = this.#held;
    const reader = this.#fix(form, joined(held.map(({ bytes }) => bytes)));
    this.#held = [];
    return held.flatMap(({ bytes, arrival }) => this.#read(reader, bytes, arrival));
  }

  #fix(form: Form, held: Uint8Array = new Uint8Array()): FormReader {
    const reader = makeReader(form, held);
    this.#form = form;
    this.#reader = reader;
    return reader;
  }

  #read(reader: FormReader, bytes: Uint8Array, arrival: number): readonly TimedBatch[] {
    const batch = reader.take(bytes, arrival);
    if (batch.readings.length > 0) {
      this.#barren = 0;
      this.#problem = undefined;
    } else this.#barren += bytes.length;
    if (this.#barren > BARREN_BYTES) {
      if (this.#fixed) this.#problem = 'serial-unknown-format';
      else this.#lookAnew();
    }
    return isEmpty(batch) ? [] : [{ arrival, batch }];
  }
}

function makeReader(form: Form, held: Uint8Array): FormReader {
  switch (form.kind) {
    case 'cyton':
      return createCytonReader();
    case 'frames':
      return createFrameReader(form.packing, held.subarray(0, form.seen));
    case 'lines': {
      const reader = createLineReader({ startsMidLine: form.startsMidLine });
      return { take: (bytes) => ({ ...NOTHING, ...reader.take(bytes) }) };
    }
  }
}

function isEmpty({ readings, lost, problems, texts }: Batch): boolean {
  return readings.length + lost.length + problems.length + texts.length === 0;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

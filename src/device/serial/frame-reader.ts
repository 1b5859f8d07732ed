/** Readings out of our own frames, packed with COBS or SLIP. */
import { attributeName } from '../lines/attribute-name.ts';
import type { AttributeId } from '../../model/attribute.ts';
import type { Reading, Timing } from '../../model/reading.ts';
import type { AttributeRegistration } from '../../model/sensor.ts';
import type { Batch, FormReader, Lost, Problem } from './batch.ts';
import { parseFrame, type DescriptionFrame, type Frame, type SamplesFrame } from './frame.ts';
import { createFrameCutter, frameProblem, unpack, type Packing } from './packing.ts';

const MODULUS = 0x10000;
/** So many missing are none: the board began anew. */
const MISSING_MAX = MODULUS / 2;
/** More samples than fit into the time since the last one, and this, were never taken, ms. */
const SLACK = 1000;

/** One attribute of the board. */
interface Channel {
  readonly attribute: AttributeId;
  readonly fields: readonly string[];
  readonly rate: number;
  readonly scale: number;
  readonly clock: string;
  /** Number the next sample should have, growing without end; undefined before the first. */
  next: number | undefined;
  /** When its last samples arrived, Unix ms. */
  arrival: number;
  /** The board began to count anew so often. */
  runs: number;
}

/** What one call gathers for one attribute. */
interface Column {
  readonly channel: Channel;
  readonly clock: string;
  readonly values: number[];
  readonly times: number[];
}

/**
 * A reader with the memory of one connection.
 * @param seen bytes that will be given to it: a board describes itself now and then, and what came before is described too
 */
export function createFrameReader(packing: Packing, seen: Uint8Array = new Uint8Array()): FormReader {
  return new FrameReader(packing, seen);
}

class FrameReader implements FormReader {
  readonly #packing: Packing;
  readonly #cutter: ReturnType<typeof createFrameCutter>;
  readonly #channels = new Map<number, Channel>();
  /** Listening may begin in the middle of a frame: the first may be damaged without anybody's fault. */
  #isFirst = true;
  #arrival = 0;
  #columns = new Map<string, Column>();
  #lost: Lost[] = [];
  #problems: Problem[] = [];

  constructor(packing: Packing, seen: Uint8Array) {
    this.#packing = packing;
    this.#cutter = createFrameCutter(packing);
    for (const packed of createFrameCutter(packing).push(seen).frames) {
      const bytes = packed && unpack(packing, packed);
      const parsed = bytes && parseFrame(bytes);
      if (parsed?.ok && parsed.value.kind === 'description' && !this.#channels.has(parsed.value.index)) {
        this.#describe(parsed.value);
      }
    }
  }

  take(bytes: Uint8Array, arrival: number): Batch {
    this.#arrival = arrival;
    this.#columns = new Map();
    this.#lost = [];
    this.#problems = [];
    for (const packed of this.#cutter.push(bytes).frames) {
      this.#frame(packed);
      this.#isFirst = false;
    }
    const columns = [...this.#columns.values()];
    return {
      readings: columns.map(toReading),
      attributes: columns.map(({ channel }) => registration(channel)),
      lost: this.#lost,
      problems: this.#problems,
      texts: [],
    };
  }

  #frame(packed: Uint8Array | undefined): void {
    if (!packed) return this.#refuse('decode-oversized', 0);
    const bytes = unpack(this.#packing, packed);
    if (!bytes) return this.#refuse('decode-reserved', packed.length);
    const parsed = parseFrame(bytes);
    if (!parsed.ok) return this.#refuse(parsed.code, bytes.length);
    this.#use(parsed.value);
  }

  #use(frame: Frame): void {
    if (frame.kind === 'description') this.#describe(frame);
    else this.#samples(frame, this.#channel(frame.index));
  }

  #refuse(code: Problem['code'], bytes: number): void {
    if (!this.#isFirst) this.#problems.push(frameProblem(code, this.#packing, bytes));
  }

  #describe({ index, name, fields, rate, scale }: DescriptionFrame): void {
    const known = this.#channels.get(index);
    const attribute = attributeName(name);
    if (attribute === undefined) {
      return this.#refuseDescription('attribute-id-invalid', `a name of ${name.length} characters`);
    }
    const names = fields.map((field, i) => attributeName(field) ?? `v${i + 1}`);
    if (new Set(names).size < names.length) return this.#refuseDescription('decode-reserved', 'fields of one name');
    const isTaken = [...this.#channels].some(([other, one]) => other !== index && one.attribute === attribute);
    this.#channels.set(index, {
      attribute: isTaken ? `${attribute}_${index + 1}` : attribute,
      fields: names,
      rate,
      scale,
      clock: `serial-${index}-${rate}`,
      next: known?.next,
      arrival: known?.arrival ?? 0,
      runs: known?.runs ?? 1,
    });
  }

  #refuseDescription(code: Problem['code'], detail: string): void {
    this.#problems.push({ code, detail });
  }

  /** Boards may leave out descriptions. */
  #channel(index: number): Channel {
    const known = this.#channels.get(index);
    if (known) return known;
    const attribute = `value_${index + 1}`;
    const channel = { attribute, fields: [], rate: 0, scale: 1, clock: '', next: undefined, arrival: 0, runs: 1 };
    this.#channels.set(index, channel);
    return channel;
  }

  #samples({ number, numbers, isScaled }: SamplesFrame, channel: Channel): void {
    const width = Math.max(1, channel.fields.length);
    const samples = numbers.length / width;
    const scaled = numbers.map((one) => Math.fround(isScaled ? one * channel.scale : one));
    if (!Number.isInteger(samples)) return this.#refuse('decode-truncated', numbers.length);
    if (!scaled.every(Number.isFinite)) return this.#refuse('decode-not-finite', numbers.length);
    const first = this.#place(channel, number);
    channel.next = first + samples;
    channel.arrival = this.#arrival;
    const clock = `${channel.clock}-${channel.runs}`;
    const key = `${channel.attribute} ${clock} ${channel.fields.join(' ')}`;
    const column = this.#columns.get(key) ?? { channel, clock, values: [], times: [] };
    this.#columns.set(key, column);
    column.values.push(...scaled);
    for (let i = 0; i < samples; i++) column.times.push(((first + i) * 1000) / channel.rate);
  }

  /** Where a sample stands among all; counts those that are missing before it. */
  #place(channel: Channel, number: number): number {
    const { next } = channel;
    if (next === undefined) return number;
    const missing = (number - (next % MODULUS) + MODULUS) % MODULUS;
    if (missing === 0) return next;
    if (this.#isRestart(channel, number, missing)) {
      channel.runs += 1;
      return number;
    }
    this.#lost.push({ attribute: channel.attribute, samples: missing });
    return next + missing;
  }

  /** A board that starts anew counts from 0; its first frames may be missing too. */
  #isRestart({ rate, arrival }: Channel, number: number, missing: number): boolean {
    if (number === 0 || missing >= MISSING_MAX) return true;
    return rate > 0 && missing > ((this.#arrival - arrival + SLACK) * rate) / 1000;
  }
}

function registration({ attribute, rate }: Channel): AttributeRegistration {
  return { attribute, attributeType: attribute, samplingRate: rate };
}

function toReading({ channel, clock, values, times }: Column): Reading {
  const { attribute, fields, rate } = channel;
  const timing: Timing = rate > 0 ? { kind: 'device', clock, times: Float64Array.from(times) } : { kind: 'arrival' };
  return {
    kind: 'numeric',
    attribute,
    values: Float32Array.from(values),
    ...(fields.length > 0 && { fields }),
    timing,
  };
}

/**
 * What follows from a sensor's samples: heart rate variability, heart rate from ECG, breaths per minute, and how far each
 * waveform can be believed. Everything is an estimate and marked as one, says which attribute it comes from, and is left
 * out when that is of poor quality. Time here is the time of the samples, so a backlog gives what live data would have given.
 */
import type { AttributeId } from '../model/attribute.ts';
import { fieldCount, type Block, type NumericBlock } from '../model/block.ts';
import { Breaths } from './breaths.ts';
import { derived, type Derived } from './derived.ts';
import { ECG_HEART_RATE, HRV, HRV_BANDS, qualityIdOf } from './derived-types.ts';
import { EcgStream } from './ecg-stream.ts';
import { RrStream } from './rr-stream.ts';
import { accelerationAxes, Motion } from './motion.ts';
import { GOOD_QUALITY } from './quality.ts';
import { WaveQuality } from './wave-quality.ts';

export interface Deriver {
  /** Takes dated samples of this sensor; returns what follows from them, in order of time per attribute. */
  add(block: Block): readonly Derived[];
  /** The sensor says whether it touches the skin; undefined: it cannot tell. */
  contact(touches: boolean | undefined): void;
  /** The link was lost or the sensor changed: what was held means nothing any more. */
  reset(): void;
}

export interface DeriverOptions {
  /** The platform's type of an attribute (`ecg` for `ecg_2`); by its name, unless told. */
  readonly typeOf?: (attribute: AttributeId) => string;
}

/** More attributes of one sensor than this are not analysed: memory stays bounded whatever a device sends. */
const MAX_STREAMS = 32;
/** Beats from ECG count for HRV when no strap sent intervals for so long, ms. */
const RR_SILENCE = 10_000;

/** Derives from the blocks of one sensor. */
export function createDeriver(options: DeriverOptions = {}): Deriver {
  return new SensorDeriver(options.typeOf ?? typeByName);
}

/** `ecg_2` is the second device's `ecg`. */
function typeByName(attribute: AttributeId): string {
  return attribute.replace(/_\d+$/, '').toLowerCase();
}

class SensorDeriver implements Deriver {
  readonly #typeOf: (attribute: AttributeId) => string;
  readonly #rr = new Map<AttributeId, RrStream>();
  readonly #ecg = new Map<AttributeId, EcgStream>();
  readonly #waves = new Map<AttributeId, WaveQuality>();
  #motion: { readonly attribute: AttributeId; readonly meter: Motion } | undefined;
  #breaths = new Breaths();
  #touches: boolean | undefined;
  #strapAt = -Infinity;

  constructor(typeOf: (attribute: AttributeId) => string) {
    this.#typeOf = typeOf;
  }

  contact(touches: boolean | undefined): void {
    this.#touches = touches;
  }

  reset(): void {
    this.#rr.clear();
    this.#ecg.clear();
    this.#waves.clear();
    this.#motion = undefined;
    this.#breaths = new Breaths();
    this.#touches = undefined;
    this.#strapAt = -Infinity;
  }

  add(block: Block): readonly Derived[] {
    if (block.kind !== 'numeric' || block.times.length === 0) return [];
    const out: Derived[] = [];
    const type = this.#typeOf(block.attribute);
    if (type === 'rr_interval') {
      this.#addRr(block, out);
      return out;
    }
    const axes = accelerationAxes(block.fields);
    if (type === 'ecg' && !block.fields) this.#addEcg(block, out);
    else if (axes && !/gyro|magn/.test(type)) this.#addMotion(block, axes, out);
    this.#addQuality(block, type, out);
    return out;
  }

  #addRr({ attribute, times, values, fields }: NumericBlock, out: Derived[]): void {
    const stream = fields ? undefined : got(this.#rr, attribute, () => new RrStream());
    if (!stream) return;
    const newest = times.at(-1) ?? NaN;
    if (newest > this.#strapAt) this.#strapAt = newest;
    // Without contact a strap makes intervals up.
    if (this.#touches === false) return;
    for (let i = 0; i < times.length; i++) stream.add(times[i] ?? NaN, values[i] ?? NaN);
    this.#afterBeats(attribute, stream, out);
  }

  /** HRV and breathing of beats, when they are due. */
  #afterBeats(attribute: AttributeId, stream: RrStream, out: Derived[]): void {
    const hrv = stream.hrv();
    if (hrv?.ok) {
      const { rmssd, sdnn, pnn50, quality } = hrv;
      out.push(derived(HRV, attribute, stream.newest, quality, [rmssd, sdnn, pnn50, quality]));
    }
    const bands = stream.bands();
    if (bands?.ok) {
      const { lf, hf, quality } = bands;
      out.push(derived(HRV_BANDS, attribute, stream.newest, quality, [lf, hf, quality]));
    }
    this.#breaths.offer(attribute, 'rr', stream.newest, () => stream.breathing(), out);
  }

  #addEcg({ attribute, times, values }: NumericBlock, out: Derived[]): void {
    const stream = got(this.#ecg, attribute, () => new EcgStream());
    if (!stream) return;
    for (let i = 0; i < times.length; i++) stream.add(times[i] ?? NaN, values[i] ?? NaN);
    const quality = this.#touches === false ? 0 : (this.#waves.get(attribute)?.recent ?? 0);
    if (!stream.tookBeats() || quality < GOOD_QUALITY) return;
    const rate = stream.heartRate();
    if (rate !== undefined) out.push(derived(ECG_HEART_RATE, attribute, stream.beats.newest, quality, [rate]));
    // One HRV per sensor: a strap that sends intervals knows them better.
    if (stream.beats.newest - this.#strapAt > RR_SILENCE) this.#afterBeats(attribute, stream.beats, out);
    this.#breaths.offer(attribute, 'ecg', stream.beats.newest, () => stream.breathing(), out);
  }

  #addMotion(block: NumericBlock, [x, y, z]: readonly [number, number, number], out: Derived[]): void {
    const { attribute, times, values } = block;
    this.#motion ??= { attribute, meter: new Motion() };
    const { meter, attribute: first } = this.#motion;
    if (first !== attribute) return;
    const width = fieldCount(block);
    for (let i = 0; i < times.length; i++) {
      const at = i * width;
      meter.add(times[i] ?? NaN, values[at + x] ?? NaN, values[at + y] ?? NaN, values[at + z] ?? NaN);
    }
    this.#breaths.offer(attribute, 'motion', times.at(-1) ?? NaN, () => meter.breathing(), out);
  }

  #addQuality(block: NumericBlock, type: string, out: Derived[]): void {
    const { attribute } = block;
    const id = qualityIdOf(attribute);
    const wave = got(this.#waves, attribute, () => new WaveQuality(type, fieldCount(block)));
    if (!wave) return;
    const ecg = this.#ecg.get(attribute);
    wave.add(block, {
      contrast: ecg?.contrast,
      calm: ecg || type === 'ppg' ? (this.#motion?.meter.calm ?? 1) : 1,
      touches: ecg || type === 'ppg' ? this.#touches !== false : true,
    });
    for (const { time, quality } of wave.taken()) {
      if (!id) continue;
      const { score, cause } = quality;
      out.push({ ...derived({ attribute: id }, attribute, time, score, [score]), cause });
    }
  }
}

/** The stream of an attribute, made when it is first seen; undefined when there are too many. */
function got<T>(streams: Map<AttributeId, T>, attribute: AttributeId, make: () => T): T | undefined {
  const known = streams.get(attribute);
  if (known || streams.size >= MAX_STREAMS) return known;
  const made = make();
  streams.set(attribute, made);
  return made;
}

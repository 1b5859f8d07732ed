/** Quality of one waveform, second by second, from its dated samples. */
import { fieldCount, type NumericBlock } from '../model/block.ts';
import { fade, SignalQuality, worstOf, type Quality, type QualityCause, type QualityOptions } from './quality.ts';

/** Slower streams are no waveforms: a value each second has no shape to judge. */
const MIN_RATE = 20;
const SECOND = 1000;
/** Seconds of which the mean says whether something may be derived now. */
const RECENT = 5;
/** QRS complexes stand this high over what is between them: good, and noise (see `QrsDetector.contrast`). */
const CONTRAST = [4.8, 3.4] as const;
/** Steps between samples that the length of a sample is measured from. */
const STEPS = 64;

const BODY: QualityOptions = { stillAtMost: 1, clips: true };
/** A breath may be held, and belts are coarse. */
const BREATH: QualityOptions = { stillAtMost: 20, clips: true, smooth: true };
/** By the platform's type names, in its units. Of anything else only holes and what is no number can be judged. */
const OPTIONS: Readonly<Record<string, QualityOptions>> = {
  ecg: { ...BODY, range: [-20, 20] },
  eeg: BODY,
  emg: BODY,
  ppg: { ...BODY, smooth: true },
  respiration: BREATH,
  breath_pressure: BREATH,
  accelerometer: { clips: true, range: [-320, 320] },
  gyroscope: { clips: true, range: [-4000, 4000] },
};

/** What others know about this stream just now. */
export interface Surroundings {
  /** How far QRS complexes stand out, where they are looked for. */
  readonly contrast: number | undefined;
  /** 1 at rest, 0 in motion that spoils it. */
  readonly calm: number;
  readonly touches: boolean;
}

export interface DatedQuality {
  /** Unix ms, the end of the second. */
  readonly time: number;
  readonly quality: Quality;
}

export class WaveQuality {
  readonly #fields: readonly SignalQuality[];
  readonly #recent: number[] = [];
  readonly #steps = new Float64Array(STEPS);
  #stepCount = 0;
  #taken: DatedQuality[] = [];
  #ends: number | undefined;
  #lastTime = NaN;

  /** @param width numbers per sample; each is judged, and the worst counts */
  constructor(type: string, width: number) {
    this.#fields = Array.from({ length: Math.min(width, 32) }, () => new SignalQuality(OPTIONS[type] ?? {}));
  }

  /** Samples of this waveform, in order of time; earlier ones are left out. */
  add(block: NumericBlock, surroundings: Surroundings): void {
    const { times, values } = block;
    const width = fieldCount(block);
    for (let i = 0; i < times.length; i++) {
      const time = times[i] ?? NaN;
      if (!Number.isFinite(time) || time < this.#lastTime) continue;
      if (this.#ends === undefined) this.#ends = time + SECOND;
      else if (time >= this.#ends) this.#endSecond(time, this.#ends, surroundings);
      if (time > this.#lastTime) this.#steps[this.#stepCount++ % STEPS] = time - this.#lastTime;
      this.#lastTime = time;
      for (let k = 0; k < this.#fields.length; k++) this.#fields[k]?.add(values[i * width + k] ?? NaN);
    }
  }

  /** What was found since the last call. */
  taken(): readonly DatedQuality[] {
    const taken = this.#taken;
    if (taken.length > 0) this.#taken = [];
    return taken;
  }

  /** Mean score of the last seconds, 0 … 1; 0 before the first. */
  get recent(): number {
    const { length } = this.#recent;
    return length === 0 ? 0 : this.#recent.reduce((sum, score) => sum + score, 0) / length;
  }

  #endSecond(time: number, ends: number, { contrast, calm, touches }: Surroundings): void {
    const period = this.#period();
    const expected = period > 0 ? SECOND / period : 0;
    // Longer holes: one second of nothing stands for all of them, and seconds begin anew.
    const hole = time - ends >= SECOND;
    this.#ends = hole ? time + SECOND : ends + SECOND;
    const fields = this.#fields.map((field) => field.take(expected));
    if (expected < MIN_RATE) return;
    const worst = fields.reduce((a, b) => (b.score < a.score ? b : a), { score: 1, cause: 'good' });
    const quality = worstOf([
      [worst.cause, worst.score],
      ['noise', contrast === undefined ? 1 : fade(contrast, CONTRAST)],
      ['motion', calm],
      ['contact', touches ? 1 : 0],
    ] satisfies [QualityCause, number][]);
    this.#found(ends, quality);
    if (hole) this.#found(ends + SECOND, { score: 0, cause: 'loss' });
  }

  #found(time: number, quality: Quality): void {
    this.#taken.push({ time, quality });
    this.#recent.push(quality.score);
    if (this.#recent.length > RECENT) this.#recent.shift();
  }

  /** The usual step between samples, ms: the middle of the last ones; 0 before there are any. */
  #period(): number {
    const steps = this.#steps.slice(0, Math.min(this.#stepCount, STEPS)).sort();
    return steps[steps.length >> 1] ?? 0;
  }
}

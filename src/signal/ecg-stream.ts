/** One ECG: its beats, its heart rate, and breathing by the height of its QRS complexes. */
import { EcgBeats } from './ecg-beats.ts';
import { History } from './history.ts';
import { breathingOf, type Breathing } from './respiration.ts';
import { RrStream } from './rr-stream.ts';

const BREATHING_WINDOW = 45_000;
const CAPACITY = 256;
/** Heights this far from the median are ectopic beats or artefacts, not breathing. */
const MAX_DEVIATION = 0.4;
/** A heart rate each second at most, ms. */
const RATE_EVERY = 1000;

export class EcgStream {
  readonly beats = new RrStream();
  readonly #detector = new EcgBeats();
  readonly #heights = new History(BREATHING_WINDOW, CAPACITY);
  #rateAt = NaN;
  #took = false;

  /** One sample; Unix ms and mV (any unit, in fact). */
  add(time: number, value: number): void {
    for (const beat of this.#detector.add(time, value)) {
      this.#took = true;
      this.#heights.push(beat.time, beat.amplitude);
      if (beat.interval !== undefined) this.beats.add(beat.time, beat.interval);
    }
  }

  /** True if there were beats since the last call. */
  tookBeats(): boolean {
    const took = this.#took;
    this.#took = false;
    return took;
  }

  /** How far beats stand out; undefined while the rate is not known or fits no ECG. */
  get contrast(): number | undefined {
    return this.#detector.rate === undefined ? undefined : this.#detector.contrast;
  }

  /** bpm, once a second; undefined if it is not due or the beats are too irregular to say. */
  heartRate(): number | undefined {
    // By the clock's seconds: counting from the last one would leave out every second beat at 66 bpm.
    const second = Math.floor(this.beats.newest / RATE_EVERY);
    if (second === this.#rateAt) return undefined;
    this.#rateAt = second;
    return this.beats.heartRate();
  }

  breathing(): Breathing | undefined {
    const { times, values } = this.#heights;
    const median = values.slice().sort()[values.length >> 1] ?? 0;
    const usual = (_: number, i: number): boolean => Math.abs((values[i] ?? 0) / median - 1) <= MAX_DEVIATION;
    return breathingOf(times.filter(usual), [values.filter(usual)]);
  }
}

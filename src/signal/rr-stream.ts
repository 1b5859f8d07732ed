/** Beats of one source over the last minutes, and what follows from them at its times. */
import { hrvBandsOf, hrvOf, type Hrv, type HrvBands, type NoHrv } from './hrv.ts';
import { History } from './history.ts';
import { breathingOf, type Breathing } from './respiration.ts';
import { BEAT, cleanRr, normalBeats } from './rr-clean.ts';

/** HRV is of the last minute, and comes every 5 s. ms */
const HRV_WINDOW = 60_000;
const HRV_EVERY = 5000;
/** Bands are of the last five minutes, and come every 30 s. ms */
const BANDS_WINDOW = 300_000;
const BANDS_EVERY = 30_000;
const BREATHING_WINDOW = 45_000;
/** Share of normal beats under which breathing is not looked for. */
const MIN_NORMAL = 0.85;
/** Five minutes at 220 bpm, and what is refused as too short. */
const CAPACITY = 1500;

export class RrStream {
  readonly #beats = new History(BANDS_WINDOW, CAPACITY);
  #hrvAt = -Infinity;
  #bandsAt = -Infinity;

  /** A beat, and the interval that it ended. Unix ms, ms. */
  add(time: number, interval: number): void {
    // A minute of silence: what came before says nothing about now, and nothing is due at once.
    if (time - this.newest > HRV_WINDOW) this.#beats.clear();
    if (!this.#beats.push(time, interval) || this.#beats.length > 1) return;
    this.#hrvAt = time;
    this.#bandsAt = time;
  }

  /** Unix ms of the last beat. */
  get newest(): number {
    return this.#beats.newest;
  }

  /** The last beats, newest last. */
  last(window: number): { readonly times: Float64Array; readonly intervals: Float64Array } {
    const { times, values } = this.#beats;
    let from = times.length;
    const oldest = this.newest - window;
    while (from > 0 && (times[from - 1] ?? 0) >= oldest) from -= 1;
    return { times: times.subarray(from), intervals: values.subarray(from) };
  }

  /** Time domain of the last minute; undefined until it is due (again). */
  hrv(): Hrv | NoHrv | undefined {
    if (this.newest - this.#hrvAt < HRV_EVERY) return undefined;
    this.#hrvAt = this.newest;
    const { times, intervals } = this.last(HRV_WINDOW);
    return hrvOf(times, intervals);
  }

  /** Frequency domain of the last five minutes, two at least; undefined until it is due (again). */
  bands(): HrvBands | NoHrv | undefined {
    if (this.newest - this.#bandsAt < BANDS_EVERY) return undefined;
    this.#bandsAt = this.newest;
    return hrvBandsOf(this.#beats.times, this.#beats.values);
  }

  /** Breaths by respiratory sinus arrhythmia. */
  breathing(): Breathing | undefined {
    const { times, intervals } = this.last(BREATHING_WINDOW);
    const clean = cleanRr(times, intervals);
    if (clean.counts.normal < MIN_NORMAL * clean.counts.beats) return undefined;
    const normal = normalBeats(times, intervals, clean);
    return breathingOf(normal.times, [normal.intervals]);
  }

  /** Beats per minute: of the normal ones of the last eight intervals, if those are most. */
  heartRate(): number | undefined {
    const { times, intervals } = this.last(15_000);
    const from = Math.max(0, times.length - 8);
    const recent = intervals.subarray(from);
    const { status, counts } = cleanRr(times.subarray(from), recent);
    if (counts.normal < 3 || counts.normal < 0.7 * counts.beats) return undefined;
    let sum = 0;
    for (let i = 0; i < recent.length; i++) if (status[i] === BEAT.normal) sum += recent[i] ?? 0;
    return (60_000 * counts.normal) / sum;
  }
}

/**
 * Heart rate variability of intervals between normal beats, as defined by the Task Force (Circulation 93, 1996, 1043–1065,
 * tables 1 and 2). No number is better than a wrong one: too few beats, too many doubtful ones, and there is a reason instead.
 */
import { BEAT, cleanRr, normalBeats, type BeatCounts } from './rr-clean.ts';
import { bandPower, spectrumOf } from './spectrum.ts';

/** With fewer, a single beat changes the result by more than people differ. */
const MIN_BEATS = 20;
/** Time domain: 60 s is what short-term measures are validated for at least; 30 s is the lower limit. ms */
const MIN_SPAN = 30_000;
const MIN_QUALITY = 0.8;
/** The Task Force asks for 5 min, and 2 min at least for LF (10 waves of 0.04 Hz would be 4 min). ms */
const MIN_SPECTRUM_SPAN = 120_000;
const MIN_SPECTRUM_QUALITY = 0.9;
/** Bands in Hz. */
const LF = [0.04, 0.15] as const;
const HF = [0.15, 0.4] as const;
/** NN50 counts successive differences of more than this, ms. */
const NN50 = 50;

export type HrvReason = 'too-short' | 'too-few-beats' | 'artefacts';

export interface Hrv {
  readonly ok: true;
  /** Root mean square of successive differences, ms. */
  readonly rmssd: number;
  /** Standard deviation of NN intervals (with n − 1), ms. */
  readonly sdnn: number;
  /** Share of successive differences over 50 ms, %. */
  readonly pnn50: number;
  /** Mean heart rate, bpm: 60 000 / mean NN. */
  readonly heartRate: number;
  /** 0 … 1: share of the time that is covered by normal beats. */
  readonly quality: number;
  readonly counts: BeatCounts;
}

export interface NoHrv {
  readonly ok: false;
  readonly reason: HrvReason;
  readonly quality: number;
  readonly counts: BeatCounts;
}

export interface HrvBands {
  readonly ok: true;
  /** Power 0.04–0.15 Hz, ms². */
  readonly lf: number;
  /** Power 0.15–0.4 Hz, ms². */
  readonly hf: number;
  /** LF / HF; undefined if there is no HF power. */
  readonly ratio: number | undefined;
  readonly quality: number;
}

/**
 * Time domain measures.
 * @param times Unix ms at which each interval ended, ascending
 * @param intervals ms, same length
 */
export function hrvOf(times: Float64Array, intervals: Float64Array): Hrv | NoHrv {
  const clean = cleanRr(times, intervals);
  const { counts } = clean;
  const normal = normalBeats(times, intervals, clean).intervals;
  const quality = coverage(times, intervals, clean.status);
  const reason = whyNot(times, counts.normal, quality, MIN_SPAN, MIN_QUALITY);
  if (reason) return { ok: false, reason, quality, counts };
  const mean = sumOf(normal) / normal.length;
  const variance = normal.reduce((sum, interval) => sum + (interval - mean) ** 2, 0) / (normal.length - 1);
  const { squares, over, pairs } = successive(intervals, clean.status, clean.linked);
  if (pairs < MIN_BEATS / 2) return { ok: false, reason: 'artefacts', quality, counts };
  return {
    ok: true,
    rmssd: Math.sqrt(squares / pairs),
    sdnn: Math.sqrt(variance),
    pnn50: (100 * over) / pairs,
    heartRate: 60_000 / mean,
    quality,
    counts,
  };
}

/** Frequency domain, by the Lomb–Scargle method: it takes beats where they are, and holes where beats were left out. */
export function hrvBandsOf(times: Float64Array, intervals: Float64Array): HrvBands | NoHrv {
  const clean = cleanRr(times, intervals);
  const { counts } = clean;
  const normal = normalBeats(times, intervals, clean);
  const quality = coverage(times, intervals, clean.status);
  const reason = whyNot(times, counts.normal, quality, MIN_SPECTRUM_SPAN, MIN_SPECTRUM_QUALITY);
  if (reason) return { ok: false, reason, quality, counts };
  const spectrum = spectrumOf(normal.times, normal.intervals, { from: LF[0], to: HF[1] });
  if (!spectrum) return { ok: false, reason: 'too-few-beats', quality, counts };
  const lf = bandPower(spectrum, ...LF);
  const hf = bandPower(spectrum, ...HF);
  return { ok: true, lf, hf, ratio: hf > 0 ? lf / hf : undefined, quality };
}

function whyNot(
  times: Float64Array,
  normal: number,
  quality: number,
  minSpan: number,
  minQuality: number,
): HrvReason | undefined {
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  // A hair of slack: 60 s of beats span a little less than 60 s.
  if (!(span >= minSpan * 0.95)) return 'too-short';
  if (quality < minQuality) return 'artefacts';
  return normal < MIN_BEATS ? 'too-few-beats' : undefined;
}

/** Time in normal beats against time passed, 0 … 1. The first interval began before its list does. */
function coverage(times: Float64Array, intervals: Float64Array, status: Uint8Array): number {
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  let covered = 0;
  for (let i = 1; i < status.length; i++) if (status[i] === BEAT.normal) covered += intervals[i] ?? 0;
  const share = covered / span;
  return share > 0 ? Math.min(1, share) : 0;
}

/** Differences between intervals that follow each other directly, both normal. */
function successive(
  intervals: Float64Array,
  status: Uint8Array,
  linked: Uint8Array,
): { readonly squares: number; readonly over: number; readonly pairs: number } {
  let squares = 0;
  let over = 0;
  let pairs = 0;
  for (let i = 1; i < status.length; i++) {
    if (!linked[i] || status[i] !== BEAT.normal || status[i - 1] !== BEAT.normal) continue;
    const difference = (intervals[i] ?? 0) - (intervals[i - 1] ?? 0);
    squares += difference * difference;
    if (Math.abs(difference) > NN50) over += 1;
    pairs += 1;
  }
  return { squares, over, pairs };
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/**
 * Which intervals between beats are between normal beats (NN). HRV is defined on those only (Task Force of the European
 * Society of Cardiology and the North American Society of Pacing and Electrophysiology: Heart rate variability, Circulation
 * 93, 1996, 1043–1065), and one missed beat in a minute can double RMSSD. Doubtful intervals are left out, not replaced:
 * all that follows here takes series with holes.
 *
 * Rules: 272–2000 ms (220–30 bpm); within 20 % of the local median (the 20 % of Malik et al., Eur. Heart J. 10, 1989,
 * against a median of the neighbours instead of the one before, so that one bad beat does not condemn the next). Slow deep
 * breathing swings further than that, but never in one beat: up to 35 % is normal where both neighbours went along.
 */

export const BEAT = {
  normal: 0,
  /** No heart beats like this: contact lost, noise. */
  range: 1,
  /** A premature beat and the pause after it, or one put in between two normal ones. */
  ectopic: 2,
  /** About twice the usual interval: a beat was not seen. */
  missed: 3,
  /** Far from its neighbours otherwise. */
  change: 4,
} as const;

const SHORTEST = 272;
const LONGEST = 2000;
const MAX_DEVIATION = 0.2;
const MAX_SWING = 0.35;
const SWING_STEP = 0.15;
/** Neighbours on each side that make the local median. */
const SIDE = 5;

export interface BeatCounts {
  readonly beats: number;
  readonly normal: number;
  readonly range: number;
  readonly ectopic: number;
  readonly missed: number;
  readonly change: number;
  /** Beats that do not follow the one before directly: something was lost in between. */
  readonly gaps: number;
}

export interface CleanRr {
  /** A `BEAT` number per interval. */
  readonly status: Uint8Array;
  /** 1 where the interval begins at the beat before it in the list. */
  readonly linked: Uint8Array;
  readonly counts: BeatCounts;
}

/**
 * Judges intervals.
 * @param times Unix ms at which each interval ended, ascending
 * @param intervals ms, same length; whatever is no number is out of range
 */
export function cleanRr(times: Float64Array, intervals: Float64Array): CleanRr {
  const n = Math.min(times.length, intervals.length);
  const status = new Uint8Array(n);
  const linked = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const interval = intervals[i] ?? NaN;
    if (!(interval >= SHORTEST && interval <= LONGEST)) status[i] = BEAT.range;
    const between = (times[i] ?? NaN) - (times[i - 1] ?? NaN);
    linked[i] = Math.abs(between - interval) < interval / 2 ? 1 : 0;
  }
  const around = new Float64Array(n);
  const neighbours = new Float64Array(2 * SIDE);
  for (let i = 0; i < n; i++) around[i] = localMedian(intervals, status, i, neighbours);
  for (let i = 0; i < n; i++) if (status[i] === BEAT.normal) judge(intervals, around, status, i);
  return { status, linked, counts: countAll(status, linked) };
}

/** Intervals that are normal, and when each ended. */
export function normalBeats(
  times: Float64Array,
  intervals: Float64Array,
  { status }: CleanRr,
): { readonly times: Float64Array; readonly intervals: Float64Array } {
  const isNormal = (_: number, i: number): boolean => status[i] === BEAT.normal;
  return { times: times.filter(isNormal), intervals: intervals.filter(isNormal) };
}

/** Median of the neighbours that are in range; of the interval itself if there are none. */
function localMedian(intervals: Float64Array, status: Uint8Array, i: number, room: Float64Array): number {
  let count = 0;
  for (let k = Math.max(0, i - SIDE); k <= i + SIDE && k < status.length; k++) {
    if (k !== i && status[k] !== BEAT.range) room[count++] = intervals[k] ?? 0;
  }
  if (count === 0) return intervals[i] ?? 0;
  const sorted = room.subarray(0, count).sort();
  const middle = count >> 1;
  const upper = sorted[middle] ?? 0;
  return count % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}

function judge(intervals: Float64Array, around: Float64Array, status: Uint8Array, i: number): void {
  const usual = around[i] ?? 0;
  const ratio = (intervals[i] ?? 0) / usual;
  if (Math.abs(ratio - 1) <= MAX_DEVIATION || swings(intervals, i, ratio)) return;
  if (ratio < 1 && i + 1 < status.length) {
    // Premature beat with its pause (together two beats long), or a beat put in between two (together one).
    const pair = ratio + (intervals[i + 1] ?? 0) / usual;
    if (Math.abs(pair - 2) <= MAX_DEVIATION || Math.abs(pair - 1) <= MAX_DEVIATION) {
      status[i] = BEAT.ectopic;
      status[i + 1] = BEAT.ectopic;
      return;
    }
  }
  status[i] = Math.abs(ratio - 2) <= MAX_DEVIATION ? BEAT.missed : BEAT.change;
}

/** Part of a slow wave: its neighbours are close to it. */
function swings(intervals: Float64Array, i: number, ratio: number): boolean {
  const near = (k: number): boolean => Math.abs((intervals[k] ?? NaN) / (intervals[i] ?? NaN) - 1) <= SWING_STEP;
  return Math.abs(ratio - 1) <= MAX_SWING && near(i - 1) && near(i + 1);
}

function countAll(status: Uint8Array, linked: Uint8Array): BeatCounts {
  const of = [0, 0, 0, 0, 0];
  for (const one of status) of[one] = (of[one] ?? 0) + 1;
  let links = 0;
  for (let i = 1; i < linked.length; i++) links += linked[i] ?? 0;
  const [normal = 0, range = 0, ectopic = 0, missed = 0, change = 0] = of;
  return { beats: status.length, normal, range, ectopic, missed, change, gaps: Math.max(0, status.length - 1) - links };
}

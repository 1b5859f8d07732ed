/**
 * From timed values to points on a canvas: pure, in device pixels. Two pictures: a stepped trend of the last minute
 * (right edge = now) and a sweep like a bedside monitor's (the head runs round, the oldest part is wiped ahead of it), in
 * two speeds: breath is slower than heart.
 */
import type { RingBuffer } from '../../../app/api.ts';

export type TraceMode = 'trend' | 'sweep' | 'slow-sweep';

export interface ValueRange {
  readonly min: number;
  readonly max: number;
}

export interface Viewport {
  readonly mode: TraceMode;
  /** Device pixels. */
  readonly width: number;
  readonly height: number;
  /** Time that fits the width, ms. */
  readonly windowMs: number;
  /** Unix ms: the right edge of a trend, the head of a sweep. */
  readonly edge: number;
  /** ms between two values from which the time between them is drawn as a gap. */
  readonly gapAfter: number;
  /** ms a single value stands for. */
  readonly interval: number;
  readonly range: ValueRange;
}

/** What a path must offer; `CanvasRenderingContext2D` does. */
export interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

export const WINDOW_MS: Readonly<Record<TraceMode, number>> = {
  trend: 60_000,
  sweep: 6_000,
  'slow-sweep': 30_000,
};
/** Length of the scale bar, s. */
export const SCALE_SECONDS: Readonly<Record<TraceMode, number>> = { trend: 10, sweep: 1, 'slow-sweep': 5 };
/** Part of a sweep wiped ahead of the head, so that old and new never touch. */
const WIPED = 0.06;
/** Streams faster than this (ms) sweep. */
const SWEEP_BELOW = 100;
/** Kept free above and below, device pixels, so that a line on the edge keeps its width. */
const PADDING = 4;
/** Values looked at to learn a stream's rhythm. */
const RHYTHM_SAMPLES = 32;

/** Median time between the newest values, ms; undefined with fewer than three. Outliers (gaps) do not move a median. */
export function typicalInterval(ring: RingBuffer): number | undefined {
  const count = Math.min(ring.length, RHYTHM_SAMPLES);
  if (count < 3) return undefined;
  const steps: number[] = [];
  for (let i = ring.length - count + 1; i < ring.length; i++) steps.push(ring.timeAt(i) - ring.timeAt(i - 1));
  steps.sort((a, b) => a - b);
  return steps[steps.length >> 1];
}

/** Missing for longer than three usual steps is a gap; never sooner than `floor` ms (a radio may be late once). */
export function gapAfter(interval: number, floor: number): number {
  return Math.max(3 * interval, floor);
}

/** @param fixed what a type is always drawn as; else it goes by the rhythm, ms */
export function modeFor(fixed: TraceMode | undefined, interval: number | undefined): TraceMode {
  if (fixed !== undefined) return fixed;
  return interval !== undefined && interval < SWEEP_BELOW ? 'sweep' : 'trend';
}

/** Index of the first held value at or after `from` (Unix ms), looking back from the newest. */
function firstSince(ring: RingBuffer, from: number): number {
  let i = ring.length;
  while (i > 0 && ring.timeAt(i - 1) >= from) i -= 1;
  return i;
}

/** Smallest and largest value since `from`; undefined if there is none. */
export function extent(ring: RingBuffer, from: number): ValueRange | undefined {
  let min = Infinity;
  let max = -Infinity;
  for (let i = firstSince(ring, from); i < ring.length; i++) {
    const value = ring.valueAt(i);
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? { min, max } : undefined;
}

/** 1, 2 or 5 times a power of ten, at least `step`. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const rest = step / power;
  return power * (rest <= 1 ? 1 : rest <= 2 ? 2 : rest <= 5 ? 5 : 10);
}

/**
 * The axis for the data: round ends, at least `minSpan` high. It grows at once and shrinks only when the data needs
 * less than half of it, so the picture does not breathe with every value.
 */
export function axisRange(data: ValueRange, minSpan: number, previous: ValueRange | undefined): ValueRange {
  if (previous !== undefined && data.min >= previous.min && data.max <= previous.max) {
    const needed = Math.max(data.max - data.min, minSpan);
    if (needed >= (previous.max - previous.min) / 2) return previous;
  }
  const span = Math.max(data.max - data.min, minSpan);
  const step = niceStep(span / 4);
  const middle = (data.min + data.max) / 2;
  return {
    min: Math.floor(Math.min(data.min, middle - minSpan / 2) / step) * step,
    max: Math.ceil(Math.max(data.max, middle + minSpan / 2) / step) * step,
  };
}

/** Digits after the point at which both ends of an axis are true to a hundredth of it; at most six. */
export function axisDigits({ min, max }: ValueRange): number {
  const exact = (digits: number): boolean =>
    [min, max].every((end) => Math.abs(Number(end.toFixed(digits)) - end) <= (max - min) / 100);
  let digits = 0;
  while (digits < 6 && !exact(digits)) digits += 1;
  return digits;
}

/** The range of several streams together; undefined if all are empty. */
export function jointExtent(rings: readonly RingBuffer[], from: number): ValueRange | undefined {
  const ranges = rings.flatMap((ring) => extent(ring, from) ?? []);
  if (ranges.length === 0) return undefined;
  return { min: Math.min(...ranges.map((one) => one.min)), max: Math.max(...ranges.map((one) => one.max)) };
}

function yOf(value: number, view: Viewport): number {
  const share = (value - view.range.min) / (view.range.max - view.range.min);
  return PADDING + (1 - share) * (view.height - 2 * PADDING);
}

/** Draws a trend: each value holds until the next one; a gap lifts the pen. Returns the pen's last place. */
function drawTrend(ring: RingBuffer, view: Viewport, pen: Pen): { x: number; y: number } | undefined {
  const start = view.edge - view.windowMs;
  // One value before the window, so that the line enters from the left edge.
  const first = Math.max(0, firstSince(ring, start) - 1);
  let at: { x: number; y: number } | undefined;
  let before = -Infinity;
  const xOf = (time: number): number => Math.max(0, ((time - start) / view.windowMs) * view.width);
  for (let i = first; i < ring.length; i++) {
    const time = ring.timeAt(i);
    const y = yOf(ring.valueAt(i), view);
    const x = xOf(time);
    if (at === undefined || time - before > view.gapAfter) {
      if (at !== undefined) pen.lineTo(xOf(before + view.interval), at.y);
      pen.moveTo(x, y);
    } else {
      pen.lineTo(x, at.y);
      pen.lineTo(x, y);
    }
    at = { x, y };
    before = time;
  }
  if (at === undefined || before < start - view.gapAfter) return undefined;
  const until = view.edge - before > view.gapAfter ? before + view.interval : view.edge;
  const x = xOf(Math.min(until, view.edge));
  pen.lineTo(x, at.y);
  return { x, y: at.y };
}

/**
 * Draws a sweep. Several values in one pixel column become one stroke from their lowest to their highest: no peak is
 * lost, and the number of strokes is bounded by the width.
 */
function drawSweep(ring: RingBuffer, view: Viewport, pen: Pen): { x: number; y: number } | undefined {
  const start = view.edge - view.windowMs * (1 - WIPED);
  let column = -1;
  let low = 0;
  let high = 0;
  let last = 0;
  let before = -Infinity;
  const finish = (): void => {
    if (column < 0 || low === high) return;
    pen.lineTo(column, low);
    pen.lineTo(column, high);
    pen.lineTo(column, last);
  };
  for (let i = firstSince(ring, start); i < ring.length; i++) {
    const time = ring.timeAt(i);
    const y = yOf(ring.valueAt(i), view);
    const x = Math.floor((modulo(time, view.windowMs) / view.windowMs) * view.width);
    if (x === column && time - before <= view.gapAfter) {
      low = Math.min(low, y);
      high = Math.max(high, y);
    } else {
      finish();
      if (x < column || time - before > view.gapAfter) pen.moveTo(x, y);
      else pen.lineTo(x, y);
      column = x;
      low = y;
      high = y;
    }
    last = y;
    before = time;
  }
  finish();
  return column < 0 ? undefined : { x: column, y: last };
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

/** Draws the values of the window; returns where the newest one is, or undefined when the window is empty. */
export function drawTrace(ring: RingBuffer, view: Viewport, pen: Pen): { x: number; y: number } | undefined {
  return view.mode === 'trend' ? drawTrend(ring, view, pen) : drawSweep(ring, view, pen);
}

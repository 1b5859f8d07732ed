/** When samples were measured, and how samples that came together are parted so that each segment covers a short time. */
import type { WireSample } from '../../src/protocol/ingest.ts';

/** A narrow segment covers at most this many ms: whoever looks for a time finds all narrow ones that can hold it. */
export const NARROW_SPAN = 600_000;
/** More parts than these would cost more rows than they save: the samples stay together in a wide segment. */
const PARTS_MAX = 16;

/** Unix ms of the first and last measurement in a segment. */
export interface Span {
  readonly firstAt: number;
  readonly lastAt: number;
}

/** A sample's place in time. What carries no number stands before everything else, so that it is not lost from view. */
export function timeOf(timestamp: unknown): number {
  return typeof timestamp === 'number' && Number.isFinite(timestamp) ? timestamp : -Infinity;
}

/** The time that samples cover. At least one. */
export function spanOf(samples: readonly { readonly timestamp: unknown }[]): Span {
  let firstAt = Infinity;
  let lastAt = -Infinity;
  for (const { timestamp } of samples) {
    const time = timeOf(timestamp);
    if (time < firstAt) firstAt = time;
    if (time > lastAt) lastAt = time;
  }
  return { firstAt, lastAt };
}

export function isNarrow({ firstAt, lastAt }: Span): boolean {
  return firstAt === lastAt || lastAt - firstAt <= NARROW_SPAN;
}

/** Both spans together. */
export function joined(a: Span, b: Span): Span {
  return { firstAt: Math.min(a.firstAt, b.firstAt), lastAt: Math.max(a.lastAt, b.lastAt) };
}

/**
 * Samples in parts that cover a short time each, the earliest first; within a part the order stays. A backlog that comes
 * with live samples is parted from them.
 */
export function partByTime(samples: readonly WireSample[]): readonly (readonly WireSample[])[] {
  if (isNarrow(spanOf(samples))) return [samples];
  const parts = new Map<number, WireSample[]>();
  for (const sample of samples) {
    const slot = Math.floor(timeOf(sample.timestamp) / NARROW_SPAN);
    const part = parts.get(slot);
    if (part) part.push(sample);
    else if (parts.size === PARTS_MAX) return [samples];
    else parts.set(slot, [sample]);
  }
  return [...parts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
}

/** What keeps a picture from giving a good skeleton. Pure. */
import type { PoseCondition } from '../../src/model/pose.ts';
import { VISIBLE } from '../../src/model/skeleton.ts';
import type { Body } from './ports.ts';
import { confidenceOf, core } from './skeletons.ts';

/** Mean brightness of a picture, 0–1, below which it is dark. */
const DARK = 0.15;
/** Shoulders and hips seen as clearly as this are seen well, dark or not. */
const CLEAR = 0.8;
/** A person whose landmarks span this part of the picture fills it. */
const FILLS = 0.8;

/**
 * The first of these that holds: dark and nobody seen clearly; nobody; too close (the person fills the picture, or a
 * shoulder or hip lies outside of it).
 * @param body the first person
 * @param brightness 0–1; undefined: not known
 */
export function conditionOf(body: Body | undefined, brightness: number | undefined): PoseCondition {
  const dark = brightness !== undefined && brightness < DARK;
  if (dark && (!body || confidenceOf(body) < CLEAR)) return 'low-light';
  if (!body) return 'no-person';
  return fills(body) || core(body).some(({ x, y }) => outside(x) || outside(y)) ? 'too-close' : 'good';
}

function outside(share: number): boolean {
  return share < 0 || share > 1;
}

/** The box around what is seen, cut off at the picture's edges, takes most of it. */
function fills({ landmarks }: Body): boolean {
  const seen = landmarks.filter(({ v }) => v >= VISIBLE);
  const span = (values: readonly number[]): number =>
    Math.min(1, Math.max(...values)) - Math.max(0, Math.min(...values));
  return seen.length > 0 && span(seen.map(({ x }) => x)) * span(seen.map(({ y }) => y)) >= FILLS;
}

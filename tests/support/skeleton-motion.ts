/**
 * Skeletons of somebody who walks on the spot and waves, as a camera and a pose model give them: noise of ±0.002 in x and
 * y and three times that in depth, times that are a little uneven.
 */
import { createFigure, FIGURE_NOISE, type FigureOptions } from '../../src/device/demo/signals/figure.ts';
import { mulberry32 } from '../../src/lib/random.ts';
import type { StructuredBlock } from '../../src/model/block.ts';
import { skeletonPayload, USUAL_ASPECT } from '../../src/model/skeleton.ts';

export interface MotionOptions extends FigureOptions {
  readonly seed?: number;
  /** Frames a second. */
  readonly fps?: number;
  /** Landmarks in metres too. */
  readonly world?: boolean;
  /** s into the motion at which the first frame is taken. */
  readonly from?: number;
  /** Unix ms of the first frame. */
  readonly start?: number;
}

/** `frames` skeletons in a row as one block. */
export function skeletonMotion(frames: number, options: MotionOptions = {}): StructuredBlock {
  const { seed = 1, fps = 30, world = false, from = 0, start = 1_700_000_000_000 } = options;
  const pose = createFigure(seed, { noise: FIGURE_NOISE, ...options });
  const random = mulberry32(seed + 1);
  const times = new Float64Array(frames);
  const payloads = Array.from({ length: frames }, (_, i) => {
    // Cameras say when a picture was taken to about a tenth of a ms, and are late by up to one.
    times[i] = Math.round(10 * (start + (1000 * i) / fps + random())) / 10;
    const { landmarks, world: metres } = pose(from + i / fps);
    return skeletonPayload(landmarks, USUAL_ASPECT, world ? metres : undefined);
  });
  return { kind: 'structured', attribute: 'skeleton', times, payloads };
}

/** The block cut into blocks of `frames`; what is left over at the end is a shorter one. */
export function inBlocks(block: StructuredBlock, frames: number): StructuredBlock[] {
  const blocks: StructuredBlock[] = [];
  for (let at = 0; at < block.times.length; at += frames) {
    const times = block.times.slice(at, at + frames);
    blocks.push({ ...block, times, payloads: block.payloads.slice(at, at + frames) });
  }
  return blocks;
}

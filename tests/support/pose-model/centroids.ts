/** Part of a network: where the light of each colour is. */
import type { Network, Tensor } from './tflite.ts';

/** Darker than this is background. Of full brightness. */
export const THRESHOLD = 0.25;

/** Added to the light of a colour, so that one that is absent lies in the middle instead of nowhere. */
const TRACE = 1e-6;

export interface Centroids {
  /** [1, channels]: 0 left edge – 1 right edge. */
  readonly x: Tensor;
  /** [1, channels]: 0 top – 1 bottom. */
  readonly y: Tensor;
  /** [1, channels]: mean over the picture. */
  readonly amount: Tensor;
}

/** Centre of gravity of each channel. @param light [1, n, n, channels], not negative */
export function centroids(network: Network, light: Tensor): Centroids {
  const [, size = 0, , channels = 0] = light.shape;
  const columns = network.reshape(network.mean(light, [1]), [1, size * channels]);
  const rows = network.reshape(network.mean(light, [2]), [1, size * channels]);
  const weighed = (line: Tensor, weight: (place: number) => number, trace: number): Tensor =>
    network.fullyConnected(line, {
      outputs: channels,
      weight: (output, input) => (input % channels === output ? weight(Math.floor(input / channels)) / size : 0),
      bias: () => trace,
    });
  const middle = (place: number): number => (place + 0.5) / size;
  const along = (line: Tensor): Tensor =>
    network.divided(
      weighed(line, middle, TRACE / 2),
      weighed(line, () => 1, TRACE),
    );
  return { x: along(columns), y: along(rows), amount: weighed(columns, () => 1, 0) };
}

/** Channels of `picture` [1, n, n, 3] mixed into others, and only what is brighter than the background. */
export function brightParts(network: Network, picture: Tensor, mixes: readonly (readonly number[])[]): Tensor {
  return network.perPixel(picture, {
    outputs: mixes.length,
    weight: (output, input) => mixes[output]?.[input] ?? 0,
    bias: () => -THRESHOLD,
    relu: true,
  });
}

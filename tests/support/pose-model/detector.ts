/** A detector that finds one person, or one face, in the middle of any picture that is not dark. */
import { Network } from './tflite.ts';

export interface DetectorForm {
  readonly name: string;
  /** Pixels of the input. */
  readonly side: number;
  readonly anchors: number;
  /** The anchor that finds. */
  readonly anchor: number;
  /** x, y, width, height, then key points (x, y): pixels of the input, from the anchor. */
  readonly row: readonly number[];
}

/** Score above one half when the picture's mean is brighter than about 1/400. */
export function detector({ name, side, anchors, anchor, row }: DetectorForm): Uint8Array {
  const network = new Network(name);
  const picture = network.input([1, side, side, 3]);
  const brightness = network.reshape(network.mean(picture, [1, 2]), [1, 3]);
  const scores = network.fullyConnected(brightness, {
    outputs: anchors,
    weight: (output) => (output === anchor ? 400 / 3 : 0),
    bias: (output) => (output === anchor ? -1 : -100),
  });
  const boxes = network.perPixel(network.reshape(scores, [1, anchors, 1, 1]), {
    outputs: row.length,
    weight: () => 0,
    bias: (value) => row[value] ?? 0,
  });
  const outputs = [network.reshape(boxes, [1, anchors, row.length]), network.reshape(scores, [1, anchors, 1])];
  return network.file(outputs, true);
}

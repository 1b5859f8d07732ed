/**
 * A model for MediaPipe's pose landmarker that knows its answer: the figure of `figure.ts`, hung on the bright colours of the
 * picture. It goes through all of the real graph (picture to tensor, both networks, boxes to region, landmarks back to the
 * picture), so what comes out wrong is the software's fault and not a matter of taste. The same bytes on every run.
 *
 * The bundle's names, the order and the meaning of all tensors: MediaPipe, pose_detector_graph.cc and
 * pose_landmarks_detector_graph.cc.
 */
import { brightParts, centroids, type Centroids } from './centroids.ts';
import { detector } from './detector.ts';
import { figurePoint, METRES } from './figure.ts';
import { Network, type Tensor } from './tflite.ts';
import { storedZip } from './zip.ts';

/** A `.task` file. */
export function bodyModel(): Uint8Array {
  return storedZip([
    { name: 'pose_detector.tflite', content: personDetector() },
    { name: 'pose_landmarks_detector.tflite', content: landmarks() },
  ]);
}

const DETECTOR_SIDE = 224;
/** Two anchors in each cell of 28 × 28, 14 × 14 and three times 7 × 7. */
const ANCHORS = 28 * 28 * 2 + 14 * 14 * 2 + 7 * 7 * 6;
/** The first of the six anchors in the middle of the picture: row 3 and column 3 of 7. */
const CENTRE = 28 * 28 * 2 + 14 * 14 * 2 + (3 * 7 + 3) * 6;
/** Twice the way from the middle to the second key point, times 1.25: all of the square. */
const REGION = -0.4 * DETECTOR_SIDE;

/** One person who fills the square. */
function personDetector(): Uint8Array {
  return detector({
    name: 'Synthetic pose detector',
    side: DETECTOR_SIDE,
    anchors: ANCHORS,
    anchor: CENTRE,
    row: [0, 0, DETECTOR_SIDE, DETECTOR_SIDE, 0, 0, 0, REGION, 0, 0, 0, REGION],
  });
}

/**
 * Pixels of the input; the real one has 256. With 240, middle and edge of the next frame's region (120, 24) are numbers that
 * the half floats of a GPU hold exactly: with 256 the region grows by 1/16000 a frame, 4 % in 20 s.
 */
const SIDE = 240;
/** 33 of the figure; 33 and 34 say where the person will be in the next frame; the rest is not used. */
const POINTS = 39;
const HEATMAP_SIDE = 60;
/** Logit of visibility and presence: 0.982. */
const SURE = 4;
/** Logit of the heat map: too little for it to move a landmark. */
const COLD = -20;

const COLOURS = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
] as const;

function landmarks(): Uint8Array {
  const network = new Network('Synthetic pose landmarks');
  const light = brightParts(network, network.input([1, SIDE, SIDE, 3]), COLOURS);
  const lights = centroids(network, light);
  // [1, 6]: x of red, green and blue, then y.
  const places = network.joined([lights.x, lights.y]);
  const segmentation = network.perPixel(light, { outputs: 1, weight: () => 8, bias: () => -4 });
  const heatmap = network.perPixel(network.shrink(light, SIDE / HEATMAP_SIDE), {
    outputs: POINTS,
    weight: () => 0,
    bias: () => COLD,
  });
  return network.file(
    [pictureLandmarks(network, places), presence(network, lights), segmentation, heatmap, world(network, places)],
    true,
  );
}

/** Probability that somebody is there: any light that is not background. */
function presence(network: Network, { amount }: Centroids): Tensor {
  return network.logistic(network.fullyConnected(amount, { outputs: 1, weight: () => 8000, bias: () => -4 }));
}

const AXES = ['x', 'y', 'z'] as const;

/** How much the light with this number (as in `places`) moves the axis of a point. */
function pull(point: number, axis: number, light: number): number {
  if (axis !== Math.floor(light / COLOURS.length)) return 0;
  const { hand, share } = figurePoint(point);
  const colour = light % COLOURS.length;
  if (colour === 0) return 1 - share;
  return (hand === 'left' ? 1 : 2) === colour ? share : 0;
}

/** 39 × (x, y, z, visibility, presence) in pixels of the input. */
function pictureLandmarks(network: Network, places: Tensor): Tensor {
  const VALUES = 5;
  return network.fullyConnected(places, {
    outputs: POINTS * VALUES,
    weight: (output, light) => {
      const point = Math.floor(output / VALUES);
      return nextRegion(point) ? 0 : SIDE * pull(point, output % VALUES, light);
    },
    bias: (output) => {
      const point = Math.floor(output / VALUES);
      const axis = AXES[output % VALUES];
      return axis === undefined ? SURE : SIDE * (nextRegion(point)?.[axis] ?? figurePoint(point)[axis]);
    },
  });
}

/** The region of the next frame: middle and edge, as large as this one, so that it never moves. */
function nextRegion(point: number): { x: number; y: number; z: number } | undefined {
  if (point === 33) return { x: 0.5, y: 0.5, z: 0 };
  return point === 34 ? { x: 0.5, y: 0.1, z: 0 } : undefined;
}

/** 39 × (x, y, z) in metres from the middle of the hips. */
function world(network: Network, places: Tensor): Tensor {
  return network.fullyConnected(places, {
    outputs: POINTS * AXES.length,
    weight: (output, light) => {
      const point = Math.floor(output / AXES.length);
      const axis = output % AXES.length;
      const own = axis === Math.floor(light / COLOURS.length) && light % COLOURS.length === 0 ? 1 : 0;
      return METRES * (pull(point, axis, light) - own);
    },
    bias: (output) => METRES * figurePoint(Math.floor(output / AXES.length))[AXES[output % AXES.length] ?? 'x'],
  });
}

/**
 * A model for MediaPipe's face landmarker that knows its answer: the face of `face-figure.ts`. Its third network computes
 * blendshapes of the eyes from landmarks, as the real one does; all others are 0. The same bytes on every run.
 *
 * The bundle's names, the order and the meaning of all tensors, and the landmarks and names of blendshapes: MediaPipe,
 * face_detector_graph.cc, face_landmarks_detector_graph.cc, face_blendshapes_graph.cc.
 */
import { brightParts, centroids } from './centroids.ts';
import { detector } from './detector.ts';
import { CLOSING, EYE, EYES, FACE_POINTS, facePoints, type EyeName } from './face-figure.ts';
import { Network } from './tflite.ts';
import { storedZip } from './zip.ts';

/** A `.task` file. */
export function faceModel(): Uint8Array {
  return storedZip([
    { name: 'face_detector.tflite', content: faceDetector() },
    { name: 'face_landmarks_detector.tflite', content: landmarks() },
    { name: 'face_blendshapes.tflite', content: blendshapes() },
  ]);
}

const DETECTOR_SIDE = 128;
/** Two anchors in each cell of 16 × 16, six in each of 8 × 8. */
const ANCHORS = 16 * 16 * 2 + 8 * 8 * 6;
/** The first in row 4 and column 4 of 8: half a cell right of and below the middle. */
const CENTRE = 16 * 16 * 2 + (4 * 8 + 4) * 6;
const TO_MIDDLE = -DETECTOR_SIDE / 16;
/** The landmarks' region is 1.5 times as large: all of the square. */
const BOX = DETECTOR_SIDE / 1.5;
/** From the middle to an eye. The line through both eyes is level, so nothing is rotated. */
const TO_EYE = 20;

function faceDetector(): Uint8Array {
  const m = TO_MIDDLE;
  // Right eye, left eye, nose, mouth, ears.
  const keyPoints = [m - TO_EYE, m, m + TO_EYE, m, ...Array.from({ length: 8 }, () => m)];
  const row = [m, m, BOX, BOX, ...keyPoints];
  return detector({ name: 'Synthetic face detector', side: DETECTOR_SIDE, anchors: ANCHORS, anchor: CENTRE, row });
}

/**
 * Pixels of the input; the real one has 256. With 192 the edges of the face (32, 160), whose box makes the next frame's
 * region, are numbers that the half floats of a GPU hold exactly, and the region stays as it is.
 */
const SIDE = 192;

/** The light that draws the gaze, the one that closes the left eye, the one that closes the right eye. */
const LIGHTS = [
  [1, 0, 0],
  [-1, 0, 1],
  [-1, 1, 0],
] as const;

/** 478 × (x, y, z) in pixels of the input, then the logit of presence. */
function landmarks(): Uint8Array {
  const network = new Network('Synthetic face landmarks');
  const lights = centroids(network, brightParts(network, network.input([1, SIDE, SIDE, 3]), LIGHTS));
  const open = network.fullyConnected(lights.amount, {
    outputs: 2,
    weight: (eye, light) => (light === eye + 1 ? -1 / CLOSING : 0),
    bias: () => 1,
    relu: true,
  });
  // [1, 8]: x of the three lights, y of the three lights, how far the left and the right eye are open.
  const facts = network.joined([lights.x, lights.y, open]);
  const GAZE = [0, 3] as const;
  const OPEN: Readonly<Record<EyeName, number>> = { left: 6, right: 7 };
  const points = facePoints();
  const places = network.fullyConnected(facts, {
    outputs: FACE_POINTS * 3,
    weight: (output, fact) => {
      const point = points[Math.floor(output / 3)];
      const axis = output % 3;
      if (point?.eye === undefined || axis === 2) return 0;
      if (axis === 1 && fact === OPEN[point.eye]) return SIDE * (point.gap ?? 0);
      return point.iris && fact === GAZE[axis] ? SIDE * 2 * EYE.gaze[axis === 0 ? 'x' : 'y'] : 0;
    },
    bias: (output) => {
      const point = points[Math.floor(output / 3)];
      const axis = (['x', 'y'] as const)[output % 3];
      if (!point || !axis) return 0;
      // Light in the middle (0.5) is a gaze straight ahead.
      return SIDE * (0.5 + point[axis] - (point.iris ? EYE.gaze[axis] : 0));
    },
  });
  const presence = network.fullyConnected(lights.amount, { outputs: 1, weight: () => 8000, bias: () => -4 });
  return network.file([places, presence], true);
}

/** The landmarks that blendshapes are computed from, in the order in which they come. */
// prettier-ignore
const SUBSET = [
  0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80, 81, 82,
  84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153, 154, 155, 157,
  158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251, 263, 267, 269, 270,
  276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318, 321, 323, 324, 332, 334,
  336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382, 384, 385, 386, 387, 388, 389, 390, 397, 398,
  400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
];
const BLENDSHAPES = 52;

/** A sum of coordinates: number of a landmark, axis, factor. */
type Sum = readonly (readonly [point: number, axis: 'x' | 'y', factor: number])[];

/** Numbers of blendshapes, and for each which measure (as in `measures`) makes it: bias + factor × measure, at least 0. */
const SHAPES: Readonly<Record<number, readonly [measure: number, factor: number, bias: number]>> = {
  // eyeBlinkLeft, eyeBlinkRight
  9: [0, -1, 1],
  10: [3, -1, 1],
  // eyeLookDownLeft, eyeLookDownRight
  11: [2, 1, 0],
  12: [5, 1, 0],
  // eyeLookInLeft, eyeLookInRight
  13: [1, -1, 0],
  14: [4, 1, 0],
  // eyeLookOutLeft, eyeLookOutRight
  15: [1, 1, 0],
  16: [4, -1, 0],
  // eyeLookUpLeft, eyeLookUpRight
  17: [2, -1, 0],
  18: [5, -1, 0],
};

/** For an eye: how far it is open, gaze to the right, gaze down; each of its full extent, all from pixels of the picture. */
function measures(name: EyeName): { what: Sum; unit: Sum }[] {
  const { outer, inner, upper, lower, iris, side } = EYES[name];
  const width = (factor: number): Sum => [
    [outer, 'x', (side * factor) / (2 * EYE.halfWidth)],
    [inner, 'x', (-side * factor) / (2 * EYE.halfWidth)],
  ];
  const fromMiddle = (axis: 'x' | 'y'): Sum => [
    [iris[0], axis, 1],
    [outer, axis, -0.5],
    [inner, axis, -0.5],
  ];
  return [
    {
      what: [
        [lower[3], 'y', 1],
        [upper[3], 'y', -1],
      ],
      unit: width(2 * EYE.halfGap),
    },
    { what: fromMiddle('x'), unit: width(EYE.gaze.x) },
    { what: fromMiddle('y'), unit: width(EYE.gaze.y) },
  ];
}

/** [1, 146, 2] pixels of the picture → [1, 52]. */
function blendshapes(): Uint8Array {
  const network = new Network('Synthetic face blendshapes');
  const coordinates = network.reshape(network.input([1, SUBSET.length, 2]), [1, SUBSET.length * 2]);
  const all = [...measures('left'), ...measures('right')];
  const sums = (of: readonly Sum[], trace: number) =>
    network.fullyConnected(coordinates, {
      outputs: of.length,
      weight: (output, input) => {
        const axis = input % 2 === 0 ? 'x' : 'y';
        const point = SUBSET[Math.floor(input / 2)];
        return (of[output] ?? []).reduce((sum, term) => sum + (term[0] === point && term[1] === axis ? term[2] : 0), 0);
      },
      bias: () => trace,
    });
  const ratios = network.divided(
    sums(
      all.map(({ what }) => what),
      0,
    ),
    sums(
      all.map(({ unit }) => unit),
      1e-6,
    ),
  );
  const shapes = network.fullyConnected(ratios, {
    outputs: BLENDSHAPES,
    weight: (shape, measure) => (SHAPES[shape]?.[0] === measure ? (SHAPES[shape]?.[1] ?? 0) : 0),
    bias: (shape) => SHAPES[shape]?.[2] ?? 0,
    relu: true,
  });
  return network.file([shapes], false);
}

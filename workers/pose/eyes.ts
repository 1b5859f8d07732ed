/**
 * Eyes from the expressions of the face model. All of it is estimated, and registered so: an expression is a judgement of
 * how a face looks, no measurement of an eye. Shapes as the platform's eye trackers send them: `eye_blink` 1 or 0,
 * `eye_aperture` in degrees per eye, `eye_gaze` 0–1 with a confidence. Names of expressions: MediaPipe Face Landmarker,
 * "Blendshape V2" model card (those of ARKit); left and right are the person's own.
 */
import type { NumericReading } from '../../src/model/reading.ts';
import type { AttributeRegistration } from '../../src/model/sensor.ts';
import type { Blendshapes } from './ports.ts';

/** Degrees between the lids of an eye that rests open, and of one that is opened wide; eye trackers see 12–22. */
const OPEN = 15;
const WIDE = 22;
/** Lids count as shut from half way on. */
const SHUT = 0.5;

export interface Eyes {
  /** Both eyes are shut. */
  readonly blink: boolean;
  /** Degrees; 0: shut. */
  readonly aperture: { readonly left: number; readonly right: number };
  /**
   * From the person's own view, 0–1: 0.5, 0.5 is straight ahead of the head, x grows to their right, y grows downwards.
   * Confidence 0–1: how far open the eyes are.
   */
  readonly gaze: { readonly x: number; readonly y: number; readonly confidence: number };
}

/**
 * Reads the eyes. An aperture is (15° + 7° × eyeWide) × (1 − eyeBlink); gaze is 0.5 plus half of what looks one way less
 * half of what looks the other way. Undefined where the lids are not among the expressions.
 */
export function eyesOf(shapes: Blendshapes): Eyes | undefined {
  const share = (name: string): number => {
    const value = shapes.get(name);
    return value !== undefined && Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0;
  };
  const mean = (a: string, b: string): number => (share(a) + share(b)) / 2;
  if (!shapes.has('eyeBlinkLeft') || !shapes.has('eyeBlinkRight')) return undefined;
  const opening = (blink: number, wide: number): number => (OPEN + (WIDE - OPEN) * wide) * (1 - blink);
  const left = share('eyeBlinkLeft');
  const right = share('eyeBlinkRight');
  // Outwards for one eye is inwards for the other.
  const rightwards = mean('eyeLookOutRight', 'eyeLookInLeft') - mean('eyeLookOutLeft', 'eyeLookInRight');
  const downwards = mean('eyeLookDownLeft', 'eyeLookDownRight') - mean('eyeLookUpLeft', 'eyeLookUpRight');
  return {
    blink: left >= SHUT && right >= SHUT,
    aperture: { left: opening(left, share('eyeWideLeft')), right: opening(right, share('eyeWideRight')) },
    gaze: { x: 0.5 + rightwards / 2, y: 0.5 + downwards / 2, confidence: 1 - (left + right) / 2 },
  };
}

/** @param time Unix ms of the picture */
export function eyeReadings({ blink, aperture, gaze }: Eyes, time: number): NumericReading[] {
  const reading = (attribute: string, values: readonly number[], fields?: readonly string[]): NumericReading => ({
    kind: 'numeric',
    attribute,
    values: Float32Array.from(values),
    ...(fields && { fields }),
    timing: { kind: 'host', times: Float64Array.of(time) },
  });
  return [
    reading('eye_blink', [blink ? 1 : 0]),
    reading('eye_aperture', [aperture.left, aperture.right], ['left', 'right']),
    reading('eye_gaze', [gaze.x, gaze.y, gaze.confidence], ['x', 'y', 'confidence']),
  ];
}

/** @param rate pictures a second that are wanted */
export function eyeRegistrations(rate: number): AttributeRegistration[] {
  return ['eye_blink', 'eye_aperture', 'eye_gaze'].map((attribute) => ({
    attribute,
    attributeType: attribute,
    samplingRate: rate,
    estimated: true,
  }));
}

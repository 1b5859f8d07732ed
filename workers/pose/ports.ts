/** What the pose worker needs from its edges: landmarkers, a place to draw, a look at the light. Types only. */
import type { Delegate } from '../../src/model/pose.ts';
import type { Result } from '../../src/model/result.ts';
import type { WorldLandmark } from '../../src/model/skeleton.ts';

export type Picture = VideoFrame | ImageBitmap;

/** One landmark as the runtime gives it: units as in `Landmark` of the model. */
export interface BodyPoint {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Visibility, 0–1. */
  readonly v: number;
}

/** One person in one picture. 33 landmarks each. */
export interface Body {
  readonly landmarks: readonly BodyPoint[];
  /** Metres, from the middle of the hips. */
  readonly world: readonly WorldLandmark[];
}

/** How much of each expression a face shows, 0–1, by the names of the face model (`eyeBlinkLeft` …). */
export type Blendshapes = ReadonlyMap<string, number>;

/** May throw at any time; after that it must not be used again. */
export interface BodyLandmarker {
  /**
   * @param time Unix ms of the picture; need not rise
   * @param smoothing the runtime's filter works, see `RuntimeClock`
   */
  detect(picture: Picture, time: number, smoothing: boolean): readonly Body[];
  setPersons(persons: number): Promise<void>;
  /** It has to be made anew before the next picture, though nothing went wrong. */
  spent(): boolean;
  close(): void;
}

/** As `BodyLandmarker`. */
export interface FaceLandmarker {
  /** Undefined: there is no face. */
  detect(picture: Picture, time: number, smoothing: boolean): Blendshapes | undefined;
  spent(): boolean;
  close(): void;
}

/** Makes landmarkers that have looked at one blank picture already. One at a time. */
export interface PoseRuntime {
  openBody(model: Blob, delegate: Delegate, persons: number): Promise<Result<BodyLandmarker>>;
  openFace(model: Blob, delegate: Delegate): Promise<Result<FaceLandmarker>>;
}

/** @param wasm the runtime's WebAssembly */
export type OpenRuntime = (wasm: Blob) => Promise<Result<PoseRuntime>>;

/** Mean brightness of a picture, 0–1; undefined where it cannot be said. */
export type Brightness = (picture: Picture) => number | undefined;

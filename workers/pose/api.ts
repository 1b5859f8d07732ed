/**
 * The pose worker as the window sees it: plain messages, as frames go by 30 times a second and each is answered by the one
 * that frees the way for the next. Types only. Skeletons never come back this way: they go to the sensor worker over
 * `output` (messages of `PortReadings`).
 */
import type { AppError } from '../../src/model/errors.ts';
import type { Delegate, PoseOptions, PoseReport } from '../../src/model/pose.ts';

/** From the window. */
export type PoseOrder =
  | {
      readonly type: 'start';
      /** The runtime's WebAssembly, from our own origin. Blobs are handed over by reference. */
      readonly wasm: Blob;
      /** A `.task` file. */
      readonly model: Blob;
      /** Absent: no eyes. */
      readonly faceModel?: Blob;
      /** `GPU` falls back to `CPU` by itself if it cannot be created; not if it hangs, which the window has to see. */
      readonly delegate: Delegate;
      readonly options: PoseOptions;
      /** Where skeletons go. Transferred. */
      readonly output: MessagePort;
    }
  | { readonly type: 'options'; readonly options: PoseOptions; readonly faceModel?: Blob }
  /** One at a time: the next only after `done`. Transferred; the worker closes it. */
  | {
      readonly type: 'frame';
      readonly frame: VideoFrame | ImageBitmap;
      /** Unix ms with fractions when it was captured. */
      readonly time: number;
      /** Frames a second that are wanted now: announced as the nominal rate of the skeleton. */
      readonly wantedFps: number;
    }
  /** Where to draw, at its own size; undefined: nowhere. Transferred. */
  | { readonly type: 'overlay'; readonly canvas: OffscreenCanvas | undefined }
  /** Drawn anew at another size (device pixels). */
  | { readonly type: 'overlay-size'; readonly width: number; readonly height: number }
  /** Closes landmarkers and ports; answered by `stopped`, after which the window terminates the worker. */
  | { readonly type: 'stop' };

/** From the worker. */
export type PoseAnswer =
  /** Warmed up: the first frame costs no more than others. `took`: ms from `start`. */
  | { readonly type: 'ready'; readonly delegate: Delegate; readonly took: number }
  /** Finished with the frame, whatever came of it. */
  | { readonly type: 'done' }
  | { readonly type: 'report'; readonly report: PoseReport }
  /**
   * It cannot go on: `pose-model-corrupt` (this file is no model), `pose-unsupported`, `pose-inference` (broken beyond what
   * making a new landmarker mends).
   */
  | { readonly type: 'failed'; readonly error: AppError }
  /** The face model does not work; the body goes on. */
  | { readonly type: 'face-failed'; readonly error: AppError }
  | { readonly type: 'stopped' };

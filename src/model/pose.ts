/** Pose capture as worker, window and screen speak of it. Types and names only. */
import type { AppError } from './errors.ts';

/** The three sizes of the pose model. */
export const POSE_SIZES = ['lite', 'full', 'heavy'] as const;
export type PoseSize = (typeof POSE_SIZES)[number];

/** What the app can keep a model file for: a body model of each size, and the face model. */
export type ModelKind = PoseSize | 'face';

export type Delegate = 'GPU' | 'CPU';

/**
 * Skeletons that are kept while they cannot be sent, unless the person records: 30 s at 30 a second. The platform's server
 * keeps one.
 */
export const SKELETON_RING = 900;

/** What is asked of the pose worker; may change while it runs. */
export interface PoseOptions {
  /** Persons looked for, 1–4. */
  readonly persons: number;
  /** Landmarks in metres are sent too. */
  readonly world: boolean;
  /** The one-euro filter of the runtime: off by default, as receivers can smooth and nobody can unsmooth. One person only. */
  readonly smoothing: boolean;
  /** A person below this mean visibility of shoulders and hips is not sent, 0–1. */
  readonly confidence: number;
  /** Blinks, gaze and opening of the eyes, as estimates; needs the face model. */
  readonly face: boolean;
  /** The overlay is drawn as in a mirror. What is sent never is. */
  readonly mirror: boolean;
  /** Every skeleton is kept until the server has it; absent or false: only the newest (registrations carry a `ring`). */
  readonly record?: boolean;
}

/** Names of joint angles. 180°: stretched. */
export const JOINTS = [
  'leftElbow',
  'rightElbow',
  'leftShoulder',
  'rightShoulder',
  'leftHip',
  'rightHip',
  'leftKnee',
  'rightKnee',
] as const;
export type Joint = (typeof JOINTS)[number];

/** Degrees, 0–180; a joint whose landmarks are not seen is absent. */
export type JointAngles = Readonly<Partial<Record<Joint, number>>>;

/** How much a person moves, by the speed of eight joints. */
export type Activity = 'still' | 'slight' | 'moving' | 'vigorous';

/** What keeps a picture from giving a good skeleton. */
export type PoseCondition = 'good' | 'no-person' | 'low-light' | 'too-close';

/** What the worker found lately; at most 4 a second. */
export interface PoseReport {
  /** Skeleton frames a second over the last 2 s. */
  readonly fps: number;
  /** Persons sent with the newest frame. */
  readonly persons: number;
  /** ms of work on a frame, median of the last 2 s. */
  readonly work: number;
  readonly delegate: Delegate;
  readonly condition: PoseCondition;
  /** Of the first person. */
  readonly angles: JointAngles;
  /** Undefined until there is enough to say. */
  readonly activity: Activity | undefined;
  /** Frames since the start that could not be used, by error code. */
  readonly problems: Readonly<Record<string, number>>;
}

/** Why fewer frames are looked at than the camera gives. */
export type PoseCap = 'attention' | 'load' | 'battery' | 'heat' | 'saver' | 'paused' | 'hidden';

/** What a running capture is doing. */
export type PoseStage =
  | { readonly at: 'off' }
  /** The browser asks the person. */
  | { readonly at: 'camera' }
  /** Runtime and model are being loaded into the worker. */
  | { readonly at: 'starting' }
  | { readonly at: 'running' }
  /** The worker hung or failed; a new one is on its way, on the CPU. */
  | { readonly at: 'restarting'; readonly error: AppError }
  /** Given up until somebody acts. */
  | { readonly at: 'trouble'; readonly error: AppError };

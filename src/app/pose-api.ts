/** Pose capture as the screen sees it: what is true now and what a person can do. Types only. */
import type { Readable } from '../lib/store.ts';
import type { AppError } from '../model/errors.ts';
import type { ModelKind, PoseCap, PoseReport, PoseSize, PoseStage } from '../model/pose.ts';
import type { Result } from '../model/result.ts';
import type { SensorId } from '../model/sensor.ts';

export type CameraSize = 'small' | 'medium' | 'large';

/** Pictures asked of the camera, pixels; it may give others. */
export const CAMERA_SIZES: Readonly<Record<CameraSize, readonly [width: number, height: number]>> = {
  small: [320, 240],
  medium: [640, 480],
  large: [1280, 720],
};

/** Kept on this device. */
export interface PoseSettings {
  readonly model: PoseSize;
  /** Undefined: the one that faces the person. */
  readonly cameraId: string | undefined;
  readonly size: CameraSize;
  /** The preview is shown as in a mirror. */
  readonly mirror: boolean;
  readonly persons: number;
  readonly world: boolean;
  readonly smoothing: boolean;
  /** 0–1, see `PoseOptions`. */
  readonly confidence: number;
  readonly face: boolean;
  /** Every skeleton is kept until the server has it; otherwise only the latest while there is no network. */
  readonly record: boolean;
  /** Where each model is fetched from: a path of this server or an https address. */
  readonly addresses: Readonly<Record<ModelKind, string>>;
}

export interface CameraView {
  readonly id: string;
  /** Empty until the person allowed a camera. */
  readonly label: string;
}

/** A model file, as far as it is known. */
export interface ModelView {
  readonly kind: ModelKind;
  /** On this device. */
  readonly kept:
    | {
        readonly bytes: number;
        /** Lower-case hex. */
        readonly sha256: string;
        /** Address or name of the file it came from. */
        readonly from: string;
      }
    | undefined;
  /** This server has it: the size in bytes; fetching it tells nobody else. */
  readonly onServer: number | undefined;
  /** Size of the published file, bytes; about. */
  readonly about: number;
  readonly address: string;
  /** The address is not this server: fetching shows it this device's internet address. Its host name. */
  readonly stranger: string | undefined;
}

/** A download that runs. Bytes; `total` undefined: the server does not say. */
export interface PoseDownload {
  readonly what: 'runtime' | ModelKind;
  readonly received: number;
  readonly total: number | undefined;
}

export interface PoseState {
  readonly stage: PoseStage;
  readonly settings: PoseSettings;
  readonly cameras: readonly CameraView[];
  readonly models: readonly ModelView[];
  /** The runtime's size in bytes once it is on this device. */
  readonly runtime: number | undefined;
  /** What fetching it brings, bytes. */
  readonly runtimeAbout: number;
  readonly download: PoseDownload | undefined;
  /** What the browser gives of the camera, for a preview; undefined: the camera is off. */
  readonly preview: MediaStream | undefined;
  /** Another number than before: whatever drew is gone, and only a new canvas can be drawn on. */
  readonly canvas: number;
  /** Undefined until there is one. */
  readonly report: PoseReport | undefined;
  /** Frames a second wanted now; 0: none. */
  readonly wantedFps: number;
  /** Why not more. */
  readonly cap: PoseCap | undefined;
  /** The face model does not work. */
  readonly faceError: AppError | undefined;
  /** Undefined until the camera was started once. */
  readonly sensorId: SensorId | undefined;
}

/**
 * What the Pose screen does. Errors: codes `camera-*` and `pose-*`; what goes wrong while it runs shows in `stage`.
 * Nothing is fetched from anywhere before `fetchRuntime` or `fetchModel` is called.
 */
export interface PoseActions {
  readonly pose: Readable<PoseState>;
  /** Looks what is on this device and on this server, and which cameras there are. Asks for no permission. */
  openPose(): Promise<Result<void>>;
  /** Fetches the runtime from this server and keeps it. */
  fetchRuntime(): Promise<Result<void>>;
  /** Fetches a model from its address (or from this server, where that has it) and keeps it. */
  fetchModel(kind: ModelKind): Promise<Result<void>>;
  /** Keeps a file that the person picked. */
  useModelFile(kind: ModelKind, file: File): Promise<Result<void>>;
  removeModel(kind: ModelKind): Promise<Result<void>>;
  cancelDownload(): void;
  setPose(settings: Partial<PoseSettings>): Promise<Result<void>>;
  /** Needs a user gesture: the browser may ask. Answers when the camera runs or cannot. */
  startCamera(): Promise<Result<void>>;
  /** The camera's light is off when this answers. */
  stopCamera(): Promise<Result<void>>;
  /** Where the worker draws the skeleton; undefined: nowhere. Each canvas can be given once. */
  showOverlay(canvas: OffscreenCanvas | undefined): void;
  /** Device pixels. */
  sizeOverlay(width: number, height: number): void;
}

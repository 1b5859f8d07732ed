/** Names and addresses of model files, as the app asks for them and the gateway serves them. */
import type { ModelKind } from './pose.ts';

/** Names of the published files: here, in the gateway's data folder, and at the public address. */
export const MODEL_FILE: Readonly<Record<ModelKind, string>> = {
  lite: 'pose_landmarker_lite.task',
  full: 'pose_landmarker_full.task',
  heavy: 'pose_landmarker_heavy.task',
  face: 'face_landmarker.task',
};

export const MODEL_KINDS: readonly ModelKind[] = ['lite', 'full', 'heavy', 'face'];

/** Where the gateway serves models, and says which (`ServerModels`). */
export const MODELS_PATH = '/models';
export const MODELS_INDEX = `${MODELS_PATH}/index.json`;

/** The publisher's own address, below which a page may fetch unless the gateway forbids it. Asked only when a person says so. */
export const PUBLISHED_MODELS = 'https://storage.googleapis.com/mediapipe-models/';

/** `GET /models/index.json`. */
export interface ServerModels {
  /** What is in the gateway's folder. `sha256`: lower-case hex. */
  readonly models: readonly { readonly kind: ModelKind; readonly bytes: number; readonly sha256: string }[];
  /** From where else a page may fetch models: origins, or an address ending in `/` for everything below it. */
  readonly origins: readonly string[];
}

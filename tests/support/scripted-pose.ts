/** Scripted pose capture: every state can be set, every action is noted. Not shipped. */
import type { ModelView, PoseActions, PoseState } from '../../src/app/pose-api.ts';
import { createStore, type Store } from '../../src/lib/store.ts';
import type { ModelKind, PoseReport } from '../../src/model/pose.ts';
import type { Result } from '../../src/model/result.ts';

export interface ScriptedPose extends PoseActions {
  readonly pose: Store<PoseState>;
  change(part: Partial<PoseState>): void;
}

const ABOUT: Readonly<Record<ModelKind, number>> = {
  lite: 5_800_000,
  full: 9_400_000,
  heavy: 30_700_000,
  face: 3_800_000,
};

const addressOf = (kind: ModelKind): string => `https://storage.googleapis.com/mediapipe-models/${kind}.task`;

/** A model that is not here and would come from its publisher. */
export function scriptedModel(kind: ModelKind, change: Partial<ModelView> = {}): ModelView {
  return {
    kind,
    kept: undefined,
    onServer: undefined,
    about: ABOUT[kind],
    address: addressOf(kind),
    stranger: 'storage.googleapis.com',
    ...change,
  };
}

/** A model on this device. */
export function keptModel(kind: ModelKind): ModelView {
  const kept = { bytes: ABOUT[kind] - 1234, sha256: '0d9bb4bf53d54a7e'.repeat(4), from: addressOf(kind) };
  return scriptedModel(kind, { kept });
}

export function scriptedReport(change: Partial<PoseReport> = {}): PoseReport {
  return {
    fps: 29.6,
    persons: 1,
    work: 12.4,
    delegate: 'GPU',
    condition: 'good',
    angles: { leftElbow: 163.4, rightElbow: 92.6, leftShoulder: 24, rightShoulder: 71, leftHip: 174, leftKnee: 178.2 },
    activity: 'slight',
    problems: {},
    ...change,
  };
}

/** A first visit: nothing is on this device. */
export const FIRST_POSE: PoseState = {
  stage: { at: 'off' },
  settings: {
    model: 'lite',
    cameraId: undefined,
    size: 'medium',
    mirror: true,
    persons: 1,
    world: false,
    smoothing: false,
    confidence: 0.5,
    face: false,
    record: false,
    addresses: { lite: addressOf('lite'), full: addressOf('full'), heavy: addressOf('heavy'), face: addressOf('face') },
  },
  cameras: [{ id: '', label: '' }],
  models: [scriptedModel('lite'), scriptedModel('full'), scriptedModel('heavy'), scriptedModel('face')],
  runtime: undefined,
  runtimeAbout: 11_153_641,
  download: undefined,
  preview: undefined,
  canvas: 0,
  report: undefined,
  wantedFps: 0,
  cap: undefined,
  faceError: undefined,
  sensorId: undefined,
};

/** Everything is here and the camera is off. */
export const READY_POSE: PoseState = {
  ...FIRST_POSE,
  runtime: 11_153_641,
  models: [keptModel('lite'), scriptedModel('full'), scriptedModel('heavy'), scriptedModel('face')],
  cameras: [
    { id: 'front', label: 'Front camera' },
    { id: 'back', label: 'Back camera' },
  ],
};

/** @param answer notes an action and says what becomes of it */
export function createScriptedPose(answer: (what: string) => Promise<Result<void>>): ScriptedPose {
  const pose = createStore<PoseState>(FIRST_POSE);
  return {
    pose,
    change: (part) => pose.set({ ...pose.get(), ...part }),
    openPose: () => answer('open pose'),
    fetchRuntime: () => answer('fetch runtime'),
    fetchModel: (kind) => answer(`fetch ${kind}`),
    useModelFile: (kind, file) => answer(`file ${kind} ${file.name}`),
    removeModel: (kind) => answer(`remove ${kind}`),
    cancelDownload: () => void answer('cancel download'),
    setPose: (settings) => answer(`set ${JSON.stringify(settings)}`),
    startCamera: () => answer('start camera'),
    stopCamera: () => answer('stop camera'),
    showOverlay: (canvas) => void answer(canvas ? 'canvas' : 'no canvas'),
    sizeOverlay: (width, height) => void answer(`size ${width} ${height}`),
  };
}

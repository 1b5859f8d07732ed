/** What the Pose screen says, from what is so. Pure. */
import type { ModelView, PoseState } from '../../../app/pose-api.ts';
import { unreachable, type ErrorCode } from '../../../model/errors.ts';
import type { Joint, JointAngles, PoseStage } from '../../../model/pose.ts';
import type { PoseMessages } from '../../../i18n/pose.ts';
import type { Tone } from '../../parts/tone.ts';

export interface StageWords {
  readonly tone: Tone;
  readonly words: string;
  readonly detail: string | undefined;
}

/** The line of state. */
export function stageWords(stage: PoseStage, { camera }: PoseMessages): StageWords {
  const words = camera.stage[stage.at];
  switch (stage.at) {
    case 'off':
      return { tone: 'off', words, detail: undefined };
    case 'camera':
      return { tone: 'busy', words, detail: camera.cameraHelp };
    case 'starting':
      return { tone: 'busy', words, detail: camera.startingHelp };
    case 'running':
      return { tone: 'ok', words, detail: undefined };
    case 'restarting':
      return { tone: 'busy', words, detail: undefined };
    case 'trouble':
      return { tone: 'bad', words, detail: undefined };
    default:
      return unreachable(stage);
  }
}

/** What the picture shows, in a sentence that changes only when that does; undefined while the camera is off. */
export function pictureWords({ stage, report }: PoseState, { picture }: PoseMessages): string | undefined {
  if (stage.at !== 'running') return undefined;
  if (!report) return picture.waiting;
  const { condition, persons } = report;
  // Who is seen in a poor picture is seen all the same.
  if (condition === 'good') return picture.seen(persons);
  return persons > 0 && condition !== 'no-person'
    ? `${picture.conditions[condition]}. ${picture.seen(persons)}`
    : picture.conditions[condition];
}

/** The model that the settings name. */
export function chosenModel({ models, settings }: PoseState): ModelView | undefined {
  return models.find(({ kind }) => kind === settings.model);
}

/** Everything the camera needs is on this device. */
export function isReady(state: PoseState): boolean {
  return state.runtime !== undefined && chosenModel(state)?.kept !== undefined;
}

/** Bytes a fetch of this model brings, about. */
export function sizeOf({ kept, onServer, about }: ModelView): number {
  return kept?.bytes ?? onServer ?? about;
}

/** Bytes that are still to be fetched before the camera can start. */
export function bytesMissing(
  { runtime, runtimeAbout }: Pick<PoseState, 'runtime' | 'runtimeAbout'>,
  model: ModelView | undefined,
): number {
  return (runtime === undefined ? runtimeAbout : 0) + (model && !model.kept ? sizeOf(model) : 0);
}

/** Where a model would come from, who hears of that, and under which licence. */
export function sourceWords({ stranger }: ModelView, { models }: PoseMessages): string {
  const from = stranger === undefined ? models.fromServer(location.host) : models.fromStranger(stranger);
  return `${from} ${models.licence}`;
}

/** Whole degrees by joint and side, or undefined for what is not seen. */
export interface AngleRow {
  readonly joint: 'Elbow' | 'Shoulder' | 'Hip' | 'Knee';
  readonly left: number | undefined;
  readonly right: number | undefined;
}

export function angleRows(angles: JointAngles | undefined): readonly AngleRow[] {
  const degrees = (name: Joint): number | undefined => {
    const angle = angles?.[name];
    return angle === undefined ? undefined : Math.round(angle);
  };
  return (['Elbow', 'Shoulder', 'Hip', 'Knee'] as const).map((joint) => ({
    joint,
    left: degrees(`left${joint}`),
    right: degrees(`right${joint}`),
  }));
}

/** The one thing to do about an error, as a button. */
export type Remedy = 'retry' | 'fetch-runtime' | 'choose-camera' | 'choose-model' | 'remove-model' | 'none';

const REMEDIES: Readonly<Partial<Record<ErrorCode, Remedy>>> = {
  'camera-unsupported': 'none',
  'camera-insecure': 'none',
  'camera-missing': 'choose-camera',
  'pose-runtime': 'fetch-runtime',
  'pose-unsupported': 'none',
  'pose-model-missing': 'choose-model',
  'pose-model-changed': 'choose-model',
  'pose-model-address': 'choose-model',
  'pose-model-too-large': 'choose-model',
  'pose-model-corrupt': 'remove-model',
};

export function remedyFor(code: ErrorCode): Remedy {
  return REMEDIES[code] ?? 'retry';
}

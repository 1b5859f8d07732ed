/** What the Pose screen says, from what is so. */
import { describe, expect, it } from 'vitest';
import type { PoseState } from '../../../../src/app/pose-api.ts';
import { enPose } from '../../../../src/i18n/en-pose.ts';
import { ACTOR, appError, type ErrorCode } from '../../../../src/model/errors.ts';
import {
  angleRows,
  bytesMissing,
  chosenModel,
  isReady,
  pictureWords,
  remedyFor,
  sizeOf,
  stageWords,
} from '../../../../src/ui/panels/pose/pose-words.ts';
import { FIRST_POSE, keptModel, READY_POSE, scriptedModel, scriptedReport } from '../../../support/scripted-pose.ts';

const running = (change: Parameters<typeof scriptedReport>[0]): PoseState => ({
  ...READY_POSE,
  stage: { at: 'running' },
  report: scriptedReport(change),
});

describe('the stage', () => {
  it('has a shape and words of its own', () => {
    const error = appError('pose-hung');
    const tones = (
      [
        { at: 'off' },
        { at: 'camera' },
        { at: 'starting' },
        { at: 'running' },
        { at: 'restarting', error },
        { at: 'trouble', error },
      ] as const
    ).map((stage) => stageWords(stage, enPose));
    expect(tones.map(({ tone }) => tone)).toEqual(['off', 'busy', 'busy', 'ok', 'busy', 'bad']);
    expect(new Set(tones.map(({ words }) => words)).size).toBe(6);
  });
});

describe('the picture in words', () => {
  it('is nothing while the camera is off, and says when it has not been looked at', () => {
    expect(pictureWords(READY_POSE, enPose)).toBeUndefined();
    expect(pictureWords({ ...READY_POSE, stage: { at: 'running' } }, enPose)).toBe(enPose.picture.waiting);
  });

  it('says who is in sight and what is wrong with it', () => {
    expect(pictureWords(running({}), enPose)).toBe('One person in sight');
    expect(pictureWords(running({ persons: 2 }), enPose)).toBe('2 people in sight');
    expect(pictureWords(running({ persons: 0, condition: 'no-person' }), enPose)).toBe('Nobody in sight');
    expect(pictureWords(running({ condition: 'low-light' }), enPose)).toBe('Too dark to be sure. One person in sight');
    expect(pictureWords(running({ persons: 0, condition: 'too-close' }), enPose)).toBe(
      enPose.picture.conditions['too-close'],
    );
  });

  it('stays the same while only numbers change', () => {
    expect(pictureWords(running({ fps: 12, angles: {}, activity: 'vigorous' }), enPose)).toBe(
      pictureWords(running({ fps: 29 }), enPose),
    );
  });
});

describe('what is needed', () => {
  it('is the runtime and the chosen model', () => {
    expect(isReady(FIRST_POSE)).toBe(false);
    expect(isReady(READY_POSE)).toBe(true);
    expect(isReady({ ...READY_POSE, runtime: undefined })).toBe(false);
    expect(isReady({ ...READY_POSE, settings: { ...READY_POSE.settings, model: 'full' } })).toBe(false);
  });

  it('is counted in bytes, as exactly as they are known', () => {
    expect(bytesMissing(FIRST_POSE, chosenModel(FIRST_POSE))).toBe(11_153_641 + 5_800_000);
    expect(bytesMissing(READY_POSE, chosenModel(READY_POSE))).toBe(0);
    expect(sizeOf(scriptedModel('full', { onServer: 9_398_198 }))).toBe(9_398_198);
    expect(sizeOf(keptModel('lite'))).toBe(keptModel('lite').kept?.bytes);
  });
});

describe('joint angles', () => {
  it('are whole degrees, and nothing where nothing is seen', () => {
    expect(angleRows({ leftElbow: 163.4, rightElbow: 92.6, leftKnee: 0.2 })).toEqual([
      { joint: 'Elbow', left: 163, right: 93 },
      { joint: 'Shoulder', left: undefined, right: undefined },
      { joint: 'Hip', left: undefined, right: undefined },
      { joint: 'Knee', left: 0, right: undefined },
    ]);
    expect(angleRows(undefined).every(({ left, right }) => left === undefined && right === undefined)).toBe(true);
  });
});

describe('what can be done', () => {
  it('is one thing for every error', () => {
    const codes = Object.keys(ACTOR) as ErrorCode[];
    const mine = codes.filter((code) => /^(camera|pose)-/.test(code));
    expect(Object.fromEntries(mine.map((code) => [code, remedyFor(code)]))).toMatchObject({
      'camera-permission': 'retry',
      'camera-busy': 'retry',
      'camera-lost': 'retry',
      'camera-missing': 'choose-camera',
      'camera-insecure': 'none',
      'pose-runtime': 'fetch-runtime',
      'pose-model-missing': 'choose-model',
      'pose-model-corrupt': 'remove-model',
      'pose-unsupported': 'none',
    });
  });
});

/** What the pose loop sends and reports; how it treats orders and pictures is in `pose-loop.test.ts`. */
import { describe, expect, it } from 'vitest';
import { appError } from '../../../../src/model/errors.ts';
import { bodyAt, refusal } from './bodies.ts';
import { rig } from './loop-rig.ts';

describe('what is sent', () => {
  it('is nobody who is not sure enough, and nothing that is no number', async () => {
    const { runtime, sent, start, frame, report } = rig();
    await start({ confidence: 0.6, persons: 4 });
    const body = bodyAt(0.5, 0.5);
    runtime.find = () => [
      bodyAt(0.2, 0.5, 0.59),
      bodyAt(0.8, 0.5, 0.61),
      { ...body, landmarks: body.landmarks.map((one, i) => (i === 4 ? { ...one, z: NaN } : one)) },
    ];
    await frame();
    expect(sent.map(({ readings }) => readings.map(({ attribute }) => attribute))).toEqual([['skeleton']]);
    expect(JSON.stringify(sent[0])).not.toContain('null');
    expect(await report()).toMatchObject({ persons: 1, problems: { 'pose-inference': 1 } });
  });

  it('is nothing when nobody is there', async () => {
    const { runtime, sent, start, frame, report } = rig();
    await start();
    runtime.find = () => [];
    await frame();
    expect(sent).toEqual([]);
    expect(await report()).toMatchObject({
      persons: 0,
      condition: 'no-person',
      angles: {},
      activity: undefined,
      fps: expect.closeTo(2) as number,
    });
  });

  it('is as many persons as are wanted, by their numbers; options change while it runs', async () => {
    const { runtime, sent, start, frame, options, clock } = rig();
    runtime.find = () => [bodyAt(0.2, 0.5), bodyAt(0.8, 0.5)];
    const last = () => sent.at(-1)?.readings.map(({ attribute }) => attribute);
    await start({ world: true });
    await frame();
    expect(last()).toEqual(['skeleton']);
    expect(sent.at(-1)?.readings[0]).toHaveProperty('payloads.0.worldLandmarks.length', 33);
    await options({ persons: 2 });
    expect(runtime.persons).toEqual([2]);
    await frame(clock.now() + 33);
    expect(last()).toEqual(['skeleton', 'skeleton_2']);
    expect(sent.at(-1)?.readings[0]).not.toHaveProperty('payloads.0.worldLandmarks');
    await options({ persons: 2, confidence: 0.95 });
    expect(runtime.persons).toEqual([2]);
    const before = sent.length;
    await frame(clock.now() + 66);
    expect(sent).toHaveLength(before);
  });

  it('a landmarker that does not take a number of persons is replaced by one made for it', async () => {
    const { runtime, sent, start, frame, options } = rig();
    await start();
    runtime.setPersons = () => Promise.reject(new Error('graph'));
    await options({ persons: 3 });
    expect(runtime.open).toBe(0);
    await frame();
    expect(runtime.opened).toEqual(['body CPU 1', 'body CPU 3']);
    expect(sent).toHaveLength(1);
  });

  it('is smoothed by the runtime only when that is wanted, of one person', async () => {
    const { runtime, start, frame, options, clock } = rig();
    await start();
    await frame();
    await options({ smoothing: true });
    await frame(clock.now() + 1);
    await options({ smoothing: true, persons: 2 });
    await frame(clock.now() + 2);
    expect(runtime.detected.map(({ smoothing }) => smoothing)).toEqual([false, true, false]);
  });

  it('is never mirrored', async () => {
    const { runtime, sent, start, frame, options } = rig();
    runtime.find = () => [bodyAt(0.25, 0.5)];
    await start();
    await frame();
    await options({ mirror: true });
    await frame();
    expect(sent[1]?.readings).toEqual(sent[0]?.readings);
  });
});

describe('eyes', () => {
  const shapes = new Map([
    ['eyeBlinkLeft', 0],
    ['eyeBlinkRight', 0],
  ]);
  const face = { faceModel: new Blob(['face']) };

  it('are sent with the skeleton, and without one', async () => {
    const { runtime, sent, start, frame, answers } = rig();
    runtime.face = () => shapes;
    await start({ face: true }, face);
    expect(runtime.opened).toEqual(['body CPU 1', 'face CPU 1']);
    await frame();
    runtime.find = () => [];
    await frame();
    runtime.face = () => undefined;
    await frame();
    const eyes = ['eye_blink', 'eye_aperture', 'eye_gaze'];
    expect(sent.map(({ attributes }) => attributes.map(({ attribute }) => attribute))).toEqual([
      ['skeleton', ...eyes],
      eyes,
    ]);
    expect(sent[1]?.attributes.every(({ estimated }) => estimated)).toBe(true);
    expect(answers.filter(({ type }) => type === 'face-failed')).toEqual([]);
  });

  it('come and go with the option', async () => {
    const { runtime, sent, start, frame, options } = rig();
    runtime.face = () => shapes;
    await start({}, face);
    await frame();
    await options({ face: true });
    await frame();
    await options({ face: false });
    await frame();
    expect(sent.map(({ readings }) => readings.length)).toEqual([1, 4, 1]);
    expect(runtime.open).toBe(1);
  });

  it('without a model, or with a bad one, are said to fail; the body goes on', async () => {
    const { runtime, of, sent, start, frame, options } = rig();
    runtime.refuses = (_, kind) => (kind === 'face' ? refusal('no zip') : undefined);
    await start({ face: true });
    await options({ face: true }, face.faceModel);
    expect(of('face-failed')).toEqual([
      { type: 'face-failed', error: appError('pose-model-missing') },
      { type: 'face-failed', error: appError('pose-model-corrupt', 'no zip') },
    ]);
    // Other wishes do not load it again.
    await options({ face: true, mirror: true });
    expect(of('face-failed')).toHaveLength(2);
    await frame();
    expect(sent).toHaveLength(1);
    expect(of('failed')).toEqual([]);
  });

  it('that throw again and again are given up; the body goes on', async () => {
    const { runtime, of, sent, start, frame, report } = rig();
    runtime.face = () => {
      throw new Error('graph');
    };
    await start({ face: true }, face);
    for (let i = 0; i < 5; i++) await frame();
    expect(of('face-failed')).toEqual([{ type: 'face-failed', error: appError('pose-inference', 'Error: graph') }]);
    expect(sent).toHaveLength(5);
    expect((await report())?.problems).toEqual({ 'pose-inference': 3 });
    expect(runtime.open).toBe(1);
  });
});

describe('reports of the loop', () => {
  it('tell angles and activity of the first person', async () => {
    const { start, frame, report, clock } = rig();
    await start();
    const begin = clock.now();
    for (let i = 0; i < 10; i++) await frame(begin + i * 50);
    const found = await report();
    expect(found).toMatchObject({ activity: 'still', condition: 'good', persons: 1 });
    expect(Object.keys(found?.angles ?? {}).length).toBeGreaterThan(0);
  });

  it('look at the light at most twice a second', async () => {
    let looks = 0;
    const { runtime, start, frame, clock, report } = rig({
      brightness: () => {
        looks += 1;
        return 0.05;
      },
    });
    await start();
    runtime.find = () => [];
    for (let i = 0; i < 30; i++) {
      await frame();
      await clock.advance(50);
    }
    expect(looks).toBe(3);
    expect((await report())?.condition).toBe('low-light');
  });
});

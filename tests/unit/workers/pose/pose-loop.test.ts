import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appError } from '../../../../src/model/errors.ts';
import { fail } from '../../../../src/model/result.ts';
import { bodyAt, FakePicture, refusal } from './bodies.ts';
import { rig } from './loop-rig.ts';

describe('starting', () => {
  it('answers ready, and then each picture with one done and a skeleton of its time', async () => {
    const { clock, runtime, answers, sent, start, frame } = rig();
    await start();
    expect(answers).toEqual([{ type: 'ready', delegate: 'CPU', took: 0 }]);
    expect(runtime.opened).toEqual(['body CPU 1']);
    const time = clock.now() - 40.5;
    const picture = await frame(time);
    expect(picture.closed).toBe(1);
    expect(answers.filter(({ type }) => type === 'done')).toEqual([{ type: 'done' }]);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      readings: [{ attribute: 'skeleton', timing: { kind: 'host', times: Float64Array.of(time) } }],
      attributes: [{ attribute: 'skeleton', attributeType: 'skeleton', samplingRate: 15 }],
      arrival: clock.now(),
    });
  });

  it('says how long it took', async () => {
    const { clock, runtime, of, start } = rig();
    runtime.setPersons = () => Promise.resolve();
    const openBody = runtime.openBody.bind(runtime);
    runtime.openBody = async (...wishes) => {
      await new Promise<void>((resolve) => clock.after(400, resolve));
      return openBody(...wishes);
    };
    await start();
    expect(of('ready')).toEqual([]);
    await clock.advance(400);
    expect(of('ready')).toEqual([{ type: 'ready', delegate: 'CPU', took: 400 }]);
  });

  it('falls back to the CPU when the GPU cannot be had', async () => {
    const { runtime, of, start, frame, report } = rig();
    runtime.refuses = (delegate) => (delegate === 'GPU' ? refusal('no GPU') : undefined);
    await start({ persons: 2 }, { delegate: 'GPU' });
    expect(runtime.opened).toEqual(['body GPU 2 refused', 'body CPU 2']);
    expect(of('ready')).toMatchObject([{ delegate: 'CPU' }]);
    await frame();
    expect((await report())?.delegate).toBe('CPU');
  });

  it('says what is wrong with a model, and then takes no pictures', async () => {
    const { runtime, answers, closed, start, frame } = rig();
    runtime.refuses = () => refusal('no zip');
    await start({}, { delegate: 'GPU' });
    expect(answers).toEqual([{ type: 'failed', error: appError('pose-model-corrupt', 'no zip') }]);
    expect(closed()).toBe(1);
    expect((await frame()).closed).toBe(1);
    expect(answers).toHaveLength(2);
  });

  it('says that the runtime is damaged', async () => {
    const { answers, start } = rig({ openRuntime: () => Promise.resolve(fail(appError('pose-runtime', 'magic'))) });
    await start();
    expect(answers).toEqual([{ type: 'failed', error: { code: 'pose-runtime', detail: 'magic' } }]);
  });

  it('says so when something unforeseen is thrown', async () => {
    const { answers, start } = rig({ openRuntime: () => Promise.reject(new TypeError('oh')) });
    await start();
    expect(answers).toEqual([{ type: 'failed', error: { code: 'unexpected', detail: 'TypeError: oh' } }]);
  });

  it('is over after stop, also when it had not ended yet; later pictures are given back', async () => {
    const { runtime, answers, of, order, start, frame, closed, clock } = rig();
    const starting = start();
    await order({ type: 'stop' });
    await starting;
    expect(answers.map(({ type }) => type)).toEqual(['ready', 'stopped']);
    expect(runtime.open).toBe(0);
    expect(closed()).toBe(1);
    expect((await frame()).closed).toBe(1);
    expect(of('done')).toHaveLength(1);
    expect(runtime.detected).toHaveLength(0);
    expect(clock.waiting).toBe(0);
  });
});

describe('pictures', () => {
  it('come one at a time: another one meanwhile is given back', async () => {
    const { runtime, of, order, start, clock } = rig();
    await start();
    const pictures = [new FakePicture(), new FakePicture()] as const;
    const orders = pictures.map(
      ({ picture }, i) => ({ type: 'frame', frame: picture, time: clock.now() + i, wantedFps: 30 }) as const,
    );
    await Promise.all(orders.map(order));
    expect(pictures.map(({ closed }) => closed)).toEqual([1, 1]);
    expect(of('done')).toHaveLength(2);
    expect(runtime.detected).toHaveLength(1);
  });

  it('that are closed or have no time never reach the landmarker', async () => {
    const { runtime, of, start, frame, report, clock } = rig();
    await start();
    const closed = new FakePicture();
    closed.close();
    await frame(clock.now(), closed);
    await frame(NaN);
    expect(of('done')).toHaveLength(2);
    expect(runtime.detected).toEqual([]);
    expect((await report())?.problems).toEqual({ 'pose-frame': 2 });
  });

  it('break a landmarker: there is a new one for the next picture, and the sensor worker hears of it', async () => {
    const { runtime, sent, of, start, frame, report } = rig();
    await start();
    runtime.find = () => {
      throw new Error('graph');
    };
    const lost = await frame();
    expect([lost.closed, sent.length, runtime.open]).toEqual([1, 0, 0]);
    runtime.find = () => [bodyAt(0.5, 0.5)];
    await frame();
    await frame();
    expect(runtime.opened).toEqual(['body CPU 1', 'body CPU 1']);
    expect(sent.map(({ notes }) => notes)).toEqual([
      { lost: {}, problems: { 'pose-inference': 1 }, device: {} },
      undefined,
    ]);
    expect((await report())?.problems).toEqual({ 'pose-inference': 1 });
    expect(of('failed')).toEqual([]);
  });

  it('fail three times in a row: it is given up, everything is closed', async () => {
    const { runtime, of, start, frame, closed, clock } = rig();
    await start();
    let count = 0;
    runtime.find = () => {
      count += 1;
      // The third one is well again.
      if (count === 3) return [];
      throw new WebAssembly.RuntimeError('divide by zero');
    };
    for (let i = 0; i < 5; i++) await frame();
    expect(of('failed')).toEqual([]);
    await frame();
    expect(of('failed')).toEqual([
      { type: 'failed', error: appError('pose-inference', 'RuntimeError: divide by zero') },
    ]);
    expect(of('done')).toHaveLength(6);
    expect([runtime.open, closed(), clock.waiting]).toEqual([0, 1, 0]);
    expect((await frame()).closed).toBe(1);
    expect(count).toBe(6);
  });

  it('a landmarker whose time is over is replaced, and no picture is lost', async () => {
    const { runtime, sent, start, frame, report } = rig();
    await start();
    await frame();
    runtime.spent = true;
    await frame();
    expect(runtime.opened).toHaveLength(2);
    expect([sent.length, runtime.open]).toEqual([2, 1]);
    expect((await report())?.problems).toEqual({});
  });

  it('of another shape, as of a phone that was turned, are looked at anew', async () => {
    const { clock, runtime, sent, start, frame } = rig();
    await start();
    await frame();
    await frame();
    expect(runtime.opened).toHaveLength(1);
    const turned = new FakePicture();
    [turned.width, turned.height] = [480, 640];
    await frame(clock.now(), turned);
    expect(runtime.opened).toHaveLength(2);
    expect([sent.length, runtime.open]).toEqual([3, 1]);
  });

  it('are each closed and answered once, whatever happens', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('frame', 'two frames', 'closed frame', 'no time') },
      { weight: 3, arbitrary: fc.constantFrom('throws', 'finds', 'finds nobody', 'finds nonsense') },
      { weight: 2, arbitrary: fc.constantFrom('stop', 'start', 'persons', 'face', 'refuses', 'accepts', 'spent') },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const { runtime, of, order, start, options, clock } = rig();
        const pictures: FakePicture[] = [];
        const pose = (closed = false, time = clock.now()): Promise<void> => {
          const picture = new FakePicture();
          if (closed) picture.close();
          picture.closed = 0;
          pictures.push(picture);
          return order({ type: 'frame', frame: picture.picture, time, wantedFps: 30 });
        };
        const broken = { ...bodyAt(0.5, 0.5), world: [{ x: NaN, y: 0, z: 0 }] };
        const actions: Record<string, () => unknown> = {
          frame: () => pose(),
          'two frames': () => Promise.all([pose(), pose()]),
          'closed frame': () => pose(true),
          'no time': () => pose(false, Infinity),
          throws: () => {
            runtime.find = () => {
              throw new Error('broken');
            };
          },
          finds: () => (runtime.find = () => [bodyAt(0.5, 0.5), bodyAt(0.2, 0.5)]),
          'finds nobody': () => (runtime.find = () => []),
          'finds nonsense': () => (runtime.find = () => [broken, { landmarks: [], world: [] }]),
          stop: () => order({ type: 'stop' }),
          start: () => start(),
          persons: () => options({ persons: 3 }),
          face: () => options({ face: true }, new Blob(['face'])),
          refuses: () => (runtime.refuses = () => refusal('no')),
          accepts: () => (runtime.refuses = () => undefined),
          spent: () => (runtime.spent = true),
        };
        await start();
        for (const one of steps) await actions[one]?.();
        expect(pictures.map(({ closed }) => closed)).toEqual(pictures.map(() => 1));
        expect(of('done')).toHaveLength(pictures.length);
        await order({ type: 'stop' });
        expect([runtime.open, clock.waiting]).toEqual([0, 0]);
      }),
      { numRuns: 60 },
    );
  });
});

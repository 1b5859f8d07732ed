import { describe, expect, it } from 'vitest';
import { appError } from '../../../src/model/errors.ts';
import { PoseClient, type PoseSetup } from '../../../src/pose/client.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { asFrame, FakeFrame, OPTIONS, REPORT, setup, workshop } from './capture-support.ts';

function rig() {
  const clock = createManualClock();
  const shop = workshop();
  let hurries = 0;
  const client = new PoseClient({
    makeWorker: shop.makeWorker,
    openOutput: shop.openOutput,
    clock,
    random: () => 0.5,
    onHurry: () => (hurries += 1),
  });
  const offer = (): FakeFrame => {
    const frame = new FakeFrame();
    client.offer({ frame: asFrame(frame), time: clock.now() }, 30);
    return frame;
  };
  /** A client whose worker is ready. */
  const running = (change: Partial<PoseSetup> = {}): PoseSetup => {
    const given = setup(change);
    client.start(given);
    shop.worker.ready();
    return given;
  };
  return { clock, shop, client, offer, running, stage: () => client.stage.get(), hurries: () => hurries };
}

const canvas = (): OffscreenCanvas => ({}) as unknown as OffscreenCanvas;

describe('the pose worker', () => {
  it('is started with blobs, options and a way to the sensor worker', () => {
    const { client, shop, stage } = rig();
    const given = setup({ faceModel: new Blob(['face']) });
    client.start(given);
    expect(stage()).toEqual({ at: 'starting' });
    expect(shop.worker.orders).toEqual([{ type: 'start', ...given, output: shop.ports[0] }]);
    shop.worker.ready();
    expect(stage()).toEqual({ at: 'running' });
  });

  it('gets one frame at a time, and the newest next; reports show', () => {
    const { running, offer, shop, client, clock } = rig();
    running();
    const frames = [offer(), offer(), offer()];
    expect(shop.worker.of('frame')).toMatchObject([{ frame: frames[0], time: clock.now(), wantedFps: 30 }]);
    expect(client.lastDone).toBeUndefined();
    shop.worker.done();
    expect(shop.worker.of('frame').map(({ frame }) => frame)).toEqual([frames[0], frames[2]]);
    expect(client.lastDone).toBe(clock.now());
    shop.worker.answer({ type: 'report', report: REPORT });
    expect(client.report.get()).toBe(REPORT);
  });

  it('gets no frame before it is ready, nor after it stopped: they are closed', async () => {
    const { client, offer, shop, clock } = rig();
    client.start(setup());
    const early = offer();
    shop.worker.ready();
    const stopped = client.stop();
    const late = offer();
    await clock.advance(500);
    await stopped;
    expect([early.closed, late.closed]).toEqual([1, 1]);
    expect(shop.worker.of('frame')).toEqual([]);
  });

  it('asks for a new frame when the one that waited grew old', async () => {
    const { running, offer, shop, clock, hurries } = rig();
    running();
    offer();
    const old = offer();
    await clock.advance(200);
    shop.worker.done();
    expect([old.closed, hurries()]).toEqual([1, 1]);
  });

  it('that cannot be given a frame closes it, and takes the next one', () => {
    const { running, offer, shop } = rig();
    running();
    shop.worker.refuses = 'frame';
    const broken = offer();
    shop.worker.refuses = undefined;
    const next = offer();
    expect([broken.closed, broken.transferred, next.transferred]).toEqual([1, 0, 1]);
  });

  it('may take long to start, but not for ever', async () => {
    const { client, shop, clock, stage } = rig();
    client.start(setup());
    await clock.advance(29_000);
    expect(stage()).toEqual({ at: 'starting' });
    await clock.advance(1001);
    expect(stage()).toEqual({ at: 'restarting', error: { code: 'pose-hung' } });
    expect(shop.workers.map(({ isTerminated }) => isTerminated)).toEqual([true, false]);
  });
});

describe('a pose worker that hangs', () => {
  it('for five seconds on a frame is ended, and another one starts on the CPU with the same blobs', async () => {
    const { running, offer, shop, clock, stage } = rig();
    const given = running();
    offer();
    const held = offer();
    await clock.advance(4900);
    expect(stage()).toEqual({ at: 'running' });
    await clock.advance(200);
    expect(stage()).toEqual({ at: 'restarting', error: { code: 'pose-hung' } });
    expect(held.closed).toBe(1);
    expect(shop.workers.map(({ isTerminated }) => isTerminated)).toEqual([true, false]);
    const { model, wasm } = given;
    expect(shop.worker.of('start')).toMatchObject([{ model, wasm, delegate: 'CPU' }]);
    expect(shop.worker.of('start')[0]?.output).toBe(shop.ports[1]);
    expect(shop.ports[1]).not.toBe(shop.ports[0]);
    shop.worker.ready();
    expect(stage()).toEqual({ at: 'running' });
    offer();
    expect(shop.worker.of('frame')).toHaveLength(1);
  });

  it('is noticed by the rhythm of the frames where timers hardly run', async () => {
    const clock = createManualClock();
    const shop = workshop();
    // Timers of a page that is hidden for long.
    const slow = { now: clock.now, after: (ms: number, task: () => void) => clock.after(Math.max(ms, 60_000), task) };
    const client = new PoseClient({
      makeWorker: shop.makeWorker,
      openOutput: shop.openOutput,
      clock: slow,
      random: () => 0,
    });
    client.start(setup());
    shop.worker.ready();
    for (let i = 0; i < 60; i += 1) {
      client.offer({ frame: asFrame(new FakeFrame()), time: clock.now() }, 30);
      await clock.advance(100);
    }
    expect(client.stage.get()).toMatchObject({ at: 'restarting', error: { code: 'pose-hung' } });
  });

  it('is not suspected when the computer slept', async () => {
    const time = { ahead: 0 };
    const clock = createManualClock();
    const shop = workshop();
    const client = new PoseClient({
      makeWorker: shop.makeWorker,
      openOutput: shop.openOutput,
      clock: { now: () => clock.now() + time.ahead, after: clock.after },
      random: () => 0,
    });
    client.start(setup());
    shop.worker.ready();
    client.offer({ frame: asFrame(new FakeFrame()), time: clock.now() }, 30);
    time.ahead = 3_600_000;
    await clock.advance(2000);
    expect(client.stage.get()).toEqual({ at: 'running' });
  });

  it('keeps the CPU for later starts too, as the GPU would hang again', async () => {
    const { running, offer, shop, clock, client } = rig();
    running();
    offer();
    await clock.advance(5100);
    client.start(setup({ delegate: 'GPU' }));
    expect(shop.worker.of('start')).toMatchObject([{ delegate: 'CPU' }]);
  });

  it('late answers of the one that was ended do not count', async () => {
    const { running, offer, shop, clock, stage } = rig();
    running();
    const [first] = shop.workers;
    offer();
    await clock.advance(5100);
    first?.dispatchEvent(new MessageEvent('message', { data: { type: 'ready', delegate: 'GPU', took: 1 } }));
    expect(stage()).toMatchObject({ at: 'restarting' });
  });
});

describe('a pose worker that breaks', () => {
  it('is replaced at once, then later, then given up', async () => {
    const { running, shop, clock, stage } = rig();
    running();
    shop.worker.crash('out of memory');
    expect(stage()).toMatchObject({ at: 'restarting', error: { code: 'pose-inference', detail: 'out of memory' } });
    await clock.advance(0);
    shop.worker.ready();
    shop.worker.answer({ type: 'failed', error: appError('pose-inference', 'again') });
    expect(shop.workers).toHaveLength(2);
    await clock.advance(1499);
    expect(shop.workers).toHaveLength(2);
    await clock.advance(1);
    expect(shop.workers).toHaveLength(3);
    shop.worker.ready();
    shop.worker.dispatchEvent(new Event('messageerror'));
    expect(stage()).toEqual({ at: 'trouble', error: { code: 'pose-gave-up', detail: 'messageerror' } });
    await clock.advance(60_000);
    expect(shop.workers).toHaveLength(3);
    expect(shop.workers.every(({ isTerminated }) => isTerminated)).toBe(true);
    expect(clock.waiting).toBe(0);
  });

  it('now and then goes on being replaced', async () => {
    const { running, shop, clock, stage } = rig();
    running();
    for (let i = 0; i < 5; i += 1) {
      shop.worker.crash('sometimes');
      await clock.advance(31_000);
      if (i % 2 === 0) shop.worker.ready();
      expect(stage().at).not.toBe('trouble');
      await clock.advance(1);
    }
  });

  it('before it could say anything has no file', () => {
    const { client, shop, stage } = rig();
    client.start(setup());
    shop.worker.crash('');
    expect(stage()).toMatchObject({ at: 'restarting', error: { code: 'pose-runtime' } });
  });

  it.each(['pose-model-corrupt', 'pose-unsupported'] as const)('%s is not tried again', async (code) => {
    const { client, shop, stage, clock } = rig();
    client.start(setup());
    shop.worker.answer({ type: 'failed', error: appError(code) });
    expect(stage()).toEqual({ at: 'trouble', error: { code } });
    await clock.advance(60_000);
    expect(shop.workers).toMatchObject([{ isTerminated: true }]);
    // Until somebody acts.
    client.start(setup());
    expect(stage()).toEqual({ at: 'starting' });
    expect(shop.worker.of('start')).toMatchObject([{ delegate: 'GPU' }]);
  });

  it('cannot be made at all: said', () => {
    const clock = createManualClock();
    const client = new PoseClient({
      makeWorker: () => {
        throw new DOMException('refused', 'SecurityError');
      },
      openOutput: workshop().openOutput,
      clock,
      random: () => 0,
    });
    client.start(setup());
    expect(client.stage.get()).toMatchObject({ at: 'trouble', error: { code: 'pose-unsupported' } });
  });

  it('only for the face says so, until eyes are switched off', () => {
    const { running, shop, client, stage } = rig();
    running();
    shop.worker.answer({ type: 'face-failed', error: appError('pose-model-corrupt') });
    expect(stage()).toEqual({ at: 'running' });
    expect(client.faceError.get()).toEqual({ code: 'pose-model-corrupt' });
    client.setOptions(OPTIONS);
    expect(client.faceError.get()).toBeUndefined();
  });
});

describe('options and overlay', () => {
  it('change at once, and hold for the next worker', async () => {
    const { running, shop, client, clock } = rig();
    running();
    const options = { ...OPTIONS, face: true };
    const faceModel = new Blob(['face']);
    client.setOptions(options, faceModel);
    expect(shop.worker.of('options')).toEqual([{ type: 'options', options, faceModel }]);
    shop.worker.crash('x');
    await clock.advance(0);
    expect(shop.worker.of('start')).toMatchObject([{ options, faceModel }]);
  });

  it('are not kept for a worker that was never started', () => {
    const { client, shop } = rig();
    client.setOptions(OPTIONS);
    expect(shop.workers).toEqual([]);
  });

  it('a canvas waits for a worker, and is asked for again when its worker is gone', async () => {
    const { running, shop, client, clock } = rig();
    const first = canvas();
    client.sizeOverlay(300, 200);
    client.showOverlay(first);
    running();
    expect(shop.worker.orders.slice(1)).toEqual([
      { type: 'overlay', canvas: first },
      { type: 'overlay-size', width: 300, height: 200 },
    ]);
    shop.worker.crash('x');
    expect(client.overlaysLost.get()).toBe(1);
    const second = canvas();
    client.showOverlay(second);
    await clock.advance(0);
    expect(shop.worker.of('overlay')).toEqual([{ type: 'overlay', canvas: second }]);
    client.sizeOverlay(30, 20);
    expect(shop.worker.of('overlay-size').at(-1)).toMatchObject({ width: 30 });
    client.showOverlay(undefined);
    shop.worker.crash('x');
    expect(client.overlaysLost.get()).toBe(1);
  });
});

describe('stopping', () => {
  it('waits for the worker to close its things', async () => {
    const { running, shop, client, offer, stage, clock } = rig();
    running();
    offer();
    const held = offer();
    let isOver = false;
    const stopped = client.stop().then(() => (isOver = true));
    expect(stage()).toEqual({ at: 'off' });
    expect(held.closed).toBe(1);
    await clock.advance(100);
    expect(isOver).toBe(false);
    shop.worker.answer({ type: 'stopped' });
    await stopped;
    expect(shop.worker.orders.at(-1)).toEqual({ type: 'stop' });
    expect(shop.worker.isTerminated).toBe(true);
  });

  it('leaves no timer running, and one is enough while frames come', async () => {
    const { running, shop, client, offer, clock } = rig();
    running();
    for (let frame = 0; frame < 30; frame++) {
      offer();
      shop.worker.answer({ type: 'done' });
      await clock.advance(33);
    }
    expect(clock.waiting).toBe(1);
    const stopped = client.stop();
    shop.worker.answer({ type: 'stopped' });
    await stopped;
    await clock.advance(250);
    expect(clock.waiting).toBe(0);
  });

  it('does not wait for one that hangs', async () => {
    const { running, shop, client, clock } = rig();
    running();
    const stopped = client.stop();
    await clock.advance(500);
    await stopped;
    expect(shop.worker.isTerminated).toBe(true);
  });

  it('ends a restart that was on its way', async () => {
    const { running, shop, client, clock, stage } = rig();
    running();
    shop.worker.crash('x');
    await client.stop();
    await clock.advance(10_000);
    expect(shop.workers).toHaveLength(1);
    expect(stage()).toEqual({ at: 'off' });
  });

  it('does not disturb the one that is started meanwhile', async () => {
    const { running, shop, client, clock, stage } = rig();
    running();
    const stopped = client.stop();
    running();
    await clock.advance(600);
    await stopped;
    expect(shop.workers.map(({ isTerminated }) => isTerminated)).toEqual([true, false]);
    expect(stage()).toEqual({ at: 'running' });
  });
});

/** A pose loop whose edges are in the test's hands. */
import { afterEach } from 'vitest';
import type { PoseOptions } from '../../../../src/model/pose.ts';
import type { PortReadings } from '../../../../src/model/reading-port.ts';
import { ok } from '../../../../src/model/result.ts';
import type { PoseAnswer, PoseOrder } from '../../../../workers/pose/api.ts';
import { PoseLoop } from '../../../../workers/pose/pose-loop.ts';
import type { OpenRuntime } from '../../../../workers/pose/ports.ts';
import { createManualClock, turns } from '../../../support/manual-clock.ts';
import { FakePicture, FakeRuntime, OPTIONS } from './bodies.ts';

const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

export function rig({
  openRuntime,
  brightness = () => 0.5,
}: { openRuntime?: OpenRuntime; brightness?: () => number } = {}) {
  const clock = createManualClock();
  const runtime = new FakeRuntime();
  const answers: PoseAnswer[] = [];
  const sent: PortReadings[] = [];
  const { port1, port2 } = new MessageChannel();
  // Posted synchronously, so that tests need not wait for a channel.
  port2.postMessage = (message: PortReadings) => void sent.push(structuredClone(message));
  let closed = 0;
  const close = port2.close.bind(port2);
  port2.close = () => {
    closed += 1;
    close();
  };
  ends.push(() => port1.close(), close);
  const loop = new PoseLoop({
    clock,
    openRuntime: openRuntime ?? (() => Promise.resolve(ok(runtime))),
    brightness,
    post: (answer) => answers.push(answer),
  });
  const of = <T extends PoseAnswer['type']>(type: T): Extract<PoseAnswer, { type: T }>[] =>
    answers.filter((answer): answer is Extract<PoseAnswer, { type: T }> => answer.type === type);
  const order = (one: PoseOrder): Promise<void> => {
    loop.handle(one);
    return turns();
  };
  const start = (options: Partial<PoseOptions> = {}, more: Partial<Extract<PoseOrder, { type: 'start' }>> = {}) =>
    order({
      type: 'start',
      wasm: new Blob(['wasm']),
      model: new Blob(['model']),
      delegate: 'CPU',
      options: { ...OPTIONS, ...options },
      output: port2,
      ...more,
    });
  const frame = async (time = clock.now(), picture = new FakePicture()): Promise<FakePicture> => {
    await order({ type: 'frame', frame: picture.picture, time, wantedFps: 15 });
    return picture;
  };
  const options = (change: Partial<PoseOptions>, faceModel?: Blob) =>
    order({ type: 'options', options: { ...OPTIONS, ...change }, ...(faceModel && { faceModel }) });
  const report = async () => {
    await clock.advance(300);
    return of('report').at(-1)?.report;
  };
  return { clock, runtime, answers, sent, of, order, start, frame, options, report, closed: () => closed };
}

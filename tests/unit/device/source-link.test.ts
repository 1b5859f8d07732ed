import { describe, expect, it } from 'vitest';
import { SourceLink } from '../../../src/device/source-link.ts';
import type { Source, SourceOutput } from '../../../src/device/source.ts';
import type { LinkState } from '../../../src/model/link.ts';
import { appError, type AppError } from '../../../src/model/errors.ts';
import { fail, ok } from '../../../src/model/result.ts';
import { manualTime } from './support/time.ts';

interface Scripted extends Source {
  output: SourceOutput | undefined;
  signal: AbortSignal | undefined;
  starts: number;
  rate: number | undefined;
  refuse: AppError | undefined;
}

/** A source that does what the test says. */
function scripted(kind: string, samplingRate: number): Scripted {
  const source: Scripted = {
    kind,
    attributes: [{ attribute: kind, attributeType: kind, samplingRate }],
    output: undefined,
    signal: undefined,
    starts: 0,
    rate: undefined,
    refuse: undefined,
    support: () => Promise.resolve(ok(undefined)),
    start(output, signal) {
      source.starts += 1;
      source.output = output;
      source.signal = signal;
      return Promise.resolve(source.refuse ? fail(source.refuse) : ok(undefined));
    },
    setRate: (hz) => (source.rate = hz),
  };
  return source;
}

function setUp(on: readonly string[]) {
  const time = manualTime();
  const motion = scripted('motion', 50);
  const battery = scripted('battery', 0);
  const states: LinkState['at'][] = [];
  const readings: string[] = [];
  const link = new SourceLink({
    sources: [motion, battery],
    on,
    onReadings: (all, attributes) => readings.push(`${all.length} of ${attributes.map((one) => one.attribute).join()}`),
    onState: (state) => states.push(state.at),
    now: time.now,
    timers: time.timers,
  });
  const deliver = ({ output, kind }: Scripted): void =>
    output?.readings(
      [{ kind: 'numeric', attribute: kind, values: Float32Array.of(1), timing: { kind: 'arrival' } }],
      time.now(),
    );
  return { time, motion, battery, link, states, readings, deliver };
}

describe('a link of sources', () => {
  it('starts what is wanted, delivers, and leaves nothing on when it stops', async () => {
    const { time, motion, battery, link, readings, deliver } = setUp(['motion']);
    link.start();
    expect(link.state.at).toBe('connecting');
    await time.advance(0);
    deliver(motion);
    expect(link.state.at).toBe('live');
    expect(readings).toEqual(['1 of motion']);
    expect(battery.starts).toBe(0);
    link.stop();
    expect(motion.signal?.aborted).toBe(true);
    expect(link.state.at).toBe('idle');
    deliver(motion);
    expect(readings).toHaveLength(1);
  });

  it('switches its sources one by one', async () => {
    const { time, motion, battery, link } = setUp(['motion']);
    link.start();
    await time.advance(0);
    expect(await link.switch('battery', true)).toEqual(ok(undefined));
    expect(link.sources.map(({ state }) => state.at)).toEqual(['on', 'on']);
    await link.switch('motion', false);
    expect(motion.signal?.aborted).toBe(true);
    expect(battery.signal?.aborted).toBe(false);
    expect(await link.switch('smell', true)).toMatchObject({ error: { code: 'source-unsupported' } });
  });

  it('says when the regular ones fall silent, and when they speak again', async () => {
    const { time, motion, link, deliver } = setUp(['motion']);
    link.start();
    await time.advance(0);
    deliver(motion);
    await time.advance(4500);
    expect(link.state.at).toBe('stale');
    deliver(motion);
    expect(link.state.at).toBe('live');
  });

  it('is lost when all that was wanted fails, live while one works, and tries again when asked', async () => {
    const { time, motion, battery, link } = setUp(['motion', 'battery']);
    motion.refuse = appError('source-permission');
    battery.refuse = appError('source-unsupported');
    link.start();
    await time.advance(0);
    expect(link.state).toEqual({ at: 'lost', error: { code: 'source-permission' } });
    battery.refuse = undefined;
    link.retry();
    await time.advance(0);
    expect(link.state.at).toBe('live');
    expect(link.sources).toEqual([
      { kind: 'motion', attributes: ['motion'], state: { at: 'trouble', error: { code: 'source-permission' } } },
      { kind: 'battery', attributes: ['battery'], state: { at: 'on' } },
    ]);
  });

  it('shows trouble of a running source, and that it is over', async () => {
    const { time, motion, link } = setUp(['motion']);
    link.start();
    await time.advance(0);
    motion.output?.trouble(appError('source-silent'));
    expect(link.sources[0]?.state).toEqual({ at: 'trouble', error: { code: 'source-silent' } });
    motion.output?.trouble(undefined);
    expect(link.sources[0]?.state).toEqual({ at: 'on' });
  });

  it('a source that throws is a failure with a code, not the end', async () => {
    const { time, motion, link } = setUp(['motion']);
    motion.start = () => Promise.reject(new TypeError('no such thing'));
    link.start();
    await time.advance(0);
    expect(link.state).toMatchObject({ at: 'lost', error: { code: 'unexpected' } });
  });

  it('passes a wanted rate on to those that have a choice', () => {
    const { motion, link } = setUp(['motion']);
    link.setRate(10);
    expect(motion.rate).toBe(10);
  });
});

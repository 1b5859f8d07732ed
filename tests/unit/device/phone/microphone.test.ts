import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { audioTap, type ContextLike } from '../../../../src/device/phone/audio-tap.ts';
import { decibels, FLOOR_DB, LevelMeter } from '../../../../src/device/phone/level-meter.ts';
import type { LevelWindow } from '../../../../src/device/phone/level-meter.ts';
import { microphoneSource, type MicrophoneEdges } from '../../../../src/device/phone/microphone.ts';
import { ok } from '../../../../src/model/result.ts';
import { CountingTarget, hearing, motionRig } from './support.ts';

/** A fake of a sound track. */
class FakeTrack extends CountingTarget {
  isStopped = false;
  stop(): void {
    this.isStopped = true;
  }
}

function rig(change: Partial<MicrophoneEdges> = {}) {
  const { time, page } = motionRig();
  const track = new FakeTrack();
  const wanted: MediaStreamConstraints[] = [];
  const stream = { getTracks: () => [track], getAudioTracks: () => [track] } as unknown as MediaStream;
  const taps = { open: 0, closed: 0, onLevel: (_window: LevelWindow): void => undefined };
  const source = microphoneSource({
    getUserMedia: (constraints) => {
      wanted.push(constraints);
      return Promise.resolve(stream);
    },
    openTap: (_stream, onLevel) => {
      taps.open += 1;
      taps.onLevel = onLevel;
      return Promise.resolve(() => Promise.resolve(void (taps.closed += 1)));
    },
    permission: () => Promise.resolve('prompt'),
    secure: true,
    now: time.now,
    timers: time.timers,
    visible: () => page.isVisible,
    ...change,
  });
  const heard = hearing();
  const ending = new AbortController();
  return { source, heard, ending, track, wanted, taps, time, start: () => source.start(heard, ending.signal) };
}

describe('the microphone', () => {
  it('gives level and peak in dBFS, timed by its frames, from sound that nothing has changed', async () => {
    const { start, taps, heard, wanted, time } = rig();
    const began = time.now();
    expect(await start()).toEqual(ok(undefined));
    taps.onLevel({ rms: 0.1, peak: 1, time: 125 });
    expect(heard.rows('microphone')[0]?.map((value) => Math.round(value))).toEqual([-20, 0]);
    const [reading] = heard.of('microphone');
    expect(reading).toMatchObject({ fields: ['level', 'peak'], timing: { kind: 'device', clock: 'microphone' } });
    expect(reading?.timing.kind === 'device' && [...reading.timing.times]).toEqual([began + 125]);
    expect(wanted).toEqual([
      { audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false }, video: false },
    ]);
  });

  it('closes stream and audio thread when it ends', async () => {
    const { start, ending, track, taps, time } = rig();
    await start();
    ending.abort();
    expect(track.isStopped).toBe(true);
    expect(taps.closed).toBe(1);
    expect(track.listeners).toBe(0);
    expect(time.pending()).toBe(0);
  });

  it('leaves nothing on when it ends while the person is asked', async () => {
    const { start, ending, track, taps } = rig();
    const started = start();
    ending.abort();
    await started;
    expect(track.isStopped).toBe(true);
    expect(taps.open).toBe(0);
  });

  it.each([
    ['NotAllowedError', 'source-permission'],
    ['NotFoundError', 'source-unsupported'],
    ['NotReadableError', 'source-busy'],
    ['TypeError', 'unexpected'],
  ])('%s is %s', async (name, code) => {
    const { start } = rig({ getUserMedia: () => Promise.reject(new DOMException('fake', name)) });
    expect(await start()).toMatchObject({ ok: false, error: { code } });
  });

  it('a processor that cannot be fetched is said, and the stream is closed', async () => {
    const { start, track } = rig({ openTap: () => Promise.reject(new Error('gone')) });
    expect(await start()).toMatchObject({ error: { code: 'source-silent' } });
    expect(track.isStopped).toBe(true);
  });

  it('says when it is muted, taken back, or silent', async () => {
    const { start, track, heard, taps, time } = rig();
    await start();
    track.fire('mute');
    track.fire('unmute');
    track.fire('ended');
    expect(heard.troubles.map((error) => error?.code)).toEqual(['source-busy', undefined, 'source-permission']);
    await time.advance(3100);
    expect(heard.troubles.at(-1)).toMatchObject({ code: 'source-silent' });
    taps.onLevel({ rms: 0, peak: 0, time: 5000 });
    expect(heard.troubles.at(-1)).toBeUndefined();
  });

  it.each([
    [{ secure: false }, 'source-insecure'],
    [{ getUserMedia: undefined }, 'source-unsupported'],
    [{ openTap: undefined }, 'source-unsupported'],
    [{ permission: () => Promise.resolve('denied') }, 'source-permission'],
  ])('says beforehand why not: %#', async (change, code) => {
    expect(await rig(change).source.support()).toMatchObject({ error: { code } });
  });
});

describe('the level', () => {
  it('of a sine of full scale is −3.0 dBFS, its peak 0, every 125 ms', () => {
    const meter = new LevelMeter(48_000);
    const windows = Array.from({ length: 100 }, (_, block) =>
      meter.push([
        Float32Array.from({ length: 128 }, (_, i) => Math.sin((2 * Math.PI * 1000 * (block * 128 + i)) / 48_000)),
      ]),
    ).flat();
    expect(windows.map(({ time }) => time)).toEqual([125, 250]);
    for (const { rms, peak } of windows) {
      expect(decibels(rms)).toBeCloseTo(-3.01, 2);
      expect(decibels(peak)).toBeCloseTo(0, 2);
    }
  });

  it('of several channels is their common one; no channel is no time', () => {
    const meter = new LevelMeter(8);
    expect(meter.push([Float32Array.of(1), Float32Array.of(0)])).toEqual([{ rms: Math.SQRT1_2, peak: 1, time: 125 }]);
    expect(meter.push([])).toEqual([]);
  });

  it('is never infinite, never none', () => {
    expect(decibels(0)).toBe(FLOOR_DB);
    expect(decibels(NaN)).toBe(FLOOR_DB);
    fc.assert(
      fc.property(fc.array(fc.float(), { minLength: 8, maxLength: 64 }), (sound) => {
        for (const { rms, peak } of new LevelMeter(64).push([Float32Array.from(sound)])) {
          expect(Number.isFinite(decibels(rms)) && Number.isFinite(decibels(peak))).toBe(true);
          expect(rms).toBeLessThanOrEqual(peak * 1.000001);
        }
      }),
    );
  });
});

describe('the tap', () => {
  /** A fake of the audio thread's context. */
  function parts(addModule: () => Promise<void> = () => Promise.resolve()) {
    const port: { onmessage: ((event: MessageEvent<LevelWindow>) => void) | null } = { onmessage: null };
    const connected: unknown[] = [];
    const context = {
      state: 'running',
      audioWorklet: { addModule },
      resume: () => Promise.resolve(),
      close: () => Promise.resolve(void (context.state = 'closed')),
      destination: 'loudspeaker',
      createMediaStreamSource: () => ({ connect: (node: AudioNode) => node }),
    };
    const tap = audioTap({
      makeContext: () => context as unknown as ContextLike,
      makeNode: () => ({ port, connect: (to: unknown) => connected.push(to) }) as unknown as AudioWorkletNode,
      processorUrl: '/assets/level.js',
    });
    return { port, context, tap, connected };
  }

  it('hands on windows until it is closed', async () => {
    const { port, context, tap, connected } = parts();
    const windows: LevelWindow[] = [];
    const close = await tap({} as MediaStream, (window) => windows.push(window));
    const tell = (): void => port.onmessage?.({ data: { rms: 1, peak: 1, time: 125 } } as MessageEvent<LevelWindow>);
    tell();
    await close();
    tell();
    expect(connected).toEqual(['loudspeaker']);
    expect(windows).toHaveLength(1);
    expect(context.state).toBe('closed');
    await close();
  });

  it('closes what it opened when the processor is missing', async () => {
    const { context, tap } = parts(() => Promise.reject(new Error('404')));
    await expect(tap({} as MediaStream, () => undefined)).rejects.toThrow('404');
    expect(context.state).toBe('closed');
  });
});

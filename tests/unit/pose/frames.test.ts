import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AppError } from '../../../src/model/errors.ts';
import type { GrabbedFrame } from '../../../src/pose/frame-slot.ts';
import { FrameSlot } from '../../../src/pose/frame-slot.ts';
import { FrameGrabber, type FrameEdges } from '../../../src/pose/frames.ts';
import { RateGate } from '../../../src/pose/rate-gate.ts';
import { turns } from '../../support/manual-clock.ts';
import { asFrame, FakeFrame, FakeTrack, frameRig } from './capture-support.ts';

function rig(change: Partial<FrameEdges> = {}) {
  const frames = frameRig(change);
  const grabbed: GrabbedFrame[] = [];
  const troubles: (AppError | undefined)[] = [];
  const grabber = new FrameGrabber(frames.edges, {
    onFrame: (frame) => grabbed.push(frame),
    onTrouble: (error) => troubles.push(error),
  });
  const ending = new AbortController();
  const stream = { getVideoTracks: () => [new FakeTrack()] } as unknown as MediaStream;
  grabber.setRate(30);
  grabber.run(stream, ending.signal);
  return {
    ...frames,
    ...{ grabbed, troubles, grabber, ending, stream },
    /** Frames of a camera with 30 a second. */
    async filmed(count: number): Promise<void> {
      for (let i = 0; i < count; i += 1) {
        await frames.clock.advance(1000 / 30);
        frames.film();
        await turns();
      }
    },
  };
}

describe('frames of a visible page', () => {
  it('come from a silent video of the stream, with the time of their capture', async () => {
    const { filmed, grabbed, videos, stream, clock, frames } = rig();
    await filmed(3);
    expect(grabbed.map(({ time }) => Math.round(time - clock.now()))).toEqual([-87, -53, -20]);
    expect(frames.map(({ timestamp }) => timestamp)).toEqual(grabbed.map(({ time }) => Math.round(time * 1000)));
    expect(videos).toMatchObject([{ muted: true, playsInline: true, srcObject: stream, plays: 1 }]);
  });

  it.each([
    ['not said', undefined],
    ['in the future', 11_000],
    ['long ago', 1],
    ['no number', NaN],
  ])('are dated now when the capture time is %s', async (_what, captureTime) => {
    const { videos, grabbed, clock } = rig();
    await clock.advance(50);
    videos[0]?.present(captureTime);
    expect(grabbed.map(({ time }) => time)).toEqual([clock.now()]);
  });

  it('are dated now when the capture time stands still', async () => {
    const { videos, grabbed, clock } = rig();
    for (let i = 0; i < 3; i += 1) {
      await clock.advance(33);
      videos[0]?.present(10_000);
    }
    expect(grabbed.map(({ time }) => clock.now() - time)).toEqual([99, 33, 0]);
  });

  it('are bitmaps where there is no VideoFrame, one at a time', async () => {
    const { filmed, grabbed, frames } = rig({ makeFrame: undefined });
    await filmed(3);
    expect(grabbed.map(({ frame }) => frame)).toEqual(frames);
    expect(frames).toHaveLength(3);
  });

  it('that cannot be made are counted, and the next one comes', async () => {
    let isBroken = true;
    const { filmed, grabbed, grabber } = rig({
      makeFrame: (_video, timestamp) => {
        if (isBroken) throw new DOMException('no picture yet', 'InvalidStateError');
        return asFrame(new FakeFrame(timestamp));
      },
    });
    await filmed(2);
    expect(grabber.unusable).toBe(2);
    isBroken = false;
    await filmed(1);
    expect(grabbed).toHaveLength(1);
  });

  it('end with the signal: nothing is waited for, nothing shown, nothing left open', async () => {
    const { filmed, ending, videos, grabbed } = rig();
    await filmed(1);
    ending.abort();
    expect(videos[0]?.waiting).toBe(0);
    expect(videos[0]).toMatchObject({ srcObject: null, pauses: 1 });
    await filmed(2);
    expect(grabbed).toHaveLength(1);
  });

  it('that are still being made when it ends are closed', async () => {
    const { frames, clock, film, ending, grabbed } = rig({ makeFrame: undefined });
    await clock.advance(40);
    film();
    ending.abort();
    await turns();
    expect(grabbed).toEqual([]);
    expect(frames.map(({ closed }) => closed)).toEqual([1]);
  });

  it('do not come in a browser without frame callbacks, which is said', () => {
    const { troubles } = rig({
      makeVideo: () => ({
        ...{ srcObject: null, muted: false, playsInline: false },
        play: () => Promise.resolve(),
        pause: () => undefined,
      }),
    });
    expect(troubles).toMatchObject([{ code: 'camera-unsupported' }]);
  });

  it('do not come from a video that may not play, which is said', async () => {
    const video = frameRig().edges.makeVideo();
    video.play = () => Promise.reject(new DOMException('fake', 'NotAllowedError'));
    const { troubles } = rig({ makeVideo: () => video });
    await turns();
    expect(troubles.at(-1)).toMatchObject({ code: 'pose-frame' });
  });
});

describe('frames of a visible page whose video starves', () => {
  /** Thirty pictures a second from the track, one of so many from the video. */
  async function starve(
    { clock, film, videos, grabber }: ReturnType<typeof rig>,
    seconds: number,
    oneOf = 30,
  ): Promise<void> {
    for (let i = 0; i < 30 * seconds; i += 1) {
      await clock.advance(1000 / 30);
      const [video] = videos;
      if (video && video.waiting > 0) {
        if (i % oneOf === oneOf - 1) video.present(undefined);
      } else film();
      if (i % 30 === 0) grabber.tick();
      await turns();
    }
  }

  it.each([
    ['one a second', 6, 30],
    ['three a second', 6, 10],
    ['none', 6, Infinity],
  ])('with %s are read from the track, until the page is hidden or shown again', async (_name, seconds, oneOf) => {
    const all = rig();
    const { filmed, grabbed, readers, page, videos } = all;
    await filmed(30);
    expect(readers).toHaveLength(0);
    await starve(all, seconds, oneOf);
    expect(readers).toHaveLength(1);
    expect(videos[0]?.waiting).toBe(0);
    const count = grabbed.length;
    await filmed(30);
    expect(grabbed.length - count).toBe(30);
    page.show(false);
    page.show(true);
    expect(videos[0]?.waiting).toBe(1);
    expect(readers.every(({ isCancelled }) => isCancelled)).toBe(true);
  });

  it.each([
    ['when half as many come as are wanted', 30, 2],
    ['when few are wanted', 5, 6],
    ['when none are wanted', 0, Infinity],
  ])('go on as they come %s', async (_name, fps, oneOf) => {
    const all = rig();
    all.grabber.setRate(fps);
    await all.filmed(30);
    await starve(all, 6, oneOf);
    expect(all.readers).toHaveLength(0);
    expect(all.videos[0]?.waiting).toBe(1);
  });

  it('are waited for until the camera has given its first one', async () => {
    const all = rig();
    await starve(all, 6, Infinity);
    expect(all.readers).toHaveLength(0);
  });

  it('go on as they come where tracks cannot be read', async () => {
    const all = rig({ openReader: undefined });
    await starve(all, 6);
    expect(all.videos[0]?.waiting).toBe(1);
    expect(all.grabbed.length).toBeGreaterThan(3);
    expect(all.troubles).toEqual([undefined]);
  });
});

describe('frames of a hidden page', () => {
  it('are read from the track, and from the video again later; none twice, none left open', async () => {
    const { filmed, page, grabbed, readers, videos, frames, clock, troubles } = rig();
    await filmed(3);
    page.show(false);
    expect(videos[0]?.waiting).toBe(0);
    await filmed(3);
    expect(grabbed).toHaveLength(6);
    page.show(true);
    expect(readers).toMatchObject([{ isCancelled: true }]);
    await filmed(3);
    page.show(false);
    await filmed(1);
    expect(readers).toHaveLength(2);
    const times = grabbed.map(({ time }) => time);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.every((time) => time <= clock.now())).toBe(true);
    expect(new Set(grabbed.map(({ frame }) => frame)).size).toBe(10);
    expect(frames).toHaveLength(10);
    expect(troubles.every((error) => error === undefined)).toBe(true);
  });

  it('that are not wanted are closed, so that the track goes on', async () => {
    const { filmed, page, grabber, frames, grabbed } = rig();
    page.show(false);
    grabber.setRate(0);
    await filmed(5);
    expect(frames.map(({ closed }) => closed)).toEqual([1, 1, 1, 1, 1]);
    grabber.setRate(30);
    await filmed(1);
    expect(grabbed).toHaveLength(1);
  });

  it('keep an even time though they are read late', async () => {
    const { page, readers, clock, grabbed } = rig();
    page.show(false);
    await turns();
    const late = [3, 9, 0, 20, 5, 0, 14];
    for (const [i, delay] of late.entries()) {
      await clock.advance(delay);
      readers[0]?.push(new FakeFrame((5000 + i * 40) * 1000));
      await turns();
      await clock.advance(40 - delay);
    }
    const times = grabbed.map(({ time }) => time);
    // From the third on the least delay is known.
    const steps = times.slice(3).map((time, i) => time - (times[i + 2] ?? 0));
    for (const step of steps) expect(step).toBeCloseTo(40, 0);
  });

  it('do not come where the window cannot read tracks, until the page is seen again', async () => {
    const { page, troubles, filmed, grabbed, grabber } = rig({ openReader: undefined });
    expect(grabber.worksHidden).toBe(false);
    page.show(false);
    expect(troubles.at(-1)).toMatchObject({ code: 'camera-hidden' });
    page.show(true);
    expect(troubles.at(-1)).toBeUndefined();
    await filmed(1);
    expect(grabbed).toHaveLength(1);
  });

  it('do not come where the reader cannot be made either', () => {
    const { page, troubles } = rig({
      openReader: () => {
        throw new TypeError('not this track');
      },
    });
    page.show(false);
    expect(troubles.at(-1)).toMatchObject({ code: 'camera-hidden' });
  });

  it('end with the signal', async () => {
    const { page, ending, readers, filmed, grabbed } = rig();
    page.show(false);
    await turns();
    ending.abort();
    expect(readers).toMatchObject([{ isCancelled: true }]);
    page.show(true);
    await filmed(2);
    expect(grabbed).toEqual([]);
  });
});

/** Times of a camera, ms, with jitter up to `jitter` before and after. */
function shots(fps: number, seconds: number, jitter: readonly number[] = [0]): number[] {
  const count = Math.round(fps * seconds);
  return Array.from({ length: count }, (_, i) => (i * 1000) / fps + (jitter[i % jitter.length] ?? 0));
}

function taken(times: readonly number[], fps: number): number[] {
  const gate = new RateGate();
  gate.setRate(fps);
  return times.filter((time) => gate.take(time));
}

describe('the rate', () => {
  it.each([29.97, 30, 30.2, 15, 24])('of 30 takes every frame of a camera with %d', (camera) => {
    const times = shots(camera, 60, [0, 9, -7, 12, -12, 3]);
    expect(taken(times, 30)).toHaveLength(times.length);
  });

  it.each([1, 2, 5, 10, 15, 20, 27])('of %d comes out exactly over a minute of a trembling camera', (fps) => {
    const count = taken(shots(30, 60, [0, 9, -7, 12, -12, 3]), fps).length;
    expect(Math.abs(count - fps * 60)).toBeLessThanOrEqual(2);
  });

  it('of 15 takes every other frame', () => {
    const times = taken(shots(30, 10, [0, 4, -4]), 15).slice(2);
    const steps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(Math.max(...steps)).toBeLessThan(80);
    expect(Math.min(...steps)).toBeGreaterThan(50);
  });

  it('of 0 or of no number is none', () => {
    expect(taken(shots(30, 2), 0)).toEqual([]);
    expect(taken(shots(30, 2), NaN)).toEqual([]);
    expect(taken([1, NaN, 34], 30)).toEqual([1, 34]);
  });

  it('does not catch up after a pause, and rises at once', () => {
    const gate = new RateGate();
    gate.setRate(2);
    expect(shots(30, 2).filter((time) => gate.take(time))).toHaveLength(4);
    const later = shots(30, 1).map((time) => time + 60_000);
    expect(later.filter((time) => gate.take(time)).length).toBeLessThanOrEqual(3);
    gate.setRate(30);
    const soon = shots(30, 1).map((time) => time + 61_000);
    expect(soon.filter((time) => gate.take(time))).toHaveLength(30);
  });

  it('lets the next frame pass when it is in a hurry', () => {
    const gate = new RateGate();
    gate.setRate(2);
    expect([0, 33, 66].filter((time) => gate.take(time))).toEqual([0]);
    gate.hurry();
    expect([100, 133].filter((time) => gate.take(time))).toEqual([100]);
  });

  it('is never exceeded by more than one frame, and times only rise', () => {
    const gaps = fc.array(fc.double({ min: -20, max: 400, noNaN: true }), { maxLength: 200 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 20 }), (steps, fps) => {
        let now = 0;
        const passed = taken(
          steps.map((step) => (now += step)),
          fps,
        );
        for (const [i, time] of passed.entries()) if (i > 0) expect(time).toBeGreaterThan(passed[i - 1] ?? 0);
        const span = (passed.at(-1) ?? 0) - (passed[0] ?? 0);
        // A camera that is hardly faster than wanted is not thinned out.
        expect(passed.length).toBeLessThanOrEqual(Math.max((span / 1000) * fps * 1.5 + 3, 3));
      }),
    );
  });
});

describe('one frame at work', () => {
  function slotRig() {
    let now = 0;
    const sent: FakeFrame[] = [];
    let stale = 0;
    const slot = new FrameSlot({
      send: ({ frame }) => {
        sent.push(frame as unknown as FakeFrame);
        (frame as unknown as FakeFrame).transferred += 1;
        return true;
      },
      onStale: () => (stale += 1),
      now: () => now,
    });
    const offer = (): FakeFrame => {
      const frame = new FakeFrame();
      slot.offer({ frame: asFrame(frame), time: now });
      return frame;
    };
    return { slot, sent, offer, stale: () => stale, wait: (ms: number) => (now += ms) };
  }

  it('and the newest one waits', () => {
    const { slot, offer, sent } = slotRig();
    const [first, second, third] = [offer(), offer(), offer()];
    expect(sent).toEqual([first]);
    expect(second.closed).toBe(1);
    slot.answered();
    expect(sent).toEqual([first, third]);
    slot.answered();
    expect(sent).toHaveLength(2);
  });

  it('and one that waited too long is closed, and a new one asked for', () => {
    const { slot, offer, sent, stale, wait } = slotRig();
    offer();
    const old = offer();
    wait(101);
    slot.answered();
    expect([sent.length, old.closed, stale()]).toEqual([1, 1, 1]);
    const next = offer();
    expect(sent.at(-1)).toBe(next);
  });

  it('and every frame is handed over or closed, exactly once, whatever happens', () => {
    const acts = fc.array(fc.constantFrom('offer', 'answer', 'wait', 'clear'), { maxLength: 60 });
    fc.assert(
      fc.property(acts, (list) => {
        const { slot, offer, wait } = slotRig();
        const made: FakeFrame[] = [];
        for (const act of list) {
          if (act === 'offer') made.push(offer());
          else if (act === 'answer') slot.answered();
          else if (act === 'wait') wait(60);
          else slot.clear();
          expect(made.filter((frame) => !frame.isSettled).length).toBeLessThanOrEqual(1);
        }
        slot.clear();
        expect(made.every((frame) => frame.isSettled)).toBe(true);
      }),
    );
  });
});

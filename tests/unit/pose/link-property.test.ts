import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { turns } from '../../support/manual-clock.ts';
import { HIGH, linkRig } from './link-support.ts';

describe('whatever happens', () => {
  const act = fc.constantFrom(
    ...(['film', 'film', 'film', 'done', 'done', 'hide', 'show', 'crash', 'ready', 'wait', 'hang'] as const),
    ...(['stop', 'start', 'retry', 'change', 'mute', 'unmute', 'unplug', 'pause', 'follow', 'refuse'] as const),
  );
  // What waits for a promise may still wait when the next thing happens.
  const acts = fc.array(fc.record({ act, settles: fc.boolean() }), { maxLength: 40 });

  it('every frame is handed over or closed exactly once, and after a stop every track is stopped', async () => {
    await fc.assert(
      fc.asyncProperty(acts, fc.boolean(), async (list, isBitmap) => {
        const all = linkRig({}, isBitmap ? { makeFrame: undefined } : {});
        const { link, devices, shop, page, clock, film, frames } = all;
        await all.live();
        const doing: Record<(typeof list)[number]['act'], () => unknown> = {
          film: () => clock.advance(34).then(film),
          done: () => shop.worker.done(),
          hide: () => page.show(false),
          show: () => page.show(true),
          crash: () => shop.worker.crash('x'),
          ready: () => shop.worker.ready(),
          wait: () => clock.advance(400),
          hang: () => clock.advance(5100),
          stop: () => link.stop(),
          start: () => link.start(),
          retry: () => link.retry(),
          change: () => link.changeCamera(),
          mute: () => devices.tracks.at(-1)?.fire('mute'),
          unmute: () => devices.tracks.at(-1)?.fire('unmute'),
          unplug: () => devices.tracks.at(-1)?.fire('ended'),
          pause: () => link.follow({ ...HIGH, paused: true }),
          follow: () => link.follow(HIGH),
          refuse: () => (shop.worker.refuses = 'frame'),
        };
        for (const { act, settles } of list) {
          await doing[act]();
          if (!settles) continue;
          await turns();
          // One may wait for the worker, no more.
          expect(frames.filter((frame) => !frame.isSettled).length).toBeLessThanOrEqual(1);
          expect(devices.live).toBeLessThanOrEqual(1);
        }
        link.stop();
        // One that is being opened goes off as soon as it is there.
        await turns();
        expect(devices.live).toBe(0);
        await clock.advance(1000);
        await link.ended;
        expect(link.state).toEqual({ at: 'idle' });
        expect(frames.every((frame) => frame.isSettled)).toBe(true);
        expect(shop.workers.every(({ isTerminated }) => isTerminated)).toBe(true);
        expect(clock.waiting).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

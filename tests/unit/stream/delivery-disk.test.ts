/** The delivery on the log that the app has: records grow, are cut and confirmed in any order, and all of it arrives. */
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { installIndexedDb, openLab } from '../../support/outbox-lab.ts';
import { GATEWAY, STOCK } from './configs.ts';
import { anyStep, SENSOR, World, type Step } from './delivery-world.ts';

afterEach(() => vi.unstubAllGlobals());

describe.each([
  ['the platform', STOCK],
  ['our gateway', GATEWAY],
])('delivery to %s from the disk', (_server, abilities) => {
  it('loses nothing and repeats only what is unconfirmed', { timeout: 60_000 }, async () => {
    // What a process loses with its end is the business of the log's own tests.
    const step = anyStep.filter((one) => one.do !== 'crash');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
        installIndexedDb();
        const { outbox, clock } = await openLab();
        const world = new World(outbox, abilities, (log) => log, { clock, firstSeq: 0, turns: 6 });
        const start: Step[] = [{ do: 'join' }, { do: 'config', attention: 'high', critical: false }];
        for (const one of [...start, ...steps]) {
          await world.perform(one);
          world.check(false);
        }
        await world.finish();
        world.check(true);
        world.checkComplete();
        const { measured, kept, confirmed, setAside } = outbox.depth(SENSOR);
        expect([kept, confirmed + setAside]).toEqual([0, measured]);
        await outbox.close();
      }),
      { numRuns: 25 },
    );
  });
});

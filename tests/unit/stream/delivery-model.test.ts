/** Nothing measured is lost, whatever happens in whatever order, on the platform's own server and on our gateway. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryOutbox } from '../../../src/outbox/memory-outbox.ts';
import type { OutboxPort } from '../../../src/stream/ports.ts';
import type { ManualClock } from '../../support/manual-clock.ts';
import { GATEWAY, STOCK } from './configs.ts';
import { anyStep, FIRST_SEQ, slow, World, type Step } from './delivery-world.ts';

const DISKS: readonly [string, (outbox: OutboxPort, clock: ManualClock) => OutboxPort][] = [
  ['in memory', (outbox) => outbox],
  ['on a slow disk', slow],
];
const SERVERS = [
  ['the platform', STOCK],
  ['our gateway', GATEWAY],
  ['a server that takes late samples as JSON', { outOfOrder: true, binary: false }],
] as const;

/** Found by chance: a batch of one sample is refused though nothing is wrong with it. */
const REFUSED_ALONE: Step[] = [
  { do: 'refuse' },
  { do: 'add', attribute: 'heartrate', samples: 1, urgent: false },
  { do: 'serve', count: 1 },
  { do: 'answer', count: 1 },
  { do: 'add', attribute: 'heartrate', samples: 100, urgent: false },
];

describe.each(SERVERS)('delivery to %s', (_server, abilities) => {
  it.each(DISKS)(
    'with its log %s loses nothing and repeats only what is unconfirmed',
    { timeout: 60_000 },
    async (name, disk) => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 80 }), async (steps) => {
          const world = new World(createMemoryOutbox(FIRST_SEQ), abilities, disk);
          const start: Step[] = [{ do: 'join' }, { do: 'config', attention: 'high', critical: false }];
          for (const one of [...start, ...steps]) {
            await world.perform(one);
            world.check(name === 'in memory');
          }
          await world.finish();
          expect(world.delivery.counts().kept).toBe(0);
          world.check(true);
          world.checkComplete();
        }),
        { numRuns: 120, examples: [[REFUSED_ALONE]] },
      );
    },
  );
});

/** Any room on the disk, any demand on it, in any order: a sample is given up and counted, or kept, or arrives once. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { balanced, keys, noise, noted, SENSOR, values } from '../support/full-disk.ts';
import { flatten, FULL, installIndexedDb, openLab, type Sample } from '../support/outbox-lab.ts';

beforeEach(installIndexedDb);
afterEach(() => vi.unstubAllGlobals());

describe('any disk, any demand', () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('append' as const),
        attribute: fc.constantFrom('button', 'heartrate', 'ecg', 'skeleton'),
        samples: fc.integer({ min: 1, max: 300 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 250, 5000, 61_000) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('send' as const), max: fc.integer({ min: 1, max: 900 }) }) },
    fc.record({ do: fc.constant('room' as const), bytes: fc.constantFrom(0, 3000, 12_000, 60_000) }),
    fc.record({ do: fc.constant('refuse' as const), all: fc.boolean() }),
  );

  it('what is not counted as given up is kept or confirmed, each sample once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        installIndexedDb();
        const { outbox, db, clock } = await openLab({ heldBytes: 9000 });
        const appended = new Map<string, number>();
        const sent: Sample[] = [];
        const send = async (max: number): Promise<number> => {
          const found = flatten(await outbox.read(SENSOR, undefined, max));
          await outbox.confirm(SENSOR, found.at(-1)?.id ?? -1);
          sent.push(...found);
          return found.length;
        };
        for (const one of steps) {
          if (one.do === 'append') {
            const first = appended.get(one.attribute) ?? 0;
            outbox.append(SENSOR, noise(one.attribute, one.samples, first));
            appended.set(one.attribute, first + one.samples);
          } else if (one.do === 'wait') await clock.advance(one.ms);
          else if (one.do === 'send') await send(one.max);
          else if (one.do === 'room') db.capacity = one.bytes;
          else db.fault = () => (one.all ? FULL : undefined);
          balanced(outbox);
        }
        db.fault = () => undefined;
        db.capacity = Infinity;
        await vi.waitFor(async () => {
          await clock.advance(5000);
          await outbox.checkpoint();
          expect(outbox.storage.kind).toBe('durable');
        });
        while ((await send(500)) > 0) balanced(outbox);
        const { measured, confirmed, evicted, kept } = outbox.depth(SENSOR);
        expect({ kept, confirmed }).toEqual({ kept: 0, confirmed: sent.length });
        const lost = await noted(outbox);
        expect(Object.values(lost).reduce((sum, one) => sum + one, 0)).toBe(evicted);
        expect(measured).toBe([...appended.values()].reduce((sum, one) => sum + one, 0));
        for (const [attribute, count] of appended) {
          const arrived = values(sent, attribute);
          expect(arrived).toEqual([...new Set(arrived)].sort((a, b) => a - b));
          expect(arrived.length + (lost[attribute] ?? 0)).toBe(count);
          const seqs = sent.filter((sample) => sample.attribute === attribute).map(({ seq }) => seq);
          expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
        }
        expect(await keys()).toEqual([]);
      }),
      { numRuns: 120 },
    );
  }, 120_000);
});

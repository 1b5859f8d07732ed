/** Attributes of which only so much is kept while it cannot be sent: what every log does with them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outbox } from '../../src/outbox/ports.ts';
import { flatten, readAll, samples, type Sample } from '../support/outbox-lab.ts';

const SENSOR = 'sensor-1';
const RING = 100;
/** No less than this is left when the oldest were given up. */
const LEAST = 90;
/** Unix ms of sample 0; they are 10 ms apart. */
const T = 1_700_000_000_000;

const body = (ring?: number) => ({
  attribute: 'body',
  attributeType: 'skeleton',
  samplingRate: 30,
  ...(ring !== undefined && { ring }),
});

const valuesOf = (read: readonly Sample[], attribute: string): number[] =>
  read.filter((one) => one.attribute === attribute).map(({ value }) => Number(value));
const upTo = (first: number, end: number): number[] => Array.from({ length: end - first }, (_, i) => first + i);

/** Samples `from` … `to − 1`, ten in a block, each block written before the next. */
async function fill(outbox: Outbox, attribute: string, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 10) {
    outbox.append(SENSOR, samples(attribute, Math.min(10, to - at), at));
    await outbox.checkpoint();
  }
}

async function lossOf(outbox: Outbox, attribute: string): Promise<number> {
  const gaps = (await outbox.gaps(SENSOR)).filter((gap) => gap.cause === 'evicted' && gap.attribute === attribute);
  return gaps.reduce((sum, gap) => sum + (gap.samples ?? 0), 0);
}

export function ringContract(make: () => Promise<Outbox>): void {
  it('keeps the newest, and gives up the oldest: counted, and noted as one gap that grows', async () => {
    const outbox = await make();
    outbox.register(SENSOR, body(RING));
    for (let at = 0; at < 1000; at += 10) {
      outbox.append(SENSOR, samples('ecg', 10, at));
      await fill(outbox, 'body', at, at + 10);
      const { kept = 0 } = outbox.attributes(SENSOR).find(({ attribute }) => attribute === 'body') ?? {};
      expect(kept).toBeLessThanOrEqual(RING);
      expect(kept).toBeGreaterThanOrEqual(Math.min(at + 10, LEAST));
    }
    const left = await readAll(outbox, SENSOR);
    const bodies = valuesOf(left, 'body');
    expect(bodies).toEqual(upTo(1000 - bodies.length, 1000));
    expect(valuesOf(left, 'ecg')).toEqual(upTo(0, 1000));
    const evicted = 1000 - bodies.length;
    expect(outbox.depth(SENSOR)).toMatchObject({ measured: 2000, kept: 2000 - evicted, evicted });
    const gaps = await outbox.gaps(SENSOR);
    expect(gaps).toMatchObject([{ cause: 'evicted', attribute: 'body', samples: evicted, from: T }]);
    expect(Math.abs((gaps[0]?.to ?? 0) - (T + 10 * (evicted - 1)))).toBeLessThan(1);
  });

  it('divides a block that is larger than the ring', async () => {
    const outbox = await make();
    outbox.register(SENSOR, body(RING));
    outbox.append(SENSOR, samples('body', 700));
    outbox.append(SENSOR, samples('body', 1, 700));
    await outbox.checkpoint();
    const left = valuesOf(await readAll(outbox, SENSOR), 'body');
    expect(left).toEqual(upTo(701 - left.length, 701));
    expect(left.length).toBeLessThanOrEqual(RING);
    expect(left.length).toBeGreaterThanOrEqual(LEAST);
    expect(await lossOf(outbox, 'body')).toBe(701 - left.length);
  });

  it('keeps what is on its way to the server, and begins a new gap behind what arrived', async () => {
    const outbox = await make();
    outbox.register(SENSOR, body(RING));
    await fill(outbox, 'body', 0, 250);
    const before = await lossOf(outbox, 'body');
    const flying = flatten(await outbox.read(SENSOR, undefined, 50));
    await fill(outbox, 'body', 250, 600);
    await outbox.confirm(SENSOR, flying.at(-1)?.id ?? 0);
    expect(outbox.depth(SENSOR)).toMatchObject({ confirmed: 50 });
    await fill(outbox, 'body', 600, 800);
    const left = valuesOf(await readAll(outbox, SENSOR), 'body');
    expect(left).toEqual(upTo(800 - left.length, 800));
    const { measured, kept, confirmed, evicted } = outbox.depth(SENSOR);
    expect({ measured, kept, confirmed }).toEqual({ measured: 800, kept: left.length, confirmed: 50 });
    expect(evicted).toBe(750 - left.length);
    const gaps = await outbox.gaps(SENSOR);
    expect(gaps.length).toBe(2);
    expect(gaps.reduce((sum, gap) => sum + (gap.samples ?? 0), 0)).toBe(evicted);
    expect(gaps[0]?.samples).toBeGreaterThan(before);
  });

  it('takes back what was on its way and did not arrive', async () => {
    const outbox = await make();
    outbox.register(SENSOR, body(RING));
    await fill(outbox, 'body', 0, 90);
    await outbox.read(SENSOR, undefined, 80);
    await fill(outbox, 'body', 90, 150);
    expect(outbox.depth(SENSOR)).toMatchObject({ kept: 150, evicted: 0 });
    await outbox.read(SENSOR, undefined, 1);
    await fill(outbox, 'body', 150, 160);
    const left = valuesOf(await readAll(outbox, SENSOR), 'body');
    expect(left[0]).toBe(0);
    expect(left.slice(1)).toEqual(upTo(161 - left.length, 160));
    expect(left.length).toBeLessThanOrEqual(RING + 1);
  });

  it('can be widened to all and back', async () => {
    const outbox = await make();
    outbox.register(SENSOR, body(RING));
    await fill(outbox, 'body', 0, 200);
    const kept = outbox.depth(SENSOR).kept;
    outbox.register(SENSOR, body());
    await fill(outbox, 'body', 200, 500);
    expect(outbox.depth(SENSOR).kept).toBe(kept + 300);
    outbox.register(SENSOR, body(20));
    await outbox.checkpoint();
    const left = valuesOf(await readAll(outbox, SENSOR), 'body');
    expect(left).toEqual(upTo(500 - left.length, 500));
    expect(left.length).toBeLessThanOrEqual(20);
    expect(await lossOf(outbox, 'body')).toBe(500 - left.length);
  });

  it('says how old the oldest is that is left', async () => {
    const outbox = await make();
    outbox.register(SENSOR, body(RING));
    await fill(outbox, 'body', 0, 500);
    const oldest = outbox.depth(SENSOR).oldestUnsentAt ?? 0;
    // Within a sample: between the ends of a record times are estimated.
    expect(Math.abs(oldest - (T + 10 * (500 - outbox.depth(SENSOR).kept)))).toBeLessThanOrEqual(11);
  });

  it('keeps nothing where the ring is 0, and adds up', async () => {
    const outbox = await make();
    outbox.register(SENSOR, body(0));
    await fill(outbox, 'body', 0, 30);
    expect(outbox.depth(SENSOR)).toMatchObject({ measured: 30, kept: 0, evicted: 30, oldestUnsentAt: undefined });
    expect(await readAll(outbox, SENSOR)).toEqual([]);
  });

  describe('in any order of operations', () => {
    const operation = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 40 }) }),
      },
      fc.record({ kind: fc.constant('read' as const), count: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ kind: fc.constant('confirm' as const), count: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ kind: fc.constant('rewind' as const), count: fc.constant(1) }),
      fc.record({ kind: fc.constant('ring' as const), count: fc.integer({ min: -1, max: 50 }) }),
      fc.record({ kind: fc.constant('write' as const), count: fc.constant(0) }),
    );

    it('loses nothing that it does not count and note, nothing twice, and nothing on its way', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { maxLength: 40 }), async (operations) => {
          const outbox = await make();
          let appended = 0;
          let away: Sample[] = [];
          const arrived = new Set<number>();
          for (const { kind, count } of operations) {
            if (kind === 'append') {
              outbox.append(SENSOR, samples('body', count, appended));
              appended += count;
            } else if (kind === 'read') {
              away.push(...flatten(await outbox.read(SENSOR, away.at(-1)?.id, count)));
            } else if (kind === 'confirm') {
              const sent = away.slice(0, count);
              await outbox.confirmSamples(
                SENSOR,
                sent.map(({ id }) => ({ last: id, samples: 1 })),
              );
              for (const { value } of sent) arrived.add(Number(value));
              away = away.slice(count);
            } else if (kind === 'rewind') {
              away = flatten(await outbox.read(SENSOR, undefined, 1));
            } else if (kind === 'ring') {
              outbox.register(SENSOR, count < 0 ? body() : body(count));
            } else {
              await outbox.checkpoint();
            }
          }
          // All that is still on its way arrives.
          await outbox.confirm(SENSOR, away.at(-1)?.id ?? 0);
          for (const { value } of away) arrived.add(Number(value));
          const left = valuesOf(await readAll(outbox, SENSOR), 'body');
          expect(left).toEqual([...new Set(left)].sort((a, b) => a - b));
          for (const value of left) expect(arrived.has(value)).toBe(false);
          const { measured, kept, confirmed, evicted } = outbox.depth(SENSOR);
          expect({ measured, kept, confirmed }).toEqual({
            measured: appended,
            kept: left.length,
            confirmed: arrived.size,
          });
          expect(evicted).toBe(appended - left.length - arrived.size);
          expect(await lossOf(outbox, 'body')).toBe(evicted);
        }),
        { numRuns: 60 },
      );
    });
  });
}

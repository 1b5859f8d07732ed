/** What every log of measurements must do, in memory or on disk: one suite, run over each. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { singleValue, type Block } from '../../src/model/block.ts';
import type { OutboxEntry, OutboxPort } from '../../src/stream/ports.ts';

/** An empty log. Each call makes another. */
export type MakeOutbox = () => Promise<OutboxPort>;

const SENSOR = 'sensor-1';

export function outboxContract(name: string, make: MakeOutbox): void {
  describe(`outbox: ${name}`, () => {
    describe('append and read', () => appending(make));
    describe('confirm and set aside', () => removing(make));
    describe('any order of operations', () => model(make));
  });
}

/** `count` samples of one attribute, numbered from `first`. */
function samples(attribute: string, count: number, first = 0): Block {
  const values = Float32Array.from({ length: count }, (_, i) => first + i);
  return { kind: 'numeric', attribute, times: Float64Array.from(values), values };
}

const ids = (entries: readonly OutboxEntry[]): number[] => entries.map((entry) => entry.id);

function appending(make: MakeOutbox): void {
  it('is empty at first', async () => {
    const outbox = await make();
    expect(outbox.depth(SENSOR)).toEqual({ kept: 0, setAside: 0 });
    expect(await outbox.read(SENSOR, undefined, 100)).toEqual([]);
  });

  it('gives back what was appended, oldest first, with ascending ids', async () => {
    const outbox = await make();
    const blocks: Block[] = [
      samples('heartrate', 1, 60),
      {
        kind: 'structured',
        attribute: 'battery',
        times: Float64Array.of(5.5),
        payloads: [{ level: 80, charging: true }],
      },
      samples('ecg', 3, 100),
    ];
    const appended = blocks.map((block) => outbox.append(SENSOR, block));
    const read = await outbox.read(SENSOR, undefined, 100);
    expect(read).toEqual(appended);
    expect(read.map((entry) => entry.block)).toEqual(blocks);
    expect(read.map((entry) => entry.samples)).toEqual([1, 1, 3]);
    expect(ids(read)).toEqual([...ids(read)].sort((a, b) => a - b));
    expect(new Set(ids(read)).size).toBe(3);
    expect(outbox.depth(SENSOR)).toEqual({ kept: 5, setAside: 0 });
  });

  it('numbers samples without a gap, per sensor and attribute', async () => {
    const outbox = await make();
    const first = outbox.append(SENSOR, samples('ecg', 3)).firstSeq;
    const other = outbox.append(SENSOR, samples('heartrate', 1)).firstSeq;
    expect(outbox.append(SENSOR, samples('ecg', 2)).firstSeq).toBe(first + 3);
    expect(outbox.append(SENSOR, samples('ecg', 1)).firstSeq).toBe(first + 5);
    expect(outbox.append(SENSOR, samples('heartrate', 1)).firstSeq).toBe(other + 1);
    expect(Number.isSafeInteger(first + 1e9)).toBe(true);
  });

  it('goes on numbering after everything was confirmed', async () => {
    const outbox = await make();
    const one = outbox.append(SENSOR, samples('ecg', 4));
    await outbox.confirm(SENSOR, one.id);
    const two = outbox.append(SENSOR, samples('ecg', 1));
    expect(two.firstSeq).toBe(one.firstSeq + 4);
    expect(two.id).toBeGreaterThan(one.id);
  });

  it('reads after an entry, and as many as fit', async () => {
    const outbox = await make();
    const all = [2, 3, 4, 1].map((count) => outbox.append(SENSOR, samples('ecg', count)));
    const [a, b, c, d] = all.map((entry) => entry.id);
    expect(ids(await outbox.read(SENSOR, undefined, 5))).toEqual([a, b]);
    expect(ids(await outbox.read(SENSOR, b, 5))).toEqual([c, d]);
    expect(ids(await outbox.read(SENSOR, b, 4))).toEqual([c]);
    expect(ids(await outbox.read(SENSOR, d, 5))).toEqual([]);
  });

  it('gives one entry even if it is larger than asked', async () => {
    const outbox = await make();
    const large = outbox.append(SENSOR, samples('ecg', 500));
    outbox.append(SENSOR, samples('ecg', 1));
    expect(ids(await outbox.read(SENSOR, undefined, 200))).toEqual([large.id]);
  });

  it('keeps sensors apart', async () => {
    const outbox = await make();
    const mine = outbox.append(SENSOR, samples('ecg', 2));
    outbox.append('sensor-2', samples('ecg', 5));
    await outbox.confirm('sensor-2', 1_000_000);
    expect(outbox.depth(SENSOR)).toEqual({ kept: 2, setAside: 0 });
    expect(outbox.depth('sensor-2')).toEqual({ kept: 0, setAside: 0 });
    expect(ids(await outbox.read(SENSOR, undefined, 100))).toEqual([mine.id]);
  });
}

function removing(make: MakeOutbox): void {
  it('confirms up to and including an entry', async () => {
    const outbox = await make();
    const [, second, third] = [2, 3, 4].map((count) => outbox.append(SENSOR, samples('ecg', count)));
    await outbox.confirm(SENSOR, second?.id ?? 0);
    expect(outbox.depth(SENSOR)).toEqual({ kept: 4, setAside: 0 });
    expect(ids(await outbox.read(SENSOR, undefined, 100))).toEqual([third?.id]);
    await outbox.confirm(SENSOR, second?.id ?? 0);
    expect(outbox.depth(SENSOR)).toEqual({ kept: 4, setAside: 0 });
  });

  it('a read sees what was confirmed and appended before it, although nobody waited', async () => {
    const outbox = await make();
    const one = outbox.append(SENSOR, samples('ecg', 1));
    const confirmed = outbox.confirm(SENSOR, one.id);
    const two = outbox.append(SENSOR, samples('ecg', 1));
    expect(ids(await outbox.read(SENSOR, undefined, 100))).toEqual([two.id]);
    await confirmed;
  });

  it('sets entries aside: counted apart, not read again, not touched by a later confirmation', async () => {
    const outbox = await make();
    const [first, second, third] = [2, 3, 4].map((count) => outbox.append(SENSOR, samples('ecg', count)));
    await outbox.setAside(SENSOR, [second?.id ?? 0], 'invalid_batch');
    expect(outbox.depth(SENSOR)).toEqual({ kept: 6, setAside: 3 });
    expect(ids(await outbox.read(SENSOR, undefined, 100))).toEqual([first?.id, third?.id]);
    await outbox.confirm(SENSOR, third?.id ?? 0);
    expect(outbox.depth(SENSOR)).toEqual({ kept: 0, setAside: 3 });
  });

  it('setting aside what is gone, or twice, counts nothing', async () => {
    const outbox = await make();
    const one = outbox.append(SENSOR, samples('ecg', 2));
    await outbox.setAside(SENSOR, [one.id], 'invalid_batch');
    await outbox.setAside(SENSOR, [one.id, one.id + 7], 'invalid_batch');
    expect(outbox.depth(SENSOR)).toEqual({ kept: 0, setAside: 2 });
  });
}

interface Expected {
  readonly id: number;
  readonly samples: number;
}

function model(make: MakeOutbox): void {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('append' as const), samples: fc.integer({ min: 1, max: 9 }) }),
    },
    fc.record({ do: fc.constant('confirm' as const), index: fc.nat(20) }),
    fc.record({ do: fc.constant('aside' as const), index: fc.nat(20) }),
    fc.record({ do: fc.constant('read' as const), index: fc.option(fc.nat(20)), max: fc.integer({ min: 1, max: 30 }) }),
  );

  it('agrees with a list', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const outbox = await make();
        let list: Expected[] = [];
        let aside = 0;
        for (const one of steps) {
          if (one.do === 'append') {
            const entry = outbox.append(SENSOR, singleBlock(one.samples));
            list.push({ id: entry.id, samples: one.samples });
          } else if (one.do === 'confirm') {
            const upTo = list[one.index]?.id ?? 0;
            await outbox.confirm(SENSOR, upTo);
            list = list.filter((entry) => entry.id > upTo);
          } else if (one.do === 'aside') {
            const gone = list[one.index];
            await outbox.setAside(SENSOR, gone ? [gone.id] : [], 'refused');
            list = list.filter((entry) => entry !== gone);
            aside += gone?.samples ?? 0;
          } else {
            const after = one.index === null ? undefined : list[one.index]?.id;
            const read = await outbox.read(SENSOR, after, one.max);
            expect(ids(read)).toEqual(readOf(list, after, one.max));
          }
          const kept = list.reduce((sum, entry) => sum + entry.samples, 0);
          expect(outbox.depth(SENSOR)).toEqual({ kept, setAside: aside });
        }
      }),
      { numRuns: 40 },
    );
  });
}

function singleBlock(count: number): Block {
  return count === 1 ? singleValue('ecg', 1, 1) : samples('ecg', count);
}

/** At least one after `after`, more while they fit. */
function readOf(list: readonly Expected[], after: number | undefined, max: number): number[] {
  const later = list.filter((entry) => after === undefined || entry.id > after);
  let sum = 0;
  return later
    .filter((entry, i) => {
      sum += entry.samples;
      return i === 0 || sum <= max;
    })
    .map((entry) => entry.id);
}

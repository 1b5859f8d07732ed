/** A full disk: what is given up, what is not, what is held in memory, and how it ends. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Block } from '../../src/model/block.ts';
import type { Outbox } from '../../src/outbox/ports.ts';
import {
  behindItsBack,
  BROKEN,
  flatten,
  FULL,
  installIndexedDb,
  openLab,
  readAll,
  samples,
  type Lab,
  type Sample,
} from '../support/outbox-lab.ts';

const SENSOR = 'sensor-1';

beforeEach(installIndexedDb);
afterEach(() => vi.unstubAllGlobals());

const values = (read: readonly Sample[], attribute?: string): number[] =>
  read
    .filter((sample) => attribute === undefined || sample.attribute === attribute)
    .map(({ value }) => Math.floor(Number(value)));
const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);
const keys = (): Promise<IDBValidKey[]> => behindItsBack('log', (store) => store.getAllKeys());

/** Samples that take room: their number is the whole part. */
function noise(attribute: string, count: number, first: number): Block {
  const block = samples(attribute, count, first);
  if (block.kind !== 'numeric') return block;
  return { ...block, values: block.values.map((value) => value + 0.9 * (Math.abs(Math.sin(value) * 1e4) % 1)) };
}

/** One record of each attribute, `rounds` times. */
async function fill(outbox: Outbox, attributes: readonly string[], size: number, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const attribute of attributes) outbox.append(SENSOR, noise(attribute, size, round * size));
    outbox.end(SENSOR);
    await outbox.gaps(SENSOR);
  }
}

/** Noted as given up, by attribute. */
async function noted(outbox: Outbox): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { cause, attribute, samples: count } of await outbox.gaps(SENSOR)) {
    if (cause === 'evicted') sums[attribute ?? ''] = (sums[attribute ?? ''] ?? 0) + (count ?? 0);
  }
  return sums;
}

function balanced(outbox: Outbox): void {
  const { measured, kept, confirmed, setAside, evicted } = outbox.depth(SENSOR);
  expect(kept + confirmed + setAside + evicted).toBe(measured);
}

describe('a full disk where deleting helps', () => {
  it('gives up the least important for what matters more, no more than about what it needs', async () => {
    const { outbox, db } = await openLab();
    await fill(outbox, ['skeleton', 'ecg', 'heartrate'], 300, 60);
    const { bytes } = outbox.depth(SENSOR);
    db.capacity = bytes;
    outbox.append(SENSOR, noise('heartrate', 300, 18_000));
    await outbox.checkpoint();
    expect(outbox.storage.kind).toBe('durable');
    const { evicted, bytes: after } = outbox.depth(SENSOR);
    expect(evicted).toBeGreaterThan(0);
    expect(bytes - after).toBeLessThan(16_384 + 2000);
    expect(await noted(outbox)).toEqual({ skeleton: evicted });
    const left = await readAll((await openLab()).outbox, SENSOR);
    expect(values(left, 'heartrate')).toEqual(numbers(0, 18_300));
    expect(values(left, 'ecg')).toEqual(numbers(0, 18_000));
    // The oldest of it went.
    expect(values(left, 'skeleton')).toEqual(numbers(evicted, 18_000 - evicted));
  });

  it('gives up nothing where fewer records at once still fit', async () => {
    const { outbox, db } = await openLab();
    await fill(outbox, ['ecg'], 300, 20);
    db.fault = ([one]) => ((one?.puts.length ?? 0) > 8 ? FULL : undefined);
    for (let i = 0; i < 30; i++) {
      outbox.append(SENSOR, noise('ecg', 300, 6000 + 300 * i));
      outbox.end(SENSOR);
    }
    await outbox.checkpoint();
    expect(outbox.storage.kind).toBe('durable');
    expect(outbox.depth(SENSOR)).toMatchObject({ measured: 15_000, kept: 15_000, evicted: 0 });
  });

  it('deletes what was confirmed first, and gives up nothing if that is enough', async () => {
    const { outbox, db } = await openLab();
    await fill(outbox, ['ecg'], 600, 20);
    db.capacity = outbox.depth(SENSOR).bytes;
    const read = await readAll(outbox, SENSOR, 600);
    outbox.append(SENSOR, noise('ecg', 600, 12_000));
    await outbox.confirm(SENSOR, read[5999]?.id ?? 0);
    await outbox.checkpoint();
    expect(outbox.depth(SENSOR)).toMatchObject({ measured: 12_600, confirmed: 6000, kept: 6600, evicted: 0 });
    expect(values(await readAll((await openLab()).outbox, SENSOR))).toEqual(numbers(6000, 6600));
  });

  it('never gives up what matters more for what matters less: that waits in memory', async () => {
    const { outbox, db, clock } = await openLab();
    await fill(outbox, ['button', 'ecg'], 300, 10);
    db.capacity = outbox.depth(SENSOR).bytes;
    outbox.append(SENSOR, noise('skeleton', 300, 0));
    await outbox.gaps(SENSOR);
    expect(outbox.storage).toMatchObject({ kind: 'memory', full: true });
    expect(outbox.depth(SENSOR)).toMatchObject({ kept: 6300, evicted: 0 });
    // What matters more than some of it gets its place all the same.
    outbox.append(SENSOR, noise('heartrate', 300, 0));
    await clock.advance(5000);
    await vi.waitFor(() => expect(outbox.depth(SENSOR).evicted).toBeGreaterThan(0));
    const { ecg = 0, ...others } = await noted(outbox);
    expect(others).toEqual({});
    db.dead = true;
    const left = await readAll((await openLab()).outbox, SENSOR);
    expect(values(left, 'heartrate')).toEqual(numbers(0, 300));
    expect(values(left, 'button')).toEqual(numbers(0, 3000));
    expect(ecg).toBeGreaterThan(0);
    expect(values(left, 'ecg')).toEqual(numbers(ecg, 3000 - ecg));
  });

  it('keeps what is on its way, and a read in the meantime gets what is left, in order', async () => {
    const { outbox, db } = await openLab();
    await fill(outbox, ['ecg'], 300, 40);
    const flying = flatten(await outbox.read(SENSOR, undefined, 500));
    db.capacity = outbox.depth(SENSOR).bytes;
    outbox.append(SENSOR, noise('ecg', 300, 12_000));
    const rest: Sample[] = [];
    for (let found = flying; found.length > 0; rest.push(...found)) {
      found = flatten(await outbox.read(SENSOR, found.at(-1)?.id, 500));
    }
    const { evicted } = outbox.depth(SENSOR);
    expect(evicted).toBeGreaterThan(0);
    expect(values(rest)).toEqual([...numbers(500, 100), ...numbers(600 + evicted, 12_300 - 600 - evicted)]);
    await outbox.confirm(SENSOR, rest.at(-1)?.id ?? 0);
    expect(outbox.depth(SENSOR)).toMatchObject({ kept: 0, confirmed: 12_300 - evicted, evicted });
    expect(await keys()).toEqual([]);
  });
});

describe('a full disk where nothing helps', () => {
  async function refused(options: Parameters<typeof openLab>[0] = {}): Promise<Lab> {
    const lab = await openLab(options);
    await fill(lab.outbox, ['skeleton', 'ecg'], 300, 30);
    lab.db.fault = () => FULL;
    return lab;
  }

  it('costs nothing: what is there stays, the new is held in memory, and that is said', async () => {
    const told = vi.fn();
    const { outbox, clock } = await refused({ onChange: told });
    const before = await keys();
    outbox.append(SENSOR, noise('heartrate', 500, 0));
    await outbox.gaps(SENSOR);
    expect(outbox.storage).toEqual({
      kind: 'memory',
      error: { code: 'storage-unavailable', detail: expect.stringContaining('Quota') as string },
      since: clock.now(),
      full: true,
      heldBytes: 500 * 12,
      heldLimit: 32 * 2 ** 20,
    });
    expect(told).toHaveBeenCalled();
    for (let i = 1; i <= 40; i++) {
      outbox.append(SENSOR, noise('heartrate', 500, 500 * i));
      await clock.advance(5000);
    }
    expect(outbox.depth(SENSOR)).toMatchObject({ measured: 38_500, kept: 38_500, evicted: 0 });
    expect(await outbox.gaps(SENSOR)).toEqual([]);
    expect(await keys()).toEqual(before);
  });

  it('is still read and sent, the old before the new; what the server has makes room again', async () => {
    const { outbox, db, clock } = await refused();
    db.fault = () => undefined;
    db.capacity = outbox.depth(SENSOR).bytes;
    outbox.register(SENSOR, { attribute: 'later', attributeType: 'skeleton', samplingRate: 30 });
    db.fault = () => FULL;
    outbox.append(SENSOR, noise('later', 400, 0));
    await outbox.gaps(SENSOR);
    expect(outbox.storage.kind).toBe('memory');
    outbox.append(SENSOR, noise('later', 400, 400));
    const all = await readAll(outbox, SENSOR);
    expect(values(all, 'ecg')).toEqual(numbers(0, 9000));
    expect(values(all, 'later')).toEqual(numbers(0, 800));
    expect(all.findIndex(({ attribute }) => attribute === 'later')).toBe(18_000);
    await outbox.confirm(SENSOR, all[8999]?.id ?? 0);
    db.fault = () => undefined;
    await clock.advance(5000);
    await vi.waitFor(() => expect(outbox.storage.kind).toBe('durable'));
    expect(outbox.depth(SENSOR)).toMatchObject({ measured: 18_800, kept: 9800, confirmed: 9000, evicted: 0 });
    await outbox.checkpoint();
    const again = (await openLab()).outbox;
    expect(again.depth(SENSOR)).toMatchObject({ measured: 18_800, kept: 9800, confirmed: 9000 });
    expect(await readAll(again, SENSOR)).toEqual(all.slice(9000));
  });

  it('at the bound of memory gives up what matters least there, the oldest first, and nothing on disk', async () => {
    const { outbox, db, clock } = await refused({ heldBytes: 24_000 });
    const before = await keys();
    for (let i = 0; i < 20; i++) {
      outbox.append(SENSOR, noise('skeleton', 50, 9000 + 50 * i));
      outbox.append(SENSOR, samples('heartrate', 50, 50 * i));
      outbox.end(SENSOR);
      await clock.advance(1000);
    }
    expect(outbox.depth(SENSOR).evicted).toBe(0);
    outbox.append(SENSOR, samples('heartrate', 50, 1000));
    const { evicted } = outbox.depth(SENSOR);
    expect(evicted).toBeGreaterThan(0);
    expect(await noted(outbox)).toEqual({ skeleton: evicted });
    const held = (): number => (outbox.storage.kind === 'memory' ? outbox.storage.heldBytes : 0);
    for (let i = 21; i < 100; i++) {
      outbox.append(SENSOR, samples('heartrate', 50, 50 * i));
      outbox.end(SENSOR);
      expect(held()).toBeLessThanOrEqual(24_000);
      balanced(outbox);
    }
    expect(await keys()).toEqual(before);
    const lost = await noted(outbox);
    expect(lost['skeleton']).toBe(1000);
    db.fault = () => undefined;
    await clock.advance(5000);
    await vi.waitFor(() => expect(outbox.storage.kind).toBe('durable'));
    await outbox.checkpoint();
    const left = await readAll((await openLab()).outbox, SENSOR);
    expect(values(left, 'skeleton')).toEqual(numbers(0, 9000));
    expect(values(left, 'ecg')).toEqual(numbers(0, 9000));
    const beats = lost['heartrate'] ?? 0;
    expect(values(left, 'heartrate')).toEqual(numbers(beats, 5000 - beats));
  });

  it('and then breaks: what is held stays, and is written when the database is back', async () => {
    const { outbox, db, clock } = await refused();
    outbox.append(SENSOR, noise('ecg', 300, 9000));
    await outbox.gaps(SENSOR);
    db.refusing = true;
    db.drop('closed by the browser');
    expect(outbox.storage).toMatchObject({ kind: 'memory', full: false });
    expect(values(await readAll(outbox, SENSOR))).toEqual(numbers(9000, 300));
    db.refusing = false;
    db.fault = () => undefined;
    await clock.advance(5000);
    await outbox.checkpoint();
    expect(outbox.storage.kind).toBe('durable');
    expect(values(await readAll((await openLab()).outbox, SENSOR), 'ecg')).toEqual(numbers(0, 9300));
  });

  it('a database that fails in the middle of a trade costs nothing', async () => {
    const { outbox, db, clock } = await refused();
    db.fault = (changes) => (changes.some(({ gaps }) => gaps.length > 0) ? BROKEN : FULL);
    outbox.append(SENSOR, samples('heartrate', 5));
    await outbox.gaps(SENSOR);
    expect(outbox.storage).toMatchObject({ kind: 'memory', full: false });
    expect(outbox.depth(SENSOR)).toMatchObject({ kept: 18_005, evicted: 0 });
    db.fault = () => undefined;
    await clock.advance(5000);
    await outbox.checkpoint();
    expect(await readAll((await openLab()).outbox, SENSOR)).toHaveLength(18_005);
    expect(await outbox.gaps(SENSOR)).toEqual([]);
  });
});

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

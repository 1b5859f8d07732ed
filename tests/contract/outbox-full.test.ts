/** A full disk: what is given up, what is not, what is held in memory, and how it ends. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { balanced, fill, Gate, keys, noise, noted, numbers, SENSOR, values } from '../support/full-disk.ts';
import {
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

beforeEach(installIndexedDb);
afterEach(() => vi.unstubAllGlobals());

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
    expect(bytes - after).toBeLessThan(3000);
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

  it('deletes that first by itself, where that makes room only for what comes after', async () => {
    const { outbox, db } = await openLab();
    await fill(outbox, ['ecg'], 600, 20);
    const read = await readAll(outbox, SENSOR, 600);
    db.fault = ([one]) => ((one?.puts.length ?? 0) > 0 && (one?.deletes.length ?? 0) > 0 ? FULL : undefined);
    outbox.append(SENSOR, noise('ecg', 600, 12_000));
    await outbox.confirm(SENSOR, read[5999]?.id ?? 0);
    await outbox.checkpoint();
    expect(outbox.storage.kind).toBe('durable');
    expect(outbox.depth(SENSOR)).toMatchObject({ measured: 12_600, confirmed: 6000, kept: 6600, evicted: 0 });
  });

  it('never gives up what matters more for what matters less: that waits in memory', async () => {
    const { outbox, db, clock } = await openLab();
    await fill(outbox, ['button', 'ecg'], 300, 10);
    db.capacity = outbox.depth(SENSOR).bytes;
    // More than all that is there.
    for (let i = 0; i < 60; i++) {
      outbox.append(SENSOR, noise('skeleton', 300, 300 * i));
      outbox.end(SENSOR);
    }
    await outbox.gaps(SENSOR);
    expect(outbox.storage).toMatchObject({ kind: 'memory', full: true });
    expect(outbox.depth(SENSOR)).toMatchObject({ kept: 24_000, evicted: 0 });
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

  it('a read that has its records when they are about to go waits for how that ends', async () => {
    const { outbox, db } = await openLab();
    await fill(outbox, ['ecg'], 300, 40);
    db.capacity = outbox.depth(SENSOR).bytes;
    const [read, trade] = [new Gate(), new Gate()];
    const { records: realRecords, commit: realCommit } = db;
    db.records = async (...args) => {
      const page = await realRecords(...args);
      if (!read.passed) await read.reached();
      return page;
    };
    const reading = outbox.read(SENSOR, undefined, 500);
    await read.waiting;
    // From here on pages are not held up.
    db.records = realRecords;
    db.commit = async (changes, durability) => {
      if (changes.some(({ gaps }) => gaps.length > 0)) await trade.reached();
      return realCommit(changes, durability);
    };
    outbox.append(SENSOR, samples('heartrate', 5));
    await trade.waiting;
    read.open();
    await new Promise((resolve) => setTimeout(resolve, 20));
    trade.open();
    const found = flatten(await reading);
    const { evicted } = outbox.depth(SENSOR);
    expect(evicted).toBeGreaterThan(0);
    expect(values(found)).toEqual(numbers(evicted, 500));
    await outbox.confirm(SENSOR, found.at(-1)?.id ?? 0);
    expect(outbox.depth(SENSOR)).toMatchObject({ measured: 12_005, confirmed: 500, kept: 11_505 - evicted });
    expect(await readAll(outbox, SENSOR)).toHaveLength(11_505 - evicted);
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
    const { bytes } = outbox.depth(SENSOR);
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
    expect(outbox.depth(SENSOR)).toMatchObject({ measured: 38_500, kept: 38_500, evicted: 0, bytes });
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

  it('what is on disk and still in memory as well does not go for the memory’s sake', async () => {
    const { outbox, db, clock } = await openLab({ heldBytes: 3000 });
    outbox.append(SENSOR, samples('skeleton', 100));
    await outbox.gaps(SENSOR);
    db.fault = () => FULL;
    // Grows what is half on disk.
    outbox.append(SENSOR, samples('skeleton', 10, 100));
    await outbox.gaps(SENSOR);
    expect(outbox.storage).toMatchObject({ full: true, heldBytes: 120 });
    for (let i = 0; i < 30; i++) {
      outbox.append(SENSOR, samples('heartrate', 20, 20 * i));
      outbox.end(SENSOR);
    }
    expect((await noted(outbox))['skeleton']).toBe(10);
    db.fault = () => undefined;
    await clock.advance(5000);
    await outbox.checkpoint();
    expect(values(await readAll((await openLab()).outbox, SENSOR), 'skeleton')).toEqual(numbers(0, 100));
  });

  it('what is appended while the disk is read is read as well, in order', async () => {
    const { outbox, db } = await refused();
    outbox.append(SENSOR, samples('heartrate', 5));
    await outbox.gaps(SENSOR);
    const { records: real } = db;
    let appended = 0;
    db.records = async (...args) => {
      const page = await real(...args);
      // Behind all that is on disk.
      if (page.length > 0 || appended === 60) return page;
      for (const one of ['x', 'y']) outbox.append(SENSOR, samples(one, 1, appended));
      appended += 1;
      return page;
    };
    const first = flatten(await outbox.read(SENSOR, undefined, 100_000));
    // What was read grows no more, or the rest of it would stand before what was read last.
    db.records = real;
    outbox.append(SENSOR, samples('x', 1, appended));
    const all = [...first, ...flatten(await outbox.read(SENSOR, first.at(-1)?.id, 100_000))];
    expect(appended).toBeGreaterThan(0);
    expect(values(all, 'x')).toEqual(numbers(0, appended + 1));
    expect(values(all, 'y')).toEqual(numbers(0, appended));
    expect(outbox.storage).toMatchObject({ full: true });
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

/** The durable log in trouble: no room, a database that goes away, processes that end at any moment. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Block } from '../../src/model/block.ts';
import type { Outbox } from '../../src/outbox/ports.ts';
import {
  behindItsBack,
  BROKEN,
  flatten,
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

const values = (read: readonly Sample[], attribute?: string): unknown[] =>
  read.filter((sample) => attribute === undefined || sample.attribute === attribute).map(({ value }) => value);
const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

/** Samples that take room: their number is the whole part. */
function noise(attribute: string, count: number, first: number): Block {
  const block = samples(attribute, count, first);
  if (block.kind !== 'numeric') return block;
  return { ...block, values: block.values.map((value) => value + (Math.abs(Math.sin(value) * 1e4) % 1)) };
}

/** Some of everything, in records of `size` samples, written one after the other. */
async function fill(outbox: Outbox, size: number, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const attribute of ['skeleton', 'accelerometer']) outbox.append(SENSOR, noise(attribute, size, round * size));
    for (const attribute of ['ecg', 'heartrate', 'button'])
      outbox.append(SENSOR, samples(attribute, size, round * size));
    outbox.end(SENSOR);
    await outbox.gaps(SENSOR);
  }
}

describe('over budget', () => {
  it('what matters least goes first, the oldest of it; it is counted and noted as a gap', async () => {
    const told = vi.fn();
    const { outbox } = await openLab({ budgetBytes: 30_000, onChange: told });
    await fill(outbox, 100, 40);
    await outbox.checkpoint();
    const { evicted, measured, kept, bytes } = outbox.depth(SENSOR);
    expect(bytes).toBeLessThanOrEqual(30_000);
    expect(evicted).toBeGreaterThan(0);
    expect(kept).toBe(measured - evicted);
    expect(told).toHaveBeenCalled();

    const left = await readAll(outbox, SENSOR);
    expect(left).toHaveLength(kept);
    for (const attribute of ['ecg', 'heartrate', 'button']) expect(values(left, attribute)).toEqual(numbers(0, 4000));
    expect(values(left, 'skeleton')).toEqual([]);
    const motion = values(left, 'accelerometer').map((value) => Math.floor(Number(value)));
    expect(motion).toEqual(numbers(4000 - motion.length, motion.length));
    expect(motion.length).toBeGreaterThan(0);

    const gaps = await outbox.gaps(SENSOR);
    expect(new Set(gaps.map(({ cause }) => cause))).toEqual(new Set(['evicted']));
    expect(gaps.reduce((sum, gap) => sum + (gap.samples ?? 0), 0)).toBe(evicted);
    expect(gaps.find(({ attribute }) => attribute === 'skeleton')?.from).toBe(1_700_000_000_000);
    const again = (await openLab()).outbox;
    expect(again.depth(SENSOR)).toMatchObject({ measured, kept, evicted });
  });

  it('goes by the type an attribute was registered with', async () => {
    const { outbox } = await openLab({ budgetBytes: 8000 });
    outbox.register(SENSOR, { attribute: 'chest', attributeType: 'Heartrate', samplingRate: 1 });
    for (let round = 0; round < 40; round++) {
      for (const attribute of ['chest', 'unknown']) outbox.append(SENSOR, samples(attribute, 50, 50 * round));
      outbox.end(SENSOR);
      await outbox.gaps(SENSOR);
    }
    const left = await readAll(outbox, SENSOR);
    expect(values(left, 'chest')).toEqual(numbers(0, 2000));
    expect(values(left, 'unknown').length).toBeLessThan(2000);
  });

  it('across sensors the oldest goes first', async () => {
    const { outbox } = await openLab({ budgetBytes: 4000 });
    for (let round = 0; round < 20; round++) {
      for (const [i, sensor] of ['new', 'old'].entries()) {
        outbox.append(sensor, samples('ecg', 100, round * 100 + (1 - i) * 1_000_000));
        outbox.end(sensor);
      }
      await outbox.gaps('old');
    }
    expect(outbox.depth('old').evicted).toBeGreaterThan(0);
    expect(outbox.depth('new').evicted).toBe(0);
  });

  it('what is on its way to the server stays', async () => {
    const { outbox } = await openLab({ budgetBytes: 3000 });
    for (let round = 0; round < 10; round++) {
      outbox.append(SENSOR, samples('ecg', 100, round * 100));
      outbox.end(SENSOR);
    }
    const flying = flatten(await outbox.read(SENSOR, undefined, 250));
    for (let round = 10; round < 40; round++) {
      outbox.append(SENSOR, samples('ecg', 100, round * 100));
      outbox.end(SENSOR);
      await outbox.gaps(SENSOR);
    }
    await outbox.confirm(SENSOR, flying.at(-1)?.id ?? 0);
    const { confirmed, kept, evicted } = outbox.depth(SENSOR);
    expect({ confirmed, sum: confirmed + kept + evicted }).toEqual({ confirmed: 250, sum: 4000 });
    expect(evicted).toBeGreaterThan(0);
    expect((await readAll(outbox, SENSOR)).length).toBe(kept);
  });
});

describe('a database that goes away', () => {
  it.each([
    ['closed by the browser', (lab: Lab) => lab.db.drop('closed by the browser')],
    ['failing to write', (lab: Lab) => (lab.db.fault = () => BROKEN)],
  ])('%s: new samples are held and sent from memory; all is written when it is back', async (_how, fail) => {
    const told = vi.fn();
    const lab = await openLab({ onChange: told });
    const { outbox, db, clock } = lab;
    outbox.append(SENSOR, samples('ecg', 10));
    const old = flatten(await outbox.read(SENSOR, undefined, 4));
    db.refusing = true;
    fail(lab);
    outbox.append(SENSOR, samples('ecg', 10, 10));
    await outbox.gaps(SENSOR);
    expect(outbox.storage).toMatchObject({ kind: 'memory', error: { code: 'storage-unavailable' } });
    expect(told).toHaveBeenCalled();
    outbox.append(SENSOR, samples('ecg', 10, 20));
    const held = flatten(await outbox.read(SENSOR, old.at(-1)?.id, 15));
    expect(values(held)).toEqual(numbers(10, 15));
    await outbox.confirm(SENSOR, held.at(-1)?.id ?? 0);
    expect(outbox.depth(SENSOR)).toMatchObject({ measured: 30, kept: 11, confirmed: 19 });

    await clock.advance(20_000);
    expect(outbox.storage.kind).toBe('memory');
    db.refusing = false;
    db.fault = () => undefined;
    await clock.advance(5000);
    await outbox.gaps(SENSOR);
    expect(outbox.storage.kind).toBe('durable');
    // Confirmed: 4 of before, 15 from memory. What was on disk and could not be reached comes with the next start over.
    expect(values(await readAll(outbox, SENSOR))).toEqual([...numbers(4, 6), ...numbers(25, 5)]);
    await outbox.checkpoint();
    const again = (await openLab()).outbox;
    expect(again.depth(SENSOR)).toMatchObject({ measured: 30, kept: 11, confirmed: 19 });
    expect(values(await readAll(again, SENSOR))).toEqual([...numbers(4, 6), ...numbers(25, 5)]);
  });

  it('in the middle of a transaction: all that this was to write is written later', async () => {
    const { outbox, db, clock } = await openLab();
    outbox.append(SENSOR, samples('ecg', 1000));
    const read = await readAll(outbox, SENSOR);
    let left = 1;
    db.fault = () => (left-- > 0 ? BROKEN : undefined);
    const confirmed = outbox.confirm(SENSOR, read[699]?.id ?? 0);
    const aside = outbox.setAsideSamples(SENSOR, read[750]?.id ?? 0, 1, 'refused');
    outbox.recordGap({ sensorId: SENSOR, from: 1, to: 2, cause: 'paused' });
    await Promise.all([confirmed, aside]);
    expect(outbox.storage.kind).toBe('memory');
    await clock.advance(5000);
    await outbox.checkpoint();
    const again = (await openLab()).outbox;
    expect(again.depth(SENSOR)).toMatchObject({ measured: 1000, kept: 299, confirmed: 700, setAside: 1 });
    expect((await again.aside(SENSOR)).map(({ reason }) => reason)).toEqual(['refused']);
    expect(await again.gaps(SENSOR)).toHaveLength(1);
    expect(await behindItsBack('log', (store) => store.getAllKeys())).toHaveLength(1);
  });

  it('with half a record on disk: the record is sent from memory, in order, and each sample is written once', async () => {
    const { outbox, db, clock } = await openLab();
    outbox.append(SENSOR, samples('ecg', 10));
    await outbox.gaps(SENSOR);
    db.fault = () => BROKEN;
    outbox.append(SENSOR, samples('ecg', 10, 10));
    await outbox.gaps(SENSOR);
    const sent = flatten(await outbox.read(SENSOR, undefined, 100));
    expect(values(sent)).toEqual(numbers(0, 20));
    db.fault = () => undefined;
    await clock.advance(5000);
    await outbox.checkpoint();
    const again = (await openLab()).outbox;
    expect(again.depth(SENSOR)).toMatchObject({ measured: 20, kept: 20 });
    expect(await readAll(again, SENSOR)).toEqual(sent);
  });

  it('while it is read: what it holds comes later, nothing is taken for confirmed', async () => {
    const { outbox, db, clock } = await openLab();
    outbox.append(SENSOR, samples('ecg', 650));
    outbox.append(SENSOR, samples('ecg', 100, 650));
    await outbox.checkpoint();
    const { records } = db;
    db.records = () => Promise.reject(new DOMException('read error', 'UnknownError'));
    const read = flatten(await outbox.read(SENSOR, undefined, 2000));
    expect(outbox.storage.kind).toBe('memory');
    await outbox.confirm(SENSOR, 1e9);
    expect(outbox.depth(SENSOR)).toMatchObject({ kept: 750 - read.length, confirmed: read.length });
    db.records = records;
    await clock.advance(5000);
    expect((await readAll(outbox, SENSOR)).length).toBe(750 - read.length);
  });

  it('an hour in memory comes back in steps, each of which counts only what it wrote', async () => {
    const { outbox, db, clock } = await openLab();
    outbox.append(SENSOR, samples('ecg', 1));
    await outbox.checkpoint();
    db.refusing = true;
    db.drop('closed by the browser');
    for (let i = 0; i < 700; i++) outbox.append(SENSOR, samples('ecg', 650, 1 + i * 650));
    db.refusing = false;
    const written = db.commits.length;
    let commits = 0;
    db.fault = () => ((commits += 1) === 3 ? { kind: 'die' } : undefined);
    await clock.advance(5000);
    await vi.waitFor(() => expect(db.dead).toBe(true), 10_000);
    expect(db.commits.length - written).toBe(2);
    const again = (await openLab()).outbox;
    const { kept } = again.depth(SENSOR);
    expect(kept).toBe(1 + 512 * 650);
    expect((await readAll(again, SENSOR, 650)).length).toBe(kept);
  });

  it('numbers used while it is away are none that it will give again', async () => {
    const first = await openLab();
    const before = first.outbox.append(SENSOR, samples('ecg', 10));
    await first.outbox.checkpoint();
    first.db.refusing = true;
    first.db.drop('closed by the browser');
    const away = first.outbox.append(SENSOR, samples('ecg', 10));
    const fresh = first.outbox.append(SENSOR, samples('hr', 10));
    expect(away.firstSeq).toBeGreaterThanOrEqual(first.clock.now() * 1000);
    expect(fresh.firstSeq).toBeGreaterThanOrEqual(first.clock.now() * 1000);
    first.db.dead = true;
    const next = (await openLab()).outbox.append(SENSOR, samples('ecg', 1));
    expect(next.firstSeq).toBeGreaterThanOrEqual(before.firstSeq + 10);
    expect(next.firstSeq).toBeLessThan(away.firstSeq);
  });
});

/** The durable log on its disk: what survives, what is forced, what is found broken. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { singleValue } from '../../src/model/block.ts';
import { decodeBlock } from '../../src/protocol/block-codec.ts';
import { LogTakenOver, type StoredRecord } from '../../src/outbox/ports.ts';
import { parseRecord, SEQ_MARGIN } from '../../src/outbox/row.ts';
import {
  behindItsBack,
  flatten,
  installIndexedDb,
  openLab,
  readAll,
  samples,
  type Sample,
} from '../support/outbox-lab.ts';

const SENSOR = 'sensor-1';

beforeEach(installIndexedDb);
afterEach(() => vi.unstubAllGlobals());

const values = (read: readonly Sample[]): unknown[] => read.map(({ value }) => value);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const records = async (): Promise<StoredRecord[]> =>
  (await behindItsBack<unknown[]>('log', (store) => store.getAll())).flatMap((value) => parseRecord(value) ?? []);
const keys = (): Promise<IDBValidKey[]> => behindItsBack('log', (store) => store.getAllKeys());

describe('after a start', () => {
  it('everything unconfirmed is there, with its numbers, its counts and what the sensor is', async () => {
    const { outbox } = await openLab();
    const sensor = { sensorId: SENSOR, name: 'Strap', sensorType: 'strap', demo: true };
    const hr = { attribute: 'heartrate', attributeType: 'heartrate', samplingRate: 1 };
    outbox.describe(sensor);
    outbox.register(SENSOR, hr);
    outbox.append(SENSOR, samples('ecg', 20), { tab: 't', number: 4 });
    outbox.append(SENSOR, samples('heartrate', 3, 60));
    outbox.recordGap({ sensorId: SENSOR, from: 1, to: 2, cause: 'phone-asleep' });
    const before = await readAll(outbox, SENSOR);
    await outbox.confirm(SENSOR, before[9]?.id ?? 0);
    await outbox.setAsideSamples(SENSOR, before[11]?.id ?? 0, 1, 'bad');
    const depth = outbox.depth(SENSOR);
    await outbox.checkpoint();

    const again = (await openLab()).outbox;
    expect(again.depth(SENSOR)).toEqual(depth);
    expect(again.depth(SENSOR)).toMatchObject({ measured: 23, kept: 12, confirmed: 10, setAside: 1 });
    expect(again.depth(SENSOR).bytes).toBeGreaterThan(0);
    expect(await readAll(again, SENSOR)).toEqual(before.filter((_, i) => i > 9 && i !== 11));
    expect(again.sensorsWithData()).toEqual([{ sensorId: SENSOR, descriptor: sensor, registrations: [hr], kept: 12 }]);
    expect(await again.gaps(SENSOR)).toHaveLength(1);
    expect((await again.aside(SENSOR)).map(({ reason }) => reason)).toEqual(['bad']);
    expect(again.lastIngested(SENSOR, 't')).toBe(4);
    expect(again.append(SENSOR, samples('ecg', 1)).firstSeq).toBe((before[19]?.seq ?? 0) + 1);
  });

  it('a mark counts from the moment that its blocks are on disk', async () => {
    const { outbox } = await openLab();
    outbox.append(SENSOR, samples('ecg', 2), { tab: 't', number: 1 });
    expect(outbox.lastIngested(SENSOR, 't')).toBe(0);
    await outbox.read(SENSOR, undefined, 10);
    expect(outbox.lastIngested(SENSOR, 't')).toBe(1);
  });

  it('numbers go on far above those that a lost machine may have used', async () => {
    const first = await openLab();
    first.outbox.append(SENSOR, samples('ecg', 5));
    await first.outbox.read(SENSOR, undefined, 10);
    first.db.dead = true;
    const second = await openLab();
    // Ten seconds may be lost; nothing a person wears takes a tenth of a million samples in that time.
    expect(SEQ_MARGIN).toBeGreaterThan(100_000);
    expect(second.outbox.append(SENSOR, samples('ecg', 5)).firstSeq).toBe(5 + SEQ_MARGIN);
    await second.outbox.checkpoint();
    expect((await openLab()).outbox.append(SENSOR, samples('ecg', 1)).firstSeq).toBe(10 + SEQ_MARGIN);
  });

  it('what was not written when the process ended was never given out', async () => {
    const first = await openLab();
    first.outbox.append(SENSOR, samples('ecg', 5));
    await first.outbox.read(SENSOR, undefined, 10);
    first.db.fault = () => ({ kind: 'die' });
    first.outbox.append(SENSOR, samples('ecg', 5, 5));
    let given: unknown;
    void first.outbox.read(SENSOR, undefined, 10).then((entries) => (given = entries));
    await first.clock.advance(60_000);
    expect(given).toBeUndefined();
    const second = await openLab();
    expect(second.outbox.depth(SENSOR)).toMatchObject({ measured: 5, kept: 5 });
    expect(values(await readAll(second.outbox, SENSOR))).toEqual(upTo(5));
  });

  it('counts that cannot be read are built anew from the records', async () => {
    const first = await openLab();
    first.outbox.append(SENSOR, samples('ecg', 5));
    first.outbox.append(SENSOR, samples('heartrate', 2, 60));
    await first.outbox.checkpoint();
    await behindItsBack('counters', (store) => store.put({ nextId: 'x' }, SENSOR));
    const { outbox, clock } = await openLab();
    expect(outbox.depth(SENSOR)).toMatchObject({ measured: 7, kept: 7, oldestUnsentAt: 1_700_000_000_000 });
    expect(values(await readAll(outbox, SENSOR))).toEqual([0, 1, 2, 3, 4, 60, 61]);
    const next = outbox.append(SENSOR, samples('ecg', 1, 5));
    expect(next.firstSeq).toBeGreaterThanOrEqual(clock.now() * 1000);
    expect(values(await readAll(outbox, SENSOR))).toEqual([0, 1, 2, 3, 4, 60, 61, 5]);
  });

  it('what stands in the place of records is kept apart then, although no count tells of it', async () => {
    const first = await openLab();
    for (const attribute of ['a', 'b']) first.outbox.append(SENSOR, samples(attribute, 5));
    await first.outbox.checkpoint();
    const [, key] = await keys();
    if (!key) throw new Error('nothing on disk');
    await behindItsBack('log', (store) => store.put('junk', key));
    await behindItsBack('counters', (store) => store.put('junk', SENSOR));
    const { outbox } = await openLab();
    expect(outbox.unknownAsides(SENSOR)).toBe(1);
    expect((await outbox.aside(SENSOR)).map(({ raw, reason }) => [raw, reason])).toEqual([['junk', 'block-corrupt']]);
    expect(await keys()).toHaveLength(1);
    await outbox.checkpoint();
    const again = (await openLab()).outbox;
    expect(again.unknownAsides(SENSOR)).toBe(1);
    expect(again.depth(SENSOR)).toMatchObject({ kept: 5, setAside: 0 });
  });

  it('whoever opened the log before can write no more', async () => {
    const first = await openLab();
    first.outbox.append(SENSOR, samples('ecg', 5));
    await first.outbox.checkpoint();
    const second = await openLab();
    first.outbox.append(SENSOR, samples('ecg', 5, 100));
    await first.outbox.checkpoint();
    expect(first.outbox.storage).toMatchObject({ kind: 'memory', error: { code: 'storage-unavailable' } });
    await first.clock.advance(60_000);
    expect(first.outbox.storage.kind).toBe('memory');
    await expect(first.db.commit([], 'relaxed')).rejects.toThrow(LogTakenOver);
    second.outbox.append(SENSOR, samples('ecg', 1, 5));
    expect(values(await readAll(second.outbox, SENSOR))).toEqual(upTo(6));
  });

  it('and hands out no more either, on disk or in memory, though it has written nothing since', async () => {
    const first = await openLab();
    for (let i = 0; i < 3; i++) first.outbox.append(SENSOR, samples(`a${i}`, 650, 650 * i));
    await first.outbox.checkpoint();
    const begun = flatten(await first.outbox.read(SENSOR, undefined, 100));
    expect(begun).toHaveLength(100);
    const second = await openLab();
    // Nothing has told the first one yet: the disk does.
    expect(await first.outbox.read(SENSOR, begun.at(-1)?.id, 1000)).toEqual([]);
    expect(first.outbox.storage.kind).toBe('memory');
    first.outbox.append(SENSOR, samples('ecg', 5, 5000));
    expect(await first.outbox.read(SENSOR, undefined, 1000)).toEqual([]);
    expect(await first.outbox.read(SENSOR, begun.at(-1)?.id, 1000)).toEqual([]);
    await first.clock.advance(60_000);
    await first.outbox.checkpoint();
    expect(await first.outbox.read(SENSOR, undefined, 1000)).toEqual([]);
    expect(values(await readAll(second.outbox, SENSOR))).toEqual(upTo(1950));
  });

  it('a read that has begun when that becomes known hands out nothing of what it had found', async () => {
    const first = await openLab();
    for (let i = 0; i < 6; i++) first.outbox.append(SENSOR, samples(`a${i}`, 650, 650 * i));
    first.outbox.end(SENSOR);
    await first.outbox.checkpoint();
    const { records: real } = first.db;
    let pages = 0;
    first.db.records = async (...args) => {
      pages += 1;
      if (pages === 2) await openLab();
      return real(...args);
    };
    expect(await first.outbox.read(SENSOR, undefined, 5000)).toEqual([]);
    expect(pages).toBe(2);
  });

  it('a read under way when that becomes known hands out nothing', async () => {
    const first = await openLab();
    first.outbox.append(SENSOR, samples('ecg', 650));
    await first.outbox.checkpoint();
    const second = await openLab();
    first.outbox.append(SENSOR, samples('ecg', 10, 650));
    // The write it waits for is the one that finds out.
    expect(await first.outbox.read(SENSOR, undefined, 1000)).toEqual([]);
    expect(values(await readAll(second.outbox, SENSOR))).toEqual(upTo(650));
  });
});

describe('on disk', () => {
  it('a record grows to 650 samples, whatever the size of the blocks', async () => {
    const { outbox } = await openLab();
    for (let first = 0; first < 1500; first += 25) {
      outbox.append(SENSOR, samples('ecg', 25, first));
      await outbox.gaps(SENSOR);
    }
    await outbox.checkpoint();
    expect((await records()).map((record) => record.samples)).toEqual([650, 650, 200]);
    expect(values(await readAll(outbox, SENSOR))).toEqual(upTo(1500));
  });

  it('a record spans no more than ten seconds, and no clock that was set back', async () => {
    const { outbox } = await openLab();
    const at = (second: number) =>
      outbox.append(SENSOR, singleValue('heartrate', 1_700_000_000_000 + 1000 * second, second));
    for (let second = 0; second <= 25; second++) at(second);
    at(-3600);
    await outbox.checkpoint();
    expect((await records()).map((record) => record.samples)).toEqual([11, 11, 4, 1]);
    expect(values(await readAll(outbox, SENSOR))).toEqual([...upTo(26), -3600]);
  });

  it('what was read grows no more', async () => {
    const { outbox } = await openLab();
    outbox.append(SENSOR, samples('ecg', 10));
    await outbox.read(SENSOR, undefined, 100);
    outbox.append(SENSOR, samples('ecg', 10, 10));
    outbox.append(SENSOR, samples('ecg', 10, 20));
    await outbox.checkpoint();
    expect((await records()).map((record) => record.samples)).toEqual([10, 20]);
  });

  it('all sensors are written in one transaction', async () => {
    const { outbox, db } = await openLab();
    for (const sensor of ['a', 'b', 'c']) outbox.append(sensor, samples('ecg', 1));
    await outbox.read('a', undefined, 1);
    expect(db.commits).toHaveLength(1);
    expect(db.commits[0]?.changes.map(({ row }) => row.sensorId)).toEqual(['a', 'b', 'c']);
  });

  it('is forced to the disk first, on request, and at least every ten seconds', async () => {
    const { outbox, db, clock } = await openLab();
    for (let i = 0; i < 100; i++) {
      outbox.append(SENSOR, samples('ecg', 1, i));
      await clock.advance(250);
      await outbox.gaps(SENSOR);
    }
    const forced = db.commits.map(({ durability }) => durability === 'strict');
    expect(forced[0]).toBe(true);
    expect(forced.filter(Boolean).length).toBe(3);
    const written = db.commits.length;
    await clock.advance(10_000);
    await outbox.gaps(SENSOR);
    expect(db.commits.slice(written).map(({ durability }) => durability)).toEqual(['strict']);
    await clock.advance(60_000);
    expect(db.commits).toHaveLength(written + 1);
    await outbox.checkpoint();
    expect(db.commits.at(-1)?.durability).toBe('strict');
    expect(db.commits.at(-1)?.changes[0]?.row.clean).toBe(true);
  });

  it('what was confirmed is deleted, up to the part of a record that was not', async () => {
    const { outbox, db } = await openLab();
    for (let first = 0; first < 2600; first += 650) outbox.append(SENSOR, samples('ecg', 650, first));
    const all = await readAll(outbox, SENSOR);
    expect(await keys()).toHaveLength(4);
    await outbox.confirm(SENSOR, all[1500]?.id ?? 0);
    expect(await keys()).toHaveLength(2);
    expect(db.commits.at(-1)?.changes[0]?.row.gone).toEqual([[0, all[1500]?.id]]);
    const again = (await openLab()).outbox;
    expect(values(await readAll(again, SENSOR))).toEqual(upTo(2600).slice(1501));
    const rest = await readAll(again, SENSOR);
    await again.confirm(SENSOR, rest.at(-1)?.id ?? 0);
    expect(await keys()).toEqual([]);
    expect(again.depth(SENSOR)).toMatchObject({ kept: 0, confirmed: 2600, bytes: 0 });
  });

  it('a block that has no form as bytes is kept apart as it is, and holds nobody up', async () => {
    const { outbox } = await openLab();
    outbox.append(SENSOR, samples('not an id!', 3));
    outbox.append(SENSOR, samples('ecg', 2));
    expect(values(await readAll(outbox, SENSOR))).toEqual([0, 1]);
    expect(outbox.depth(SENSOR)).toMatchObject({ measured: 5, kept: 2, setAside: 3 });
    const [aside] = await outbox.aside(SENSOR);
    expect(aside?.raw).toMatchObject({ kind: 'numeric', attribute: 'not an id!' });
  });
});

describe('a record that cannot be read', () => {
  /** Three records of ten samples, the second of which is changed on disk. */
  async function damaged(change: (record: StoredRecord) => unknown) {
    const first = await openLab();
    for (const attribute of ['a', 'b', 'c']) first.outbox.append(SENSOR, samples(attribute, 10));
    await first.outbox.checkpoint();
    const [, key] = await keys();
    const [, record] = await records();
    if (!key || !record) throw new Error('nothing on disk');
    await behindItsBack('log', (store) => store.put(change(record), key));
    return openLab();
  }

  const flip = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 0x10 : byte));

  it.each([
    ['changed', 'block-corrupt', (record: StoredRecord) => ({ ...record, bytes: flip(record.bytes, 20) })],
    ['cut off', 'block-corrupt', (record: StoredRecord) => ({ ...record, bytes: record.bytes.slice(0, -5) })],
    ['empty', 'block-corrupt', (record: StoredRecord) => ({ ...record, bytes: new Uint8Array(0) })],
    ['of another attribute', 'block-corrupt', (record: StoredRecord) => ({ ...record, attribute: 'z' })],
  ])('because it is %s is set aside and counted; the others are delivered', async (_how, reason, change) => {
    const { outbox } = await damaged(change);
    const read = await readAll(outbox, SENSOR);
    expect(read.map(({ attribute }) => attribute).join('')).toBe('a'.repeat(10) + 'c'.repeat(10));
    const [aside] = await outbox.aside(SENSOR);
    expect(aside).toMatchObject({ reason, samples: 10 });
    expect(aside?.raw).toBeInstanceOf(Uint8Array);
    await outbox.confirm(SENSOR, read.at(-1)?.id ?? 0);
    expect(await readAll(outbox, SENSOR)).toEqual([]);
    expect(outbox.depth(SENSOR)).toMatchObject({ measured: 30, kept: 0, confirmed: 20, setAside: 10 });
    expect(await keys()).toEqual([]);
  });

  it('because a later version wrote it is set aside, whole', async () => {
    const { outbox } = await damaged((record) => ({ ...record, bytes: newer(record.bytes) }));
    expect(await readAll(outbox, SENSOR)).toHaveLength(20);
    const [aside] = await outbox.aside(SENSOR);
    expect(aside).toMatchObject({ reason: 'block-version', samples: 10 });
  });

  it.each([
    ['nothing', undefined],
    ['a word', 'junk'],
    ['other fields', { samples: -1 }],
    ['too many samples', { attribute: 'b', samples: 99_999, from: 0, to: 0, bytes: new Uint8Array(1) }],
  ])('because %s stands in its place is set aside, and its samples are counted in the end', async (_what, junk) => {
    const { outbox } = await damaged(() => junk);
    const read = await readAll(outbox, SENSOR);
    expect(read).toHaveLength(20);
    expect(outbox.depth(SENSOR)).toMatchObject({ kept: 30, setAside: 0 });
    await outbox.confirm(SENSOR, read.at(-1)?.id ?? 0);
    expect(await outbox.read(SENSOR, undefined, 10)).toEqual([]);
    expect(outbox.depth(SENSOR)).toMatchObject({ measured: 30, kept: 0, confirmed: 20, setAside: 10 });
    expect((await outbox.aside(SENSOR)).map(({ raw }) => raw)).toEqual([junk]);
    expect(await keys()).toEqual([]);
  });
});

/** The same bytes, said to be of a later version: the envelope's own check has to fit. */
function newer(bytes: Uint8Array): Uint8Array {
  for (let low = 0; low < 65_536; low++) {
    const changed = bytes.slice();
    changed[2] = 200;
    changed[6] = low & 0xff;
    changed[7] = low >> 8;
    if (isLater(changed)) return changed;
  }
  throw new Error('no check fits');
}

function isLater(bytes: Uint8Array): boolean {
  const decoded = decodeBlock(bytes);
  return !decoded.ok && decoded.error.code === 'block-version';
}

describe('reading', () => {
  it('holds little, however much waits', async () => {
    const { outbox, db } = await openLab();
    for (let first = 0; first < 65_000; first += 650) outbox.append(SENSOR, samples('ecg', 650, first));
    await outbox.checkpoint();
    let fetched = 0;
    const { records: real } = db;
    db.records = async (...args) => {
      const page = await real(...args);
      fetched = Math.max(fetched, page.length);
      return page;
    };
    let after: number | undefined;
    let count = 0;
    for (;;) {
      const entries = await outbox.read(SENSOR, after, 200);
      const last = entries.at(-1);
      if (!last) break;
      count += flatten(entries).length;
      after = last.id;
      await outbox.confirm(SENSOR, last.id);
    }
    expect(count).toBe(65_000);
    expect(fetched).toBeLessThanOrEqual(16);
    expect(outbox.depth(SENSOR)).toMatchObject({ kept: 0, confirmed: 65_000, bytes: 0 });
  });
});

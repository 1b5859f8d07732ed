/** History by measurement time against the plainest way to do it: sort everything. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HistoryPosition, HistoryQuery, StoredMeasurement } from '../../../../server/ports.ts';
import { HistoryReader, PART_SAMPLES } from '../../../../server/store/history.ts';
import { openReader } from '../../../../server/store/schema.ts';
import { type GatewayStore, openStore } from '../../../../server/store/store.ts';
import { TURN_BYTES, TURN_SAMPLES, type Turn } from '../../../../server/store/turns.ts';
import { asSeq } from '../../../../src/protocol/ingest.ts';

const HOUR = 3_600_000;
let dir: string;
let store: GatewayStore;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'history-'));
  store = openStore(dir, { retentionDays: 30 });
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true });
});

async function pages(query: Partial<HistoryQuery>, between?: () => void): Promise<StoredMeasurement[][]> {
  const out: StoredMeasurement[][] = [];
  const all = { sensorId: 's', attribute: 'a', from: -Infinity, to: Infinity, limit: 10_000, ...query };
  let after: HistoryPosition | undefined;
  do {
    const page = await store.history(after ? { ...all, after } : all);
    out.push([...page.samples]);
    after = page.next;
    if (after) between?.();
  } while (after);
  return out;
}

const time = (sample: StoredMeasurement) => (typeof sample.timestamp === 'number' ? sample.timestamp : -Infinity);
const seq = (sample: StoredMeasurement) => asSeq(sample.extra?.['seq']) ?? -1;

/** Stable, so that arrival decides between equals. */
function sorted(samples: readonly StoredMeasurement[]): StoredMeasurement[] {
  return [...samples].sort((a, b) => (time(a) === time(b) ? seq(a) - seq(b) : time(a) < time(b) ? -1 : 1));
}

/** Runs of samples: live, from long ago, all over the place, without a time; some with numbers; now and then a write. */
const step = fc.record({
  start: fc.oneof(fc.nat(20 * HOUR), fc.nat(1000)),
  gap: fc.constantFrom(0, 1, 7, 1000, 600_000, HOUR),
  count: fc.integer({ min: 1, max: 60 }),
  numbered: fc.boolean(),
  untimed: fc.boolean(),
  flush: fc.boolean(),
});

describe('history', () => {
  it('is every sample in order of measurement, in pages of any size, of any stretch, written or waiting', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 70 }),
        fc.tuple(fc.nat(20 * HOUR), fc.nat(20 * HOUR)),
        async (steps, limit, [from, to]) => {
          const sensorId = `s${(run += 1)}`;
          const taken: StoredMeasurement[] = [];
          let next = 0;
          for (const { start, gap, count, numbered, untimed, flush } of steps) {
            const samples = Array.from({ length: count }, (_, i) => ({
              ...{ sensorId, attribute: 'a', payload: next + i },
              timestamp: untimed && i % 5 === 0 ? 'noon' : start + i * gap,
              ...(numbered && { extra: { seq: next + i } }),
            }));
            next += count;
            taken.push(...samples);
            store.append(samples);
            if (flush) store.flush();
          }
          const whole = await pages({ sensorId, limit });
          expect(whole.flat()).toEqual(sorted(taken));
          expect(whole.slice(0, -1).every((page) => page.length === limit)).toBe(true);
          const part = sorted(taken).filter((sample) => time(sample) >= from && time(sample) < to);
          expect((await pages({ sensorId, limit, from, to })).flat()).toEqual(part);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('neither misses nor doubles anything while samples go on coming and being written', async () => {
    const series = store.series('s', 'a');
    let next = 0;
    const push = (count: number) => {
      for (let i = 0; i < count; i++, next++)
        series.push({ attribute_id: 'a', payload: next, timestamp: next * 10, seq: next });
    };
    push(5000);
    const steady = setInterval(() => {
      push(50);
      store.flush();
    }, 1);
    const seen = (await pages({ limit: 500, to: 100_000 }, () => push(20))).flat().map((sample) => sample.payload);
    clearInterval(steady);
    expect(seen.length).toBeGreaterThanOrEqual(5000);
    expect(seen).toEqual(seen.map((_, i) => i));
  });

  it('fills a page with what is large only as far as memory allows, and goes on', async () => {
    const large = 'x'.repeat(500_000);
    store.append(
      Array.from({ length: 60 }, (_, i) => ({ sensorId: 's', attribute: 'a', payload: large, timestamp: i })),
    );
    const got = await pages({});
    expect(got.length).toBeGreaterThan(2);
    expect(Math.max(...got.map((page) => page.length))).toBeLessThan(20);
    expect(got.flat().map((sample) => sample.timestamp)).toEqual(Array.from({ length: 60 }, (_, i) => i));
  });

  it('goes around a damaged segment and counts it', async () => {
    for (let i = 0; i < 3; i++) {
      store.append(
        Array.from({ length: 200 }, (_, k) => ({
          ...{ sensorId: 's', attribute: 'a' },
          ...{ payload: i * 200 + k, timestamp: i * 200 + k },
        })),
      );
      store.flush();
    }
    const db = new Database(join(dir, 'sensocto.db'));
    db.exec(`UPDATE segments SET data = x'0901' WHERE id = 2`);
    db.close();
    const query = { sensorId: 's', attribute: 'a', from: 0, to: 1000, limit: 1000 };
    const page = await store.history(query);
    expect(page.damaged).toBe(1);
    expect(page.samples).toHaveLength(400);
  });

  it('does not hold up the event loop, however segments overlap', { timeout: 60_000 }, async () => {
    const series = store.series('s', 'a');
    // Live samples with a backlog between them: every write holds both, and slots of many hours.
    for (let i = 0; i < 300_000; i++) {
      const timestamp = i % 2 === 0 ? 30 * HOUR + i : (i * 7919) % (30 * HOUR);
      series.push({ attribute_id: 'a', payload: i, timestamp, seq: i });
      if (i % 1000 === 999) store.flush();
    }
    store.flush();
    // Turns of the event loop meanwhile: others' samples are taken in each of them.
    let turns = 0;
    let counting = true;
    const count = (): void => {
      turns += 1;
      if (counting) setImmediate(count);
    };
    setImmediate(count);
    const query = { sensorId: 's', attribute: 'a', from: -Infinity, to: Infinity, limit: 50_000 };
    const page = await store.history(query);
    counting = false;
    expect(page.samples).toHaveLength(50_000);
    // In one piece there would be none.
    expect(turns).toBeGreaterThan(2);
    const next = await store.history(page.next ? { ...query, after: page.next } : query);
    expect(next.samples.map(time)[0]).toBeGreaterThanOrEqual(page.samples.map(time).at(-1) ?? Infinity);
  });

  it(
    'comes in parts of bounded size, none of which is read in more than bounded turns',
    { timeout: 60_000 },
    async () => {
      const series = store.series('s', 'a');
      const now = 40 * HOUR;
      // As a drained backlog leaves it: large segments; then live ones with a backlog beside them, then large payloads.
      for (let i = 0; i < 60_000; i++) {
        const timestamp = i < 30_000 ? i * 8 : i % 2 === 0 ? now + i : (i * 7919) % (30 * HOUR);
        series.push({ attribute_id: 'a', payload: i < 59_900 ? i : 'x'.repeat(20_000), timestamp, seq: i });
        if (i % 5000 === 4999) store.flush();
      }
      const turns: Turn[] = [];
      const reader = new HistoryReader(
        { open: () => openReader(join(dir, 'sensocto.db')), flush: () => undefined, waitingFor: () => [] },
        (turn) => {
          turns.push(turn);
          return Promise.resolve();
        },
      );
      const query: HistoryQuery = { sensorId: 's', attribute: 'a', from: -Infinity, to: Infinity, limit: 50_000 };
      const parts: StoredMeasurement[][] = [];
      for await (const { samples } of reader.parts(query)) parts.push([...samples]);
      const whole = await store.history(query);
      expect(parts.flat()).toEqual(whole.samples);
      expect(whole.samples).toHaveLength(50_000);
      expect(Math.max(...parts.map(({ length }) => length))).toBe(PART_SAMPLES);
      expect(turns.length).toBeGreaterThan(50_000 / PART_SAMPLES);
      // A turn ends with the segment that fills it: 8192 samples or 1 MB at most.
      expect(Math.max(...turns.map(({ samples }) => samples))).toBeLessThanOrEqual(TURN_SAMPLES + 8192);
      expect(Math.max(...turns.map(({ bytes }) => bytes))).toBeLessThanOrEqual(TURN_BYTES + 2 ** 20);
      reader.close();
    },
  );

  it('lets the next one begin when a reader of parts goes away in the middle', async () => {
    store.append(Array.from({ length: 5000 }, (_, i) => ({ sensorId: 's', attribute: 'a', payload: i, timestamp: i })));
    const query = { sensorId: 's', attribute: 'a', from: 0, to: 10_000, limit: 5000 };
    for await (const { samples } of store.historyParts(query)) {
      expect(samples).toHaveLength(PART_SAMPLES);
      break;
    }
    const leaving = new AbortController();
    const read = async () => {
      for await (const part of store.historyParts(query, leaving.signal))
        leaving.abort(new Error(`at ${part.samples.length}`));
    };
    await expect(read()).rejects.toThrow(`at ${PART_SAMPLES}`);
    expect((await store.history(query)).samples).toHaveLength(5000);
  });

  it('has what waits, too, while the disk refuses', { timeout: 30_000 }, async () => {
    const append = (from: number) =>
      store.append(
        Array.from({ length: 50 }, (_, i) => ({
          ...{ sensorId: 's', attribute: 'a' },
          ...{ payload: from + i, timestamp: from + i, extra: { seq: from + i } },
        })),
      );
    append(50);
    store.flush();
    const other = new Database(join(dir, 'sensocto.db'));
    other.exec('BEGIN IMMEDIATE');
    append(0);
    expect((await pages({})).flat().map((sample) => sample.payload)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(store.problem()?.code).toBe('store-locked');
    expect(store.holdings('s').get('a')).toMatchObject({ samples: 100, durable: 50 });
    expect(store.settle('s')).toBe(false);
    other.exec('ROLLBACK');
    other.close();
    expect(store.settle('s')).toBe(true);
    expect(store.problem()).toBeUndefined();
    expect(store.holdings('s').get('a')).toMatchObject({ samples: 100, durable: 100 });
    expect((await pages({})).flat()).toHaveLength(100);
  });

  it('ends when nobody waits for it any more, or the store is closed', async () => {
    store.append([{ sensorId: 's', attribute: 'a', payload: 1, timestamp: 1 }]);
    const query = { sensorId: 's', attribute: 'a', from: 0, to: 10, limit: 10 };
    await expect(store.history(query, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    expect((await store.history(query)).samples).toHaveLength(1);
    const other = openStore(join(dir, 'other'), { retentionDays: 1 });
    other.close();
    await expect(other.history(query)).rejects.toThrow('the store is closed');
  });
});

describe('holdings', () => {
  it('count samples and numbers, on disk and waiting, and are the same after a restart', () => {
    const series = store.series('s', 'a');
    const push = (number: number, timestamp: unknown = number * 10) =>
      series.push({ attribute_id: 'a', payload: number, timestamp, seq: number });
    for (let i = 0; i < 100; i++) push(i);
    store.flush();
    for (let i = 150; i < 160; i++) push(i);
    expect(store.holdings('s').get('a')).toMatchObject({ samples: 110, durable: 100, firstAt: 0, lastAt: 1590 });
    expect(store.holdings('s').get('a')?.seqs.toArray()).toEqual([
      [0, 99],
      [150, 159],
    ]);
    store.close();
    store = openStore(dir, { retentionDays: 30 });
    expect(store.holdings('s').get('a')).toMatchObject({ samples: 110, durable: 110, firstAt: 0, lastAt: 1590 });
    expect(store.holdings('nobody').size).toBe(0);
    const again = store.series('s', 'a');
    expect([again.holds(99), again.holds(100), again.holds(159), again.newestSeq]).toEqual([true, false, true, 159]);
  });

  it('know of a number as long as it waits, whoever pushed it, and no longer once it was given up', () => {
    store.series('s', 'a').push({ attribute_id: 'a', payload: 1, timestamp: 1, seq: 7 });
    const other = store.series('s', 'a');
    expect(other.holds(7)).toBe(true);
    // What JSON cannot carry takes its series' waiting samples with it.
    store.series('s', 'b').push({ attribute_id: 'b', payload: 1n, timestamp: 1, seq: 3 });
    const b = store.series('s', 'b');
    expect(b.holds(3)).toBe(true);
    store.flush();
    expect([other.holds(7), b.holds(3)]).toEqual([true, false]);
    expect(store.counts()).toMatchObject({ accepted: 2, lost: 1 });
  });

  it('go down by what the retention removes; a series of which nothing is left is forgotten', () => {
    const DAY = 24 * HOUR;
    store.close();
    let now = 100 * DAY;
    store = openStore(dir, { retentionDays: 1, now: () => now });
    const series = store.series('s', 'a');
    for (let i = 0; i < 300; i++) {
      if (i === 200) now += 1.5 * DAY;
      series.push({ attribute_id: 'a', payload: i, timestamp: now + i, seq: i });
      store.flush();
    }
    store.prune(now);
    expect(store.holdings('s').get('a')).toMatchObject({ samples: 100, durable: 300, firstAt: now + 200 });
    expect(series.holds(5)).toBe(true);
    now += 3 * DAY;
    store.prune(now);
    expect(store.holdings('s').size).toBe(0);
    expect(series.holds(5)).toBe(false);
    expect(store.counts().written).toBe(0);
  });
});

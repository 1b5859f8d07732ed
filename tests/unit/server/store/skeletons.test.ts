/** Skeletons in the store: the same JSON back, in few bytes that are counted as what they become. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HistoryPosition, HistoryQuery, StoredMeasurement } from '../../../../server/ports.ts';
import { ByteWriter } from '../../../../server/store/bytes.ts';
import { HistoryReader } from '../../../../server/store/history.ts';
import { openReader } from '../../../../server/store/schema.ts';
import { decodeSegment, encodeSegment, segmentWeight } from '../../../../server/store/segment.ts';
import { type GatewayStore, openStore } from '../../../../server/store/store.ts';
import { TURN_BYTES, type Turn } from '../../../../server/store/turns.ts';
import type { WireSample } from '../../../../src/protocol/ingest.ts';
import { skeletonMotion, type MotionOptions } from '../../../support/skeleton-motion.ts';

const T = 1_700_000_000_000;
/** First byte of a segment. */
const PLAIN = 1;
const SKELETONS = 2;

function samplesOf(payloads: readonly unknown[]): WireSample[] {
  return payloads.map((payload, i) => ({ attribute_id: 'a', payload, timestamp: T + 33 * i, seq: i }));
}

const encoded = (payloads: readonly unknown[]): Uint8Array => encodeSegment(new ByteWriter(), samplesOf(payloads));

/** As JSON text: the order of keys counts. */
const back = (bytes: Uint8Array): string =>
  JSON.stringify(decodeSegment(bytes, 's', 'a').map(({ payload }) => payload));

const motion = (frames: number, options: MotionOptions = {}): readonly unknown[] =>
  skeletonMotion(frames, { from: 4, ...options }).payloads;

/** Nearly always thousandths that fit. */
const coordinate = fc.oneof(
  { weight: 60, arbitrary: fc.integer({ min: -32_768, max: 32_767 }).map((n) => n / 1000) },
  { weight: 1, arbitrary: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(-0, 32.768)) },
);
const point = (keys: readonly string[]) =>
  fc.record(Object.fromEntries(keys.map((key) => [key, coordinate])), { noNullPrototype: true });
/** All of one form, as a camera sends them; and what is none, or of another form. */
const fitting = fc
  .record({
    keys: fc.constantFrom(['x', 'y'], ['x', 'y', 'z'], ['x', 'y', 'v'], ['x', 'y', 'z', 'v']),
    ...{ landmarks: fc.integer({ min: 1, max: 4 }), world: fc.boolean() },
    mode: fc.option(fc.string({ unit: 'binary', maxLength: 12 }), { nil: undefined }),
    aspect: fc.option(fc.constantFrom(0, 0.75, 32.767), { nil: undefined }),
  })
  .chain(({ keys, landmarks: length, world, ...same }) => {
    const size = { minLength: length, maxLength: length };
    const payload = fc
      .tuple(fc.array(point(keys), size), fc.array(point(['x', 'y', 'z']), size))
      .map(([landmarks, worldLandmarks]): unknown => {
        const { mode, aspect } = same;
        const [first, second] = [mode !== undefined && { mode }, aspect !== undefined && { aspect }];
        return { ...first, ...second, landmarks, ...(world && { worldLandmarks }) };
      });
    return fc.array(payload, { minLength: 1, maxLength: 6 });
  });
const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    ...[{ landmarks: [] }, { landmarks: [1] }, { landmarks: [{ y: 0, x: 0 }], mode: 'full' }],
    ...[{ mode: 5, landmarks: [{ x: 0, y: 0 }] }, { landmarks: { length: 3 } }, { landmarks: [null, { x: 0 }] }],
  ),
);

describe('a segment of skeletons', () => {
  it('is small, and gives back the same JSON with times and numbers', () => {
    for (const [options, most] of [
      [{}, 80],
      [{ world: true }, 140],
    ] as const) {
      const payloads = motion(12, options);
      const bytes = encoded(payloads);
      expect(bytes[0]).toBe(SKELETONS);
      expect(bytes.length / 12).toBeLessThan(most);
      expect(back(bytes)).toBe(JSON.stringify(payloads));
      expect(decodeSegment(bytes, 's', 'a')[7]).toMatchObject({ timestamp: T + 231, extra: { seq: 7 } });
    }
  });

  it('with anything else in it, or of anything else, is as it was before', () => {
    for (const payloads of [[...motion(11), 'nobody'], [{ x: 1 }], [...motion(1), ...motion(1, { world: true })]]) {
      const bytes = encoded(payloads);
      expect(bytes[0]).toBe(PLAIN);
      expect(segmentWeight(bytes)).toBe(bytes.length);
      expect(back(bytes)).toBe(JSON.stringify(payloads));
    }
  });

  it('whatever the payloads, gives back their JSON, and counts for no less than that', () => {
    const kinds = { [PLAIN]: 0, [SKELETONS]: 0 };
    fc.assert(
      fc.property(
        fc.oneof(
          fitting,
          fc.tuple(fitting, fc.array(odd)).map(([a, b]) => [...a, ...b]),
        ),
        (payloads) => {
          const bytes = encoded(payloads);
          const json = JSON.stringify(payloads);
          expect(back(bytes)).toBe(json);
          expect(segmentWeight(bytes)).toBeGreaterThanOrEqual(Buffer.byteLength(json));
          kinds[bytes[0] === SKELETONS ? SKELETONS : PLAIN] += 1;
        },
      ),
      { numRuns: 1000 },
    );
    expect(Math.min(kinds[PLAIN], kinds[SKELETONS])).toBeGreaterThan(100);
  });

  it('counts for about its JSON', () => {
    for (const options of [{}, { world: true }]) {
      const payloads = motion(100, options);
      const json = JSON.stringify(payloads).length;
      expect(segmentWeight(encoded(payloads))).toBeGreaterThan(json);
      expect(segmentWeight(encoded(payloads))).toBeLessThan(1.4 * json);
    }
  });

  it('tells damage apart from data, and makes no more of it than it counts for', () => {
    const bytes = encoded(motion(12));
    for (let cut = 0; cut < bytes.length; cut++) expect(() => back(bytes.subarray(0, cut))).toThrow();
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = bytes.map((byte, i) => (i === at ? byte ^ flip : byte));
        expect(segmentWeight(damaged)).toBeGreaterThanOrEqual(damaged.length);
        let json = '';
        try {
          json = back(damaged);
        } catch (error) {
          expect(error instanceof RangeError || error instanceof SyntaxError).toBe(true);
        }
        expect(json.length).toBeLessThanOrEqual(segmentWeight(damaged));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a store of skeletons', () => {
  let dir: string;
  let store: GatewayStore;
  const QUERY: HistoryQuery = { sensorId: 's', attribute: 'a', from: -Infinity, to: Infinity, limit: 50_000 };

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'skeletons-'));
    store = openStore(dir, { retentionDays: 30 });
  });
  afterEach(() => {
    store.close();
    rmSync(dir, { recursive: true });
  });

  async function paged(limit: number): Promise<StoredMeasurement[][]> {
    const pages: StoredMeasurement[][] = [];
    let after: HistoryPosition | undefined;
    do {
      const page = await store.history({ ...QUERY, limit, ...(after && { after }) });
      pages.push([...page.samples]);
      after = page.next;
    } while (after);
    return pages;
  }

  /** Kind of each segment, in order. */
  function kinds(): number[] {
    const db = new Database(join(dir, 'sensocto.db'));
    const rows = db.prepare('SELECT hex(substr(data, 1, 1)) AS kind FROM segments ORDER BY id').all() as {
      kind: string;
    }[];
    db.close();
    return rows.map(({ kind }) => Number.parseInt(kind, 16));
  }

  it('gives back what was sent, sample by sample, in pages of any size, with unfitting ones and after a restart', async () => {
    const payloads: unknown[] = [...motion(400)];
    payloads[50] = null;
    payloads.splice(100, 30, ...motion(30, { world: true }));
    payloads[200] = { mode: 'full', landmarks: 'hidden' };
    payloads[201] = 7;
    const sent = payloads.map((payload, i) => {
      return { sensorId: 's', attribute: 'a', payload, timestamp: T + 33 * i, extra: { seq: i } };
    });
    for (let at = 0; at < sent.length; at += 12) {
      store.append(sent.slice(at, at + 12));
      if (at < 390) store.flush();
    }
    expect(JSON.stringify(await paged(37).then((pages) => pages.flat()))).toBe(JSON.stringify(sent));
    store.close();
    store = openStore(dir, { retentionDays: 30 });
    for (const limit of [1, 12, 100, 1000]) {
      const pages = await paged(limit);
      expect(pages.slice(0, -1).every(({ length }) => length === limit)).toBe(true);
      expect(pages.flat()).toEqual(sent);
    }
    expect(store.read('s', 'a')).toEqual(sent);
    const stored = kinds();
    expect(stored.filter((kind) => kind === PLAIN).length).toBeLessThan(10);
    expect(stored.filter((kind) => kind === SKELETONS).length).toBeGreaterThan(20);
  });

  it(
    'keeps fewer of them than of numbers while the disk refuses, and says how many it gave up',
    { timeout: 60_000 },
    () => {
      const other = new Database(join(dir, 'sensocto.db'));
      other.exec('BEGIN IMMEDIATE');
      const [payload] = motion(1);
      const push = (attribute: string, count: number): void => {
        const series = store.series('s', attribute);
        for (let seq = 0; seq < count; seq++)
          series.push({ attribute_id: attribute, payload, timestamp: T + seq, seq });
      };
      push('a', 20_000);
      store.flush();
      expect(store.counts()).toMatchObject({ accepted: 20_000, lost: 0 });
      // Of numbers there could be half a million.
      push('b', 20_000);
      store.flush();
      expect(store.counts()).toMatchObject({ accepted: 40_000, lost: 20_000 });
      other.exec('ROLLBACK');
      other.close();
      store.flush();
      expect(store.counts()).toMatchObject({ written: 20_000, lost: 20_000 });
      expect(store.read('s', 'b')).toHaveLength(20_000);
    },
  );

  it('reads a backlog in turns and replies that are no longer than with JSON', { timeout: 60_000 }, async () => {
    const payloads = motion(8000);
    const series = store.series('s', 'a');
    for (const sample of samplesOf(payloads)) series.push(sample);
    // Few bytes on the wire, many in memory: they are written without waiting for more.
    store.taken(60 * payloads.length);
    expect(store.counts().written).toBe(8000);
    const turns: Turn[] = [];
    const reader = new HistoryReader(
      { open: () => openReader(join(dir, 'sensocto.db')), flush: () => undefined, waitingFor: () => [] },
      (turn) => Promise.resolve(void turns.push(turn)),
    );
    const got: unknown[] = [];
    let longest = 0;
    for await (const { samples } of reader.parts(QUERY)) {
      longest = Math.max(longest, JSON.stringify(samples.map(({ payload }) => payload)).length);
      got.push(...samples.map(({ payload }) => payload));
    }
    reader.close();
    // A page of 8 MB is full long before its limit of samples.
    const json = JSON.stringify(got);
    expect(json).toBe(JSON.stringify(payloads.slice(0, got.length)));
    expect(json.length).toBeLessThan(8 * 2 ** 20);
    expect(json.length).toBeGreaterThan(6 * 2 ** 20);
    expect(longest).toBeLessThanOrEqual(2 ** 20);
    expect(Math.max(...turns.map(({ bytes }) => bytes))).toBeLessThanOrEqual(2 * TURN_BYTES);
    expect(turns.reduce((sum, { bytes }) => sum + bytes, 0)).toBeGreaterThan(json.length);
    expect((await paged(50_000)).flat().map(({ payload }) => payload)).toEqual(payloads);
  });

  it('counts and goes around a damaged segment', async () => {
    for (let i = 0; i < 3; i++) {
      store.append(
        samplesOf(motion(12)).map(({ payload, timestamp }) => ({ sensorId: 's', attribute: 'a', payload, timestamp })),
      );
      store.flush();
    }
    const db = new Database(join(dir, 'sensocto.db'));
    db.exec(`UPDATE segments SET data = substr(data, 1, 300) WHERE id = 2`);
    db.close();
    const page = await store.history(QUERY);
    expect([page.samples.length, page.damaged]).toEqual([24, 1]);
  });

  it('lets the retention take them', () => {
    store.close();
    let now = T;
    store = openStore(dir, { retentionDays: 1, now: () => now });
    const append = (): void => {
      store.append(motion(12).map((payload, i) => ({ sensorId: 's', attribute: 'a', payload, timestamp: now + i })));
      store.flush();
    };
    append();
    now += 100_000_000;
    append();
    expect(kinds()).toEqual([SKELETONS, SKELETONS]);
    store.prune(now);
    expect(store.read('s', 'a').map(({ timestamp }) => timestamp)).toEqual(
      Array.from({ length: 12 }, (_, i) => now + i),
    );
    expect(store.counts().written).toBe(12);
  });
});

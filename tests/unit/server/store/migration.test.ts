/** A store as the first version of the gateway left it (a real file, compressed), opened by this one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'libsql';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStore } from '../../../../server/store/store.ts';

const OLD = new URL('../../../fixtures/store-v1.db.gz', import.meta.url);
/** The same of the second version: skeletons as JSON. */
const JSON_SKELETONS = new URL('../../../fixtures/store-v2.db.gz', import.meta.url);
const START = 1_706_000_000_000;
let dir: string;
let file: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'migration-'));
  file = join(dir, 'sensocto.db');
  writeFileSync(file, gunzipSync(readFileSync(OLD)));
});
afterEach(() => rmSync(dir, { recursive: true }));

function version(): unknown {
  const db = new Database(file);
  const [row] = db.prepare('PRAGMA user_version').all() as { user_version: number }[];
  db.close();
  return row?.user_version;
}

it('keeps everything, and knows times and numbers of what came before there were such columns', async () => {
  expect(version()).toBe(1);
  const store = openStore(dir, { retentionDays: 36_500 });
  expect(store.findGuest('guest_1')?.displayName).toBe('Zoë');
  expect(store.listRooms().map((room) => room.joinCode)).toEqual(['ABCD']);
  expect(store.counts().written).toBe(2104);
  expect(store.holdings('strap').get('ecg')).toMatchObject({ samples: 2000, durable: 2000, firstAt: START });
  expect(store.holdings('strap').get('ecg')?.seqs.toArray()).toEqual([[0, 1999]]);
  expect(store.holdings('strap').get('heartrate')).toMatchObject({ samples: 100, durable: 0, lastAt: START + 99_000 });
  const query = { from: -Infinity, to: Infinity, limit: 10_000 };
  const ecg = await store.history({ ...query, sensorId: 'strap', attribute: 'ecg' });
  expect(ecg.samples).toEqual(
    Array.from({ length: 2000 }, (_, i) => ({
      ...{ sensorId: 'strap', attribute: 'ecg', payload: i / 1000 },
      ...{ timestamp: START + i * 8, extra: { seq: i } },
    })),
  );
  const odd = await store.history({ ...query, sensorId: 'o\u0000dd', attribute: 'note' });
  expect(odd.samples.map((sample) => sample.timestamp)).toEqual(['noon', null, 5, START]);
  const series = store.series('strap', 'ecg');
  expect([series.holds(1999), series.holds(2000)]).toEqual([true, false]);
  store.close();
  expect(version()).toBe(3);
  const again = openStore(dir, { retentionDays: 36_500 });
  expect(again.holdings('strap').get('ecg')?.samples).toBe(2000);
  again.close();
});

it('leaves a damaged segment where it is and tells of it', async () => {
  const db = new Database(file);
  db.exec(`UPDATE segments SET data = x'00' WHERE id = 3`);
  db.close();
  const store = openStore(dir, { retentionDays: 36_500 });
  const query = { sensorId: 'strap', attribute: 'ecg', from: START, to: Infinity, limit: 10_000 };
  const { samples, damaged } = await store.history(query);
  expect(damaged).toBe(1);
  expect(samples.length).toBeGreaterThan(1500);
  expect(samples.length).toBeLessThan(2000);
  store.close();
});

it('reads skeletons that were written as JSON, and adds others in bits', async () => {
  const skeleton = (frame: number): unknown => ({
    mode: 'full',
    landmarks: Array.from({ length: 33 }, (_, k) => ({
      ...{ x: ((frame * 7 + k * 13) % 1000) / 1000, y: ((frame * 3 + k * 29) % 1000) / 1000 },
      ...{ z: -k / 1000 + 0, v: 0.9 },
    })),
  });
  const payload = (i: number): unknown => (i % 40 === 39 ? 'nobody' : skeleton(i));
  writeFileSync(file, gunzipSync(readFileSync(JSON_SKELETONS)));
  const fileVersion = version();
  const store = openStore(dir, { retentionDays: 36_500 });
  const series = store.series('camera', 'skeleton');
  for (let i = 120; i < 240; i++) {
    series.push({ attribute_id: 'skeleton', payload: payload(i), timestamp: START + i * 33, seq: i });
    if (i % 12 === 11) store.flush();
  }
  store.close();
  expect([fileVersion, version()]).toEqual([2, 3]);
  const db = new Database(file);
  const sizes = db
    .prepare('SELECT substr(data, 1, 1) AS kind, avg(length(data)) AS size FROM segments GROUP BY kind')
    .all() as { size: number }[];
  db.close();
  const [json, bits] = sizes.map(({ size }) => size);
  expect(bits).toBeLessThan((json ?? 0) / 4);
  const again = openStore(dir, { retentionDays: 36_500 });
  const query = { sensorId: 'camera', attribute: 'skeleton', from: -Infinity, to: Infinity, limit: 50 };
  const got: unknown[] = [];
  for (let page = await again.history(query); ; page = await again.history({ ...query, after: page.next })) {
    got.push(...page.samples.map((sample) => [sample.payload, sample.timestamp, sample.extra?.['seq']]));
    if (!page.next) break;
  }
  expect(got).toEqual(Array.from({ length: 240 }, (_, i) => [payload(i), START + i * 33, i]));
  again.close();
});

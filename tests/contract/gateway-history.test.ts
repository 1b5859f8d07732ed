/** Stored samples over REST: who may ask, what comes back, and in which words it is refused. */
import * as v from 'valibot';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HistoryPage, historyPath, type HistoryRequest, StoredCounts, storedPath } from '../../src/protocol/history.ts';
import { RawClient, sample, sensorParams } from '../support/raw-client.ts';
import { post, startGateway, type TestGateway } from './support/gateway.ts';

const START = 1_706_000_000_000;
let gateway: TestGateway;
let client: RawClient | undefined;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());
afterEach(() => client?.close());

/** Streams batches as a sensor and goes. */
async function stream(id: string, ...batches: readonly (readonly unknown[])[]): Promise<RawClient> {
  client = await RawClient.open(`${gateway.url.replace('http', 'ws')}/socket/websocket?vsn=2.0.0`);
  const topic = `sensocto:sensor:${id}`;
  await client.join(topic, sensorParams(id));
  for (const batch of batches) client.send(['1', null, topic, 'measurements_batch', batch]);
  expect(await client.settled()).toEqual([]);
  return client;
}

async function get(path: string, bearer = 'missing'): Promise<{ status: number; body: unknown }> {
  const response = await fetch(gateway.url + path, { headers: { authorization: `Bearer ${bearer}` } });
  return { status: response.status, body: await response.json() };
}

async function page(id: string, request: Partial<HistoryRequest>): Promise<HistoryPage> {
  const { status, body } = await get(historyPath(id, { attribute: 'ecg', ...request }));
  expect(status).toBe(200);
  return v.parse(HistoryPage, body);
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) =>
    sample('ecg', (from + i) / 1000, START + (from + i) * 4, { seq: from + i }),
  );

describe('history', () => {
  it('is in order of measurement whatever the order of arrival, in pages, also of a sensor that has gone', async () => {
    await (await stream('h1', numbered(500, 900), numbered(0, 500), numbered(400, 600))).close();
    const got: unknown[] = [];
    let cursor: string | null = null;
    let pages = 0;
    do {
      const next = await page('h1', { limit: 128, ...(cursor !== null && { cursor }) });
      expect(next).toMatchObject({ sensor_id: 'h1', attribute: 'ecg' });
      got.push(...next.samples);
      cursor = next.next_cursor;
      pages += 1;
    } while (cursor !== null);
    expect(pages).toBe(8);
    expect(got).toEqual(
      Array.from({ length: 900 }, (_, seq) => ({ timestamp: START + seq * 4, payload: seq / 1000, seq })),
    );
  });

  it('takes a stretch of time: its start included, its end not', async () => {
    await stream('h2', numbered(0, 100));
    const { samples, next_cursor } = await page('h2', { from: START + 40, to: START + 80 });
    expect(samples.map(({ seq }) => seq)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(next_cursor).toBeNull();
    expect((await page('h2', { from: START + 400 })).samples).toEqual([]);
  });

  it('keeps further keys and any payload, and puts what has no time in front', async () => {
    await stream('h/3 ü', [sample('ecg', { x: [1] }, START, { event: 'press' }), sample('ecg', null, 'noon')]);
    expect((await page('h/3 ü', {})).samples).toEqual([
      { timestamp: 'noon', payload: null },
      { timestamp: START, payload: { x: [1] }, event: 'press' },
    ]);
    expect((await page('h/3 ü', { from: 0 })).samples).toHaveLength(1);
  });

  it('of an attribute that is announced but silent is empty', async () => {
    client = await stream('h4', numbered(0, 1));
    const attribute = { action: 'register', attribute_id: 'hr', metadata: {} };
    client.send(['1', null, 'sensocto:sensor:h4', 'update_attributes', attribute]);
    await client.settled();
    expect((await page('h4', { attribute: 'hr' })).samples).toEqual([]);
  });

  it('has at most 50,000 samples a page', async () => {
    for (let i = 0; i < 60; i++) await (await stream('h5', numbered(i * 1000, i * 1000 + 1000))).close();
    expect((await page('h5', {})).samples).toHaveLength(10_000);
    expect((await page('h5', { limit: 900_000 })).samples).toHaveLength(50_000);
  });
});

describe('stored', () => {
  it('counts per attribute, with what waits to be written', async () => {
    await stream('c1', numbered(0, 10), numbered(20, 30), [sample('hr', 60, START), sample('note', 1, 'noon')]);
    const { status, body } = await get(storedPath('c1'));
    expect(status).toBe(200);
    expect(v.parse(StoredCounts, body)).toEqual({
      sensor_id: 'c1',
      attributes: {
        ecg: {
          ...{ count: 20, first: START, last: START + 29 * 4 },
          seq_ranges: [
            [0, 9],
            [20, 29],
          ],
        },
        hr: { count: 1, first: START, last: START, seq_ranges: [] },
        note: { count: 1, first: null, last: null, seq_ranges: [] },
      },
    });
  });
});

describe('both', () => {
  const paths = [historyPath('c1', { attribute: 'ecg' }), storedPath('c1')];

  it('take a guest, and nobody without a token', async () => {
    await stream('c1', numbered(0, 10));
    const guest = (await (await post(`${gateway.url}/api/guests`, { display_name: 'Zoë' })).json()) as {
      bearer_token: string;
    };
    for (const path of paths) {
      expect((await get(path, guest.bearer_token)).status).toBe(200);
      expect(await get(path, 'guest:x:y')).toMatchObject({ status: 401, body: { error: { code: 'unauthorized' } } });
      expect((await fetch(gateway.url + path)).status).toBe(401);
      expect((await fetch(gateway.url + path, { method: 'DELETE' })).status).toBe(405);
    }
  });

  it('say what they do not know', async () => {
    await stream('c2', numbered(0, 1));
    for (const path of [historyPath('nobody', { attribute: 'ecg' }), storedPath('nobody')]) {
      expect(await get(path)).toMatchObject({ status: 404, body: { error: { code: 'unknown-sensor' } } });
    }
    const { status, body } = await get(historyPath('c2', { attribute: 'eeg' }));
    expect([status, body]).toMatchObject([404, { error: { code: 'unknown-attribute', category: 'client' } }]);
  });

  it.each([
    ['', 'attribute'],
    ['attribute=a%20b', 'attribute'],
    ['attribute=ecg&from=noon', 'from'],
    ['attribute=ecg&to=1e999', 'to'],
    ['attribute=ecg&limit=0', 'limit'],
    ['attribute=ecg&limit=1.5', 'limit'],
    ['attribute=ecg&cursor=xyz', 'cursor'],
    [`attribute=ecg&cursor=${Buffer.from('[1,2]').toString('base64url')}`, 'cursor'],
  ])('refuse %j by name', async (query, parameter) => {
    const { status, body } = await get(`/api/sensors/c1/history?${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: 'invalid-request' } });
    expect(JSON.stringify(body)).toContain(parameter);
  });
});

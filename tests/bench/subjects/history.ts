/** A page of history as the gateway answers it, and the plainest way: one query, everything decoded, one JSON. */
import Database from 'libsql';
import { join } from 'node:path';
import { historyRoutes } from '../../../server/http/history.ts';
import { asBytes, asRecord } from '../../../server/store/rows.ts';
import { decodeSegment } from '../../../server/store/segment.ts';
import { openStore, type GatewayStore } from '../../../server/store/store.ts';
import { historyPath } from '../../../src/protocol/history.ts';

const SENSOR = 'bench';
const ATTRIBUTE = 'ecg';
const START = 1_700_000_000_000;
/** Samples of one write: a backlog that is drained, as a day offline is. */
const PER_WRITE = 4000;

/** Opens a store with so many samples of a 130 Hz waveform. */
export function filledStore(dataDir: string, samples: number): GatewayStore {
  const store = openStore(dataDir, { retentionDays: 36_500 });
  const series = store.series(SENSOR, ATTRIBUTE);
  for (let i = 0; i < samples; i++) {
    const payload = Math.round(300 * Math.sin(i / 9) + 40 * Math.sin(i * i)) / 1000;
    series.push({ attribute_id: ATTRIBUTE, payload, timestamp: START + Math.round((i * 1000) / 130), seq: i });
    if (i % PER_WRITE === PER_WRITE - 1) store.flush();
  }
  store.flush();
  return store;
}

/** The bytes of so many pages, one after the other, as a client asks for them. */
export async function pagesOfGateway(store: GatewayStore, limit: number, pages: number): Promise<number> {
  const routes = historyRoutes({
    credentials: {
      checkBearer: () => ({ kind: 'guest', id: 'bench', displayName: 'Bench' }),
      checkViewerToken: () => undefined,
      checkSocketToken: () => 'anonymous',
      mintGuest: () => ({ guest_id: '', token: '', bearer_token: '', socket_token: '' }),
      mintViewerToken: () => '',
    },
    sensors: { list: () => [], find: () => undefined },
    archive: store,
    now: Date.now,
  });
  let cursor: string | undefined;
  let bytes = 0;
  for (let page = 0; page < pages; page++) {
    const path = historyPath(SENSOR, { attribute: ATTRIBUTE, limit, ...(cursor !== undefined && { cursor }) });
    const answer = await routes.request(path, { headers: { authorization: 'Bearer bench' } });
    if (answer.status !== 200) throw new Error(await answer.text());
    const body = Buffer.from(await answer.arrayBuffer());
    cursor = /"next_cursor":"([^"]+)"/.exec(body.subarray(-300).toString())?.[1];
    bytes += body.length;
  }
  return bytes;
}

/** The same pages, each in one piece. */
export async function pagesAtOnce(dataDir: string, limit: number, pages: number): Promise<number> {
  const db = new Database(join(dataDir, 'sensocto.db'));
  const statement = db.prepare('SELECT data FROM segments WHERE first_at >= ? ORDER BY first_at LIMIT ?');
  let from = START;
  let bytes = 0;
  for (let page = 0; page < pages; page++) {
    const rows = statement.all([from, Math.ceil(limit / PER_WRITE) + 1]).map((row) => asBytes(asRecord(row)?.['data']));
    const all = rows.flatMap((data) => (data ? decodeSegment(data, SENSOR, ATTRIBUTE) : []));
    const samples = all.slice(0, limit).map(({ timestamp, payload, extra }) => ({ timestamp, payload, ...extra }));
    from = Number(all[limit]?.timestamp ?? Infinity);
    const body = JSON.stringify({ sensor_id: SENSOR, attribute: ATTRIBUTE, samples, next_cursor: String(from) });
    bytes += Buffer.from(body).length;
    await new Promise((resolve) => setImmediate(resolve));
  }
  db.close();
  return bytes;
}

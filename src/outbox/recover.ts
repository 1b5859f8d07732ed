/** A sensor's counts that cannot be read any more, built anew from its records: what is there must still be delivered. */
import type { AttributeTotals, LogDatabase, SensorRow } from './ports.ts';
import { RECORD_SPAN } from './ports.ts';
import { emptyRow, parseRecord, sizeOf } from './row.ts';

const PAGE = 256;

export interface Recovered {
  readonly row: SensorRow;
  /** What stands in the place of records and is none. */
  readonly junk: readonly { readonly id: number; readonly value: unknown }[];
}

/**
 * @param sensorId the row's key, as found
 * @param now Unix ms: sequence numbers go on at a number that no earlier run has reached
 * @returns undefined if the key is no sensor's
 */
export async function recoverRow(db: LogDatabase, sensorId: unknown, now: number): Promise<Recovered | undefined> {
  if (typeof sensorId !== 'string') return undefined;
  const junk: { id: number; value: unknown }[] = [];
  const attributes: Record<string, AttributeTotals> = {};
  const nextSeq = Math.floor(now) * 1000;
  let oldest: number | undefined;
  let at = 0;
  for (let more = true; more;) {
    const page = await db.records(sensorId, { from: at, to: Infinity }, PAGE);
    for (const { id, value } of page) {
      at = id + 1;
      const record = parseRecord(value);
      if (!record) {
        junk.push({ id, value });
        continue;
      }
      oldest ??= record.from;
      const totals = (attributes[record.attribute] ??= {
        nextSeq,
        measured: 0,
        confirmed: 0,
        setAside: 0,
        evicted: 0,
        bytes: 0,
      });
      totals.measured += record.samples;
      totals.bytes += sizeOf(record);
    }
    more = page.length === PAGE;
  }
  const nextId = (Math.ceil(at / RECORD_SPAN) + 1) * RECORD_SPAN;
  const row = { ...emptyRow(sensorId), clean: false, attributes, nextId, nextGap: Math.floor(now) };
  return { row: { ...row, oldestUnsentAt: oldest }, junk };
}

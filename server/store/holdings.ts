/** What the store holds of a sensor, without decoding a single segment. */
import type Database from 'libsql';
import { asSeq, type WireSample } from '../../src/protocol/ingest.ts';
import type { Holding } from '../ports.ts';
import { asRecord, asText, firstRow } from './rows.ts';
import { rangesFrom } from './series.ts';
import { spanOf } from './times.ts';
import type { SegmentWriter } from './writer.ts';

export class HoldingsReader {
  readonly #sql: ReturnType<typeof prepare>;
  readonly #writer: SegmentWriter;

  constructor(db: Database.Database, writer: SegmentWriter) {
    this.#sql = prepare(db);
    this.#writer = writer;
  }

  /** By attribute: what is on disk, with what waits to be written. */
  of(sensorId: string): ReadonlyMap<string, Holding> {
    const waiting = this.#writer.waitingOf(sensorId);
    const rows = this.#sql.series.all([asText(sensorId)]).map(asRecord);
    const onDisk = new Map(rows.map((row) => [String(row?.['attribute']), row]));
    const attributes = new Set([...onDisk.keys(), ...waiting.keys()]);
    return new Map(
      Array.from(attributes, (attribute) => {
        return [attribute, this.#holding(onDisk.get(attribute), waiting.get(attribute) ?? [])];
      }),
    );
  }

  #holding(row: Readonly<Record<string, unknown>> | undefined, waiting: readonly WireSample[]): Holding {
    const seqs = rangesFrom(row);
    const durable = seqs.count;
    for (const sample of waiting) {
      const seq = asSeq(sample['seq']);
      if (seq !== undefined) seqs.add(seq);
    }
    const span = spanOf(waiting);
    return {
      samples: Number(row?.['samples'] ?? 0) + waiting.length,
      firstAt: Math.min(this.#firstAt(row?.['id']), span.firstAt),
      lastAt: Math.max(Number(row?.['last_at'] ?? -Infinity), span.lastAt),
      seqs,
      durable,
    };
  }

  #firstAt(series: unknown): number {
    // One look-up for narrow segments and one for wide ones, as the index has them.
    const times = [0, 1].map((wide) => firstRow(this.#sql.first, [series ?? null, wide])?.['first_at']);
    return Math.min(...times.filter((time) => time !== undefined && time !== null).map(Number));
  }
}

function prepare(db: Database.Database) {
  return {
    series: db.prepare('SELECT id, attribute, samples, last_at, seqs FROM series WHERE sensor = ?'),
    first: db.prepare('SELECT first_at FROM segments WHERE series = ? AND wide = ? ORDER BY first_at LIMIT 1'),
  };
}

/** A person who walks and waves before a camera, as the log, the wire and the gateway's database have it. */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import Database from 'libsql';
import { openStore } from '../../../server/store/store.ts';
import type { Json, StructuredBlock } from '../../../src/model/block.ts';
import { sizeOf } from '../../../src/outbox/row.ts';
import { encodeBlock } from '../../../src/protocol/block-codec.ts';
import { decodeBlocks, encodeBlocks } from '../../../src/protocol/block-sequence.ts';
import { wireMeasurements } from '../../../src/protocol/sensor.ts';
import { inBlocks, skeletonMotion } from '../../support/skeleton-motion.ts';

/** Frames a second. */
const FPS = 30;
const FIRST_SEQ = 1_800_000_000_000_000;
const PERSONS = 4;
/** Frames between two writes of the gateway, which are 400 ms apart. */
const PER_WRITE = 12;

/** Blocks of so many ms; what does not fill one is left out. */
export function skeletonBatches(seconds: number, ms: number): StructuredBlock[] {
  const frames = Math.round((FPS * ms) / 1000);
  const motion = skeletonMotion(seconds * FPS, { seed: 3, from: 4, fps: FPS });
  return inBlocks(motion, frames).filter(({ times }) => times.length === frames);
}

/** Bytes of a batch as a record of the log, with what the log keeps beside it. */
export function diskBytes({ attribute, times, ...block }: StructuredBlock): number {
  const bytes = encodeBlock({ ...block, attribute, times }, { firstSeq: FIRST_SEQ });
  return sizeOf({ attribute, samples: times.length, from: times[0] ?? 0, to: times.at(-1) ?? 0, bytes });
}

/** A batch as binary uplink. Throws if it does not come back as it was. */
export function binaryUplink(block: StructuredBlock): ArrayBuffer {
  const bytes = encodeBlocks([{ block, firstSeq: FIRST_SEQ }]);
  const [record] = decodeBlocks(bytes).records;
  if (record?.block.kind !== 'structured' || !isDeepStrictEqual(record.block.payloads, block.payloads)) {
    throw new Error('skeletons came back otherwise');
  }
  return bytes.buffer;
}

/** The batch as the platform's clients send it: measurements, here with objects (theirs are text, and longer). */
export function plainMeasurements(block: StructuredBlock): readonly object[] {
  return wireMeasurements(block, FIRST_SEQ);
}

/** The same text but for the order of keys, which is not that of the skeletons which the gateway knows. */
export function keptAsJson(payload: Json): Json {
  const { mode, ...others } = payload as Readonly<Record<string, Json>>;
  return { ...others, mode: mode ?? null };
}

/**
 * Bytes that the gateway's database grows by for each skeleton, with all its tables and indexes. Throws if one does not come
 * back as it was.
 * @param dataDir an empty folder
 * @param shape what becomes of each payload before it is sent
 */
export function storedBytes(dataDir: string, seconds: number, shape: (payload: Json) => Json = (same) => same): number {
  openStore(dataDir, { retentionDays: 36_500 }).close();
  const before = databaseBytes(dataDir);
  const store = openStore(dataDir, { retentionDays: 36_500 });
  const persons = Array.from({ length: PERSONS }, (_, i) => {
    const { times, payloads } = skeletonMotion(seconds * FPS, { seed: 3 + i, from: 4, fps: FPS });
    const attribute = `skeleton_${i + 1}`;
    return { attribute, times, payloads: payloads.map(shape), series: store.series('camera', attribute) };
  });
  for (let frame = 0; frame < seconds * FPS; frame++) {
    for (const { attribute, times, payloads, series } of persons) {
      const timestamp = Math.round(times[frame] ?? 0);
      series.push({ attribute_id: attribute, payload: payloads[frame], timestamp, seq: FIRST_SEQ + frame });
    }
    if (frame % PER_WRITE === PER_WRITE - 1) store.flush();
  }
  store.flush();
  for (const { attribute, payloads } of persons) {
    const kept = store.read('camera', attribute).map(({ payload }) => payload);
    if (!isDeepStrictEqual(kept, payloads)) throw new Error('skeletons came back otherwise');
  }
  store.close();
  return (databaseBytes(dataDir) - before) / (PERSONS * seconds * FPS);
}

function databaseBytes(dataDir: string): number {
  const db = new Database(join(dataDir, 'sensocto.db'));
  const read = (pragma: string): number => Number(Object.values(db.prepare(`PRAGMA ${pragma}`).all()[0] ?? {})[0]);
  const bytes = read('page_count') * read('page_size');
  db.close();
  return bytes;
}

/**
 * Bytes per skeleton (33 landmarks with depth and visibility, three decimals) of somebody who walks and waves, 30 a second:
 * as records of the log in blocks of 250 ms, as frames of the binary uplink with all that goes with them, against JSON
 * batches; and in the gateway's database, four persons at once, against the same database with payloads that it keeps as
 * JSON. Every batch is decoded and compared.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importBundled } from '../support/bundle.mjs';
import { frameBytes } from '../support/frame.mjs';
import { row } from '../support/stats.mjs';

const SECONDS = 120;
const SPOOLED = 250;
/** ms of a push: a tenth of a second on the screen, half a one on a list, 2 s when somebody might look. */
const WINDOWS = [100, 500, 2000];
const UNIT = 'bytes per skeleton';

const DISK = 'skeleton bytes on disk, blocks of 0.25 s, against JSON';
const wireName = (ms) => `skeleton bytes on the wire, every ${ms / 1000} s, against JSON`;
const GATEWAY = 'skeleton bytes, gateway, disk, against JSON';

export const names = [DISK, GATEWAY, ...WINDOWS.map(wireName)];

export async function run({ wanted }) {
  const subject = await importBundled('tests/bench/subjects/skeletons.ts');
  const rows = [];
  const add = (name, value, baseline) => {
    if (wanted(name)) rows.push(row(name, UNIT, value, baseline));
  };
  const records = subject.skeletonBatches(SECONDS, SPOOLED);
  const json = (batch) => JSON.stringify(subject.plainMeasurements(batch)).length;
  add(DISK, perSkeleton(records, subject.diskBytes), perSkeleton(records, json));
  if (wanted(GATEWAY)) {
    const kept = await inFolder((dir) => subject.storedBytes(dir, SECONDS));
    add(GATEWAY, kept, await inFolder((dir) => subject.storedBytes(dir, SECONDS, subject.keptAsJson)));
  }
  for (const ms of WINDOWS) {
    const batches = subject.skeletonBatches(SECONDS, ms);
    const wire = perSkeleton(batches, (batch) => frameBytes('blocks', subject.binaryUplink(batch)));
    const text = perSkeleton(batches, (batch) => frameBytes('measurements_batch', subject.plainMeasurements(batch)));
    add(wireName(ms), wire, text);
  }
  return rows;
}

async function inFolder(work) {
  const dir = await mkdtemp(join(tmpdir(), 'bench-skeletons-'));
  try {
    return work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function perSkeleton(batches, bytesOf) {
  let bytes = 0;
  let skeletons = 0;
  for (const batch of batches) {
    bytes += bytesOf(batch);
    skeletons += batch.times.length;
  }
  return bytes / skeletons;
}

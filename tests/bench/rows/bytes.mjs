/**
 * Bytes per sample of a noisy ECG (130 Hz, whole µV): as records of the log, and as frames of the binary uplink with all
 * that goes with them, for the batches that each attention asks for; against JSON batches of the platform's clients and
 * against the platform's delta format, which keeps two decimals of a mV, alone without frames. Every batch is decoded and
 * compared.
 */
import { importBundled } from '../support/bundle.mjs';
import { frameBytes } from '../support/frame.mjs';
import { row } from '../support/stats.mjs';

const SECONDS = 600;
/** Samples of a full record of the log. */
const RECORD = 650;
/** Samples of a push: 5 s nobody looks, 2 s somebody might, half a second on a list, a tenth on the screen. */
const BATCHES = [
  ['5 s, attention none', 650],
  ['2 s, attention low', 260],
  ['0.5 s, attention medium', 65],
  ['0.1 s, attention high', 13],
];
const UNIT = 'bytes per sample';

const diskName = (against) => `ECG bytes on disk, against ${against}`;
const wireName = (batch, against) => `ECG bytes on the wire, every ${batch}, against ${against}`;

export const names = [
  ...['JSON', 'delta'].map(diskName),
  ...BATCHES.flatMap(([batch]) => ['JSON', 'delta'].map((against) => wireName(batch, against))),
];

export async function run({ wanted }) {
  const subject = await importBundled('tests/bench/subjects/ecg-stream.ts');
  const blocks = subject.ecgNotifications(SECONDS);
  const rows = [];
  const add = (name, value, baseline) => {
    if (wanted(name)) rows.push(row(name, UNIT, value, baseline));
  };
  const records = subject.batchesOf(blocks, RECORD);
  const disk = perSample(records, subject.diskBytes);
  add(diskName('JSON'), disk, perSample(records, jsonAlone(subject)));
  add(diskName('delta'), disk, perSample(records, subject.deltaBytes));
  for (const [name, size] of BATCHES) {
    const batches = subject.batchesOf(blocks, size);
    const wire = perSample(batches, (batch) => frameBytes('blocks', subject.binaryUplink(batch)));
    const json = perSample(batches, (batch) => frameBytes('measurements_batch', subject.plainMeasurements(batch)));
    add(wireName(name, 'JSON'), wire, json);
    add(wireName(name, 'delta'), wire, perSample(batches, subject.deltaBytes));
  }
  return rows;
}

function perSample(batches, bytesOf) {
  let bytes = 0;
  let samples = 0;
  for (const batch of batches) {
    bytes += bytesOf(batch);
    samples += batch.times.length;
  }
  return bytes / samples;
}

function jsonAlone({ plainMeasurements }) {
  return (batch) => JSON.stringify(plainMeasurements(batch)).length;
}

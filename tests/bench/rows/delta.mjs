/**
 * Delta codec: samples a second, against the same format with one object per sample, for several sizes of batch. A flush of
 * the platform holds 8 to 65 samples of a 130 Hz waveform. Columns and bytes are the caller's and used again, as the codec
 * is meant to be used in a stream; the rows marked `new arrays` make them for each batch.
 */
import { importBundled } from '../support/bundle.mjs';
import { median, paired, row } from '../support/stats.mjs';

const SIZES = [2, 16, 64, 500];
/** Samples of one measurement, and how often both sides are measured. */
const SAMPLES = 400_000;
const ROUNDS = 11;
/** Different batches, so that no processor learns one by heart. */
const BATCHES = 200;

const caseName = (what, size) => `delta ${what}, ${size} samples`;
const KINDS = ['decode', 'encode', 'decode to new arrays', 'encode to new arrays'];

export const names = SIZES.flatMap((size) => KINDS.map((what) => caseName(what, size)));

export async function run({ wanted }) {
  const delta = await importBundled('src/protocol/delta.ts');
  const objects = await importBundled('tests/support/delta-objects.ts');
  const { syntheticEcg, noiseSource } = await importBundled('tests/support/ecg.ts');
  const noise = noiseSource(7);
  const ecg = syntheticEcg(BATCHES * Math.max(...SIZES), () => noise.gauss(8));
  const rows = [];
  for (const size of SIZES) {
    const batches = Array.from({ length: BATCHES }, (_, k) =>
      batchOf(ecg.subarray(k * size, (k + 1) * size), k * size),
    );
    const sides = sidesOf(delta, objects, batches);
    for (const what of KINDS) {
      const name = caseName(what, size);
      if (!wanted(name)) continue;
      const [ours, theirs] = sides[what];
      const { first, second } = await paired(
        ROUNDS,
        () => rate(batches, ours),
        () => rate(batches, theirs),
      );
      rows.push(row(name, 'million samples/s', median(first), median(second)));
    }
  }
  return rows;
}

/** Samples in mV, as waveforms are on the platform, in columns and as objects. */
function batchOf(ecg, at) {
  const values = Float64Array.from(ecg, (microvolts) => microvolts / 1000);
  const times = Float64Array.from(values, (_, i) => 1_700_000_000_000 + Math.round(((at + i) * 1000) / 130));
  const samples = Array.from(values, (value, i) => ({ timestamp: times[i], value }));
  return { times, values, samples };
}

/** What is measured, ours and theirs, after both were seen to agree on every batch. */
function sidesOf(delta, objects, batches) {
  for (const batch of batches) {
    batch.bytes = delta.encodeDelta(batch.times, batch.values);
    check(delta, objects, batch);
  }
  const room = Math.max(...batches.map(({ bytes }) => bytes.length));
  const capacity = delta.deltaCapacity(room);
  const columns = { times: new Float64Array(capacity), values: new Float32Array(capacity) };
  const target = new Uint8Array(room);
  const decodeTheirs = ({ bytes }) => objects.decodeObjects(bytes);
  const encodeTheirs = ({ samples }) => objects.encodeObjects(samples);
  return {
    decode: [({ bytes }) => delta.decodeDeltaInto(bytes, columns), decodeTheirs],
    encode: [({ times, values }) => delta.encodeDeltaInto(times, values, target), encodeTheirs],
    'decode to new arrays': [({ bytes }) => delta.decodeDelta(bytes), decodeTheirs],
    'encode to new arrays': [({ times, values }) => delta.encodeDelta(times, values), encodeTheirs],
  };
}

function check(delta, objects, { bytes, samples }) {
  const ours = delta.decodeDelta(bytes);
  const theirs = objects.decodeObjects(objects.encodeObjects(samples));
  for (const [i, { timestamp, value }] of samples.entries()) {
    const near = (other) => other.timestamp === timestamp && Math.abs(other.value - value) < 0.00501;
    if (!near(theirs[i]) || !near({ timestamp: ours.value.times[i], value: ours.value.values[i] })) {
      throw new Error(`sample ${i} of ${samples.length} did not come back`);
    }
  }
}

/** Million samples a second. */
function rate(batches, work) {
  const size = batches[0].samples.length;
  const runs = Math.ceil(SAMPLES / size / BATCHES);
  const began = performance.now();
  for (let run = 0; run < runs; run++) for (const batch of batches) work(batch);
  return (runs * BATCHES * size) / (performance.now() - began) / 1000;
}

/**
 * Decoding, family by family: notification bytes to readings in columns, checked and with the device's times, against
 * decoders that read value by value and make an object of each sample (tests/bench/subjects/plain-decoders.ts).
 * Packets of a few numbers are below 1: a column costs more than the two or three objects that it takes the place of.
 * What it is for comes later: blocks are dated, joined, written and sent as they are (rows `CPU per hour`, `outbox`).
 */
import { importBundled } from '../support/bundle.mjs';
import { median, paired, row } from '../support/stats.mjs';

const ROUNDS = 11;
/** ms of one measurement, of each side. */
const LENGTH = 120;
/** As in the subject; here too, so that a row can be chosen by its name before anything is built. */
const FAMILIES = [
  'heart rate and RR',
  'Polar ECG',
  'Polar acceleration, compressed',
  'Movesense ECG',
  'Movesense IMU9',
  'Muse EEG',
  'Thingy:52 motion',
  'cycling speed and cadence',
  'cycling power',
  'environment, temperature',
  'UART lines',
  'OpenBCI Cyton',
];
const rowName = (what) => `decode bytes, ${what}`;

export const names = FAMILIES.map(rowName);

export async function run({ wanted }) {
  const subject = await importBundled('tests/bench/subjects/decode-families.ts');
  const families = subject.families();
  const known = families.map(({ what }) => what);
  if (known.join() !== FAMILIES.join()) throw new Error(`families are now ${known.join()}`);
  const rows = [];
  for (const family of families) {
    const name = rowName(family.what);
    if (!wanted(name)) continue;
    const samples = subject.compare(family);
    const { first, second } = await paired(
      ROUNDS,
      () => rate(samples, () => subject.decodeOurs(family)),
      () => rate(samples, () => subject.decodePlain(family)),
    );
    rows.push(row(name, 'million samples/s', median(first), median(second)));
  }
  return rows;
}

/** Million samples a second of something that decodes `samples` at a time. */
function rate(samples, decode) {
  const began = performance.now();
  let runs = 0;
  for (; performance.now() - began < LENGTH; runs++) {
    const found = decode();
    if (found.samples !== samples) throw new Error(`${found.samples} of ${samples} samples`);
  }
  return (runs * samples) / (performance.now() - began) / 1000;
}

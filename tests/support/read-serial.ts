/** Gives bytes to a framer and gathers what comes out, in a form that is the same however the bytes were cut. */
import { createFramer, type Framer, type TimedBatch } from '../../src/device/serial/framer.ts';
import type { Form } from '../../src/device/serial/detector.ts';

export interface Gathered {
  /** By attribute: `[time on the device's clock, or nothing][values]`, one row per sample. */
  readonly samples: Readonly<Record<string, readonly unknown[]>>;
  readonly lost: Readonly<Record<string, number>>;
  readonly problems: Readonly<Record<string, number>>;
  readonly texts: readonly string[];
  readonly form: Form | undefined;
}

/** @param arrival Unix ms of all pieces */
export function readAll(pieces: readonly Uint8Array[], fixed?: Form, arrival = 1000): Gathered {
  const framer = createFramer(fixed);
  return gathered(
    framer,
    pieces.flatMap((piece) => [...framer.take(piece, arrival)]),
  );
}

export function gathered(framer: Framer, batches: readonly TimedBatch[]): Gathered {
  const samples: Record<string, unknown[]> = {};
  const lost: Record<string, number> = {};
  const problems: Record<string, number> = {};
  const texts: string[] = [];
  for (const { batch } of batches) {
    texts.push(...batch.texts);
    for (const one of batch.lost) lost[one.attribute] = (lost[one.attribute] ?? 0) + one.samples;
    for (const { code } of batch.problems) problems[code] = (problems[code] ?? 0) + 1;
    for (const reading of batch.readings) {
      const rows = (samples[reading.attribute] ??= []);
      const times = reading.timing.kind === 'device' ? reading.timing.times : [];
      if (reading.kind === 'structured') rows.push(...reading.payloads);
      else {
        const width = reading.fields?.length ?? 1;
        for (let i = 0; i * width < reading.values.length; i++) {
          rows.push([times[i], ...reading.values.subarray(i * width, (i + 1) * width)]);
        }
      }
    }
  }
  return { samples, lost, problems, texts, form: framer.form };
}

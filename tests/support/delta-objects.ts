/**
 * The platform's delta format with one object per sample, written from the same description as the real codec and
 * sharing nothing with it: a second opinion for its tests and the baseline of its measurements.
 */

export interface DeltaSample {
  readonly timestamp: number;
  readonly value: number;
}

/** What is written of one sample behind the first. */
interface Entry {
  /** undefined: the value did not fit into a step and is written as it is. */
  readonly steps: number | undefined;
  readonly value: number;
  readonly gap: number;
}

/** Bytes of the samples. */
export function encodeObjects(samples: readonly DeltaSample[]): Uint8Array {
  const [first, ...rest] = samples;
  if (!first) return new Uint8Array(0);
  let previous = first;
  const entries = rest.map((sample) => {
    const entry = entryOf(previous, sample);
    previous = { timestamp: sample.timestamp, value: entry.value };
    return entry;
  });
  const size = entries.reduce((sum, { steps }) => sum + (steps === undefined ? 7 : 3), 13);
  const view = new DataView(new ArrayBuffer(size));
  view.setUint8(0, 1);
  view.setBigInt64(1, BigInt(first.timestamp), true);
  view.setFloat32(9, first.value, true);
  let at = 13;
  for (const { steps, value, gap } of entries) {
    if (steps === undefined) {
      view.setUint8(at, 0x80);
      view.setFloat32(at + 1, value, true);
      at += 5;
    } else {
      view.setInt8(at, steps);
      at += 1;
    }
    view.setUint16(at, gap, true);
    at += 2;
  }
  return new Uint8Array(view.buffer);
}

function entryOf(previous: DeltaSample, sample: DeltaSample): Entry {
  const gap = Math.min(65_535, Math.max(0, sample.timestamp - previous.timestamp));
  const exact = (sample.value - previous.value) / 0.01;
  const steps = Math.sign(exact) * Math.round(Math.abs(exact));
  if (steps < -127 || steps > 127) return { steps: undefined, value: sample.value, gap };
  return { steps, value: previous.value + steps * 0.01, gap };
}

/** Samples of the bytes; null where the platform's own decoder gives up. */
export function decodeObjects(bytes: Uint8Array): DeltaSample[] | null {
  if (bytes.length < 13 || bytes[0] !== 1) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const samples = [{ timestamp: Number(view.getBigInt64(1, true)), value: view.getFloat32(9, true) }];
  let at = 13;
  while (at < bytes.length) {
    const previous = samples.at(-1) ?? { timestamp: 0, value: 0 };
    const reset = bytes[at] === 0x80;
    const size = reset ? 7 : 3;
    if (at + size > bytes.length) return null;
    const value = reset ? view.getFloat32(at + 1, true) : previous.value + view.getInt8(at) * 0.01;
    samples.push({ timestamp: previous.timestamp + view.getUint16(at + size - 2, true), value });
    at += size;
  }
  return samples;
}

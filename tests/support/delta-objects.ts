/**
 * The platform's delta format with one object per sample, written from the same description as the real codec and
 * sharing nothing with it: a second opinion for its tests and the baseline of its measurements.
 */

export interface DeltaSample {
  readonly timestamp: number;
  readonly value: number;
}

/** Bytes of the samples. */
export function encodeObjects(samples: readonly DeltaSample[]): Uint8Array {
  const [first, ...rest] = samples;
  if (!first) return new Uint8Array(0);
  const chunks: Uint8Array[] = [head(first)];
  let previous = first;
  for (const sample of rest) {
    const { chunk, value } = entry(previous, sample);
    chunks.push(chunk);
    previous = { timestamp: sample.timestamp, value };
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function head({ timestamp, value }: DeltaSample): Uint8Array {
  const view = new DataView(new ArrayBuffer(13));
  view.setUint8(0, 1);
  view.setBigInt64(1, BigInt(timestamp), true);
  view.setFloat32(9, value, true);
  return new Uint8Array(view.buffer);
}

function entry(previous: DeltaSample, sample: DeltaSample): { readonly chunk: Uint8Array; readonly value: number } {
  const gap = Math.min(65_535, Math.max(0, sample.timestamp - previous.timestamp));
  const exact = (sample.value - previous.value) / 0.01;
  const steps = Math.sign(exact) * Math.round(Math.abs(exact));
  const small = steps >= -127 && steps <= 127;
  const view = new DataView(new ArrayBuffer(small ? 3 : 7));
  if (small) view.setInt8(0, steps);
  else {
    view.setUint8(0, 0x80);
    view.setFloat32(1, sample.value, true);
  }
  view.setUint16(small ? 1 : 5, gap, true);
  return { chunk: new Uint8Array(view.buffer), value: small ? previous.value + steps * 0.01 : sample.value };
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

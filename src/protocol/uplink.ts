/** A batch of samples as it goes to the server: our block form where the server announced it, the platform's JSON otherwise. */
import type { BlockRecord } from './block-codec.ts';
import { encodeBlocks } from './block-sequence.ts';
import { EVENT, wireMeasurements } from './sensor.ts';

export interface UplinkBatch {
  readonly event: string;
  /** An ArrayBuffer (the socket library takes no view of one), or an array of measurements. */
  readonly payload: unknown;
  /** On the wire; of JSON near enough for a bound. */
  readonly bytes: number;
}

/**
 * The records as one push.
 * @param binary whether the server announced `binary`
 */
export function encodeUplink(records: readonly BlockRecord[], binary: boolean): UplinkBatch {
  if (binary) {
    try {
      const { buffer, byteLength } = encodeBlocks(records);
      return { event: EVENT.blocks, payload: buffer, bytes: byteLength };
    } catch (thrown) {
      // What the block form cannot hold goes as JSON, which holds anything.
      if (!(thrown instanceof RangeError)) throw thrown;
    }
  }
  const payload = records.flatMap(({ block, firstSeq }) => wireMeasurements(block, firstSeq));
  return { event: EVENT.batch, payload, bytes: jsonBytes(payload) };
}

/** Samples of one batch are of a few kinds; the largest of a few stands for all. */
function jsonBytes(payload: readonly object[]): number {
  const step = Math.max(1, Math.floor(payload.length / 8));
  let largest = 0;
  for (let i = 0; i < payload.length; i += step) largest = Math.max(largest, JSON.stringify(payload[i]).length + 1);
  return payload.length * largest;
}

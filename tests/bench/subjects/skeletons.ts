/** A person who walks and waves before a camera, as the log and the wire have it. */
import { isDeepStrictEqual } from 'node:util';
import type { StructuredBlock } from '../../../src/model/block.ts';
import { sizeOf } from '../../../src/outbox/row.ts';
import { encodeBlock } from '../../../src/protocol/block-codec.ts';
import { decodeBlocks, encodeBlocks } from '../../../src/protocol/block-sequence.ts';
import { wireMeasurements } from '../../../src/protocol/sensor.ts';
import { inBlocks, skeletonMotion } from '../../support/skeleton-motion.ts';

/** Frames a second. */
const FPS = 30;
const FIRST_SEQ = 1_800_000_000_000_000;

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

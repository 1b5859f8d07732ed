/**
 * Skeletons as the block form has them (`docs/block-form.md`, kind 3): what stands there between the header's times and
 * the end of the record, 60 bytes for one instead of 1.4 kB of JSON.
 */
import type { Json } from '../../src/model/block.ts';
import { MAX_BLOCK_SAMPLES } from '../../src/protocol/block-codec.ts';
import { ByteReader } from '../../src/protocol/block-codec/reader.ts';
import {
  planSkeletons,
  readSkeletonHead,
  readSkeletons,
  skeletonNumbers,
  writeSkeletonHead,
  writeSkeletons,
} from '../../src/protocol/block-codec/skeleton.ts';
import { ByteWriter } from '../../src/protocol/block-codec/writer.ts';

/** Bytes that are expected of one. */
const EXPECTED = 128;

/** The longest there is of JSON: `"x":-32.768,` for each number, `{` and `}` for a landmark, the rest of a payload. */
const NUMBER_JSON = 12;
const LANDMARK_JSON = 2;
const PAYLOAD_JSON = 64;
/** A character may be written as `\u0000`. */
const CHARACTER_JSON = 6;
const COORDINATES_MAX = 4;

/** The bytes for these payloads; undefined if they are no skeletons that come back as their JSON has them, or too many. */
export function skeletonsToBytes(payloads: readonly unknown[]): Uint8Array | undefined {
  // What is no JSON has not the form of a skeleton either.
  const plan = planSkeletons(payloads as readonly Json[]);
  if (!plan || plan.numbers.length > MAX_BLOCK_SAMPLES) return undefined;
  const writer = new ByteWriter(EXPECTED * payloads.length);
  writeSkeletonHead(writer, plan);
  writeSkeletons(writer, plan);
  return writer.finish();
}

/** Reads `count` skeletons. Throws RangeError when the bytes are damaged. */
export function skeletonsFromBytes(bytes: Uint8Array, count: number): readonly unknown[] {
  const reader = new ByteReader(bytes);
  const head = readSkeletonHead(reader);
  if (head === undefined || head === 'corrupt') throw new RangeError('not the head of skeletons');
  if (count * skeletonNumbers(head) > MAX_BLOCK_SAMPLES) throw new RangeError('too many skeletons');
  const skeletons = readSkeletons(reader, head, count);
  if (reader.overrun || reader.left > 0) throw new RangeError('skeletons too short or too long');
  return skeletons;
}

/**
 * Bytes that a payload of the form of a skeleton has at most as JSON, a comma included; 0 for any other payload. Only the
 * first landmark of a list is looked at.
 */
export function skeletonJsonBytes(payload: unknown): number {
  if (typeof payload !== 'object' || payload === null || !('landmarks' in payload)) return 0;
  const { landmarks, worldLandmarks, mode }: { landmarks: unknown; worldLandmarks?: unknown; mode?: unknown } = payload;
  const text = typeof mode === 'string' ? CHARACTER_JSON * mode.length + 2 : 0;
  return PAYLOAD_JSON + text + listJsonBytes(landmarks) + listJsonBytes(worldLandmarks);
}

function listJsonBytes(list: unknown): number {
  if (!Array.isArray(list)) return 0;
  const [first] = list as readonly unknown[];
  if (typeof first !== 'object' || first === null) return 0;
  const keys = Math.min(Object.keys(first).length, COORDINATES_MAX);
  return list.length * (LANDMARK_JSON + NUMBER_JSON * keys);
}

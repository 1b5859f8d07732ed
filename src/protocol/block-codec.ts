/**
 * The block form: one block of samples as one checked record, for the log on disk and for binary uplink. Our own format,
 * described byte by byte in `docs/block-form.md`. Values come back bit for bit; times of regular streams within half a
 * microsecond, others to the nearest microsecond.
 *
 *     0  2  mark F9 B1          3  3  length of all that follows these 8 bytes
 *     2  1  version             6  2  check of the six bytes before
 *     8  …  header (its length first), times, values or JSON, CRC-32C of everything before
 */
import { isAttributeId } from '../model/attribute.ts';
import { blockLength, fieldCount, type Block, type Json } from '../model/block.ts';
import { areFields, interleave, readFields, separate, writeFields } from './block-codec/fields.ts';
import { appError, describeThrown, type AppError } from '../model/errors.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { crc32c } from './block-codec/crc32c.ts';
import { CHECK_BYTES, ENVELOPE_BYTES, MAX_BODY, readEnvelope, writeEnvelope } from './block-codec/envelope.ts';
import { ByteReader } from './block-codec/reader.ts';
import {
  planSkeletons,
  readSkeletonHead,
  readSkeletons,
  skeletonNumbers,
  writeSkeletonHead,
  writeSkeletons,
  type SkeletonHead,
  type SkeletonPlan,
} from './block-codec/skeleton.ts';
import {
  planTimes,
  readTimes,
  readTimesHead,
  writeTimes,
  writeTimesHead,
  type TimesHead,
} from './block-codec/times.ts';
import {
  planValues,
  readValues,
  readValuesHead,
  writeValues,
  writeValuesHead,
  type ValuesHead,
} from './block-codec/values.ts';
import { ByteWriter } from './block-codec/writer.ts';

/** Samples that one record may hold, or numbers if each has several: a hostile record of 40 bytes must not claim gigabytes. */
export const MAX_BLOCK_SAMPLES = 2 ** 20;

const KIND = { numeric: 0, structured: 1, fields: 2, skeletons: 3 } as const;

/** A block and the sequence number of its first sample. */
export interface BlockRecord {
  readonly block: Block;
  readonly firstSeq: number;
}

export interface EncodeMeta {
  /** Sequence number of the block's first sample: a whole number from 0 to 2^53 − 1. */
  readonly firstSeq: number;
  /** What the device's integers count, where its makers say so and it is none of the usual scales. Only a hint. */
  readonly unit?: number;
}

/**
 * One record in a buffer of its own.
 * Throws RangeError for what no source may build: another attribute id than the server accepts, columns of different
 * lengths, more than `MAX_BLOCK_SAMPLES` samples or 16 MB, a sequence number that is none.
 */
export function encodeBlock(block: Block, { firstSeq, unit }: EncodeMeta): Uint8Array<ArrayBuffer> {
  refuseUnfit(block, firstSeq);
  const count = blockLength(block);
  const times = planTimes(block.times);
  const columns = block.kind === 'numeric' ? separate(block) : [];
  const plans = columns.map((column) => planValues(column, unit));
  const fields = block.kind === 'numeric' ? block.fields : undefined;
  const skeletons = skeletonsOf(block);
  const header = new ByteWriter(128);
  header.u8(skeletons ? KIND.skeletons : fields ? KIND.fields : KIND[block.kind]);
  header.varint(block.attribute.length);
  // Attribute ids are ASCII, so characters are bytes.
  header.raw(new TextEncoder().encode(block.attribute));
  header.varint(firstSeq);
  header.varint(count);
  writeTimesHead(header, times, block.times[0] ?? 0);
  if (fields) writeFields(header, fields);
  for (const plan of plans) writeValuesHead(header, plan);
  if (skeletons) writeSkeletonHead(header, skeletons);

  const writer = new ByteWriter(256 + 2 * count * Math.max(1, columns.length));
  writer.raw(new Uint8Array(ENVELOPE_BYTES));
  writer.varint(header.length);
  writer.raw(header.peek());
  writeTimes(writer, times, block.times);
  plans.forEach((plan, i) => writeValues(writer, plan, columns[i] ?? new Float32Array(0)));
  if (skeletons) writeSkeletons(writer, skeletons);
  else if (block.kind === 'structured') writer.raw(new TextEncoder().encode(JSON.stringify(block.payloads)));
  const body = writer.length + CHECK_BYTES - ENVELOPE_BYTES;
  if (body > MAX_BODY) throw new RangeError(`a block of ${body} bytes`);
  writer.patch(0, writeEnvelope(body));
  writer.u32(crc32c(writer.peek()));
  return writer.finish();
}

/** Structured values that are skeletons, and not too many of them. */
function skeletonsOf(block: Block): SkeletonPlan | undefined {
  const plan = block.kind === 'structured' ? planSkeletons(block.payloads) : undefined;
  return plan && plan.numbers.length <= MAX_BLOCK_SAMPLES ? plan : undefined;
}

/**
 * Reads exactly one record; never throws, whatever the bytes.
 * Errors: `block-corrupt` (cut, changed or contradicting itself), `block-version` (written by a later version of this
 * app), `attribute-id-invalid`.
 */
export function decodeBlock(bytes: Uint8Array): Result<BlockRecord> {
  const envelope = readEnvelope(bytes, 0);
  if (!envelope) return corrupt('no record starts here');
  const { end } = envelope;
  if (end !== bytes.length) return corrupt(`${end} bytes expected, ${bytes.length} found`);
  // The version first: a later one may check itself in another way.
  if (!envelope.known) return fail(appError('block-version', `version ${envelope.version}`));
  const checked = end - CHECK_BYTES;
  if (new ByteReader(bytes, checked).u32() !== crc32c(bytes, 0, checked)) return corrupt('checksum');
  const body = new ByteReader(bytes, ENVELOPE_BYTES, checked);
  const header = readHeader(body);
  return header.ok ? readBody(body, header.value) : header;
}

interface Header {
  readonly attribute: string;
  readonly firstSeq: number;
  readonly count: number;
  readonly times: TimesHead;
  /** Names of the numbers of a sample; undefined if each is one plain number. */
  readonly fields: readonly string[] | undefined;
  /** One per number of a sample; undefined for structured blocks. */
  readonly values: readonly ValuesHead[] | undefined;
  /** What skeletons have in common; undefined for all else. */
  readonly skeletons: SkeletonHead | undefined;
}

function readHeader(body: ByteReader): Result<Header> {
  // Later versions may append fields: what is beyond the known ones is skipped with the window.
  const size = body.varint();
  const reader = new ByteReader(body.raw(size));
  const kind = reader.u8();
  const attribute = String.fromCharCode(...reader.raw(Math.min(reader.varint(), reader.left)));
  const firstSeq = reader.varint();
  const count = reader.varint();
  const times = readTimesHead(reader);
  const fields = kind === KIND.fields ? readFields(reader) : undefined;
  const values = kind === KIND.numeric || fields ? readHeads(reader, fields?.length ?? 1) : undefined;
  const skeletons = kind === KIND.skeletons ? readSkeletonHead(reader) : undefined;
  if (body.overrun || reader.overrun) return corrupt('header too short');
  if (kind > KIND.skeletons) return fail(appError('block-version', `kind ${kind}`));
  if (kind === KIND.fields && !fields) return corrupt('names of fields');
  if (kind <= KIND.fields && kind !== KIND.structured && !values)
    return fail(appError('block-version', 'unknown scale'));
  if (skeletons === 'corrupt') return corrupt('form of skeletons');
  if (kind === KIND.skeletons && !skeletons) return fail(appError('block-version', 'form of skeletons'));
  if (!isAttributeId(attribute)) return fail(appError('attribute-id-invalid'));
  const numbers = count * (skeletons ? skeletonNumbers(skeletons) : (values?.length ?? 1));
  if (numbers > MAX_BLOCK_SAMPLES || !Number.isSafeInteger(firstSeq + count)) return corrupt(`${count} samples`);
  return ok({ attribute, firstSeq, count, times, fields, values, skeletons });
}

/** Heads of so many columns; undefined if one of them has a scale that is not known here. */
function readHeads(reader: ByteReader, columns: number): readonly ValuesHead[] | undefined {
  const heads: ValuesHead[] = [];
  for (let i = 0; i < columns; i++) {
    const head = readValuesHead(reader);
    if (!head) return undefined;
    heads.push(head);
  }
  return heads;
}

function readBody(body: ByteReader, { attribute, firstSeq, count, fields, ...heads }: Header): Result<BlockRecord> {
  const times = readTimes(body, heads.times, count);
  if (!times) return fail(appError('block-version', `timing ${heads.times.timing}`));
  if (body.overrun) return corrupt('times too short');
  if (heads.skeletons) {
    const payloads = readSkeletons(body, heads.skeletons, count);
    if (body.overrun || body.left > 0) return corrupt('skeletons too short or too long');
    return ok({ block: { kind: 'structured', attribute, times, payloads }, firstSeq });
  }
  if (!heads.values) {
    const payloads = readJson(body.raw(body.left), count);
    return payloads.ok
      ? ok({ block: { kind: 'structured', attribute, times, payloads: payloads.value }, firstSeq })
      : payloads;
  }
  const columns: Float32Array[] = [];
  for (const head of heads.values) {
    const column = readValues(body, head, count);
    if (!column) return fail(appError('block-version', `coding ${head.coding}`));
    columns.push(column);
  }
  if (body.overrun || body.left > 0) return corrupt('values too short or too long');
  const values = interleave(columns, count);
  return ok({ block: { kind: 'numeric', attribute, times, values, ...(fields && { fields }) }, firstSeq });
}

function readJson(bytes: Uint8Array, count: number): Result<readonly Json[]> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (thrown) {
    return corrupt(describeThrown(thrown));
  }
  if (!Array.isArray(parsed) || parsed.length !== count) return corrupt('not one payload per sample');
  return ok(parsed as readonly Json[]);
}

function refuseUnfit(block: Block, firstSeq: number): void {
  const count = blockLength(block);
  const width = block.kind === 'numeric' ? fieldCount(block) : 1;
  const values = block.kind === 'numeric' ? block.values.length : block.payloads.length;
  if (!isAttributeId(block.attribute)) throw new RangeError('a block without a valid attribute id');
  if (values !== count * width) throw new RangeError(`a block of ${count} times and ${values} values`);
  if (block.kind === 'numeric' && block.fields && !areFields(block.fields)) throw new RangeError('names of fields');
  if (values > MAX_BLOCK_SAMPLES) throw new RangeError(`a block of ${count} samples`);
  if (!(firstSeq >= 0) || !Number.isSafeInteger(firstSeq + count)) throw new RangeError(`sequence number ${firstSeq}`);
}

function corrupt(detail: string): { readonly ok: false; readonly error: AppError } {
  return fail(appError('block-corrupt', detail));
}

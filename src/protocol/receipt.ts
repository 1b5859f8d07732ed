/**
 * `receipt` on a sensor's topic, ours: what the server holds of this sensor, by sequence number. A client's proof that its
 * samples arrived, and its way to see a channel that is joined but keeps nothing.
 *
 *     → {"attributes": ["ecg"]}    or {} for every attribute
 *     ← {"attributes": {"ecg": {"count": 130, "durable": 78, "ranges": [[0, 129]], "truncated": true?}}}
 */
import { isAttributeId } from '../model/attribute.ts';
import { appError } from '../model/errors.ts';
import { fail, ok, type Result } from '../model/result.ts';

/** First and last sequence number, both included. */
export type SeqRange = readonly [first: number, last: number];

export interface AttributeReceipt {
  /** Sequence numbers held, in memory or on disk; also those that `ranges` has no room for. */
  readonly count: number;
  /** Of those, on disk: they survive a crash of the server. */
  readonly durable: number;
  /** Ascending, disjoint, at most `RECEIPT_RANGES_MAX`: the newest ones. */
  readonly ranges: readonly SeqRange[];
  /** Older ranges were left out. */
  readonly truncated?: true;
}

export interface Receipt {
  readonly attributes: Readonly<Record<string, AttributeReceipt>>;
}

/** More ranges are cut, oldest first. */
export const RECEIPT_RANGES_MAX = 1000;
/** Attributes read from one request; a sensor has no more. */
const REQUEST_MAX = 512;

/** The attributes asked for; undefined for all. Ids that no attribute can have are left out. */
export function parseReceiptRequest(payload: unknown): readonly string[] | undefined {
  if (typeof payload !== 'object' || payload === null || !('attributes' in payload)) return undefined;
  const { attributes } = payload;
  return Array.isArray(attributes) ? attributes.slice(0, REQUEST_MAX).filter(isAttributeId) : undefined;
}

/** Reads the response to `receipt`. Error: `wire-shape`. */
export function parseReceipt(raw: unknown): Result<Receipt> {
  const attributes = isRecord(raw) ? raw['attributes'] : undefined;
  if (!isRecord(attributes)) return fail(appError('wire-shape', 'a receipt without attributes'));
  const entries: [string, AttributeReceipt][] = [];
  for (const [id, entry] of Object.entries(attributes)) {
    const receipt = readEntry(entry);
    if (!receipt) return fail(appError('wire-shape', `receipt of ${id}`));
    entries.push([id, receipt]);
  }
  return ok({ attributes: Object.fromEntries(entries) });
}

function readEntry(raw: unknown): AttributeReceipt | undefined {
  if (!isRecord(raw)) return undefined;
  const { count, durable, ranges, truncated } = raw;
  if (!isCount(count) || !isCount(durable) || !Array.isArray(ranges) || !ranges.every(isRange)) return undefined;
  return { count, durable, ranges, ...(truncated === true && { truncated }) };
}

function isRange(raw: unknown): raw is SeqRange {
  if (!Array.isArray(raw) || raw.length !== 2) return false;
  const [first, last] = raw as unknown[];
  return isCount(first) && isCount(last) && first <= last;
}

function isCount(raw: unknown): raw is number {
  return Number.isSafeInteger(raw) && Number(raw) >= 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

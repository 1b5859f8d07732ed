/**
 * Phoenix frames, serializer V2 (`[join_ref, ref, topic, event, payload]`, text) and V1 objects, and the binary form of V2.
 * Source: Phoenix.Socket.V2.JSONSerializer and V1.JSONSerializer; the rules are those seen on the real server.
 */
import { appError } from '../model/errors.ts';
import { fail, ok, type Result } from '../model/result.ts';

export interface Frame {
  readonly joinRef: string | null;
  readonly ref: string | null;
  readonly topic: string;
  readonly event: string;
  /** JSON, or the bytes of a binary push. */
  readonly payload: unknown;
}

export type SerializerVersion = 1 | 2;

/** A reply's payload: what `phx_reply` carries. */
export interface Reply {
  readonly status: 'ok' | 'error';
  readonly response: unknown;
}

/** A received frame before its fields are checked: refs, topic and event may be anything (a number, null). */
export interface RawFrame {
  readonly joinRef: unknown;
  readonly ref: unknown;
  readonly topic: unknown;
  readonly event: unknown;
  readonly payload: unknown;
}

/** A V1 message lacking one of these is malformed, as on the real server. */
const V1_KEYS = ['topic', 'event', 'payload', 'ref'] as const;

/**
 * Parses a text frame. V2: an array of at least 5 (extra elements ignored); V1: an object with topic, event, payload, ref.
 * Errors: `wire-not-json`, `wire-shape`. The real server closes the whole socket (1011) on either.
 */
export function decodeText(text: string, version: SerializerVersion): Result<RawFrame> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return fail(appError('wire-not-json'));
  }
  if (version === 2) {
    if (!Array.isArray(json) || json.length < 5) return fail(appError('wire-shape', 'expected an array of 5'));
    const [joinRef, ref, topic, event, payload] = json as unknown[];
    return ok({ joinRef, ref, topic, event, payload });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return fail(appError('wire-shape', 'expected an object'));
  }
  const fields = json as Record<string, unknown>;
  const missing = V1_KEYS.find((key) => !Object.hasOwn(fields, key));
  if (missing !== undefined) return fail(appError('wire-shape', `${missing} missing`));
  // V1 has no join_ref of its own; the ref of the join stands for it.
  return ok({
    joinRef: fields['join_ref'] ?? null,
    ref: fields['ref'],
    topic: fields['topic'],
    event: fields['event'],
    payload: fields['payload'],
  });
}

/** Serialises a frame as text. A server echoes refs and topics as they came, whatever they are. */
export function encodeText(frame: RawFrame, version: SerializerVersion): string {
  if (version === 2) return JSON.stringify([frame.joinRef, frame.ref, frame.topic, frame.event, frame.payload]);
  return JSON.stringify({ topic: frame.topic, event: frame.event, payload: frame.payload, ref: frame.ref });
}

const PUSH = 0;
const REPLY = 1;
const encoder = new TextEncoder();
// A leading byte order mark is part of the text, as it is on the server.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Lengths are one byte each. */
const MAX_PART = 255;

/**
 * Parses a binary V2 push: `00 join_ref_len ref_len topic_len event_len`, those strings, then data (a view on `bytes`).
 * Error: `wire-shape` for another kind, a truncated header or bad UTF-8.
 */
export function decodeBinary(bytes: Uint8Array): Result<Frame> {
  const [kind, ...lengths] = bytes.subarray(0, 5);
  if (kind !== PUSH || lengths.length < 4) return fail(appError('wire-shape', 'not a binary push'));
  const total = lengths.reduce((sum, length) => sum + length, 5);
  if (bytes.length < total) return fail(appError('wire-shape', 'truncated binary push'));
  let at = 5;
  try {
    const [joinRef, ref, topic, event] = lengths.map((length) => {
      const text = decoder.decode(bytes.subarray(at, at + length));
      at += length;
      return text;
    }) as [string, string, string, string];
    return ok({ joinRef: joinRef || null, ref: ref || null, topic, event, payload: bytes.subarray(at) });
  } catch {
    return fail(appError('wire-shape', 'bad UTF-8 in a binary push'));
  }
}

/**
 * Serialises a binary V2 reply: `01 join_ref_len ref_len topic_len status_len`, those strings, then data.
 * Throws RangeError for a part over 255 bytes of UTF-8: a reply to a binary push cannot have one, its push had none.
 */
export function encodeBinaryReply(
  joinRef: string,
  ref: string,
  topic: string,
  status: Reply['status'],
  data: Uint8Array,
): Uint8Array {
  const parts = [joinRef, ref, topic, status].map((text) => encoder.encode(text));
  if (parts.some((part) => part.length > MAX_PART)) throw new RangeError('a part of a binary reply is over 255 bytes');
  const head = Uint8Array.of(REPLY, ...parts.map((part) => part.length));
  const size = parts.reduce((sum, part) => sum + part.length, head.length) + data.length;
  const out = new Uint8Array(size);
  let at = 0;
  for (const part of [head, ...parts, data]) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/**
 * A zip archive of uncompressed files whose contents start at multiples of 16, as a `.task` bundle has to be: its models are
 * used where they lie. Source: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.16.
 */
import { crc32 } from 'node:zlib';

const ALIGNMENT = 16;
/** Kind of the extra field that only pads ("Android zipalign"). */
const PADDING_FIELD = 0xd935;
/** 1 January 1980, the earliest a zip can say: the same bytes whenever it is made. */
const DATE = 0x0021;
const LOCAL_SIZE = 30;

export interface ZipEntry {
  readonly name: string;
  readonly content: Uint8Array;
}

export function storedZip(entries: readonly ZipEntry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, content } of entries) {
    const encoded = new TextEncoder().encode(name);
    const extra = paddingField(at + LOCAL_SIZE + encoded.length);
    const facts = { name: encoded, crc: crc32(content), size: content.length };
    const header = [localHeader(facts, extra.length), encoded, extra];
    directory.push(directoryHeader(facts, at), encoded);
    parts.push(...header, content);
    at += length(header) + content.length;
  }
  return joined([...parts, ...directory, endOfDirectory(entries.length, length(directory), at)]);
}

const length = (parts: readonly Uint8Array[]): number => parts.reduce((sum, part) => sum + part.length, 0);

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(length(parts));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Pads what follows it to the alignment. @param at where the field itself starts */
function paddingField(at: number): Uint8Array {
  const padding = (ALIGNMENT - ((at + 4) % ALIGNMENT)) % ALIGNMENT;
  return joined([u16s(PADDING_FIELD, padding), new Uint8Array(padding)]);
}

interface EntryFacts {
  readonly name: Uint8Array;
  readonly crc: number;
  readonly size: number;
}

/** The 22 bytes that both headers share: version needed, flags, method 0 (stored), time, date, CRC, sizes, name's length. */
function common({ name, crc, size }: EntryFacts): Uint8Array {
  return joined([u16s(10, 0, 0, 0, DATE), u32s(crc, size, size), u16s(name.length)]);
}

function localHeader(facts: EntryFacts, extra: number): Uint8Array {
  return joined([u32s(0x04034b50), common(facts), u16s(extra)]);
}

function directoryHeader(facts: EntryFacts, offset: number): Uint8Array {
  // Made by version 1.0; no extra field, no comment, first disk, no attributes.
  return joined([u32s(0x02014b50), u16s(10), common(facts), u16s(0, 0, 0, 0), u32s(0, offset)]);
}

function endOfDirectory(entries: number, size: number, offset: number): Uint8Array {
  return joined([u32s(0x06054b50), u16s(0, 0, entries, entries), u32s(size, offset), u16s(0)]);
}

function u16s(...values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * values.length));
  values.forEach((value, index) => view.setUint16(2 * index, value, true));
  return new Uint8Array(view.buffer);
}

function u32s(...values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, index) => view.setUint32(4 * index, value, true));
  return new Uint8Array(view.buffer);
}

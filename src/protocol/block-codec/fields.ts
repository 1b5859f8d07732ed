/** Blocks whose samples are several numbers each: names in the header, one column per name in the body. */
import type { NumericBlock } from '../../model/block.ts';
import type { ByteReader } from './reader.ts';
import type { ByteWriter } from './writer.ts';

/** Numbers that one sample may have, and bytes that a name may take. */
const MAX_FIELDS = 64;
const MAX_NAME_BYTES = 64;

/** True if these can be written: 1 to 64 different names of 1 to 64 bytes. */
export function areFields(fields: readonly string[]): boolean {
  if (fields.length === 0 || fields.length > MAX_FIELDS || new Set(fields).size !== fields.length) return false;
  return fields.every((name) => {
    const bytes = new TextEncoder().encode(name);
    // Half a surrogate pair would come back as another character.
    return bytes.length > 0 && bytes.length <= MAX_NAME_BYTES && new TextDecoder().decode(bytes) === name;
  });
}

/** Writes the header's part: how many, and each name. */
export function writeFields(writer: ByteWriter, fields: readonly string[]): void {
  writer.varint(fields.length);
  for (const name of fields) {
    const bytes = new TextEncoder().encode(name);
    writer.varint(bytes.length);
    writer.raw(bytes);
  }
}

/** Reads the header's part; undefined if it names nothing that could have been written. */
export function readFields(reader: ByteReader): readonly string[] | undefined {
  const count = reader.varint();
  if (count > MAX_FIELDS) return undefined;
  const fields: string[] = [];
  for (let i = 0; i < count && !reader.overrun; i++) {
    fields.push(new TextDecoder().decode(reader.raw(reader.varint())));
  }
  return areFields(fields) ? fields : undefined;
}

/** The numbers of a block by field; a copy only if there are several. */
export function separate({ values, fields }: NumericBlock): readonly Float32Array[] {
  if (!fields || fields.length === 1) return [values];
  const bits = bitsOf(values);
  return fields.map((_, k) => {
    const column = new Float32Array(values.length / fields.length);
    const columnBits = bitsOf(column);
    for (let i = 0; i < column.length; i++) columnBits[i] = bits[i * fields.length + k] ?? 0;
    return column;
  });
}

/** The other way round. */
export function interleave(columns: readonly Float32Array[], count: number): Float32Array {
  const [first] = columns;
  if (first && columns.length === 1) return first;
  const values = new Float32Array(count * columns.length);
  const bits = bitsOf(values);
  columns.forEach((column, k) => {
    const columnBits = bitsOf(column);
    for (let i = 0; i < count; i++) bits[i * columns.length + k] = columnBits[i] ?? 0;
  });
  return values;
}

/** Copied as bits: not every NaN survives as a number. */
function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

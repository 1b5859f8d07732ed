/**
 * Writes FlatBuffers: a tree of tables, vectors and strings becomes bytes, parents before children, in the order given, so
 * that the same tree always makes the same bytes. Only what a TFLite model needs.
 * Source: FlatBuffers, "FlatBuffer Internals". Everything is little-endian; an offset is a u32 counted from where it stands.
 */

type ScalarType = 'i8' | 'u8' | 'i32' | 'u32';

const SIZE: Readonly<Record<ScalarType, number>> = { i8: 1, u8: 1, i32: 4, u32: 4 };

interface Scalar {
  readonly kind: 'scalar';
  readonly type: ScalarType;
  readonly value: number;
}

/** What an offset leads to. */
export type Node =
  | { readonly kind: 'table'; readonly fields: readonly (Field | undefined)[] }
  | { readonly kind: 'string'; readonly text: string }
  /** `align`: of the first byte, from the start of the buffer. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly count: number; readonly align: number }
  | { readonly kind: 'nodes'; readonly nodes: readonly Node[] };

/** What stands in a slot of a table; undefined: the slot's default. */
export type Field = Scalar | Node;

const scalar =
  (type: ScalarType) =>
  (value: number): Scalar => ({ kind: 'scalar', type, value });

export const i8 = scalar('i8');
export const u8 = scalar('u8');
export const i32 = scalar('i32');
export const u32 = scalar('u32');

/** @param slots value of each slot by its number; those not named keep their default */
export function table(slots: Readonly<Record<number, Field | undefined>>): Node {
  const numbers = Object.keys(slots).map(Number);
  const fields = Array.from({ length: Math.max(-1, ...numbers) + 1 }, (_, slot) => slots[slot]);
  return { kind: 'table', fields };
}

export const text = (value: string): Node => ({ kind: 'string', text: value });

export const nodes = (of: readonly Node[]): Node => ({ kind: 'nodes', nodes: of });

/** A vector of bytes. @param align of its first byte, a power of two */
export const bytes = (of: Uint8Array, align = 4): Node => ({ kind: 'bytes', bytes: of, count: of.length, align });

export const int32s = (of: readonly number[]): Node => ({
  kind: 'bytes',
  bytes: intBytes(of),
  count: of.length,
  align: 4,
});

export const float32s = (of: readonly number[]): Node => ({
  kind: 'bytes',
  bytes: floatBytes(of),
  count: of.length,
  align: 4,
});

/** Numbers as little-endian float32. */
export function floatBytes(of: ArrayLike<number>): Uint8Array {
  return littleEndian(of, (view, at, value) => view.setFloat32(at, value, true));
}

/** Numbers as little-endian int32. */
export function intBytes(of: ArrayLike<number>): Uint8Array {
  return littleEndian(of, (view, at, value) => view.setInt32(at, value, true));
}

function littleEndian(of: ArrayLike<number>, put: (view: DataView, at: number, value: number) => void): Uint8Array {
  const view = new DataView(new ArrayBuffer(of.length * 4));
  for (let index = 0; index < of.length; index++) put(view, index * 4, of[index] ?? 0);
  return new Uint8Array(view.buffer);
}

/** The finished buffer. @param identifier four letters that say what it holds */
export function flatbuffer(root: Node, identifier: string): Uint8Array {
  const out = new Output();
  const start = out.reserve(4);
  out.bytes(new TextEncoder().encode(identifier));
  out.point(start, root);
  return out.finished();
}

class Output {
  #view = new DataView(new ArrayBuffer(1024));
  #length = 0;

  finished(): Uint8Array {
    return new Uint8Array(this.#view.buffer, 0, this.#length).slice();
  }

  /** Room of `size` zero bytes; returns where it starts. */
  reserve(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#view.byteLength) {
      const larger = new Uint8Array(this.#length * 2);
      larger.set(new Uint8Array(this.#view.buffer, 0, at));
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }

  bytes(of: Uint8Array): void {
    const at = this.reserve(of.length);
    new Uint8Array(this.#view.buffer).set(of, at);
  }

  /** Pads so that what comes `ahead` bytes later is aligned. */
  #align(to: number, ahead = 0): void {
    this.reserve((to - ((this.#length + ahead) % to)) % to);
  }

  /** Writes `node` and has the offset at `from` lead to it. */
  point(from: number, node: Node): void {
    const to = this.#write(node);
    this.#view.setUint32(from, to - from, true);
  }

  #write(node: Node): number {
    switch (node.kind) {
      case 'table':
        return this.#table(node.fields);
      case 'nodes':
        return this.#nodes(node.nodes);
      case 'string': {
        const encoded = new TextEncoder().encode(node.text);
        const at = this.#vector(encoded, encoded.length, 4);
        this.reserve(1);
        return at;
      }
      case 'bytes':
        return this.#vector(node.bytes, node.count, node.align);
    }
  }

  #vector(content: Uint8Array, count: number, align: number): number {
    this.#align(Math.max(4, align), 4);
    const at = this.reserve(4);
    this.#view.setUint32(at, count, true);
    this.bytes(content);
    return at;
  }

  #nodes(of: readonly Node[]): number {
    this.#align(4);
    const at = this.reserve(4 + 4 * of.length);
    this.#view.setUint32(at, of.length, true);
    of.forEach((node, index) => this.point(at + 4 + 4 * index, node));
    return at;
  }

  /** A vtable (its size, the table's size, each field's place), the table right behind it, then what the table leads to. */
  #table(fields: readonly (Field | undefined)[]): number {
    const { places, size } = layout(fields);
    const vtableSize = 4 + 2 * fields.length;
    this.#align(4, vtableSize);
    const vtable = this.reserve(vtableSize);
    this.#view.setUint16(vtable, vtableSize, true);
    this.#view.setUint16(vtable + 2, size, true);
    places.forEach((place, slot) => this.#view.setUint16(vtable + 4 + 2 * slot, place, true));
    const at = this.reserve(size);
    this.#view.setInt32(at, at - vtable, true);
    fields.forEach((field, slot) => {
      const place = at + (places[slot] ?? 0);
      if (field?.kind === 'scalar') this.#scalar(place, field);
      else if (field) this.point(place, field);
    });
    return at;
  }

  #scalar(at: number, { type, value }: Scalar): void {
    if (type === 'i8') this.#view.setInt8(at, value);
    else if (type === 'u8') this.#view.setUint8(at, value);
    else if (type === 'i32') this.#view.setInt32(at, value, true);
    else this.#view.setUint32(at, value, true);
  }
}

/** Where each field stands in its table: in order of slots, each aligned to its size; 0 for one that is absent. */
function layout(fields: readonly (Field | undefined)[]): { places: number[]; size: number } {
  let size = 4;
  const places = fields.map((field) => {
    if (!field) return 0;
    const width = field.kind === 'scalar' ? SIZE[field.type] : 4;
    const place = Math.ceil(size / width) * width;
    size = place + width;
    return place;
  });
  return { places, size };
}

/** Builds packets of health devices, little-endian, independent of the readers under test. */
import { createDecoders } from '../../src/device/profiles/registry.ts';
import type { Decoded, Fact, Uuid } from '../../src/device/profiles/profile.ts';
import type { Json } from '../../src/model/block.ts';
import type { Reading } from '../../src/model/reading.ts';

/** Year, month 1–12, day, hours, minutes, seconds. */
export type DateFields = readonly [number, number, number, number, number, number];

export class PacketBuilder {
  readonly #bytes: number[] = [];

  u8(value: number): this {
    return this.#int(value, 1);
  }

  u16(value: number): this {
    return this.#int(value, 2);
  }

  u24(value: number): this {
    return this.#int(value, 3);
  }

  u32(value: number): this {
    return this.#int(value, 4);
  }

  /** IEEE-11073 16-bit float: mantissa −2048…2047, decimal exponent −8…7. */
  sfloat(mantissa: number, exponent = 0): this {
    return this.u16((mantissa & 0xfff) | ((exponent & 0xf) << 12));
  }

  /** IEEE-11073 32-bit float. */
  float(mantissa: number, exponent = 0): this {
    return this.u24(mantissa & 0xffffff).u8(exponent & 0xff);
  }

  date([year, ...rest]: DateFields): this {
    this.u16(year);
    for (const field of rest) this.u8(field);
    return this;
  }

  get view(): DataView {
    return new DataView(Uint8Array.from(this.#bytes).buffer);
  }

  #int(value: number, width: number): this {
    for (let i = 0; i < width; i++) this.#bytes.push(Math.floor(value / 256 ** i) & 0xff);
    return this;
  }
}

/** What a reading says, as one number, a list of numbers or a payload; with its calendar time if it has one. */
export interface Said {
  readonly value: Json;
  readonly time?: number;
}

/** Decodes with a fresh connection, after the packets of `before`. Throws if a packet is refused. */
export function decodeFresh(
  characteristic: Uuid,
  packet: DataView,
  ...before: readonly (readonly [Uuid, DataView])[]
): Decoded {
  const decoders = createDecoders();
  let last: Decoded = { readings: [], facts: [] };
  for (const [uuid, bytes] of [...before, [characteristic, packet] as const]) {
    const result = decoders(uuid)?.(bytes);
    if (!result?.ok) throw new Error(result ? result.error.detail : `no profile knows ${uuid}`);
    last = result.value;
  }
  return last;
}

/** Readings by attribute; an attribute that comes twice is an error here. */
export function said(decoded: Decoded): Record<string, Said> {
  const all: Record<string, Said> = {};
  for (const reading of decoded.readings) {
    if (reading.attribute in all) throw new Error(`${reading.attribute} twice`);
    all[reading.attribute] = one(reading);
  }
  return all;
}

function one(reading: Reading): Said {
  const value = reading.kind === 'numeric' ? (reading.values[0] ?? null) : (reading.payloads[0] ?? null);
  const { timing } = reading;
  const time = timing.kind === 'calendar' ? timing.times[0] : undefined;
  return time === undefined ? { value } : { value, time };
}

/** Text of a device fact. */
export function factText(facts: readonly Fact[], label: string): string | undefined {
  return facts.flatMap((fact) => (fact.kind === 'device' && fact.label === label ? [fact.text] : []))[0];
}

/** A 32-bit float is what a sample holds. */
export function f32(value: number): number {
  return Math.fround(value);
}

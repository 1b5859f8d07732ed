/** Writes packets field by field: the opposite of the profiles' readers, for scripted devices and tests. */

/** A packet in the making. Numbers are little-endian unless it is said otherwise. */
export interface PacketWriter {
  u8(...values: readonly number[]): PacketWriter;
  u16(...values: readonly number[]): PacketWriter;
  /** Two's complement of the lowest `bytes` bytes. */
  int(bytes: number, ...values: readonly number[]): PacketWriter;
  u64(value: bigint): PacketWriter;
  f32(...values: readonly number[]): PacketWriter;
  /** Big-endian, two's complement of the lowest `bytes` bytes. */
  big(bytes: number, ...values: readonly number[]): PacketWriter;
  text(value: string): PacketWriter;
  bytes(): Uint8Array<ArrayBuffer>;
}

export function writePacket(): PacketWriter {
  const out: number[] = [];
  const scratch = new DataView(new ArrayBuffer(8));
  const push = (length: number): void => {
    for (let i = 0; i < length; i++) out.push(scratch.getUint8(i));
  };
  const int = (bytes: number, value: number): number[] =>
    Array.from({ length: bytes }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 0xff);
  const writer: PacketWriter = {
    u8: (...values) => writer.int(1, ...values),
    u16: (...values) => writer.int(2, ...values),
    int(bytes, ...values) {
      for (const value of values) out.push(...int(bytes, value));
      return writer;
    },
    u64(value) {
      scratch.setBigUint64(0, value, true);
      push(8);
      return writer;
    },
    f32(...values) {
      for (const value of values) {
        scratch.setFloat32(0, value, true);
        push(4);
      }
      return writer;
    },
    big(bytes, ...values) {
      for (const value of values) out.push(...int(bytes, value).reverse());
      return writer;
    },
    text(value) {
      out.push(...new TextEncoder().encode(value));
      return writer;
    },
    bytes: () => Uint8Array.from(out),
  };
  return writer;
}

/** Numbers of packets that several characteristics share, as numbers that only grow for each of them. */
import { createUnwrap } from '../unwrap.ts';

const MODULUS = 0x10000;

export interface PacketCount {
  /**
   * The number a packet has in the whole connection, and how many of its stream are missing before it.
   * @param count as the packet says it, 16 bits
   */
  packet(stream: string, count: number): { readonly number: number; readonly missing: number };
}

/** A count with the memory of one connection. */
export function createPacketCount(): PacketCount {
  const unwrap = createUnwrap(MODULUS);
  const last = new Map<string, number>();
  let offset = 0;
  return {
    packet(stream, count) {
      const before = last.get(stream);
      const unwrapped = unwrap(count);
      // Notifications keep their order: a number that was there already is a band that began to count anew.
      if (before !== undefined && unwrapped + offset <= before) offset = before + 1 - unwrapped;
      const number = unwrapped + offset;
      last.set(stream, number);
      return { number, missing: before === undefined ? 0 : number - before - 1 };
    },
  };
}

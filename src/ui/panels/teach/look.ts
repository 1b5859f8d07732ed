/** What a lesson has shown of one value of a device, and which of its bytes changed. Pure. */
import type { SeenCharacteristic } from '../../../app/teach.ts';

export interface Look extends SeenCharacteristic {
  /** Offsets of bytes that differ from the value shown before; all that are new when it grew. */
  readonly changed: ReadonlySet<number>;
  /** Most bytes so far: room to keep. */
  readonly longest: number;
}

const NONE: ReadonlySet<number> = new Set();

/** The next looks, in the order the device lists its values. Without a new value, what had changed stays marked. */
export function nextLooks(before: readonly Look[], seen: readonly SeenCharacteristic[]): readonly Look[] {
  return seen.map((one, i) => {
    const old = before[i];
    const longest = Math.max(old?.longest ?? 0, one.bytes?.length ?? 0);
    if (old?.bytes === undefined) return { ...one, longest, changed: NONE };
    return { ...one, longest, changed: one.count === old.count ? old.changed : differing(old.bytes, one.bytes) };
  });
}

function differing(before: Uint8Array, now: Uint8Array = new Uint8Array()): ReadonlySet<number> {
  return new Set([...now.keys()].filter((offset) => now[offset] !== before[offset]));
}

/** `0x` and the sign of the number are the reader's: two hexadecimal digits. */
export function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

const ASSIGNED = /^0000([0-9a-f]{4})-0000-1000-8000-00805f9b34fb$/;

/** A UUID as people say it: four digits where it has them (Bluetooth Core, Vol 3 Part B §2.5.1). */
export function shortUuid(uuid: string): string {
  return ASSIGNED.exec(uuid)?.[1] ?? uuid;
}

/** What may go wrong with a scripted strap, so that tests and demonstrations can show it. Nothing goes wrong by default. */
import type { AppError, ErrorCode } from '../../model/errors.ts';
import { appError } from '../../model/errors.ts';

/** A range of packets, counted from 1 over the strap's life: `from` ≤ n < `to`. */
export interface PacketRange {
  readonly from: number;
  readonly to: number;
}

export interface StrapScript {
  /** Drops the link after this many packets of each connection listed; later connections hold. */
  readonly dropAfter?: readonly number[];
  /** Refuses the first `times` connects with `code`. */
  readonly refuseConnect?: { readonly times: number; readonly code: ErrorCode };
  /** Never answers the first `hangConnect` connects, as browsers do with a strap at the edge of its range. */
  readonly hangConnect?: number;
  /** The strap offers no service that anybody knows. */
  readonly noServices?: boolean;
  /** Skin contact is lost in these packets: no rate, no RR. */
  readonly contactLost?: PacketRange;
  /** The strap stays connected but sends nothing in these packets' time. */
  readonly silent?: PacketRange;
  /** These packets are cut short or have bytes too many. */
  readonly malformed?: { readonly at: readonly number[]; readonly kind: 'truncated' | 'oversized' };
}

/** True if packet `n` lies in the range. */
export function within(range: PacketRange | undefined, n: number): boolean {
  return range !== undefined && n >= range.from && n < range.to;
}

/** The bytes of packet `n` as the script wants them. */
export function distort(script: StrapScript, n: number, bytes: ArrayBuffer): ArrayBuffer {
  if (!script.malformed?.at.includes(n)) return bytes;
  if (script.malformed.kind === 'truncated') return bytes.slice(0, 1);
  // Behind a packet with RR, two more bytes would pass as one more interval; an odd one never does.
  const longer = new Uint8Array(bytes.byteLength + 1);
  longer.set(new Uint8Array(bytes));
  return longer.buffer;
}

/** The error with which connect number `n` (from 1) is refused, if it is. */
export function refusal(script: StrapScript, n: number): AppError | undefined {
  const { refuseConnect } = script;
  return refuseConnect && n <= refuseConnect.times ? appError(refuseConnect.code, 'scripted') : undefined;
}

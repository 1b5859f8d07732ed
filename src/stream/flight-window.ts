/**
 * How many bytes may be on their way: as many as the connection carries in a few seconds. More would only wait in buffers
 * on the way, and the heartbeats of the socket behind them, until the connection is taken for dead.
 */

/** Whatever the connection seems to carry, bytes. */
export const MAX_BYTES_IN_FLIGHT = 256 * 1024;
const MIN_BYTES_IN_FLIGHT = 8 * 1024;
/** Before anything is known, bytes. */
const START = 32 * 1024;
/** Half the time after which an unanswered heartbeat ends the connection, ms. */
const HORIZON = 5000;
/** An answer within this time is no sign of a queue, ms. */
const PROMPT = 2000;

export interface FlightWindow {
  readonly limit: number;
  /** `bytes` were answered for, `ms` after the first of them was sent. */
  answered(bytes: number, ms: number): void;
  /** The join ended with batches unanswered: perhaps they were too many. */
  lost(): void;
}

export function createFlightWindow(): FlightWindow {
  let limit = START;
  const clamp = (bytes: number): number => Math.max(MIN_BYTES_IN_FLIGHT, Math.min(MAX_BYTES_IN_FLIGHT, bytes));
  return {
    get limit() {
      return limit;
    },
    answered(bytes, ms) {
      const carried = (bytes * HORIZON) / Math.max(1, ms);
      // A prompt answer to a few bytes says little: it may only raise the limit, and not at once to the sky.
      limit = ms < PROMPT ? clamp(Math.max(limit, Math.min(2 * limit, carried))) : clamp(carried);
    },
    lost() {
      limit = clamp(limit / 2);
    },
  };
}

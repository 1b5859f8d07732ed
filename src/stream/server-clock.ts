/**
 * The server's clock against this machine's. A time the server stamps on a message lies between the moment that caused
 * the message (not before we sent our question) and the moment it came here, so every such message gives an interval for
 * the offset; the true offset is in all of them (Marzullo, 1984; NTP, RFC 5905, does the same with its round trips and
 * trusts the fastest most). Plain pings are echoed without a time: they only say how long a message can be under way.
 */

/** Observations are kept this long, ms: the two clocks drift apart, and routes change. */
const MEMORY = 600_000;
const MAX_KEPT = 64;
/** Clocks of two machines may part by this much: 100 ppm. */
const DRIFT = 1e-4;
/** An answer slower than this says nothing about the road, ms. */
const MAX_ROUND_TRIP = 30_000;
/** Stamps are whole ms, cut off. */
const STAMP_STEP = 1;

export type ServerOffset =
  /** Nothing gave a time of the server that can be placed. */
  | { readonly known: false }
  /**
   * server time = our time + `offset`, give or take `uncertainty` (ms). Half the fastest round trip is in it: no one can
   * tell a slow way there from a slow way back. `assumed`: the width comes from pings and not from the stamped messages
   * themselves, so it is too small if the server held every one of them back.
   */
  | { readonly known: true; readonly offset: number; readonly uncertainty: number; readonly assumed: boolean };

export interface ServerClock {
  /** A ping was answered. Unix ms on this machine. */
  roundTrip(sent: number, received: number): void;
  /**
   * The server said what time it is.
   * @param server Unix ms on its clock, as stamped on the message
   * @param received Unix ms here
   * @param sent Unix ms here when we sent what it answers; undefined if it came by itself (a `backpressure_config`)
   */
  heard(server: number, received: number, sent?: number): void;
  offset(now: number): ServerOffset;
  /** Fastest round trip of the last minutes, ms. */
  roundTripTime(now: number): number | undefined;
  /** Times that cannot be (answers before their questions, no numbers): not used. */
  readonly refused: number;
  /** Another server, or this machine's clock was set. */
  reset(): void;
}

interface Observation {
  readonly at: number;
  /** server − received: the offset is this or more. */
  readonly low: number;
  /** The offset is this or less; Infinity if only pings say how long messages take. */
  readonly high: number;
}

interface RoundTrip {
  readonly at: number;
  readonly took: number;
}

export function createServerClock(): ServerClock {
  let observations: Observation[] = [];
  let roundTrips: RoundTrip[] = [];
  let refused = 0;

  function fastest(now: number): number | undefined {
    let least: number | undefined;
    for (const { at, took } of roundTrips) {
      if (now - at <= MEMORY && (least === undefined || took < least)) least = took;
    }
    return least;
  }

  function tookTrip(sent: number, received: number): boolean {
    const took = received - sent;
    if (!(took >= 0 && took <= MAX_ROUND_TRIP)) return false;
    roundTrips = appended(roundTrips, { at: received, took });
    return true;
  }

  return {
    roundTrip(sent, received) {
      if (!tookTrip(sent, received)) refused += 1;
    },
    heard(server, received, sent) {
      const usable = server > 0 && Number.isFinite(server) && Number.isFinite(received);
      if (!usable || (sent !== undefined && !tookTrip(sent, received))) {
        refused += 1;
        return;
      }
      const high = sent === undefined ? Infinity : server - sent + STAMP_STEP;
      observations = appended(observations, { at: received, low: server - received, high });
    },
    offset: (now) => intersect(observations, fastest(now), now),
    roundTripTime: fastest,
    get refused() {
      return refused;
    },
    reset() {
      observations = [];
      roundTrips = [];
    },
  };
}

function appended<T extends { readonly at: number }>(kept: readonly T[], next: T): T[] {
  return [...kept.filter(({ at }) => next.at - at <= MEMORY), next].slice(-MAX_KEPT);
}

/** Newest first: an older observation that contradicts the newer ones is of a clock that was set since. */
function intersect(observations: readonly Observation[], roundTrip: number | undefined, now: number): ServerOffset {
  let low = -Infinity;
  let high = Infinity;
  let slackOfLow = 0;
  for (let i = observations.length - 1; i >= 0; i--) {
    const one = observations[i];
    if (!one || now - one.at > MEMORY) break;
    const slack = Math.max(0, now - one.at) * DRIFT;
    if (one.low - slack > high || one.high + slack < low) break;
    if (one.low - slack > low) {
      low = one.low - slack;
      slackOfLow = slack;
    }
    high = Math.min(high, one.high + slack);
  }
  const assumed = high === Infinity;
  // The fastest stamped message was hardly longer under way than the fastest question and answer together.
  if (assumed && roundTrip !== undefined) high = low + 2 * slackOfLow + roundTrip + STAMP_STEP;
  if (low === -Infinity || high === Infinity) return { known: false };
  return { known: true, offset: (low + high) / 2, uncertainty: (high - low) / 2, assumed };
}

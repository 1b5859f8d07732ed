/** A sliding window of 60 s per client, with bounded memory. Pure of HTTP: the clock is handed in. */

export const WINDOW = 60_000;

export interface RateDecision {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Unix ms when the oldest counted request leaves the window. */
  readonly resetAt: number;
}

export interface RateLimiter {
  /** Counts a request of `client` at `now` (Unix ms) unless its limit is used up. */
  take(client: string, now: number): RateDecision;
  /** Clients remembered now. */
  readonly size: number;
}

/**
 * @param limit requests per client in any 60 s
 * @param maxClients clients remembered; the one that has been silent longest is forgotten first, so that a flood of
 *   addresses costs memory for this many and no more
 */
export function createRateLimiter(limit: number, maxClients = 10_000): RateLimiter {
  // Insertion order is order of last use: an entry is put back at the end each time.
  const clients = new Map<string, number[]>();
  return {
    take(client, now) {
      const recent = (clients.get(client) ?? []).filter((time) => time > now - WINDOW);
      const allowed = recent.length < limit;
      if (allowed) recent.push(now);
      clients.delete(client);
      clients.set(client, recent);
      const [longestSilent] = clients.keys();
      if (clients.size > maxClients && longestSilent !== undefined) clients.delete(longestSilent);
      return { allowed, limit, remaining: limit - recent.length, resetAt: (recent[0] ?? now) + WINDOW };
    },
    get size() {
      return clients.size;
    },
  };
}

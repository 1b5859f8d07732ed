/**
 * Where reading the log stands, on one join: the old part, up to where the log ended when the join began, and the new part
 * behind it. They are read independently, so that what is new need not wait where the server takes it first.
 */
import type { SensorId } from '../model/sensor.ts';
import { countSamples, cut, type Entries } from './parts.ts';
import type { OutboxPort } from './ports.ts';

export type LaneName = 'live' | 'old';

interface Lane {
  /** The last number that was read; undefined: nothing. */
  after: number | undefined;
  readonly upTo: number;
  /** Read, but not yet taken. */
  stash: Entries;
}

export class Lanes {
  readonly #outbox: OutboxPort;
  readonly #sensorId: SensorId;
  /** Oldest first. */
  #old: Lane[] = [];
  #live: Lane = { after: undefined, upTo: Infinity, stash: [] };
  #liveUnsent = 0;

  constructor(outbox: OutboxPort, sensorId: SensorId) {
    this.#outbox = outbox;
    this.#sensorId = sensorId;
  }

  /** A join: everything in the log now is old. */
  begin(): void {
    const end = this.#outbox.end(this.#sensorId);
    const { kept } = this.#outbox.depth(this.#sensorId);
    this.#old = kept > 0 ? [{ after: undefined, upTo: end, stash: [] }] : [];
    this.#live = { after: end, upTo: Infinity, stash: [] };
    this.#liveUnsent = 0;
  }

  /** What is new and unsent until now becomes old: too much has gathered to call it new. Not while `next` is at work. */
  split(): void {
    if (this.#liveUnsent === 0) return;
    const end = this.#outbox.end(this.#sensorId);
    this.#old.push({ ...this.#live, upTo: end });
    this.#live = { after: end, upTo: Infinity, stash: [] };
    this.#liveUnsent = 0;
  }

  /** So many samples came into the log. */
  appended(samples: number): void {
    this.#liveUnsent += samples;
  }

  get hasOld(): boolean {
    return this.#old.length > 0;
  }

  /** New samples in the log that were not taken. */
  get liveUnsent(): number {
    return this.#liveUnsent;
  }

  /**
   * The next samples of a lane, at most `max`; empty if it has none. Rejects with what the log says. They are taken only
   * with `took`: until then they come again.
   */
  async next(name: LaneName, max: number): Promise<Entries> {
    // The log starts over only when it is asked to, which must come before anything else of this join is read.
    const [first] = this.#old;
    if (name === 'live' && first && first.after === undefined) await this.#fill(first, max);
    const lane = name === 'live' ? this.#live : this.#old[0];
    if (!lane) return [];
    const counted = this.#liveUnsent;
    await this.#fill(lane, max);
    if (lane.stash.length > 0) return cut(lane.stash, max)[0];
    if (name === 'live') {
      // Samples that were counted and are not there were given up by the log.
      if (lane === this.#live) this.#liveUnsent -= counted;
      return [];
    }
    if (this.#old[0] === lane) this.#old.shift();
    return this.next(name, max);
  }

  /** The first of what `next` returned was sent, or set aside. */
  took(name: LaneName, entries: Entries): void {
    const lane = name === 'live' ? this.#live : this.#old[0];
    if (!lane) return;
    const samples = countSamples(entries);
    lane.stash = cut(lane.stash, samples)[1];
    if (name === 'live') this.#liveUnsent = Math.max(0, this.#liveUnsent - samples);
  }

  async #fill(lane: Lane | undefined, max: number): Promise<void> {
    if (!lane || lane.stash.length > 0) return;
    const read = await this.#outbox.read(this.#sensorId, lane.after, max, lane.upTo);
    if (lane.after === undefined && read.length === 0) await this.#lookAgain();
    lane.after = read.at(-1)?.id ?? lane.after ?? 0;
    lane.stash = read;
  }

  /** The log counts samples that it did not give: asked for everything, it learns that they cannot be read. */
  async #lookAgain(): Promise<void> {
    const { kept } = this.#outbox.depth(this.#sensorId);
    if (kept > this.#liveUnsent) await this.#outbox.read(this.#sensorId, undefined, 1);
  }
}

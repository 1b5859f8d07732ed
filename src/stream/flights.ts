/**
 * Batches on their way: sent, and neither confirmed nor given up. Once a barrier has answered for them their samples leave
 * the log. A batch that the server refuses as a whole for the sake of one sample comes back in halves, down to that sample,
 * which is set aside; the others are sent again.
 */
import type { SensorId } from '../model/sensor.ts';
import { countSamples, halve, runsOf, type Entries } from './parts.ts';
import type { ChannelReply, OutboxPort } from './ports.ts';

/** Bad samples that a refused batch is taken to hold when the server does not count them. */
const SOME_BAD = 16;

/** What a batch is sent for: new samples, a backlog, or a part of a refused batch. */
export type Work = 'live' | 'old' | 'suspect';

export interface Flight {
  readonly work: Work;
  readonly entries: Entries;
  readonly samples: number;
  readonly bytes: number;
  /** Unix ms. */
  readonly sentAt: number;
  /** Of the refused batch that this is a part of. */
  readonly search: Search | undefined;
  refused: boolean;
}

/** A search for bad samples: how many batches it may still cost. Shared by all parts of the refused batch. */
interface Search {
  left: number;
}

/** A part of a refused batch, to be sent on its own. */
export interface Suspect {
  readonly entries: Entries;
  readonly search: Search;
}

export interface FlightsDeps {
  readonly sensorId: SensorId;
  readonly outbox: OutboxPort;
  /** The log removed these: the server has them. */
  readonly onConfirmed: (flight: Flight) => void;
  /** The log changed, or tried to. */
  readonly onSettled: () => void;
  readonly onLogFailure: (thrown: unknown) => void;
}

export class Flights {
  readonly #deps: FlightsDeps;
  #flying: Flight[] = [];
  /** Oldest first. */
  #suspects: Suspect[] = [];

  constructor(deps: FlightsDeps) {
    this.#deps = deps;
  }

  get count(): number {
    return this.#flying.length;
  }

  get bytes(): number {
    return this.#flying.reduce((sum, flight) => sum + flight.bytes, 0);
  }

  /** Samples on their way, or suspected, by whether they were new when they were sent. */
  get samples(): { readonly live: number; readonly old: number } {
    let [live, old] = [0, 0];
    for (const { work, samples } of this.#flying) {
      if (work === 'live') live += samples;
      else old += samples;
    }
    for (const { entries } of this.#suspects) old += countSamples(entries);
    return { live, old };
  }

  get suspects(): number {
    return this.#suspects.length;
  }

  takeSuspect(): Suspect | undefined {
    return this.#suspects.shift();
  }

  /** It could not be sent after all. */
  putBack(suspect: Suspect): void {
    this.#suspects.unshift(suspect);
  }

  /** A batch of these entries; on its way once `add` was called with it. */
  make(work: Work, entries: Entries, bytes: number, sentAt: number, search?: Search): Flight {
    return { work, entries, samples: countSamples(entries), bytes, sentAt, search, refused: false };
  }

  add(flight: Flight): void {
    this.#flying.push(flight);
  }

  /** False for batches of a join that is over, and for those refused already. */
  isOpen(flight: Flight): boolean {
    return this.#flying.includes(flight) && !flight.refused;
  }

  /** The server refused it: the search for the bad samples goes on in its halves. */
  refuse(flight: Flight, { reason, failedCount }: ChannelReply): void {
    flight.refused = true;
    const { entries, samples } = flight;
    const search = flight.search ?? { left: searchCost(samples, failedCount) };
    // A server that names no number of bad samples may have meant none of them: one alone is sent once more, too.
    const isUnclear = samples === 1 && failedCount === undefined && !flight.search;
    const allBad = (samples === 1 && !isUnclear) || (failedCount !== undefined && failedCount >= samples);
    // What is still suspected when the search has cost enough is set aside together.
    if (allBad || (search.left < 2 && !isUnclear)) return this.setAside(entries, reason ?? 'refused');
    search.left -= 2;
    const parts = isUnclear ? [entries] : halve(entries);
    this.#suspects.push(...parts.map((part) => ({ entries: part, search })));
    this.#suspects.sort((a, b) => (a.entries[0]?.id ?? 0) - (b.entries[0]?.id ?? 0));
  }

  /** Moves samples out of the way: they will never be delivered. */
  setAside(entries: Entries, reason: string): void {
    const { outbox, sensorId } = this.#deps;
    for (const { id, samples } of entries) {
      void this.#logged(outbox.setAsideSamples(sensorId, id, samples, reason)).then(() => this.#deps.onSettled());
    }
  }

  /** The oldest `covered` batches were answered for. Returns them. */
  release(covered: number): readonly Flight[] {
    const done = this.#flying.splice(0, covered);
    void this.#remove(done.filter((flight) => !flight.refused));
    return done;
  }

  /** The join is over: what is on its way, or suspected, is unconfirmed again. */
  rewind(): void {
    this.#flying = [];
    this.#suspects = [];
  }

  async #remove(done: readonly Flight[]): Promise<void> {
    const { outbox, sensorId, onConfirmed, onSettled } = this.#deps;
    if (done.length > 0) {
      const runs = runsOf(done.flatMap(({ entries }) => entries));
      // Asked for before anything else happens, so that a new join, if there is one, reads without them.
      const removed = await this.#logged(outbox.confirmSamples(sensorId, runs));
      if (removed) for (const flight of done) onConfirmed(flight);
    }
    onSettled();
  }

  /** True if the log did what it was asked. */
  #logged(work: Promise<unknown>): Promise<boolean> {
    return work.then(
      () => true,
      (thrown: unknown) => {
        this.#deps.onLogFailure(thrown);
        return false;
      },
    );
  }
}

/** Batches that finding so many bad samples by halving takes: two for each time the batch can be halved, and each of them. */
function searchCost(samples: number, failedCount = SOME_BAD): number {
  return 2 * Math.min(samples, failedCount * Math.ceil(Math.log2(samples) + 1));
}

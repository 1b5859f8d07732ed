/**
 * Batches on their way: sent, and neither confirmed nor given up. Once a barrier has answered for them their entries
 * leave the log; those the server refused are set aside first, or they would be deleted with the rest.
 */
import type { SensorId } from '../model/sensor.ts';
import type { OutboxEntry, OutboxPort } from './ports.ts';

export interface Flight {
  readonly lastId: number;
  readonly ids: readonly number[];
  readonly samples: number;
  readonly bytes: number;
  /** Set when the server refused it: true when the log has set it aside. */
  refusal: Promise<boolean> | undefined;
  /** False once the log has set it aside or removed it. */
  inLog: boolean;
}

export interface FlightsDeps {
  readonly sensorId: SensorId;
  readonly outbox: OutboxPort;
  /** The log removed these: the server has them. */
  readonly onConfirmed: (samples: number) => void;
  /** The log changed, or tried to. */
  readonly onSettled: () => void;
  readonly onLogFailure: (thrown: unknown) => void;
}

export class Flights {
  readonly #deps: FlightsDeps;
  #flying: Flight[] = [];
  /** Answered for, but the log is still removing them: one group after the other. */
  readonly #leaving = new Set<Flight>();
  #releasing: Promise<void> = Promise.resolve();
  /** Counts rewinds: what was begun before one is over. */
  #epoch = 0;
  /** The log failed to set something aside: removing more could take that with it. Until the next join. */
  #mustKeep = false;

  constructor(deps: FlightsDeps) {
    this.#deps = deps;
  }

  get count(): number {
    return this.#flying.length;
  }

  get bytes(): number {
    return this.#flying.reduce((sum, flight) => sum + flight.bytes, 0);
  }

  /** Samples that the log counts as kept and that are not to be sent: on their way, or answered for. */
  get samples(): number {
    let samples = 0;
    for (const flight of [...this.#flying, ...this.#leaving]) if (flight.inLog) samples += flight.samples;
    return samples;
  }

  /** A batch of these entries; on its way once `add` was called with it. */
  make(entries: readonly OutboxEntry[], bytes: number): Flight {
    return {
      lastId: entries.at(-1)?.id ?? 0,
      ids: entries.map((entry) => entry.id),
      samples: entries.reduce((sum, entry) => sum + entry.samples, 0),
      bytes,
      refusal: undefined,
      inLog: true,
    };
  }

  add(flight: Flight): void {
    this.#flying.push(flight);
  }

  /** False for batches of a join that is over, and for those refused already. */
  isOpen(flight: Flight): boolean {
    return this.#flying.includes(flight) && !flight.refusal;
  }

  refuse(flight: Flight, reason: string): void {
    flight.refusal = this.#setAside(flight, reason);
  }

  /** The oldest `covered` batches were answered for. */
  release(covered: number): void {
    const done = this.#flying.splice(0, covered);
    for (const flight of done) this.#leaving.add(flight);
    const epoch = this.#epoch;
    this.#releasing = this.#releasing.then(() => this.#remove(done, epoch));
  }

  /** The join is over: what is on its way is unconfirmed again. */
  rewind(): void {
    this.#epoch += 1;
    this.#flying = [];
    this.#mustKeep = false;
  }

  async #setAside(flight: Flight, reason: string): Promise<boolean> {
    const { outbox, sensorId, onSettled } = this.#deps;
    const done = await this.#logged(outbox.setAside(sensorId, flight.ids, reason));
    flight.inLog = !done;
    onSettled();
    return done;
  }

  async #remove(done: readonly Flight[], epoch: number): Promise<void> {
    const { outbox, sensorId, onConfirmed, onSettled } = this.#deps;
    const last = done.at(-1);
    if (!last) return;
    for (const flight of done) {
      if ((await flight.refusal) === false && epoch === this.#epoch) this.#mustKeep = true;
    }
    // After a rewind these batches are under way again, and counted when that is confirmed.
    const remove = epoch === this.#epoch && !this.#mustKeep;
    const removed = remove && (await this.#logged(outbox.confirm(sensorId, last.lastId)));
    for (const flight of done) {
      this.#leaving.delete(flight);
      if (!removed) continue;
      flight.inLog = false;
      if (!flight.refusal) onConfirmed(flight.samples);
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

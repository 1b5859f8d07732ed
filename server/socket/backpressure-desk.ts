/** Tells every sensor channel how often to send: after its join, and whenever attention or load changed what it was told. */
import { backpressureFor } from '../../src/model/backpressure.ts';
import { backpressureToWire } from '../../src/protocol/backpressure.ts';
import { type Affected, AttentionTracker } from '../sessions/attention.ts';
import type { LoadSource } from '../sessions/load.ts';

/** A channel that wants to be told. */
export interface Listener {
  readonly sensorId: string;
  tell(config: ReturnType<typeof backpressureToWire>): void;
}

/** How often lapsed prewarms are looked for, ms. */
const SWEEP = 10_000;

export class BackpressureDesk {
  readonly attention: AttentionTracker;
  readonly #load: LoadSource;
  readonly #now: () => number;
  readonly #bySensor = new Map<string, Set<Listener>>();
  /** What each listener was last told, without the timestamp. */
  readonly #told = new Map<Listener, string>();
  readonly #unsubscribe: () => void;
  readonly #timer: NodeJS.Timeout;

  constructor(load: LoadSource, now: () => number) {
    this.#load = load;
    this.#now = now;
    this.attention = new AttentionTracker(now, (affected) => this.#refresh(affected));
    this.#unsubscribe = load.onChange(() => this.#refresh('all'));
    this.#timer = setInterval(() => this.attention.sweep(), SWEEP);
    this.#timer.unref();
  }

  /** Tells the listener at once and then on every change. */
  add(listener: Listener): void {
    const listeners = this.#bySensor.get(listener.sensorId);
    if (listeners) listeners.add(listener);
    else this.#bySensor.set(listener.sensorId, new Set([listener]));
    this.#tell(listener);
  }

  remove(listener: Listener): void {
    this.#told.delete(listener);
    const listeners = this.#bySensor.get(listener.sensorId);
    if (listeners?.delete(listener) && listeners.size === 0) {
      this.#bySensor.delete(listener.sensorId);
      this.attention.forget(listener.sensorId);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#unsubscribe();
  }

  #refresh(affected: Affected): void {
    const sensors = affected === 'all' ? [...this.#bySensor.keys()] : affected;
    for (const sensorId of sensors) {
      for (const listener of [...(this.#bySensor.get(sensorId) ?? [])]) this.#tell(listener);
    }
  }

  #tell(listener: Listener): void {
    const { level, memoryProtection } = this.#load.report();
    const attention = this.attention.level(listener.sensorId);
    const key = `${attention} ${level} ${memoryProtection}`;
    if (this.#told.get(listener) === key) return;
    this.#told.set(listener, key);
    listener.tell(backpressureToWire(backpressureFor(attention, level, memoryProtection, this.#now())));
  }
}

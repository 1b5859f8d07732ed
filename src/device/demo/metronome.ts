/**
 * The clock of one scripted device: everything it does at regular times hangs on one timer, which runs at most twenty
 * times a second. What falls due in between is made up at the next turn, dated by when it was due, however late the timer
 * came.
 */
import type { Timers } from '../../lib/timers.ts';

/** ms between two turns of the timer at least. */
const SHORTEST_TURN = 50;
/**
 * What is made up at most, ms: pages in the background get a timer a minute, and have no frames to drop meanwhile. After a
 * longer pause (the computer slept) a real link would be gone; the device's time stood still then.
 */
const MAX_CATCH_UP = 70_000;

export interface Beat {
  /** Seconds for which the device has run, pauses not counted. */
  readonly at: number;
  /** Unix ms, when it was due. */
  readonly arrival: number;
}

export interface Tempo {
  /** ms between two beats; asked anew after each. */
  readonly period: () => number;
  /** ms until the first beat; a period if absent. */
  readonly first?: number | undefined;
}

export interface Metronome {
  /** Beats from now on until `signal` is aborted; two that are due at the same time beat in the order they were added. */
  every(tempo: Tempo, beat: (beat: Beat) => void, signal: AbortSignal): void;
  /** Beats once, `ms` from now. */
  once(ms: number, beat: (beat: Beat) => void, signal: AbortSignal): void;
}

interface Task {
  readonly tempo: Tempo;
  readonly beat: (beat: Beat) => void;
  /** ms on the device's clock. */
  next: number;
  /** No beat is further away than this, ms. */
  reach: number;
}

/** @param now Unix ms */
export function createMetronome(now: () => number, timers: Timers): Metronome {
  return new TimerMetronome(now, timers);
}

class TimerMetronome implements Metronome {
  readonly #now: () => number;
  readonly #timers: Timers;
  readonly #tasks = new Set<Task>();
  /** Unix ms at which the device's clock was at 0. */
  #origin = 0;
  /** ms on the device's clock when it was last stopped. */
  #elapsed = 0;
  #lastTurn = -Infinity;
  #cancel: (() => void) | undefined;

  constructor(now: () => number, timers: Timers) {
    this.#now = now;
    this.#timers = timers;
  }

  every(tempo: Tempo, beat: (beat: Beat) => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    if (this.#tasks.size === 0) this.#origin = this.#now() - this.#elapsed;
    const first = tempo.first ?? tempo.period();
    const task: Task = { tempo, beat, next: this.#now() - this.#origin + first, reach: first };
    this.#tasks.add(task);
    signal.addEventListener('abort', () => this.#remove(task), { once: true });
    this.#arm();
  }

  once(ms: number, beat: (beat: Beat) => void, signal: AbortSignal): void {
    const end = new AbortController();
    const run = (due: Beat): void => {
      end.abort();
      beat(due);
    };
    this.every({ period: () => ms }, run, AbortSignal.any([signal, end.signal]));
  }

  #remove(task: Task): void {
    this.#tasks.delete(task);
    if (this.#tasks.size === 0) this.#elapsed = this.#now() - this.#origin;
    this.#arm();
  }

  #earliest(): Task | undefined {
    let earliest: Task | undefined;
    for (const task of this.#tasks) if (!earliest || task.next < earliest.next) earliest = task;
    return earliest;
  }

  #arm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const earliest = this.#earliest();
    if (!earliest) return;
    const now = this.#now();
    // A clock that was set back must not hold the next turn up.
    const rest = Math.min(SHORTEST_TURN, this.#lastTurn + SHORTEST_TURN - now);
    this.#cancel = this.#timers.after(Math.max(0, rest, this.#origin + earliest.next - now), () => this.#turn());
  }

  #turn(): void {
    const until = this.#now();
    this.#follow(until);
    for (let task = this.#earliest(); task && this.#origin + task.next <= until; task = this.#earliest()) {
      this.#lastTurn = until;
      const at = task.next;
      task.reach = task.tempo.period();
      task.next += task.reach;
      task.beat({ at: at / 1000, arrival: this.#origin + at });
    }
    this.#arm();
  }

  /** After a sleep, or when somebody set the clock, the device goes on where it was. */
  #follow(now: number): void {
    const earliest = this.#earliest();
    if (!earliest) return;
    const ahead = this.#origin + earliest.next - now;
    if (ahead > earliest.reach || ahead < -MAX_CATCH_UP) this.#origin -= ahead;
  }
}

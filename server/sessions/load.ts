/**
 * How loaded this process is, as a level that does not flap: it rises after two bad readings in a row and falls one step
 * after three that are clearly better. (The real server re-evaluates every 2 s without hysteresis and tells every sensor.)
 */
import { totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { SystemLoad } from '../../src/model/backpressure.ts';
import type { LoadReport } from '../ports.ts';

export type LoadReading = Pick<LoadReport, 'eventLoopDelay' | 'memoryPressure'>;

/** Where the sockets learn of load. */
export interface LoadSource {
  report(): LoadReport;
  /** Calls `listener` when level or memory protection changed, until the returned function is called. */
  onChange(listener: () => void): () => void;
}

/** The state between readings: the report and how many readings in a row spoke for another level. */
export interface LoadState {
  readonly report: LoadReport;
  readonly worse: number;
  readonly better: number;
}

const LEVELS: readonly SystemLoad[] = ['normal', 'elevated', 'high', 'critical'];
/** ms of event-loop delay from which the level after `normal` applies, and the next ones. */
const DELAY_FROM: readonly number[] = [100, 250, 600];
const READINGS_TO_RISE = 2;
const READINGS_TO_FALL = 3;
/** A level is left downwards only when the delay is below this share of its threshold. */
const FALL_SHARE = 0.7;
const PROTECT_FROM = 0.85;
const PROTECT_UNTIL = 0.75;
const INTERVAL = 2000;
/** ms between two looks at the event loop; subtracted, as the histogram counts the whole wait. */
const RESOLUTION = 10;

export const CALM: LoadState = {
  report: { level: 'normal', memoryProtection: false, eventLoopDelay: 0, memoryPressure: 0 },
  worse: 0,
  better: 0,
};

/** The state after one more reading. */
export function nextLoad(state: LoadState, reading: LoadReading): LoadState {
  const { report } = state;
  const current = LEVELS.indexOf(report.level);
  const measured = DELAY_FROM.filter((from) => reading.eventLoopDelay >= from).length;
  const calmer = reading.eventLoopDelay < (DELAY_FROM[current - 1] ?? 0) * FALL_SHARE;
  let worse = measured > current ? state.worse + 1 : 0;
  let better = calmer ? state.better + 1 : 0;
  let level = current;
  if (worse >= READINGS_TO_RISE) {
    level = measured;
    worse = 0;
  } else if (better >= READINGS_TO_FALL) {
    level = current - 1;
    better = 0;
  }
  const memoryProtection = reading.memoryPressure >= (report.memoryProtection ? PROTECT_UNTIL : PROTECT_FROM);
  return { report: { ...reading, level: LEVELS[level] ?? 'critical', memoryProtection }, worse, better };
}

export interface LoadMonitorOptions {
  /** One reading of the last interval; default: this process. */
  readonly read?: () => LoadReading;
  /** ms between readings. */
  readonly interval?: number;
}

export class LoadMonitor implements LoadSource {
  readonly #read: () => LoadReading;
  readonly #stopReading: () => void;
  readonly #listeners = new Set<() => void>();
  readonly #timer: NodeJS.Timeout;
  #state = CALM;

  constructor(options: LoadMonitorOptions = {}) {
    const source = options.read ? { read: options.read, stop: () => undefined } : processReadings();
    this.#read = source.read;
    this.#stopReading = source.stop;
    this.#timer = setInterval(() => this.tick(), options.interval ?? INTERVAL);
    this.#timer.unref();
  }

  report(): LoadReport {
    return this.#state.report;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes a reading now, as the timer does. */
  tick(): void {
    const before = this.#state.report;
    this.#state = nextLoad(this.#state, this.#read());
    const { level, memoryProtection } = this.#state.report;
    if (level === before.level && memoryProtection === before.memoryProtection) return;
    for (const listener of [...this.#listeners]) listener();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#listeners.clear();
    this.#stopReading();
  }
}

/** Readings of this process: 99th percentile of event-loop delay since the last one, memory against its bounds. */
function processReadings(): { read: () => LoadReading; stop: () => void } {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  delay.enable();
  const memory = memoryBound();
  const read = (): LoadReading => {
    // Nothing measured yet reads as 0.
    const nanoseconds = delay.count > 0 ? delay.percentile(99) : 0;
    delay.reset();
    const heap = getHeapStatistics();
    return {
      eventLoopDelay: Math.max(0, nanoseconds / 1e6 - RESOLUTION),
      memoryPressure: Math.max(process.memoryUsage.rss() / memory, heap.used_heap_size / heap.heap_size_limit),
    };
  };
  return { read, stop: () => void delay.disable() };
}

/** Bytes this process may use: the container's limit where there is one, else the machine's memory. */
function memoryBound(): number {
  const constrained = process.constrainedMemory() ?? 0;
  const total = totalmem();
  // Without a limit the kernel reports a number far beyond the machine.
  return constrained > 0 && constrained < total ? constrained : total;
}

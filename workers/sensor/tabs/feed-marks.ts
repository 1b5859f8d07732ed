/**
 * Marks what goes into the log with where it came from, so that the log itself knows which bytes of which tab it holds.
 * Sits between the pipelines and the log: a pipeline hands over what it holds of all attributes in one turn, always
 * between two items, so the newest item of the sensor is the mark of all blocks of that turn.
 */
import type { SensorId } from '../../../src/model/sensor.ts';
import type { FeedMark, MarkedOutboxPort } from '../../../src/stream/ports.ts';

export interface FeedMarks {
  /** The pipeline of this sensor has taken this item. */
  taken(sensorId: SensorId, mark: FeedMark): void;
  /** The highest number of this tab and sensor that will survive this worker. */
  logged(sensorId: SensorId, tab: string): number;
  /** From now on nothing is written, read or removed through the marked log. */
  stop(): void;
}

/** The marks, and the log to give to the worker: the same log, but for the marks. */
export function markOutbox<Log extends MarkedOutboxPort>(
  log: Log,
): { readonly marks: FeedMarks; readonly outbox: Log } {
  const newest = new Map<SensorId, FeedMark>();
  let stopped = false;

  const append: MarkedOutboxPort['append'] = (sensorId, block) => {
    // After the end of this leadership: the tab still has the bytes, and the next leader gets them.
    if (stopped) return { id: 0, block, firstSeq: 0, samples: block.times.length };
    return log.append(sensorId, block, newest.get(sensorId));
  };

  // A proxy rather than a copy: the log may be a class with private fields and more methods than the port has.
  const outbox = new Proxy(log, {
    get(target, key): unknown {
      if (key === 'append') return append;
      if (stopped && key === 'read') return () => Promise.resolve([]);
      if (stopped && REMOVING.has(key)) return () => Promise.reject(new Error('this tab does not lead any more'));
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });

  return {
    outbox,
    marks: {
      taken: (sensorId, mark) => void newest.set(sensorId, mark),
      logged: (sensorId, tab) => log.lastIngested(sensorId, tab),
      stop: () => {
        stopped = true;
      },
    },
  };
}

const REMOVING: ReadonlySet<string | symbol> = new Set(['confirm', 'confirmSamples', 'setAside', 'setAsideSamples']);

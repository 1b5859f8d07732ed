/**
 * What one viewer has not been sent yet: every sample of waveforms and buttons, the latest of everything else.
 * Full-buffer rule: the kept lists are dropped and counted; the latest values always fit.
 */
import type { WireSample } from '../../src/protocol/ingest.ts';
import { KEEP_ALL } from '../../src/protocol/viewer.ts';

/** Bytes on the wire that may wait in lists. */
const LIST_BYTES_MAX = 8 * 2 ** 20;

const NONE: ReadonlySet<WireSample> = new Set();
/** Ours: tells a display that a sample fills a gap behind it. */
const LATE = { late: true } as const;

type Waiting = WireSample | WireSample[];
type WireBatch = Record<string, Record<string, unknown>>;

export class ViewerBuffer {
  readonly #sensors = new Map<string, Map<string, Waiting>>();
  /** Samples in lists that belong to the past. */
  readonly #late = new Set<WireSample>();
  #listBytes = 0;
  #dropped = 0;

  /** Samples dropped because the viewer was too slow. */
  get dropped(): number {
    return this.#dropped;
  }

  get empty(): boolean {
    return this.#sensors.size === 0;
  }

  /**
   * Takes samples of one sensor that came in a frame of `bytes`. Those in `late` are older than what came before: lists
   * hold them marked, and they are never the latest of anything.
   */
  take(sensorId: string, samples: readonly WireSample[], bytes: number, late: ReadonlySet<WireSample> = NONE): void {
    const sampleBytes = bytes / samples.length;
    let waiting = this.#sensors.get(sensorId);
    for (const sample of samples) {
      const id = sample.attribute_id;
      const all = KEEP_ALL.has(id);
      const isLate = late.has(sample);
      if (isLate && !all) continue;
      if (!waiting) this.#sensors.set(sensorId, (waiting = new Map<string, Waiting>()));
      if (!all) {
        waiting.set(id, sample);
        continue;
      }
      if (this.#listBytes > LIST_BYTES_MAX) this.#dropLists();
      if (isLate) this.#late.add(sample);
      const list = waiting.get(id);
      if (Array.isArray(list)) list.push(sample);
      else waiting.set(id, [sample]);
      this.#listBytes += sampleBytes;
    }
  }

  /** Forgets what waits of sensors the viewer no longer sees. */
  retain(sees: (sensorId: string) => boolean): void {
    for (const sensorId of this.#sensors.keys()) if (!sees(sensorId)) this.#sensors.delete(sensorId);
  }

  /** Everything that waits, in wire form, each sample with its `sensor_id` and late ones with `late`; the buffer is empty afterwards. */
  flush(): WireBatch {
    // No prototype: a sensor may be called `__proto__`.
    const batch = Object.create(null) as WireBatch;
    for (const [sensor_id, waiting] of this.#sensors) {
      const attributes = (batch[sensor_id] = Object.create(null) as Record<string, unknown>);
      for (const [id, held] of waiting) {
        attributes[id] = Array.isArray(held)
          ? held.map((sample) => ({ ...sample, sensor_id, ...(this.#late.has(sample) && LATE) }))
          : { ...held, sensor_id };
      }
    }
    this.#sensors.clear();
    this.#late.clear();
    this.#listBytes = 0;
    return batch;
  }

  #dropLists(): void {
    for (const waiting of this.#sensors.values()) {
      for (const held of waiting.values()) if (Array.isArray(held)) this.#dropped += held.splice(0).length;
    }
    this.#late.clear();
    this.#listBytes = 0;
  }
}

/**
 * A log with a disk, for tests that pull the plug: blocks and marks reach the disk together, a while after they were
 * appended; what had not is gone with the tab. Opening it fences off who had it before.
 */
import type { Block } from '../../src/model/block.ts';
import { createMemoryOutbox } from '../../src/outbox/memory-outbox.ts';
import type { Outbox } from '../../src/outbox/ports.ts';
import type { FeedMark } from '../../src/stream/ports.ts';
import type { Clock } from '../../src/lib/timers.ts';

interface Write {
  readonly sensorId: string;
  readonly block: Block;
  readonly mark: FeedMark | undefined;
}

/** What survives every tab. */
export class Disk {
  readonly #blocks = new Map<string, Block[]>();
  readonly #marks = new Map<string, number>();
  #generation = 0;

  /** Values of one attribute in the order they were stored. */
  values(sensorId: string, attribute: string): number[] {
    return (this.#blocks.get(sensorId) ?? [])
      .filter((block) => block.attribute === attribute)
      .flatMap((block) => (block.kind === 'numeric' ? [...block.values] : []));
  }

  /**
   * Opens the log for one leadership.
   * @param delay ms until what was appended is on the disk
   */
  open(clock: Clock, delay: () => number): Outbox {
    this.#generation += 1;
    const generation = this.#generation;
    const memory = createMemoryOutbox(1);
    let pending: Write[] = [];
    return {
      ...memory,
      append: (sensorId, block, mark) => {
        if (pending.length === 0) {
          clock.after(delay(), () => {
            const writes = pending;
            pending = [];
            if (generation === this.#generation) this.#commit(writes);
          });
        }
        pending.push({ sensorId, block, mark });
        return memory.append(sensorId, block);
      },
      lastIngested: (sensorId, tab) => this.#marks.get(`${sensorId} ${tab}`) ?? 0,
    };
  }

  #commit(writes: readonly Write[]): void {
    for (const { sensorId, block, mark } of writes) {
      this.#blocks.set(sensorId, [...(this.#blocks.get(sensorId) ?? []), block]);
      if (mark) this.#marks.set(`${sensorId} ${mark.tab}`, mark.number);
    }
  }
}

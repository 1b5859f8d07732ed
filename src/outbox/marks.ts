/** How far each feeding tab was heard: all that was appended, and what of it is on disk. */
import type { FeedMark } from '../stream/ports.ts';

/** Tabs of which the last mark is remembered: more than are ever open at once. */
const MAX_MARKS = 32;

type Pairs = readonly (readonly [string, number])[];

export class Marks {
  readonly #newest: Map<string, number>;
  #landed: ReadonlyMap<string, number>;

  constructor(marks: Pairs) {
    this.#newest = new Map(marks);
    this.#landed = new Map(marks);
  }

  add({ tab, number }: FeedMark): void {
    // The tab heard last goes to the end, so that the first one is the one to forget.
    this.#newest.delete(tab);
    this.#newest.set(tab, number);
    const [oldest] = this.#newest.keys();
    if (oldest !== undefined && this.#newest.size > MAX_MARKS) this.#newest.delete(oldest);
  }

  /** @param settled nothing is left to send, so that nothing can be lost either */
  of(tab: string, settled: boolean): number {
    return (settled ? this.#newest : this.#landed).get(tab) ?? 0;
  }

  /** For storage. A mark says that everything up to it is here. @param whole everything appended is written with it */
  toPairs(whole: boolean): Pairs {
    return [...(whole ? this.#newest : this.#landed)];
  }

  /** These are on disk. */
  landed(marks: Pairs): void {
    this.#landed = new Map(marks);
  }
}

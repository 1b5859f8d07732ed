/** A set of whole numbers as sorted, disjoint ranges. Where it is used it nearly always holds one or two. */

/** Both ends included. */
export interface IdRange {
  readonly from: number;
  readonly to: number;
}

export class IdRanges {
  #ranges: IdRange[] = [];

  /** @param ranges in any order, overlapping or not */
  constructor(ranges: readonly (readonly [number, number])[] = []) {
    for (const [from, to] of ranges) this.add(from, to);
  }

  /** Adds `from` … `to`; ranges that touch become one. Nothing happens if `to` is below `from`. */
  add(from: number, to: number): void {
    if (to < from) return;
    let range: IdRange = { from, to };
    const apart: IdRange[] = [];
    for (const other of this.#ranges) {
      if (other.to + 1 < range.from || range.to + 1 < other.from) apart.push(other);
      else range = { from: Math.min(range.from, other.from), to: Math.max(range.to, other.to) };
    }
    const at = apart.findIndex((other) => other.from > range.from);
    apart.splice(at === -1 ? apart.length : at, 0, range);
    this.#ranges = apart;
  }

  /** Takes `from` … `to` out. */
  remove(from: number, to: number): void {
    this.#ranges = this.#ranges.flatMap((range) => {
      const before = { from: range.from, to: Math.min(range.to, from - 1) };
      const behind = { from: Math.max(range.from, to + 1), to: range.to };
      return [before, behind].filter((part) => part.from <= part.to);
    });
  }

  covers(from: number, to: number): boolean {
    return this.#ranges.some((range) => range.from <= from && to <= range.to);
  }

  /** How many of `from` … `to` are in the set. */
  count(from: number, to: number): number {
    let sum = 0;
    for (const range of this.#ranges) sum += Math.max(0, Math.min(to, range.to) - Math.max(from, range.from) + 1);
    return sum;
  }

  /** The parts of `from` … `to` that are not in the set, ascending. */
  missing(from: number, to: number): IdRange[] {
    const parts: IdRange[] = [];
    let at = from;
    for (const range of this.#ranges) {
      if (range.to < at) continue;
      if (range.from > to) break;
      if (range.from > at) parts.push({ from: at, to: range.from - 1 });
      at = range.to + 1;
    }
    if (at <= to) parts.push({ from: at, to });
    return parts;
  }

  /** For storage. */
  toPairs(): readonly (readonly [number, number])[] {
    return this.#ranges.map(({ from, to }) => [from, to] as const);
  }
}

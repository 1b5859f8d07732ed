/** What the disk does not know yet, besides new samples: deletions, things set aside, gaps. */
import { RECORD_SPAN, type AsideRecord, type Gap, type KeyRange, type SensorChanges } from './ports.ts';

type Lists = Pick<SensorChanges, 'deletes' | 'asides' | 'gaps'>;

export class Pending {
  #deletes: KeyRange[] = [];
  #asides: AsideRecord[] = [];
  #gaps: { readonly key: number; readonly gap: Gap }[] = [];
  /** Records that will be gone with the next transaction and must not be read any more. */
  readonly doomed = new Set<number>();

  get asides(): readonly AsideRecord[] {
    return this.#asides;
  }

  get gaps(): readonly Gap[] {
    return this.#gaps.map(({ gap }) => gap);
  }

  /** Deletes the record with this number; neighbours become one range. */
  delete(id: number): void {
    this.doomed.add(id);
    const before = this.#deletes.at(-1);
    if (before?.to === id - RECORD_SPAN) this.#deletes.splice(-1, 1, { from: before.from, to: id });
    else this.#deletes.push({ from: id, to: id });
  }

  keepAside(aside: AsideRecord): void {
    this.#asides.push(aside);
  }

  /** Notes a gap, in the place of one that waits under the same key. */
  gap(key: number, gap: Gap): void {
    this.#gaps = [...this.#gaps.filter((one) => one.key !== key), { key, gap }];
  }

  hasGap(key: number): boolean {
    return this.#gaps.some((one) => one.key === key);
  }

  /** Hands everything over to a transaction. */
  take(): Lists {
    const lists = { deletes: this.#deletes, asides: this.#asides, gaps: this.#gaps };
    this.#deletes = [];
    this.#asides = [];
    this.#gaps = [];
    return lists;
  }

  /** The transaction succeeded. */
  landed({ deletes }: Lists): void {
    for (const { from, to } of deletes) for (let id = from; id <= to; id += RECORD_SPAN) this.doomed.delete(id);
  }

  /** The transaction failed: takes everything back, before what came since. */
  failed({ deletes, asides, gaps }: Lists): void {
    this.#deletes = [...deletes, ...this.#deletes];
    this.#asides = [...asides, ...this.#asides];
    this.#gaps = [...gaps.filter(({ key }) => !this.hasGap(key)), ...this.#gaps];
  }
}

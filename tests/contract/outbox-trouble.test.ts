/**
 * The durable log under any order of trouble: full disks, databases that go away, broken records, processes that end at
 * any moment. A model knows at each step what may come out of the log, and what must.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import {
  behindItsBack,
  BROKEN,
  flatten,
  FULL,
  installIndexedDb,
  openLab,
  readAll,
  samples,
  type Lab,
  type Sample,
} from '../support/outbox-lab.ts';

const SENSOR = 'sensor-1';

beforeEach(installIndexedDb);
afterEach(() => vi.unstubAllGlobals());

describe('any order of trouble', () => {
  const attribute = fc.constantFrom('ecg', 'heartrate', 'skeleton');
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('append' as const),
        attribute,
        samples: fc.integer({ min: 1, max: 300 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const), max: fc.integer({ min: 1, max: 700 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('confirm' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
    },
    fc.record({ do: fc.constant('again' as const) }),
    fc.record({ do: fc.constant('aside' as const), share: fc.double({ min: 0, max: 0.99, noNaN: true }) }),
    fc.record({ do: fc.constant('settle' as const), ms: fc.constantFrom(0, 1, 6000) }),
    fc.record({ do: fc.constant('checkpoint' as const) }),
    fc.record({ do: fc.constant('crash' as const), after: fc.nat(3) }),
    fc.record({ do: fc.constant('full' as const), times: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ do: fc.constant('room' as const), bytes: fc.constantFrom(0, 2000, 6000, Infinity) }),
    fc.record({ do: fc.constant('drop' as const) }),
    fc.record({ do: fc.constant('break' as const) }),
    fc.record({ do: fc.constant('corrupt' as const), index: fc.nat(5) }),
  );

  it('nothing is lost but what is counted, order is kept, no number is used twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
        installIndexedDb();
        await new Trouble(await openTrouble()).run(steps);
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  const openTrouble = (clock = createManualClock()): Promise<Lab> =>
    openLab({ clock, budgetBytes: 12_000, heldBytes: 8000 });

  /** Does the steps, and knows at each moment what the log may and must hold. */
  class Trouble {
    #lab: Lab;
    #next = 0;
    #after: number | undefined;
    #read: Sample[] = [];
    /** Attribute and number of every sample that ever left, with its value: a number stands for one sample for ever. */
    readonly #sent = new Map<string, unknown>();
    /** Confirmed or set aside: must never come again. */
    readonly #done = new Set<unknown>();
    readonly #appended = new Map<unknown, string>();
    /** Those that were read from disk: they must outlive the process. */
    readonly #onDisk = new Set<unknown>();

    constructor(lab: Lab) {
      this.#lab = lab;
    }

    get #clock(): ManualClock {
      return this.#lab.clock;
    }

    async run(steps: readonly Step[]): Promise<void> {
      for (const one of steps) {
        await this.#do(one);
        this.#balance();
      }
      await this.#end();
    }

    async #do(one: Step): Promise<void> {
      const { outbox, db } = this.#lab;
      if (one.do === 'append') {
        for (let i = 0; i < one.samples; i++) this.#appended.set(this.#next + i, one.attribute);
        outbox.append(SENSOR, samples(one.attribute, one.samples, this.#next));
        this.#next += one.samples;
      } else if (one.do === 'read') this.#took(flatten(await outbox.read(SENSOR, this.#after, one.max)));
      else if (one.do === 'again') this.#startOver();
      else if (one.do === 'confirm') await this.#confirm(Math.floor(one.share * this.#read.length));
      else if (one.do === 'aside') await this.#aside(this.#read[Math.floor(one.share * this.#read.length)]);
      else if (one.do === 'settle') await this.#clock.advance(one.ms);
      else if (one.do === 'checkpoint') await outbox.checkpoint();
      else if (one.do === 'full') {
        let left = one.times;
        db.fault = (changes) => (changes.some(({ puts }) => puts.length > 0) && left-- > 0 ? FULL : undefined);
      } else if (one.do === 'break') {
        let left = 1;
        db.fault = () => (left-- > 0 ? BROKEN : undefined);
      } else if (one.do === 'room') db.capacity = one.bytes;
      else if (one.do === 'drop') db.drop('closed by the browser');
      else if (one.do === 'corrupt') await this.#corrupt(one.index);
      else await this.#crash(one.after);
    }

    #took(found: readonly Sample[]): void {
      for (const sample of found) {
        const key = `${sample.attribute} ${sample.seq}`;
        if (this.#sent.has(key)) expect(this.#sent.get(key)).toBe(sample.value);
        this.#sent.set(key, sample.value);
        expect(this.#done.has(sample.value)).toBe(false);
        expect(this.#appended.get(sample.value)).toBe(sample.attribute);
        const before = this.#read.findLast(({ attribute: other }) => other === sample.attribute);
        if (before) {
          expect(sample.seq).toBeGreaterThan(before.seq);
          expect(Number(sample.value)).toBeGreaterThan(Number(before.value));
        }
        expect(sample.id).toBeGreaterThan(this.#after ?? -1);
        this.#after = sample.id;
        this.#read.push(sample);
        if (this.#lab.outbox.storage.kind === 'durable') this.#onDisk.add(sample.value);
      }
    }

    #startOver(): void {
      this.#after = undefined;
      this.#read = [];
    }

    async #confirm(count: number): Promise<void> {
      const gone = this.#read.splice(0, count);
      const before = this.#lab.outbox.depth(SENSOR).confirmed;
      await this.#lab.outbox.confirm(SENSOR, gone.at(-1)?.id ?? -1);
      expect(this.#lab.outbox.depth(SENSOR).confirmed).toBe(before + gone.length);
      for (const { value } of gone) this.#done.add(value);
    }

    async #aside(sample: Sample | undefined): Promise<void> {
      if (!sample) return;
      const before = this.#lab.outbox.depth(SENSOR).setAside;
      await this.#lab.outbox.setAsideSamples(SENSOR, sample.id, 1, 'refused');
      expect(this.#lab.outbox.depth(SENSOR).setAside).toBe(before + 1);
      this.#done.add(sample.value);
      this.#read = this.#read.filter((one) => one !== sample);
    }

    /** Breaks a record that nobody has read yet; the next process finds it. */
    async #corrupt(index: number): Promise<void> {
      await this.#lab.outbox.gaps(SENSOR);
      const keys = await behindItsBack('log', (store) => store.getAllKeys());
      const key = keys.filter((one) => Array.isArray(one) && Number(one[1]) > (this.#after ?? 0))[index];
      if (!key) return;
      const record: unknown = await behindItsBack('log', (store) => store.get(key));
      if (typeof record !== 'object' || record === null) return;
      await behindItsBack('log', (store) => store.put({ ...record, bytes: Uint8Array.of(1, 2, 3) }, key));
      await this.#crash(0);
    }

    /** The process ends, at once or in the middle of what it is doing; another begins. */
    async #crash(after: number): Promise<void> {
      const { db, outbox } = this.#lab;
      const storedBefore = outbox.storage.kind;
      let commits = 0;
      db.fault = () => ((commits += 1) > after ? { kind: 'die' } : undefined);
      void outbox.read(SENSOR, this.#after, 100);
      for (let i = 0; i < 5; i++) await this.#clock.advance(1);
      db.dead = true;
      const { measured } = outbox.depth(SENSOR);
      this.#lab = await openTrouble(this.#clock);
      expect(this.#lab.outbox.depth(SENSOR).measured).toBeLessThanOrEqual(measured);
      const flying = this.#read.map(({ value }) => value).filter((value) => this.#onDisk.has(value));
      this.#startOver();
      // What was answered for while there was no disk comes again: at least once, under the same numbers.
      if (storedBefore === 'memory') this.#done.clear();
      await this.#readEverything();
      const left = new Set(this.#read.map(({ value }) => value));
      expect(flying.filter((value) => !left.has(value))).toEqual([]);
      this.#startOver();
    }

    #balance(): void {
      const { measured, kept, confirmed, setAside, evicted } = this.#lab.outbox.depth(SENSOR);
      expect(kept).toBeGreaterThanOrEqual(this.#read.length);
      expect(kept + confirmed + setAside + evicted).toBe(measured);
    }

    async #readEverything(): Promise<void> {
      for (;;) {
        const found = flatten(await this.#lab.outbox.read(SENSOR, this.#after, 250));
        if (found.length === 0) return;
        this.#took(found);
      }
    }

    /** Everything the log says it keeps can be read, and survives. */
    async #end(): Promise<void> {
      const { db, outbox } = this.#lab;
      db.fault = () => undefined;
      db.capacity = Infinity;
      await vi.waitFor(async () => {
        await this.#clock.advance(70_000);
        await outbox.checkpoint();
        expect(outbox.storage.kind).toBe('durable');
      });
      this.#startOver();
      await this.#readEverything();
      const depth = outbox.depth(SENSOR);
      expect(this.#read).toHaveLength(depth.kept);
      const gaps = await outbox.gaps(SENSOR);
      const noted = gaps.reduce((sum, gap) => sum + (gap.cause === 'evicted' ? (gap.samples ?? 0) : 0), 0);
      expect(noted).toBe(depth.evicted);
      const aside = await outbox.aside(SENSOR, -1, 1e6);
      expect(aside.reduce((sum, entry) => sum + entry.samples, 0)).toBe(depth.setAside);
      await outbox.checkpoint();
      const again = (await openLab({ clock: this.#clock })).outbox;
      expect(again.depth(SENSOR)).toEqual(outbox.depth(SENSOR));
      expect(await readAll(again, SENSOR)).toEqual(this.#read);
      await again.confirm(SENSOR, this.#read.at(-1)?.id ?? -1);
      expect(again.depth(SENSOR)).toMatchObject({ kept: 0, bytes: 0 });
      expect(await behindItsBack('log', (store) => store.getAllKeys())).toEqual([]);
    }
  }
});

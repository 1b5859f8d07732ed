/** What every log of measurements must do, in memory or on disk: one suite, run over each. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Block } from '../../src/model/block.ts';
import { MAX_GAPS, type Outbox } from '../../src/outbox/ports.ts';
import { flatten, readAll, samples, type Sample } from '../support/outbox-lab.ts';
import { ringContract } from './outbox-ring-contract.ts';

/** An empty log. Each call makes another. */
export type MakeOutbox = () => Promise<Outbox>;

const SENSOR = 'sensor-1';
const EMPTY = { measured: 0, kept: 0, confirmed: 0, setAside: 0, evicted: 0, oldestUnsentAt: undefined };

export function outboxContract(name: string, make: MakeOutbox): void {
  describe(`outbox: ${name}`, () => {
    describe('append and read', () => appending(make));
    describe('confirm and set aside', () => removing(make));
    describe('new before old', () => liveFirst(make));
    describe('what is remembered beside', () => remembering(make));
    describe('the account of the session', () => accounting(make));
    describe('rings', () => ringContract(make));
    describe('any order of operations', () => model(make));
  });
}

const values = (read: readonly Sample[]): unknown[] => read.map(({ value }) => value);

function appending(make: MakeOutbox): void {
  it('is empty at first', async () => {
    const outbox = await make();
    expect(outbox.depth(SENSOR)).toMatchObject(EMPTY);
    expect(await outbox.read(SENSOR, undefined, 100)).toEqual([]);
    expect(outbox.sensorsWithData()).toEqual([]);
  });

  it('gives back what was appended, oldest first, with ascending numbers', async () => {
    const outbox = await make();
    const time = 1_700_000_000_005;
    const battery: Block = {
      kind: 'structured',
      attribute: 'battery',
      times: Float64Array.of(time),
      payloads: [{ level: 80, charging: true }],
    };
    const blocks: Block[] = [samples('heartrate', 1, 60), battery, samples('ecg', 3, 100)];
    const appended = blocks.map((block) => outbox.append(SENSOR, block));
    const read = await outbox.read(SENSOR, undefined, 100);
    expect(read).toEqual(appended);
    expect(read.map((entry) => entry.block)).toEqual(blocks);
    const numbers = flatten(read).map(({ id }) => id);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(outbox.depth(SENSOR)).toMatchObject({ measured: 5, kept: 5, oldestUnsentAt: 1_700_000_000_600 });
  });

  it('numbers samples without a gap, per sensor and attribute', async () => {
    const outbox = await make();
    const first = outbox.append(SENSOR, samples('ecg', 3)).firstSeq;
    const other = outbox.append(SENSOR, samples('heartrate', 1)).firstSeq;
    expect(outbox.append(SENSOR, samples('ecg', 2, 3)).firstSeq).toBe(first + 3);
    expect(outbox.append(SENSOR, samples('ecg', 1, 5)).firstSeq).toBe(first + 5);
    expect(outbox.append(SENSOR, samples('heartrate', 1)).firstSeq).toBe(other + 1);
    expect(Number.isSafeInteger(first + 1e9)).toBe(true);
    const ecg = (await readAll(outbox, SENSOR)).filter(({ attribute }) => attribute === 'ecg');
    expect(ecg.map(({ seq, value }) => [seq - first, value])).toEqual([0, 1, 2, 3, 4, 5].map((i) => [i, i]));
  });

  it('goes on numbering after everything was confirmed', async () => {
    const outbox = await make();
    const one = outbox.append(SENSOR, samples('ecg', 4));
    await readAll(outbox, SENSOR);
    await outbox.confirm(SENSOR, one.id);
    const two = outbox.append(SENSOR, samples('ecg', 1));
    expect(two.firstSeq).toBe(one.firstSeq + 4);
    expect(two.id).toBeGreaterThan(one.id);
  });

  it('reads after a number, and no more than was asked for', async () => {
    const outbox = await make();
    for (const [i, count] of [2, 3, 4, 1].entries()) outbox.append(SENSOR, samples(`a${i % 2}`, count, 10 * i));
    const all = await readAll(outbox, SENSOR);
    expect(all).toHaveLength(10);
    for (const batch of [1, 2, 3, 5, 7, 100]) expect(await readAll(outbox, SENSOR, batch)).toEqual(all);
    const some = flatten(await outbox.read(SENSOR, all[4]?.id, 3));
    expect(some.length).toBeGreaterThan(0);
    expect(some).toEqual(all.slice(5, 5 + some.length));
    expect(await outbox.read(SENSOR, all[9]?.id, 5)).toEqual([]);
  });

  it('divides what is larger than asked for', async () => {
    const outbox = await make();
    outbox.append(SENSOR, samples('ecg', 2000));
    outbox.append(SENSOR, samples('ecg', 1, 2000));
    const first = await outbox.read(SENSOR, undefined, 200);
    expect(first.reduce((sum, entry) => sum + entry.samples, 0)).toBe(200);
    const all = await readAll(outbox, SENSOR);
    expect(values(all)).toEqual(Array.from({ length: 2001 }, (_, i) => i));
    expect(new Set(all.map(({ id }) => id)).size).toBe(2001);
    const seqs = all.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] ?? 0) + i));
  });

  it('a read sees what was appended before it, not what comes later', async () => {
    const outbox = await make();
    outbox.append(SENSOR, samples('ecg', 2));
    const reading = outbox.read(SENSOR, undefined, 100);
    const read = flatten(await reading);
    outbox.append(SENSOR, samples('heartrate', 1, 60));
    outbox.append(SENSOR, samples('ecg', 2, 2));
    expect(values(read)).toEqual([0, 1]);
    expect(values(flatten(await outbox.read(SENSOR, read[1]?.id, 100)))).toEqual([60, 2, 3]);
  });

  it('keeps sensors apart', async () => {
    const outbox = await make();
    outbox.append(SENSOR, samples('ecg', 2));
    const theirs = outbox.append('sensor-2', samples('ecg', 5));
    await readAll(outbox, 'sensor-2');
    await outbox.confirm('sensor-2', theirs.id + 1_000_000);
    expect(outbox.depth(SENSOR)).toMatchObject({ kept: 2, setAside: 0 });
    expect(outbox.depth('sensor-2')).toMatchObject({ ...EMPTY, measured: 5, confirmed: 5 });
    expect(values(await readAll(outbox, SENSOR))).toEqual([0, 1]);
  });
}

function removing(make: MakeOutbox): void {
  async function filled(): Promise<{ outbox: Outbox; all: Sample[] }> {
    const outbox = await make();
    for (const first of [0, 2, 5]) outbox.append(SENSOR, samples('ecg', first === 0 ? 2 : first === 2 ? 3 : 4, first));
    return { outbox, all: await readAll(outbox, SENSOR) };
  }

  it('confirms up to and including a number', async () => {
    const { outbox, all } = await filled();
    await outbox.confirm(SENSOR, all[4]?.id ?? 0);
    expect(outbox.depth(SENSOR)).toMatchObject({ measured: 9, kept: 4, confirmed: 5 });
    expect(await readAll(outbox, SENSOR)).toEqual(all.slice(5));
    await outbox.confirm(SENSOR, all[4]?.id ?? 0);
    expect(outbox.depth(SENSOR)).toMatchObject({ measured: 9, kept: 4, confirmed: 5 });
  });

  it('keeps what nobody has read, whatever is confirmed', async () => {
    const { outbox, all } = await filled();
    const later = outbox.append(SENSOR, samples('ecg', 2, 9));
    await outbox.confirm(SENSOR, later.id + 1000);
    expect(outbox.depth(SENSOR)).toMatchObject({ kept: 2, confirmed: all.length });
    expect(values(await readAll(outbox, SENSOR))).toEqual([9, 10]);
  });

  it('a read sees what was confirmed and appended before it, although nobody waited', async () => {
    const { outbox, all } = await filled();
    const confirmed = outbox.confirm(SENSOR, all.at(-1)?.id ?? 0);
    outbox.append(SENSOR, samples('ecg', 1, 9));
    expect(values(await readAll(outbox, SENSOR))).toEqual([9]);
    await confirmed;
  });

  it('sets entries aside: counted apart, not read again, not touched by a later confirmation', async () => {
    const outbox = await make();
    for (const attribute of ['a', 'b', 'c']) outbox.append(SENSOR, samples(attribute, 3));
    const [first, second, third] = await outbox.read(SENSOR, undefined, 100);
    await outbox.setAside(SENSOR, [second?.id ?? 0], 'invalid_batch');
    expect(outbox.depth(SENSOR)).toMatchObject({ kept: 6, setAside: 3 });
    expect(await outbox.read(SENSOR, undefined, 100)).toEqual([first, third]);
    await outbox.confirm(SENSOR, third?.id ?? 0);
    expect(outbox.depth(SENSOR)).toMatchObject({ measured: 9, kept: 0, confirmed: 6, setAside: 3 });
    const aside = await outbox.aside(SENSOR);
    expect(aside).toHaveLength(1);
    expect(aside[0]).toMatchObject({
      reason: 'invalid_batch',
      samples: 3,
      firstSeq: second?.firstSeq,
      block: second?.block,
    });
    expect(aside[0]?.at).toBeGreaterThan(0);
  });

  it('sets single samples aside, and goes on with the rest', async () => {
    const { outbox, all } = await filled();
    await outbox.setAsideSamples(SENSOR, all[4]?.id ?? 0, 1, 'one bad item');
    await outbox.setAsideSamples(SENSOR, all[8]?.id ?? 0, 2, 'two bad items');
    expect(outbox.depth(SENSOR)).toMatchObject({ kept: 6, setAside: 3 });
    expect(values(await readAll(outbox, SENSOR))).toEqual([0, 1, 2, 3, 5, 6]);
    const aside = await outbox.aside(SENSOR);
    expect(aside.map(({ reason, firstSeq }) => [reason, (firstSeq ?? 0) - (all[0]?.seq ?? 0)])).toEqual([
      ['one bad item', 4],
      ['two bad items', 7],
    ]);
    expect(await outbox.aside(SENSOR, aside[0]?.id)).toEqual(aside.slice(1));
    await outbox.confirm(SENSOR, all[8]?.id ?? 0);
    expect(outbox.depth(SENSOR)).toMatchObject({ kept: 0, confirmed: 6, setAside: 3 });
  });

  it('setting aside what is gone, or twice, counts nothing', async () => {
    const outbox = await make();
    outbox.append(SENSOR, samples('ecg', 2));
    const [one] = await outbox.read(SENSOR, undefined, 100);
    await outbox.setAside(SENSOR, [one?.id ?? 0], 'invalid_batch');
    await outbox.setAside(SENSOR, [one?.id ?? 0, 7_000_000], 'invalid_batch');
    await outbox.setAsideSamples(SENSOR, one?.id ?? 0, 1, 'invalid_batch');
    expect(outbox.depth(SENSOR)).toMatchObject({ kept: 0, setAside: 2 });
  });

  it('confirms parts of what was read, in any order', async () => {
    const { outbox, all } = await filled();
    const run = (from: number, to: number) => ({ last: all[to]?.id ?? 0, samples: to - from + 1 });
    await outbox.confirmSamples(SENSOR, [run(7, 8)]);
    await outbox.confirmSamples(SENSOR, [run(1, 2), run(1, 3)]);
    expect(outbox.depth(SENSOR)).toMatchObject({ kept: 4, confirmed: 5 });
    expect(await readAll(outbox, SENSOR)).toEqual([0, 4, 5, 6].map((i) => all[i]));
    await outbox.confirmSamples(SENSOR, [run(4, 6), run(0, 0)]);
    expect(outbox.depth(SENSOR)).toMatchObject({ kept: 0, confirmed: 9, oldestUnsentAt: undefined });
  });
}

function liveFirst(make: MakeOutbox): void {
  it('reads what is new while what is old waits behind a number', async () => {
    const outbox = await make();
    outbox.append(SENSOR, samples('ecg', 5));
    const end = outbox.end(SENSOR);
    outbox.append(SENSOR, samples('ecg', 3, 5));
    const live = flatten(await outbox.read(SENSOR, end, 100));
    expect(values(live)).toEqual([5, 6, 7]);
    const old = flatten(await outbox.read(SENSOR, undefined, 4, end));
    expect(values(old)).toEqual([0, 1, 2, 3]);
    const rest = flatten(await outbox.read(SENSOR, old[3]?.id, 4, end));
    expect(values(rest)).toEqual([4]);
    await outbox.confirmSamples(SENSOR, [{ last: live[2]?.id ?? 0, samples: 3 }]);
    expect(outbox.depth(SENSOR)).toMatchObject({ kept: 5, confirmed: 3, oldestUnsentAt: 1_700_000_000_000 });
    await outbox.confirm(SENSOR, end);
    expect(outbox.depth(SENSOR)).toMatchObject({ kept: 0, confirmed: 8 });
    expect(await outbox.read(SENSOR, undefined, 100)).toEqual([]);
  });

  it('starting over with what is old forgets nothing of what is new', async () => {
    const outbox = await make();
    outbox.append(SENSOR, samples('ecg', 2));
    const end = outbox.end(SENSOR);
    const live = outbox.append(SENSOR, samples('ecg', 2, 2));
    await outbox.read(SENSOR, end, 100);
    await outbox.read(SENSOR, undefined, 100, end);
    await outbox.read(SENSOR, undefined, 100, end);
    await outbox.confirmSamples(SENSOR, [{ last: live.id, samples: 2 }]);
    expect(values(await readAll(outbox, SENSOR))).toEqual([0, 1]);
  });
}

function remembering(make: MakeOutbox): void {
  const sensor = { sensorId: SENSOR, name: 'Strap', sensorType: 'heart_rate_strap', demo: false };
  const ecg = { attribute: 'ecg', attributeType: 'ecg', samplingRate: 130 };

  it('names sensors whose samples wait, with what they are', async () => {
    const outbox = await make();
    outbox.describe(sensor);
    outbox.register(SENSOR, { ...ecg, samplingRate: 0 });
    outbox.register(SENSOR, ecg);
    expect(outbox.sensorsWithData()).toEqual([]);
    outbox.append(SENSOR, samples('ecg', 2));
    outbox.append('unknown', samples('ecg', 1));
    expect(outbox.sensors().length).toBeGreaterThan(0);
    expect(outbox.sensorsWithData()).toEqual([
      { sensorId: SENSOR, descriptor: sensor, registrations: [ecg], kept: 2 },
      { sensorId: 'unknown', descriptor: undefined, registrations: [], kept: 1 },
    ]);
    const all = await readAll(outbox, SENSOR);
    await outbox.confirm(SENSOR, all[1]?.id ?? 0);
    expect(outbox.sensorsWithData().map(({ sensorId }) => sensorId)).toEqual(['unknown']);
  });

  it('keeps the newest gaps of a sensor, oldest first', async () => {
    const outbox = await make();
    for (let i = 0; i < MAX_GAPS + 5; i++) {
      outbox.recordGap({ sensorId: SENSOR, from: i, to: i + 1, cause: 'link-lost' });
      if (i % 100 === 0) await outbox.checkpoint();
    }
    outbox.recordGap({ sensorId: 'sensor-2', from: 1, to: 2, cause: 'paused' });
    const gaps = await outbox.gaps(SENSOR);
    expect(gaps).toHaveLength(MAX_GAPS);
    expect(gaps[0]).toEqual({ sensorId: SENSOR, from: 5, to: 6, cause: 'link-lost' });
    expect(gaps.at(-1)?.from).toBe(MAX_GAPS + 4);
    expect(await outbox.gaps('sensor-2')).toHaveLength(1);
  });

  it('knows of each tab how far it was heard, once nothing of that can be lost', async () => {
    const outbox = await make();
    outbox.append(SENSOR, samples('ecg', 2), { tab: 'a', number: 1 });
    outbox.append(SENSOR, samples('hr', 1), { tab: 'a', number: 1 });
    outbox.append(SENSOR, samples('ecg', 2, 2), { tab: 'b', number: 7 });
    const all = await readAll(outbox, SENSOR);
    await outbox.confirm(SENSOR, all.at(-1)?.id ?? 0);
    expect(outbox.lastIngested(SENSOR, 'a')).toBe(1);
    expect(outbox.lastIngested(SENSOR, 'b')).toBe(7);
    expect(outbox.lastIngested(SENSOR, 'c')).toBe(0);
    expect(outbox.lastIngested('sensor-2', 'a')).toBe(0);
  });
}

function accounting(make: MakeOutbox): void {
  it('tells of each attribute what became of it, when it was measured and under which numbers', async () => {
    const outbox = await make();
    outbox.describe({ sensorId: SENSOR, name: 'Strap', sensorType: 'strap', demo: false });
    expect(outbox.descriptor(SENSOR)?.name).toBe('Strap');
    expect(outbox.descriptor('nobody')).toBeUndefined();
    expect(await outbox.account('nobody')).toEqual([]);
    const first = outbox.append(SENSOR, samples('ecg', 4));
    const beat = outbox.append(SENSOR, samples('heartrate', 1, 60));
    outbox.append(SENSOR, samples('ecg', 6, 4));
    const all = await readAll(outbox, SENSOR);
    await outbox.confirmSamples(SENSOR, [{ last: all[2]?.id ?? 0, samples: 2 }]);
    await outbox.setAsideSamples(SENSOR, all.find(({ value }) => value === 60)?.id ?? 0, 1, 'refused');
    const seq = first.firstSeq;
    expect(await outbox.account(SENSOR)).toEqual([
      {
        ...{ attribute: 'ecg', measured: 10, kept: 8, confirmed: 2, setAside: 0, evicted: 0 },
        ...{ firstTime: 1_700_000_000_000, lastTime: 1_700_000_000_090, seq: [[seq, seq + 9]] },
      },
      {
        ...{ attribute: 'heartrate', measured: 1, kept: 0, confirmed: 0, setAside: 1, evicted: 0 },
        ...{ firstTime: 1_700_000_000_600, lastTime: 1_700_000_000_600, seq: [[beat.firstSeq, beat.firstSeq]] },
      },
    ]);
    expect(outbox.unknownAsides(SENSOR)).toBe(0);
  });
}

function model(make: MakeOutbox): void {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('append' as const),
        attribute: fc.constantFrom('ecg', 'heartrate', 'button'),
        samples: fc.integer({ min: 1, max: 9 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), max: fc.integer({ min: 1, max: 30 }) }) },
    fc.record({ do: fc.constant('again' as const) }),
    fc.record({ do: fc.constant('confirm' as const), index: fc.nat(40) }),
    fc.record({ do: fc.constant('aside' as const), index: fc.nat(40), samples: fc.integer({ min: 1, max: 4 }) }),
  );

  it('agrees with a list: order per attribute, nothing lost, nothing twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const outbox = await make();
        /** What must still come, per attribute in order; and what was read since the last start over. */
        const waiting = new Map<string, number[]>();
        let read: Sample[] = [];
        let next = 0;
        let [measured, confirmed, aside] = [0, 0, 0];
        const remove = (gone: readonly Sample[]): void => {
          for (const { attribute, value } of gone) {
            waiting.set(attribute, waiting.get(attribute)?.filter((one) => one !== value) ?? []);
          }
          read = read.filter((one) => !gone.includes(one));
        };
        let after: number | undefined;
        for (const one of steps) {
          if (one.do === 'append') {
            outbox.append(SENSOR, samples(one.attribute, one.samples, next));
            const numbers = Array.from({ length: one.samples }, (_, i) => next + i);
            waiting.set(one.attribute, [...(waiting.get(one.attribute) ?? []), ...numbers]);
            next += one.samples;
            measured += one.samples;
          } else if (one.do === 'read') {
            const found = flatten(await outbox.read(SENSOR, after, one.max));
            expect(found.length).toBeLessThanOrEqual(one.max);
            for (const sample of found) {
              const before = read.filter(({ attribute }) => attribute === sample.attribute).length;
              expect(sample.value).toBe(waiting.get(sample.attribute)?.[before]);
              expect(sample.id).toBeGreaterThan(after ?? -1);
              after = sample.id;
              read.push(sample);
            }
            const left = [...waiting.values()].reduce((sum, list) => sum + list.length, 0) - read.length;
            if (found.length === 0) expect(left).toBe(0);
          } else if (one.do === 'again') {
            read = [];
            after = undefined;
          } else if (one.do === 'confirm') {
            const upTo = read[one.index]?.id ?? -1;
            const gone = read.filter(({ id }) => id <= upTo);
            await outbox.confirm(SENSOR, upTo);
            confirmed += gone.length;
            remove(gone);
          } else {
            const last = read[one.index];
            const gone = read.filter(
              ({ id, attribute }) =>
                last && attribute === last.attribute && id <= last.id && id > last.id - one.samples,
            );
            if (!last || gone.length < one.samples) continue;
            await outbox.setAsideSamples(SENSOR, last.id, one.samples, 'refused');
            // Parts of one entry only: what is counted says how many that were.
            const moved = outbox.depth(SENSOR).setAside - aside;
            aside += moved;
            remove(gone.slice(gone.length - moved));
          }
          const kept = measured - confirmed - aside;
          expect(outbox.depth(SENSOR)).toMatchObject({ measured, kept, confirmed, setAside: aside, evicted: 0 });
        }
        read = [];
        const rest = await readAll(outbox, SENSOR, 7);
        for (const [attribute, list] of waiting) {
          expect(values(rest.filter((sample) => sample.attribute === attribute))).toEqual(list);
        }
      }),
      { numRuns: 60 },
    );
  });
}

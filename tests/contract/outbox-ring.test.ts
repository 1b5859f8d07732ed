/** Rings of the log on disk: over restarts, without a disk, on a full one, and for hours. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseRow } from '../../src/outbox/row.ts';
import type { Outbox } from '../../src/outbox/ports.ts';
import {
  behindItsBack,
  BROKEN,
  FULL,
  installIndexedDb,
  openLab,
  readAll,
  samples,
  type Lab,
} from '../support/outbox-lab.ts';

const SENSOR = 'sensor-1';
const BODY = { attribute: 'body', attributeType: 'skeleton', samplingRate: 30, ring: 100 };

beforeEach(installIndexedDb);
afterEach(() => vi.unstubAllGlobals());

async function fill(outbox: Outbox, from: number, to: number, step = 10): Promise<void> {
  for (let at = from; at < to; at += step) {
    outbox.append(SENSOR, samples('body', step, at));
    await outbox.gaps(SENSOR);
  }
}

async function left(outbox: Outbox): Promise<number[]> {
  return (await readAll(outbox, SENSOR)).map(({ value }) => Number(value));
}

const newest = (list: readonly number[], end: number): number[] => list.map((_, i) => end - list.length + i);

/** Everything is read, given up and noted, or was never written. */
async function sound(outbox: Outbox, end: number): Promise<void> {
  const list = await left(outbox);
  expect(list).toEqual(newest(list, end));
  expect(list.length).toBeLessThanOrEqual(BODY.ring);
  expect(list.length).toBeGreaterThanOrEqual(0.9 * BODY.ring);
  const { measured, kept, evicted } = outbox.depth(SENSOR);
  expect({ measured, kept, evicted }).toEqual({ measured: end, kept: list.length, evicted: end - list.length });
  const gaps = await outbox.gaps(SENSOR);
  expect(gaps.reduce((sum, { samples: count = 0 }) => sum + count, 0)).toBe(evicted);
}

describe('a ring on disk', () => {
  it('is remembered, and goes on after a restart with what was there before', async () => {
    const first = await openLab();
    first.outbox.register(SENSOR, BODY);
    await fill(first.outbox, 0, 250);
    await first.outbox.close();
    const again = await openLab();
    expect(again.outbox.sensorsWithData()).toMatchObject([{ registrations: [BODY] }]);
    await fill(again.outbox, 250, 330);
    await sound(again.outbox, 330);
    const proof = await again.outbox.account(SENSOR);
    expect(proof).toMatchObject([{ attribute: 'body', kept: again.outbox.depth(SENSOR).kept }]);
  });

  it('shrinks what an earlier session kept as soon as it is told', async () => {
    const first = await openLab();
    await fill(first.outbox, 0, 900, 300);
    await first.outbox.close();
    const again = await openLab();
    again.outbox.register(SENSOR, BODY);
    await again.outbox.checkpoint();
    await sound(again.outbox, 900);
    await sound((await openLab()).outbox, 900);
  });

  it('survives the end of the process at any commit', async () => {
    for (let fatal = 1; fatal < 40; fatal += 3) {
      installIndexedDb();
      const lab = await openLab();
      lab.outbox.register(SENSOR, BODY);
      let commits = 0;
      lab.db.fault = () => (++commits >= fatal ? { kind: 'die' } : undefined);
      for (let at = 0; at < 400; at += 10) {
        lab.outbox.append(SENSOR, samples('body', 10, at));
        // A dead process answers nobody.
        await new Promise((resolve) => setTimeout(resolve));
      }
      const { outbox } = await openLab();
      const list = await left(outbox);
      const { measured, kept, evicted } = outbox.depth(SENSOR);
      expect(list).toEqual(newest(list, measured));
      expect({ kept, sum: kept + evicted }).toEqual({ kept: list.length, sum: measured });
      const gaps = await outbox.gaps(SENSOR);
      expect(gaps.reduce((sum, { samples: count = 0 }) => sum + count, 0)).toBe(evicted);
    }
  });

  it('does not grow with the hours: records, gaps and what is remembered of numbers stay few', async () => {
    const { outbox } = await openLab();
    outbox.register(SENSOR, { ...BODY, ring: 900 });
    // Ten seconds of skeletons in a record, other samples between them.
    for (let at = 0; at < 60_000; at += 300) {
      outbox.append(SENSOR, samples('body', 300, at));
      outbox.append(SENSOR, samples('ecg', 1, at));
      await outbox.gaps(SENSOR);
    }
    expect(await outbox.gaps(SENSOR)).toHaveLength(1);
    const row = parseRow(SENSOR, await behindItsBack('counters', (store) => store.get(SENSOR)));
    expect(row?.gone.length).toBeLessThan(4);
    const bodies = (await readAll(outbox, SENSOR)).filter(({ attribute }) => attribute === 'body');
    expect(bodies.length).toBeLessThanOrEqual(900);
    expect(bodies.length).toBeGreaterThanOrEqual(810);
    const keys = await behindItsBack('log', (store) => store.count());
    expect(keys).toBeLessThan(200 + 8);
  });
});

describe('a ring in trouble', () => {
  async function troubled(fault: typeof BROKEN | typeof FULL): Promise<Lab> {
    const lab = await openLab();
    lab.outbox.register(SENSOR, BODY);
    await fill(lab.outbox, 0, 50);
    lab.db.fault = () => fault;
    lab.db.refusing = true;
    await fill(lab.outbox, 50, 400);
    expect(lab.outbox.storage.kind).toBe('memory');
    return lab;
  }

  it.each([
    ['gone', BROKEN],
    ['full', FULL],
  ])('bounds what is in memory while the disk is %s, and all of it when it is back', async (_name, fault) => {
    const { outbox, db, clock } = await troubled(fault);
    const { kept, evicted } = outbox.depth(SENSOR);
    // What is on disk cannot be given up now; what is in memory is as large as the ring.
    expect(kept).toBeLessThanOrEqual(150);
    expect(kept + evicted).toBe(400);
    db.fault = () => undefined;
    db.refusing = false;
    await clock.advance(6000);
    await expect.poll(() => outbox.storage.kind).toBe('durable');
    await fill(outbox, 400, 410);
    await sound(outbox, 410);
    await sound((await openLab()).outbox, 410);
  });
});

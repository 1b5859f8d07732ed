/** The account of a session on the log on disk: what waited from before counts, what was answered for before does not. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AttributeProof } from '../../src/model/proof.ts';
import type { Outbox } from '../../src/outbox/ports.ts';
import { parseRecord, SEQ_MARGIN } from '../../src/outbox/row.ts';
import {
  behindItsBack,
  FULL,
  installIndexedDb,
  openLab,
  readAll,
  samples,
  type Sample,
} from '../support/outbox-lab.ts';

const SENSOR = 'sensor-1';
const AT = 1_700_000_000_000;

beforeEach(installIndexedDb);
afterEach(() => vi.unstubAllGlobals());

async function ofEcg(outbox: Outbox): Promise<AttributeProof | undefined> {
  const account = await outbox.account(SENSOR);
  for (const { measured, kept, confirmed, setAside, evicted } of account) {
    expect(kept + confirmed + setAside + evicted).toBe(measured);
  }
  return account.find(({ attribute }) => attribute === 'ecg');
}

/** A run that measured 2000 samples, of which `confirmed` were answered for and one was refused. */
async function earlier(confirmed = 700): Promise<readonly Sample[]> {
  const { outbox } = await openLab();
  for (let first = 0; first < 2000; first += 500) outbox.append(SENSOR, samples('ecg', 500, first));
  const all = await readAll(outbox, SENSOR);
  await outbox.confirm(SENSOR, all[confirmed - 1]?.id ?? 0);
  await outbox.setAsideSamples(SENSOR, all[confirmed]?.id ?? 0, 1, 'refused');
  await outbox.close();
  return all.slice(confirmed + 1);
}

describe('after a start', () => {
  it('what waited is in it, from its own first sample on, whether it was read since or not', async () => {
    const waited = await earlier();
    const { outbox } = await openLab();
    const all = { measured: 1299, kept: 1299, confirmed: 0, setAside: 0, evicted: 0 };
    const facts = { firstTime: AT + 7010, lastTime: AT + 19_990, seq: [[701, 1999]] };
    expect(await ofEcg(outbox)).toEqual({ attribute: 'ecg', ...all, ...facts });

    const again = (await openLab()).outbox;
    const read = await readAll(again, SENSOR);
    expect(read).toEqual(waited);
    await again.confirm(SENSOR, read.at(-1)?.id ?? 0);
    expect(await ofEcg(again)).toEqual({ attribute: 'ecg', ...all, kept: 0, confirmed: 1299, ...facts });
  });

  it('goes on with what is measured now; numbers that were skipped are not in it', async () => {
    await earlier();
    const crashed = await openLab();
    crashed.outbox.append(SENSOR, samples('ecg', 10, 2000));
    await crashed.outbox.gaps(SENSOR);
    crashed.db.dead = true;
    const { outbox } = await openLab();
    outbox.append(SENSOR, samples('ecg', 10, 3000));
    expect(await ofEcg(outbox)).toMatchObject({
      measured: 1319,
      seq: [
        [701, 2009],
        [2010 + SEQ_MARGIN, 2019 + SEQ_MARGIN],
      ],
      lastTime: AT + 30_090,
    });
  });

  it('has nothing of a run that left nothing', async () => {
    const all = await earlier();
    const second = await openLab();
    await readAll(second.outbox, SENSOR);
    await second.outbox.confirm(SENSOR, all.at(-1)?.id ?? 0);
    await second.outbox.close();
    const { outbox } = await openLab();
    expect(outbox.depth(SENSOR)).toMatchObject({ measured: 2000, confirmed: 1999, setAside: 1 });
    const none = { measured: 0, kept: 0, confirmed: 0, setAside: 0, evicted: 0 };
    expect(await ofEcg(outbox)).toEqual({
      attribute: 'ecg',
      ...none,
      firstTime: undefined,
      lastTime: undefined,
      seq: [],
    });
  });

  it('knows records of earlier versions, which do not name their number beside their bytes', async () => {
    await earlier();
    const keys = await behindItsBack('log', (store) => store.getAllKeys());
    for (const key of keys) {
      const { firstSeq, ...record } = parseRecord(await behindItsBack('log', (store) => store.get(key))) ?? {};
      expect(firstSeq).toBeGreaterThanOrEqual(0);
      await behindItsBack('log', (store) => store.put(record, key));
    }
    const { outbox } = await openLab();
    expect(await ofEcg(outbox)).toMatchObject({ measured: 1299, firstTime: AT + 7010, seq: [[701, 1999]] });
  });

  it('counts what turned out unreadable with what stands beside it', async () => {
    await earlier(500);
    const [, key] = await behindItsBack('log', (store) => store.getAllKeys());
    if (!key) throw new Error('nothing on disk');
    const record = parseRecord(await behindItsBack('log', (store) => store.get(key)));
    await behindItsBack('log', (store) => store.put({ ...record, bytes: Uint8Array.of(1) }, key));
    const { outbox } = await openLab();
    await readAll(outbox, SENSOR);
    expect(await ofEcg(outbox)).toMatchObject({ measured: 1499, kept: 999, setAside: 500, seq: [[501, 1999]] });
  });
});

describe('in trouble', () => {
  it('what was given up is counted, with its times and numbers', async () => {
    await earlier();
    const { bytes } = (await openLab()).outbox.depth(SENSOR);
    const { outbox } = await openLab({ budgetBytes: bytes });
    outbox.append(SENSOR, samples('ecg', 500, 2000));
    await outbox.checkpoint();
    const found = await ofEcg(outbox);
    expect(found?.evicted).toBeGreaterThan(0);
    expect(found).toMatchObject({ measured: 1799, firstTime: AT + 7010, lastTime: AT + 24_990, seq: [[701, 2499]] });
  });

  it('samples that got other numbers stand there with those, and only those', async () => {
    await earlier();
    const { outbox, db, clock } = await openLab();
    const before = outbox.append(SENSOR, samples('ecg', 10, 2000)).firstSeq;
    db.fault = () => FULL;
    await outbox.gaps(SENSOR);
    const now = 1000 * Math.floor(clock.now());
    expect(before).toBe(2000);
    expect(await ofEcg(outbox)).toMatchObject({
      seq: [
        [701, 1999],
        [now, now + 9],
      ],
    });
    const read = await readAll(outbox, SENSOR);
    expect(read.slice(-10).map(({ seq }) => seq)).toEqual(Array.from({ length: 10 }, (_, i) => now + i));
  });
});

/** A long stretch offline at speed, against the budget of the disk: what a wearer's chest strap sends, in whole. */
import { serialize } from 'node:v8';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { mulberry32 } from '../../src/lib/random.ts';
import type { Block } from '../../src/model/block.ts';
import { parseRecord } from '../../src/outbox/row.ts';
import { behindItsBack, installIndexedDb, openLab } from '../support/outbox-lab.ts';

const SENSOR = 'strap';
const START = 1_700_000_000_000;
/** Spools of 250 ms in ten minutes. */
const SPOOLS = 2400;
/** About what key and index of a record take besides its value. */
const KEY_BYTES = 30;

beforeEach(installIndexedDb);
afterEach(() => vi.unstubAllGlobals());

/** A spool of a signal of `rate` a second: times of a device's own clock, values of its integers in `unit`. */
function spool(
  attribute: string,
  rate: number,
  spoolNumber: number,
  unit: number,
  integer: (i: number) => number,
): Block {
  const from = Math.floor((rate * spoolNumber) / 4);
  const count = Math.floor((rate * (spoolNumber + 1)) / 4) - from;
  return {
    kind: 'numeric',
    attribute,
    times: Float64Array.from({ length: count }, (_, i) => START + ((from + i) * 1000) / rate),
    values: Float32Array.from({ length: count }, (_, i) => integer(from + i) * unit),
  };
}

/** A heart beat 70 times a minute, in µV, with the noise of skin and muscle. */
function ecg(random: () => number): (i: number) => number {
  const wave = (phase: number, at: number, width: number): number => Math.exp(-(((phase - at) / width) ** 2));
  return (i) => {
    const phase = ((i * 70) / 60 / 130) % 1;
    const beat = 120 * wave(phase, 0.18, 0.025) + 1200 * wave(phase, 0.35, 0.012) + 300 * wave(phase, 0.6, 0.05);
    return Math.round(beat - 250 * wave(phase, 0.38, 0.012) + 14 * (random() + random() + random() - 1.5));
  };
}

it('takes no more than 1.6 bytes per sample of ECG on disk, everything included, and comes back sample by sample', async () => {
  const { outbox, clock } = await openLab();
  const signal = ecg(mulberry32(1));
  const sent = new Map<string, number[]>();
  const take = (block: Block): void => {
    outbox.append(SENSOR, block);
    const values = sent.get(block.attribute) ?? [];
    sent.set(block.attribute, values);
    if (block.kind === 'numeric') values.push(...block.values);
  };
  for (let i = 0; i < SPOOLS; i++) {
    take(spool('ecg', 130, i, 0.001, signal));
    take(spool('motion', 50, i, 1, (n) => Math.round(400 * Math.sin(n / 9))));
    take(spool('heartrate', 1, i, 1, (n) => 70 + (n % 5)));
    await clock.advance(250);
    if (i % 8 === 0) await outbox.gaps(SENSOR);
  }
  await outbox.checkpoint();

  const stored = await behindItsBack<unknown[]>('log', (store) => store.getAll());
  const records = stored.flatMap((value) => parseRecord(value) ?? []).filter(({ attribute }) => attribute === 'ecg');
  const bytes = records.reduce((sum, record) => sum + serialize(record).length + KEY_BYTES, 0);
  expect(bytes / (sent.get('ecg')?.length ?? 0)).toBeLessThanOrEqual(1.6);
  // What the log says it takes is what it takes, within a tenth.
  const all = stored.reduce<number>((sum, value) => sum + serialize(value).length + KEY_BYTES, 0);
  expect(Math.abs(outbox.depth(SENSOR).bytes / all - 1)).toBeLessThan(0.1);

  const back = new Map<string, number[]>();
  for (let after: number | undefined; ;) {
    const entries = await outbox.read(SENSOR, after, 650);
    const last = entries.at(-1);
    if (!last) break;
    for (const { block } of entries) {
      const values = back.get(block.attribute) ?? [];
      back.set(block.attribute, values);
      if (block.kind === 'numeric') values.push(...block.values);
    }
    after = last.id;
    await outbox.confirm(SENSOR, after);
  }
  expect(back).toEqual(sent);
  expect(outbox.depth(SENSOR)).toMatchObject({ kept: 0, bytes: 0 });
});

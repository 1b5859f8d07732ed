/**
 * A day without a network: 130 Hz ECG, heart rate, RR intervals and a 50 Hz accelerometer, written at speed into the app's
 * log in a real browser; then the app is opened and sends it all. Disk, memory and every sample are checked.
 */
import assert from 'node:assert/strict';
import { importBundled } from '../../bench/support/bundle.mjs';
import { median } from '../../bench/support/stats.mjs';
import { workerHeap } from '../support/heap.mjs';
import { compareRecording, fillLog } from '../support/recording.mjs';
import { pause, withSession } from '../support/session.mjs';

export const minutes = 25;
export const says = 'a day offline: stored small, memory flat, sent whole and identical';

const SECONDS = 86_400;
/** MB by which the worker's memory may move between the first and the last third. */
const FLAT = 20;

export async function run({ minutes: wanted, say }) {
  const seconds = Math.max(600, Math.round((SECONDS * wanted) / minutes / 10) * 10);
  const start = Math.floor(Date.now() / 1000 - seconds - 60) * 1000;
  const day = await importBundled('tests/soak/subjects/day.ts');
  return withSession(
    async (session) => {
      const { context, gateway } = session;
      const filled = await fillLog(context, gateway.url, { start, seconds });
      const expected = seconds * (130 + 1 + 1 + 50);
      assert.equal(filled.kept, expected);
      const perSample = filled.bytes / expected;
      say(`${filled.kept} samples kept, ${(filled.bytes / 1e6).toFixed(1)} MB, ${perSample.toFixed(2)} bytes a sample`);
      const began = Date.now();
      const memory = await drain(session, say);
      say(`sent in ${((Date.now() - began) / 1000).toFixed(0)} s; worker ${describe(memory)} MB`);
      const blocks = day.dayOfBlocks(start, seconds);
      const compared = await compareRecording(gateway.url, { sensorId: day.DAY_SENSOR, blocks });
      assert.equal(compared, expected);
      const third = Math.max(1, Math.floor(memory.length / 3));
      const growth = median(memory.slice(-third)) - median(memory.slice(0, third));
      assert.ok(Math.abs(growth) <= FLAT || growth < 0, `memory moved by ${growth.toFixed(1)} MB: ${describe(memory)}`);
      return `generated ${expected}, stored ${compared}, repeats 0, lost 0; ${perSample.toFixed(2)} bytes a sample`;
    },
    { straps: 0 },
  );
}

/** Opens the app and waits until nothing waits any more. @returns MB of the worker's heap, sampled */
async function drain({ context, gateway }, say) {
  const page = await context.newPage();
  await page.goto(gateway.url);
  await page.getByRole('button', { name: 'Try a demo sensor' }).waitFor();
  const heapOfWorker = await workerHeap(page);
  const memory = [];
  let left = NaN;
  for (let idle = 0, seconds = 0; left !== 0; seconds += 1) {
    await pause(1000);
    const status = await page.evaluate(() => globalThis.workerStatus);
    const kept = status?.totals.kept ?? NaN;
    idle = kept === left ? idle + 1 : 0;
    assert.ok(idle < 60, `nothing was confirmed for a minute, ${kept} samples left`);
    left = kept;
    memory.push((await heapOfWorker()) / 1e6);
    if (seconds % 30 === 0) say(`${left} left, worker ${memory.at(-1)?.toFixed(0)} MB`);
  }
  return memory;
}

function describe(values) {
  const fixed = (value) => value?.toFixed(0);
  return `${fixed(values[0])} → ${fixed(median(values))} → ${fixed(values.at(-1))}, most ${fixed(Math.max(...values))}`;
}

/** What long runs in a real page have in common: devices started and stopped, long tasks, everything stored that was measured. */
import assert from 'node:assert/strict';
import { importBundled } from '../../bench/support/bundle.mjs';
import { readHistory } from './recording.mjs';

/** ms; a longer task is felt. */
export const LONG_TASK = 50;

/** Starts a device by the names a person sees, and waits until its card is there. */
export async function startDemo(page, name) {
  const cards = page.getByRole('region', { name: /^Demo / });
  const before = await cards.count();
  const choose = page.getByRole('button', { name: 'Choose a demo sensor' });
  await page.getByRole('button', { name: 'Try a demo sensor' }).waitFor();
  if (!(await choose.isVisible())) await page.getByText('More ways', { exact: true }).click();
  await choose.click();
  await page.getByRole('button', { name: `Start: ${name}`, exact: true }).click();
  await cards.nth(before).waitFor();
}

/** Runs in the page before the app: long tasks, what the worker says of itself. */
export function observe() {
  globalThis.longTasks = [];
  new globalThis.PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      globalThis.longTasks.push({ at: performance.timeOrigin + startTime, ms: duration });
    }
  }).observe({ type: 'longtask', buffered: true });
  const { set, get } = Object.getOwnPropertyDescriptor(globalThis.MessagePort.prototype, 'onmessage');
  Object.defineProperty(globalThis.MessagePort.prototype, 'onmessage', {
    configurable: true,
    get,
    set(listener) {
      this.addEventListener('message', ({ data }) => {
        if (data?.totals !== undefined) globalThis.workerStatus = data;
      });
      set.call(this, listener);
    },
  });
}

/** Stops every device; then waits until nothing is kept any more. */
export async function stopAll(page) {
  const stop = page.getByRole('button', { name: 'Stop', exact: true });
  for (let left = await stop.count(); left > 0; left = await stop.count()) await stop.first().click();
  await page.waitForFunction(() => globalThis.workerStatus?.totals.kept === 0, undefined, { timeout: 60_000 });
}

/**
 * Sample by sample: the same values in the same order, numbered without a gap or a repeat, times that never go back.
 * @returns {Promise<{ streams: number, generated: number }>} how much was compared
 */
export async function compareTape(url, tape) {
  const { readStreams } = await importBundled('tests/soak/subjects/tape.ts');
  const streams = readStreams(tape);
  let generated = 0;
  for (const { sensorId, attribute, payloads } of streams) {
    const name = `${sensorId} ${attribute}`;
    let count = 0;
    let first;
    let time = -Infinity;
    for await (const sample of readHistory(url, sensorId, attribute)) {
      first ??= sample.seq;
      if (!isSame(sample.payload, payloads[count]))
        assert.deepEqual(sample.payload, payloads[count], `${name} ${count}`);
      if (sample.seq !== first + count)
        assert.fail(`${name} ${count}: number ${sample.seq} after ${first + count - 1}`);
      assert.ok(sample.timestamp >= time, `${name} ${count}: ${sample.timestamp} after ${time}`);
      time = sample.timestamp;
      count += 1;
    }
    assert.equal(count, payloads.length, `${name}: stored of measured`);
    generated += count;
  }
  return { streams: streams.length, generated };
}

function isSame(a, b) {
  return a === b || (typeof a === 'object' && a !== null && JSON.stringify(a) === JSON.stringify(b));
}

/** What a task waits for a processor because the machine does something else is not its doing. */
export function checkTasks({ longTasks, seconds }, say) {
  for (const { at, ms, own } of longTasks) {
    say(`a task of ${ms} ms at ${new Date(at).toISOString()}, at most ${own.toFixed(0)} ms of it its own`);
  }
  const tooLong = longTasks.filter(({ own }) => own > LONG_TASK);
  assert.equal(tooLong.length, 0, `tasks over ${LONG_TASK} ms in ${seconds.toFixed(0)} s: ${tooLong.length}`);
}

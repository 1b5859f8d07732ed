/**
 * Six demo devices in the real app, in a real browser, with the real gateway, somebody watching: two ECG straps (130 Hz,
 * acceleration 50 Hz), a swimmer's motion sensor (nine axes, 104 Hz), an EEG headband (4 × 256 Hz, motion 2 × 52 Hz) and two
 * heart-rate straps. Everything measured is compared with the gateway's history, sample by sample; no task of the
 * main thread may last over 50 ms; memory of page, worker and gateway has to stay where it is after warming up.
 */
import assert from 'node:assert/strict';
import { launchPersistent } from '../../bench/support/browser.mjs';
import { importBundled } from '../../bench/support/bundle.mjs';
import { memoryOf } from '../../bench/support/process.mjs';
import { median } from '../../bench/support/stats.mjs';
import { startGateway } from '../../support/gateway-process.mjs';
import { pageHeap, workerHeap } from '../support/heap.mjs';
import { watchMainThread } from '../support/own-time.mjs';
import { checkTasks, compareTape, LONG_TASK, observe, startDemo, stopAll } from '../support/page-run.mjs';
import { readTape, startTape } from '../support/tape.mjs';

export const minutes = 10;
export const says = '6 demo devices with ECG, EEG and motion: nothing lost, main thread free, memory flat';

/** As the list of demo sensors names them. */
const DEVICES = [
  'ECG strap with motion',
  'ECG strap with motion',
  'Swimmer',
  'EEG headband',
  'Heart-rate strap',
  'Heart-rate strap',
];
/** Streams that have to be there in the end, at least, and samples a second of all of them together. */
const STREAMS = 20;
const LEAST_RATE = 1500;
/** MB by which memory may move between the first and the last third after warming up. */
const FLAT = 20;
/** Part of the run that is warming up, and measurements of the whole run. */
const WARM_UP = 0.2;
const MEASUREMENTS = 40;

export async function run({ minutes: wanted, say }) {
  const gateway = await startGateway();
  const browser = await launchPersistent();
  const { attend } = await importBundled('tests/support/attend.ts');
  const watcher = await attend(gateway.url);
  try {
    const page = await browser.context.newPage();
    await startTape(page);
    await page.addInitScript(observe);
    await page.goto(gateway.url);
    for (const name of DEVICES) await startDemo(page, name);
    say(`${DEVICES.length} devices stream`);
    const seen = await measure({ page, profile: browser.profile, gateway, watcher, duration: wanted * 60_000, say });
    const linksLost = (await readTape(page)).linksLost;
    await stopAll(page);
    const tape = await readTape(page);
    assert.equal(linksLost, 0, 'a link was lost');
    const compared = await compare(gateway.url, tape, seen.seconds);
    checkTasks(seen, say);
    for (const [what, values] of Object.entries(seen.memory)) checkMemory(what, values);
    return `${compared}; ${describe(seen)}`;
  } finally {
    watcher.ws.terminate();
    await browser.dispose();
    await gateway.dispose();
  }
}

/** Measures memory now and then while the devices stream, and how long the main thread worked. */
async function measure({ page, profile, gateway, watcher, duration, say }) {
  const heaps = { page: await pageHeap(page), worker: await workerHeap(page) };
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'timeTicks' });
  const thread = await watchMainThread(profile);
  const began = Date.now();
  const busyBefore = await busySeconds(cdp);
  const memory = { page: [], worker: [], gateway: [] };
  /** Collecting garbage is our doing: what the main thread does then does not count. */
  const ours = [];
  for (let one = 1; one <= MEASUREMENTS; one++) {
    await page.waitForTimeout(Math.max(0, began + (duration * one) / MEASUREMENTS - Date.now()));
    const from = Date.now();
    for (const what of ['page', 'worker']) memory[what].push((await heaps[what]()) / 1e6);
    memory.gateway.push(memoryOf(gateway.pid) ?? NaN);
    ours.push([from, Date.now()]);
    // As the platform's own client does; what has come is not kept.
    watcher.send([null, `beat-${one}`, 'phoenix', 'heartbeat', {}]);
    watcher.inbox.length = 0;
    watcher.binary.length = 0;
    if (one % 4 === 0) say(`${Math.round((Date.now() - began) / 1000)} s: ${lastOf(memory)}`);
  }
  const seconds = (Date.now() - began) / 1000;
  const busy = (await busySeconds(cdp)) - busyBefore;
  thread.stop();
  const isOurs = ({ at, ms }) => ours.some(([from, to]) => at < to + 50 && at + ms > from - 50);
  const longTasks = (await page.evaluate(() => globalThis.longTasks))
    .filter((task) => task.at >= began && !isOurs(task))
    .map((task) => ({ ...task, own: thread.ownAtMost(task.at, task.at + task.ms) }));
  return { seconds, busy, memory, longTasks };
}

async function busySeconds(cdp) {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN;
}

async function compare(url, tape, seconds) {
  const { streams, generated } = await compareTape(url, tape);
  assert.ok(streams >= STREAMS, `only ${streams} streams`);
  const rate = generated / seconds;
  assert.ok(rate >= LEAST_RATE, `only ${rate.toFixed(0)} samples/s`);
  return `generated ${generated} in ${streams} streams (${rate.toFixed(0)}/s), all stored, lost 0, repeats 0`;
}

function checkMemory(what, values) {
  const after = values.slice(Math.floor(values.length * WARM_UP));
  const third = Math.max(1, Math.floor(after.length / 3));
  const growth = median(after.slice(-third)) - median(after.slice(0, third));
  assert.ok(Math.abs(growth) <= FLAT, `${what}: memory moved by ${growth.toFixed(1)} MB: ${spread(values)}`);
}

function describe({ busy, seconds, longTasks, memory }) {
  const kinds = Object.entries(memory).map(([what, values]) => `${what} ${spread(values)} MB`);
  const share = ((busy / seconds) * 100).toFixed(1);
  return `main thread busy ${share} %, tasks over ${LONG_TASK} ms 0 (${longTasks.length} with waiting for a processor); ${kinds.join(', ')}`;
}

/** First, after warming up, last, most. */
function spread(values) {
  const after = values.slice(Math.floor(values.length * WARM_UP));
  const fixed = (value) => value?.toFixed(1);
  return `${fixed(values[0])} → ${fixed(after[0])} → ${fixed(values.at(-1))} (most ${fixed(Math.max(...values))})`;
}

function lastOf(memory) {
  return Object.entries(memory)
    .map(([what, values]) => `${what} ${values.at(-1).toFixed(1)} MB`)
    .join(', ');
}

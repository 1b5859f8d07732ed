/**
 * Pose capture for half an hour in the real app: a camera that plays a film, a model that knows its answer, an ECG strap and a
 * heart-rate strap beside it, and another screen that looks at the skeleton. The rate of skeletons has to stay what it was,
 * and so has the memory of everything that takes part; no task of the main thread may last over 50 ms; everything measured is
 * compared with the gateway's history; nobody else is asked for anything. Pose computes on the CPU.
 */
import assert from 'node:assert/strict';
import { goTo, launchPersistent } from '../../bench/support/browser.mjs';
import { computeOnCpu, filmCamera, giveModel, startPose } from '../../bench/support/camera.mjs';
import { memoryOf } from '../../bench/support/process.mjs';
import { median } from '../../bench/support/stats.mjs';
import { startGateway } from '../../support/gateway-process.mjs';
import { pageHeap, workerHeap } from '../support/heap.mjs';
import { busiestRenderer, processesOf, watchMainThread } from '../support/own-time.mjs';
import { checkTasks, compareTape, LONG_TASK, observe, startDemo, stopAll } from '../support/page-run.mjs';
import { compareSkeletons, observePose, readPose } from '../support/skeletons.mjs';
import { readTape, startTape } from '../support/tape.mjs';

export const minutes = 30;
export const says = 'camera, ECG and strap: skeletons at a steady rate, main thread free, memory flat, nothing lost';

/** As the list of demo sensors names them. */
const DEVICES = ['ECG strap with motion', 'Heart-rate strap'];
/** Streams of theirs, at least: ECG, three axes, two heart rates and what belongs to them. */
const STREAMS = 4;
/** MB by which memory may move between the first and the last third after warming up. */
const FLAT = 20;
/** The gateway's is told only: minutes after its start its heap still grows to its size. Other runs judge it. */
const FLAT_ONES = ['page', 'sensor worker', 'pose worker', 'page’s process', 'graphics process'];
/** ms of warming up, and at most this part of the run. */
const WARM_UP = 180_000;
const WARM_UP_PART = 1 / 3;
const MEASUREMENTS = 40;
/** Of the first minutes' rate. Each time it is the median of so many intervals: one that was disturbed says nothing. */
const STEADY = 0.9;
const SMOOTH = 5;

export async function run({ minutes: wanted, say }) {
  const film = await filmCamera();
  const gateway = await startGateway();
  await giveModel(gateway.dataDir);
  const browser = await launchPersistent(film.flags);
  try {
    const asked = new Set();
    browser.context.on('request', (request) => asked.add(new URL(request.url()).origin));
    const page = await openWearer(browser.context, gateway.url);
    // Another address of the same server: another screen, that shares nothing with the first.
    const other = gateway.url.replace('127.0.0.1', 'localhost');
    const watcher = await openWatcher(browser.context, other);
    say(`${DEVICES.length} devices and the camera stream`);
    const seen = await measure({ page, watcher, profile: browser.profile, gateway, duration: wanted * 60_000, say });
    await goTo(page, 'Sense');
    const { linksLost } = await readTape(page);
    await stopAll(page);
    const pose = await readPose(page);
    assert.equal(linksLost, 0, 'a link was lost');
    const { streams, generated } = await compareTape(gateway.url, await readTape(page));
    assert.ok(streams >= STREAMS, `only ${streams} streams`);
    const skeletons = await compareSkeletons(gateway.url, pose);
    checkTasks(seen, say);
    const rate = checkRate(seen);
    for (const what of FLAT_ONES) checkMemory(what, after(seen.memory[what], seen.warmUp), seen.memory[what]);
    const strangers = [...asked].filter((origin) => ![gateway.url, other, 'null'].includes(origin));
    assert.deepEqual(strangers, [], 'somebody else was asked');
    return [
      `${streams} streams of devices: generated ${generated}, all stored, lost 0, repeats 0`,
      skeletons,
      rate,
      describe(seen),
    ].join('; ');
  } finally {
    await browser.dispose();
    await gateway.dispose();
    await film.dispose();
  }
}

/** The page that measures: devices first, then the camera, whose screen stays open. */
async function openWearer(context, url) {
  const page = await context.newPage();
  await startTape(page);
  await page.addInitScript(observe);
  await page.addInitScript(observePose);
  await computeOnCpu(page);
  await page.goto(url);
  for (const name of DEVICES) await startDemo(page, name);
  await startPose(page);
  return page;
}

/** The page that looks, at the skeleton most closely. */
async function openWatcher(context, url) {
  const page = await context.newPage();
  await page.addInitScript(observePose);
  await page.goto(url);
  await goTo(page, 'Watch');
  await page.getByRole('region', { name: /^Camera/ }).hover();
  await page.waitForFunction(() => globalThis.poseSeen.watched > 0);
  return page;
}

/** Measures memory and rate now and then, and how long the main thread worked. */
async function measure({ page, watcher, profile, gateway, duration, say }) {
  const renderer = await busiestRenderer(profile);
  const [graphics] = await processesOf(profile, 'gpu-process');
  const heaps = {
    page: await pageHeap(page),
    'sensor worker': await workerHeap(page, 'sensor-worker'),
    'pose worker': await workerHeap(page, 'pose-worker'),
  };
  const resident = { 'page’s process': renderer, 'graphics process': graphics, gateway: gateway.pid };
  const memory = Object.fromEntries([...Object.keys(heaps), ...Object.keys(resident)].map((what) => [what, []]));
  const thread = await watchMainThread(profile);
  const began = Date.now();
  const [rates, watched] = [[], []];
  /** Collecting garbage is our doing: what the main thread does then does not count. */
  const ours = [];
  let [before, shown] = [await readPose(page), await readPose(watcher)];
  for (let one = 1; one <= MEASUREMENTS; one++) {
    await page.waitForTimeout(Math.max(0, began + (duration * one) / MEASUREMENTS - Date.now()));
    const [now, look] = [await readPose(page), await readPose(watcher)];
    rates.push((1000 * (now.done - before.done)) / (now.at - before.at));
    watched.push((1000 * (look.watched - shown.watched)) / (look.at - shown.at));
    const from = Date.now();
    for (const [what, heap] of Object.entries(heaps)) memory[what].push((await heap()) / 1e6);
    for (const [what, pid] of Object.entries(resident)) memory[what].push(memoryOf(pid) ?? NaN);
    ours.push([from, Date.now()]);
    // Collecting held the workers up, too.
    [before, shown] = [await readPose(page), await readPose(watcher)];
    if (one % 4 === 0) say(`${Math.round((Date.now() - began) / 1000)} s: ${lastOf(rates, memory, now)}`);
  }
  thread.stop();
  const isOurs = ({ at, ms }) => ours.some(([from, to]) => at < to + 50 && at + ms > from - 50);
  const longTasks = (await page.evaluate(() => globalThis.longTasks))
    .filter((task) => task.at >= began && !isOurs(task))
    .map((task) => ({ ...task, own: thread.ownAtMost(task.at, task.at + task.ms) }));
  const warmUp = Math.min(WARM_UP, duration * WARM_UP_PART) / duration;
  return { seconds: (Date.now() - began) / 1000, rates, watched, memory, longTasks, warmUp };
}

function after(values, warmUp) {
  return values.slice(Math.ceil(values.length * warmUp));
}

/** Never below nine tenths of the first minutes' rate; and the other screen has it to the end. */
function checkRate({ rates, watched, warmUp }) {
  const first = median(rates.slice(0, rates.length - after(rates, warmUp).length));
  const smooth = rates.slice(SMOOTH - 1).map((_, i) => median(rates.slice(i, i + SMOOTH)));
  const least = Math.min(...smooth);
  const told = `skeletons a second: first ${first.toFixed(1)}, least ${least.toFixed(1)}, last ${smooth.at(-1)?.toFixed(1)}`;
  assert.ok(least >= STEADY * first, `${told}: ${rates.map((rate) => rate.toFixed(1)).join(' ')}`);
  const shown = Math.min(...watched);
  assert.ok(shown > 0, `the other screen stood still: ${watched.map((rate) => rate.toFixed(1)).join(' ')}`);
  return `${told}; on the other screen ${median(watched).toFixed(1)} (least ${shown.toFixed(1)})`;
}

function checkMemory(what, values, all) {
  const third = Math.max(1, Math.floor(values.length / 3));
  const growth = median(values.slice(-third)) - median(values.slice(0, third));
  const told = all.map((mb) => mb.toFixed(1)).join(' ');
  assert.ok(Math.abs(growth) <= FLAT, `${what}: memory moved by ${growth.toFixed(1)} MB: ${told}`);
}

function describe({ longTasks, memory, warmUp }) {
  const kinds = Object.entries(memory).map(([what, values]) => `${what} ${spread(values, warmUp)} MB`);
  return `tasks over ${LONG_TASK} ms 0 (${longTasks.length} with waiting for a processor); ${kinds.join(', ')}`;
}

/** First, after warming up, last, most. */
function spread(values, warmUp) {
  const fixed = (value) => value?.toFixed(1);
  return `${fixed(values[0])} → ${fixed(after(values, warmUp)[0])} → ${fixed(values.at(-1))} (most ${fixed(Math.max(...values))})`;
}

function lastOf(rates, memory, { delegate, work }) {
  const kinds = Object.entries(memory).map(([what, values]) => `${what} ${values.at(-1).toFixed(1)} MB`);
  return `${rates.at(-1).toFixed(1)} skeletons/s (${delegate}, ${work} ms each), ${kinds.join(', ')}`;
}

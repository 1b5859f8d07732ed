/**
 * Pose capture at 640 × 480 in the pose worker, against the same landmarker on the main thread of the same page, which is the
 * platform's way: frames a second, and what the main thread has to do for each. Delegate CPU, a model that costs next to
 * nothing, a film for a camera: what is measured is everything around the model.
 */
import { filmCamera } from '../support/camera.mjs';
import { launch } from '../support/browser.mjs';
import { startPosePage } from '../support/pose-page.mjs';
import { median, paired, percentile, row } from '../support/stats.mjs';
import { tasksOf } from '../support/trace.mjs';

/** Of timing, and then of tracing, in each round. */
const SECONDS = 10;
const ROUNDS = 3;
/** Frames before anything counts: five seconds, until code that runs that often is compiled. */
const WARM_UP = 150;
/** What is to be reached: frames a second, ms of main thread in the median, ms of its longest task. */
const GOAL = { fps: 29, main: 0.2, task: 50 };

export const names = ['pose frames'];

export async function run({ say }) {
  const film = await filmCamera();
  const server = await startPosePage();
  const browser = await launch(film.flags);
  try {
    const page = await browser.newPage();
    const problems = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    await page.goto(server.url);
    const { first, second } = await paired(
      ROUNDS,
      () => measure(browser, page, 'worker'),
      () => measure(browser, page, 'main'),
    );
    if (problems.length > 0) throw new Error(problems.join('\n'));
    const [worker, main] = [first, second].map(together);
    say(`worker ${describe(worker)}; main thread ${describe(main)}`);
    return rowsOf(worker, main);
  } finally {
    await browser.close();
    await server.stop();
    await film.dispose();
  }
}

/** One way, on its own. */
async function measure(browser, page, way) {
  await page.evaluate((chosen) => globalThis.posePage.start(chosen), way);
  for (const end = Date.now() + 60_000; (await frames(page)) < WARM_UP;) {
    if (Date.now() > end) throw new Error(`${way}: ${await frames(page)} frames in a minute`);
    await page.waitForTimeout(200);
  }
  await page.evaluate(() => globalThis.posePage.reset());
  const [before, began] = [await frames(page), performance.now()];
  await page.waitForTimeout(SECONDS * 1000);
  const fps = ((await frames(page)) - before) / ((performance.now() - began) / 1000);
  const timed = await page.evaluate(() => globalThis.posePage.timed());
  // Apart, as being traced costs time.
  const tasks = await tasksOf(browser, page, SECONDS);
  await page.evaluate(() => globalThis.posePage.stop());
  if (tasks.length < SECONDS) throw new Error(`only ${tasks.length} tasks in the trace: it was not read right`);
  return { fps, timed, tasks };
}

function frames(page) {
  return page.evaluate(() => globalThis.posePage.frames());
}

function together(rounds) {
  const all = (name) => rounds.flatMap((one) => one[name]);
  const tasks = all('tasks');
  return {
    fps: median(rounds.map((one) => one.fps)),
    mid: median(all('timed')),
    p95: percentile(all('timed'), 0.95),
    longest: Math.max(...tasks),
    long: tasks.filter((ms) => ms > GOAL.task).length,
    busy: tasks.reduce((sum, ms) => sum + ms, 0) / 10 / (ROUNDS * SECONDS),
  };
}

function rowsOf(worker, main) {
  const both = (what, unit, name) =>
    row(`pose frames, ${what}, against the main thread`, unit, worker[name], main[name]);
  return [
    both('a second', 'frames', 'fps'),
    both('main thread per frame, median', 'ms', 'mid'),
    both('main thread per frame, p95', 'ms', 'p95'),
    both('main thread busy', '% of the time', 'busy'),
    both('longest task', 'ms', 'longest'),
    { name: `pose frames, tasks over ${GOAL.task} ms in ${ROUNDS * SECONDS} s`, unit: 'tasks', value: worker.long },
    row('pose frames, a second, against the goal', 'frames', worker.fps, GOAL.fps),
    row('pose frames, main thread per frame, median, against the goal', 'ms', worker.mid, GOAL.main),
    row('pose frames, longest task, against the goal', 'ms', worker.longest, GOAL.task),
  ];
}

function describe({ fps, mid, p95, longest, long, busy }) {
  const [a, b, c] = [mid, p95, longest].map((ms) => ms.toFixed(2));
  return `${fps.toFixed(1)} fps, per frame ${a} (p95 ${b}) ms, longest task ${c} ms, ${long} long, busy ${busy.toFixed(1)} %`;
}

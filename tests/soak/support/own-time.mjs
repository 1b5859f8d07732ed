/**
 * How much of a task's time was its own. A page sees wall time: on a machine that is busy with something else a task of
 * 5 ms that waits 60 ms for a processor looks like 65 ms. The kernel knows how long a thread waited. Linux only; elsewhere
 * nothing is taken off.
 */
import { readdir, readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { cpuOf } from '../../bench/support/process.mjs';
import { browserProcess } from '../../support/chromium-process.mjs';

/** ms between two looks at the thread. */
const PERIOD = 5;
const NS_PER_MS = 1e6;

/**
 * Watches the main thread of the busiest page of the browser that runs on this profile folder.
 * @returns {Promise<{ stop(): void, ownAtMost(from: number, to: number): number }>} `ownAtMost`: ms between two moments
 *   (Unix ms) in which the thread did not wait for a processor, at most; blocked by anything else counts as its own
 */
export async function watchMainThread(profile) {
  const pid = await busiestRenderer(profile);
  const file = `/proc/${pid}/task/${pid}/schedstat`;
  /** Moments of the looks, and what the thread had waited by then, ms. */
  const looks = [];
  const timer = setInterval(() => {
    const [, delay] = pid === undefined ? [] : readText(file).split(' ');
    if (delay !== undefined) looks.push([Date.now(), Number(delay) / NS_PER_MS]);
  }, PERIOD);
  return {
    stop: () => clearInterval(timer),
    ownAtMost(from, to) {
      // The looks around it: whatever part of the time between them was no waiting may have been the task's.
      const before = looks.findLast(([at]) => at <= from);
      const after = looks.find(([at]) => at >= to);
      if (!before || !after) return to - from;
      return Math.min(to - from, after[0] - before[0] - (after[1] - before[1]));
    },
  };
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    // The page is closed.
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return '';
    throw error;
  }
}

/** Process id; undefined where there is no /proc. */
export async function busiestRenderer(profile) {
  if (process.platform !== 'linux') return undefined;
  const renderers = await processesOf(profile, 'renderer');
  const [busiest] = renderers.sort((a, b) => (cpuOf(b) ?? 0) - (cpuOf(a) ?? 0));
  if (busiest === undefined) throw new Error('no page of this browser was found');
  return busiest;
}

/** Ids of the processes of one type (`renderer`, `gpu-process`) of the browser that runs on this profile folder. */
export async function processesOf(profile, type) {
  const browser = await browserProcess(profile);
  const parents = new Map();
  const found = [];
  for (const name of (await readdir('/proc')).filter((one) => /^\d+$/.test(one))) {
    // Processes come and go while we look.
    const [stat, command] = await Promise.all(
      ['stat', 'cmdline'].map((file) => readFile(`/proc/${name}/${file}`, 'utf8').catch(() => '')),
    );
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    if (command.includes(`--type=${type}`)) found.push(Number(name));
  }
  const isOurs = (pid) => pid === browser || (parents.has(pid) && isOurs(parents.get(pid)));
  return found.filter(isOurs);
}

/** Main-thread tasks while 8 demo straps stream and draw for a minute, by the browser's own trace. */
import { startGateway } from '../../support/gateway-process.mjs';
import { addDemos, launch, openApp } from '../support/browser.mjs';
import { row } from '../support/stats.mjs';

const STRAPS = 8;
const SECONDS = 60;
/** ms; a longer task is felt. */
const LIMIT = 50;

export const names = ['long tasks'];

export async function run() {
  const gateway = await startGateway();
  const browser = await launch();
  try {
    const page = await openApp(browser, gateway.url);
    await addDemos(page, STRAPS);
    await browser.startTracing(page, {
      categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'],
    });
    await new Promise((later) => setTimeout(later, SECONDS * 1000));
    const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
    const tasks = mainThreadTasks(traceEvents);
    if (tasks.length < SECONDS) throw new Error(`only ${tasks.length} tasks in the trace: it was not read right`);
    const longest = Math.max(...tasks);
    const busy = tasks.reduce((sum, task) => sum + task, 0) / 1000 / SECONDS;
    return [
      row('long tasks, longest', 'ms', longest, LIMIT),
      {
        name: `long tasks, over ${LIMIT} ms in ${SECONDS} s`,
        unit: 'tasks',
        value: tasks.filter((ms) => ms > LIMIT).length,
      },
      { name: 'long tasks, main thread busy', unit: '% of the time', value: busy * 100 },
    ];
  } finally {
    await browser.close();
    await gateway.dispose();
  }
}

/** Durations in ms of the tasks on the page's main thread: that of the renderer with the most of them. */
function mainThreadTasks(events) {
  const threads = new Map();
  for (const { ph, name, args, pid, tid } of events) {
    if (ph === 'M' && name === 'thread_name' && args.name === 'CrRendererMain') threads.set(`${pid} ${tid}`, []);
  }
  for (const { ph, name, dur, pid, tid } of events) {
    if (ph === 'X' && /RunTask$/.test(name)) threads.get(`${pid} ${tid}`)?.push(dur / 1000);
  }
  return [...threads.values()].sort((a, b) => b.length - a.length)[0] ?? [];
}

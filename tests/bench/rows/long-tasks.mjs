/** Main-thread tasks while 8 demo straps stream and draw for a minute, by the browser's own trace. */
import { startGateway } from '../../support/gateway-process.mjs';
import { addDemos, launch, openApp } from '../support/browser.mjs';
import { row } from '../support/stats.mjs';
import { tasksOf } from '../support/trace.mjs';

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
    const tasks = await tasksOf(browser, page, SECONDS);
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

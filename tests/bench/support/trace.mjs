/** What the main thread of a page did, by the browser's own trace. */

/** Traces for so many seconds. @returns {Promise<number[]>} wall time of each task of the main thread, ms */
export async function tasksOf(browser, page, seconds) {
  await browser.startTracing(page, {
    categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'],
  });
  await new Promise((later) => setTimeout(later, seconds * 1000));
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  return mainThreadTasks(traceEvents);
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

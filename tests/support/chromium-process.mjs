/** The browser as processes of the system, for tests that end it as the system does. Linux only. */
import { readdir, readFile } from 'node:fs/promises';

/** Process id of the browser that runs on this profile folder. Throws if there is not exactly one. */
export async function browserProcess(profile) {
  const pids = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // Processes come and go while we look.
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    const args = command.split('\0');
    const isMain = !args.some((arg) => arg.startsWith('--type='));
    if (isMain && args.includes(`--user-data-dir=${profile}`)) pids.push(Number(name));
  }
  const [pid, ...more] = pids;
  if (pid === undefined || more.length > 0) throw new Error(`${pids.length} browsers run on ${profile}`);
  return pid;
}

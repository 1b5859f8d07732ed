/**
 * Proof that the checks can fail: files under tests/canary hold mistakes, and each checker has to find exactly as many
 * as are planted (every planted line carries a `planted` remark). A checker that finds nothing there is broken or off.
 */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, bin, run } from './exec.mjs';
import { sum } from './counts.mjs';

const FOLDER = join(ROOT, 'tests', 'canary');

/** Checker per folder of mistakes, and how its output names one. */
const CANARIES = [
  { folder: 'window', program: 'tsc', args: ['-p', 'tests/canary/tsconfig.window.json'], found: /error TS\d+/g },
  { folder: 'worker', program: 'tsc', args: ['-p', 'tests/canary/tsconfig.worker.json'], found: /error TS\d+/g },
  { folder: 'node', program: 'tsc', args: ['-p', 'tests/canary/tsconfig.node.json'], found: /error TS\d+/g },
  {
    folder: 'svelte',
    program: 'svelte-check',
    args: ['--tsconfig', 'tests/canary/tsconfig.svelte.json', '--output', 'machine'],
    found: /^\d+ ERROR /gm,
  },
  {
    folder: 'lint',
    program: 'eslint',
    args: ['--no-ignore', '--format', 'json', 'tests/canary/lint'],
    found: /"severity":2/g,
  },
];

/** Runs every canary. */
export async function runCanaries() {
  const counts = [];
  for (const canary of CANARIES) counts.push(await runCanary(canary));
  return sum(counts);
}

async function runCanary({ folder, program, args, found }) {
  const planted = await countPlanted(join(FOLDER, folder));
  const { output } = await run(bin(program), args, { quiet: true });
  const seen = output.match(found)?.length ?? 0;
  const good = planted > 0 && seen === planted;
  console.log(`${folder}: ${planted} planted, ${seen} found by ${program}${good ? '' : `\n${output}`}`);
  return good ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Number of lines marked `planted` in a folder's files. */
async function countPlanted(folder) {
  let planted = 0;
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), 'utf8');
    planted += text.split('\n').filter((line) => /(\/\/|<!--) planted/.test(line)).length;
  }
  return planted;
}

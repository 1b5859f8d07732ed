/** What `npm test` runs, in order. Each suite: a name, a sentence, and a run that yields `{ passed, failed }`. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureBuild } from '../../server/setup.mjs';
import { ensureChromium } from '../support/chromium.mjs';
import { runCanaries } from './canary.mjs';
import { countPlaywright, countRun, countVitest, forget, sum } from './counts.mjs';
import { ROOT, bin, run } from './exec.mjs';

const REPORTS = join(ROOT, 'test-results', 'reports');

export const SUITES = [
  { name: 'format', says: 'Prettier: every file is formatted', run: () => tool('prettier', ['--check', '.']) },
  {
    name: 'lint',
    says: 'ESLint: no error, no warning',
    run: () => tool('eslint', ['.', '--max-warnings', '0']),
  },
  { name: 'types', says: 'TypeScript per context, and Svelte components', run: types },
  { name: 'canary', says: 'Planted mistakes are found by the checks above', run: runCanaries },
  { name: 'unused', says: 'knip: no unused file, export or dependency', run: () => tool('knip', []) },
  { name: 'unit', says: 'Unit and property tests', run: () => vitest('unit', ['unit', 'ui']) },
  {
    name: 'contract',
    says: 'Contracts between the parts, against real ones',
    run: () => vitest('contract', ['contract']),
  },
  { name: 'size', says: 'Build, and the size of a first load', run: size },
  { name: 'browser', says: 'The app in a real Chromium', run: browser },
];

async function tool(name, args) {
  return countRun(await run(bin(name), args));
}

/** One tsc per context, so that a worker cannot see the DOM and a page cannot see Node; then the components. */
async function types() {
  const counts = [];
  for (const context of ['window', 'worker', 'node', 'tests']) {
    console.log(`types of ${context}`);
    counts.push(await tool('tsc', ['-p', `tsconfig.${context}.json`]));
  }
  counts.push(await tool('svelte-check', ['--tsconfig', './tsconfig.window.json', '--fail-on-warnings']));
  return sum(counts);
}

async function vitest(name, projects) {
  const report = join(REPORTS, `${name}.json`);
  await mkdir(REPORTS, { recursive: true });
  await forget(report);
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return countVitest(report, await run(bin('vitest'), [...args, ...projects.flatMap((one) => ['--project', one])]));
}

async function size() {
  const built = await build();
  if (built.failed > 0) return built;
  return sum([built, await tool('size-limit', [])]);
}

/** Builds app and gateway if their sources changed. */
async function build() {
  try {
    await ensureBuild({ say: console.log });
    return { passed: 1, failed: 0 };
  } catch (error) {
    console.log(`${error?.message}\n${error?.output ?? ''}`);
    return { passed: 0, failed: 1 };
  }
}

async function browser() {
  const built = await build();
  if (built.failed > 0) return built;
  const chromium = await ensureChromium();
  if ('problem' in chromium) {
    console.log(chromium.problem);
    return { passed: 0, failed: 1 };
  }
  const report = join(REPORTS, 'browser.json');
  await forget(report);
  const ran = await run(bin('playwright'), ['test'], {
    env: { CHROMIUM_PATH: chromium.path, PLAYWRIGHT_JSON: report },
    // A little more than Playwright gives them all together, so that it is the one to say which did not end.
    limit: 13,
  });
  return countPlaywright(report, ran);
}

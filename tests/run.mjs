/**
 * `npm test`: sets up what is missing, runs every suite, and ends with one line `N passed, N failed`.
 * `node tests/run.mjs unit browser` runs those suites only. Plain Node: on a fresh clone nothing is installed yet.
 */
import { ensureInstall } from '../server/setup.mjs';
import { sum } from './runner/counts.mjs';
import { SUITES } from './runner/suites.mjs';

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !SUITES.some((suite) => suite.name === name));
if (unknown.length > 0) {
  console.error(
    `No suite is called ${unknown.join(', ')}. There are: ${SUITES.map((suite) => suite.name).join(', ')}.`,
  );
  process.exit(2);
}

/** Runs one suite under a heading. A suite that breaks is one failure, and the next still runs. */
async function runSuite(suite) {
  console.log(`\n== ${suite.name}: ${suite.says}`);
  const started = performance.now();
  let counts;
  try {
    counts = await suite.run();
  } catch (error) {
    console.log(error instanceof Error ? error.stack : error);
    counts = { passed: 0, failed: 1 };
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const line = `${suite.name}: ${counts.passed} passed, ${counts.failed} failed, ${seconds} s`;
  console.log(`== ${line}`);
  return { counts, line };
}

await ensureInstall({ say: console.log });
const results = [];
for (const suite of SUITES) {
  if (wanted.length === 0 || wanted.includes(suite.name)) results.push(await runSuite(suite));
}
console.log(`\n${results.map((result) => result.line).join('\n')}`);
const total = sum(results.map((result) => result.counts));
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;

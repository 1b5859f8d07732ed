/** Turns what a tool says into `{ passed, failed }`. A skipped or flaky test counts as failed: green means all ran. */
import { readFile, rm } from 'node:fs/promises';

/** A tool that only says yes or no counts as one test. */
export function countRun({ code }) {
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Adds counts up. */
export function sum(counts) {
  return counts.reduce((total, one) => ({ passed: total.passed + one.passed, failed: total.failed + one.failed }), {
    passed: 0,
    failed: 0,
  });
}

/** Counts of vitest's JSON report. A run that failed outside its tests (an unhandled error, no report) adds a failure. */
export async function countVitest(file, { code }) {
  const report = await readReport(file);
  if (!report) return { passed: 0, failed: 1 };
  const passed = report.numPassedTests;
  const failed = report.numTotalTests - passed + report.testResults.filter(isBrokenFile).length;
  return settle(passed, failed, code);
}

/** A file that failed to load has no tests, only a message. */
function isBrokenFile(file) {
  return file.status === 'failed' && file.assertionResults.length === 0;
}

/** Counts of Playwright's JSON report; `errors` are failures outside any test (a file that does not load). */
export async function countPlaywright(file, { code }) {
  const report = await readReport(file);
  if (!report) return { passed: 0, failed: 1 };
  const { expected, unexpected, flaky, skipped } = report.stats;
  return settle(expected, unexpected + flaky + skipped + report.errors.length, code);
}

/** A report without tests, or a bad exit code without a failure in the report, is a failure of its own. */
function settle(passed, failed, code) {
  const silent = failed === 0 && (code !== 0 || passed === 0);
  return { passed, failed: failed + (silent ? 1 : 0) };
}

async function readReport(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    console.log(`No report from the test runner: ${error?.message}`);
    return undefined;
  }
}

/** Removes an old report, so that a run that writes none cannot be counted by the last one's. */
export function forget(file) {
  return rm(file, { force: true });
}

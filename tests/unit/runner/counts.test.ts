/** The last line of `npm test` must not be able to hide anything. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countPlaywright, countRun, countVitest, sum } from '../../runner/counts.mjs';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counts-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function report(content: unknown): Promise<string> {
  const file = join(folder, 'report.json');
  await writeFile(file, JSON.stringify(content));
  return file;
}

const vitestReport = (numTotalTests: number, numPassedTests: number, testResults: unknown[] = []): Promise<string> =>
  report({ numTotalTests, numPassedTests, testResults });

const playwrightReport = (stats: object, errors: unknown[] = []): Promise<string> =>
  report({ stats: { expected: 0, unexpected: 0, flaky: 0, skipped: 0, ...stats }, errors });

describe('vitest', () => {
  it('counts passed and failed', async () => {
    expect(await countVitest(await vitestReport(5, 5), { code: 0 })).toEqual({ passed: 5, failed: 0 });
    expect(await countVitest(await vitestReport(5, 3), { code: 1 })).toEqual({ passed: 3, failed: 2 });
  });

  it('counts a skipped test as failed', async () => {
    expect(await countVitest(await vitestReport(5, 4), { code: 0 })).toEqual({ passed: 4, failed: 1 });
  });

  it('counts a file that does not load, an unhandled error, an empty run and a missing report', async () => {
    const broken = { status: 'failed', assertionResults: [] };
    expect(await countVitest(await vitestReport(5, 5, [broken]), { code: 1 })).toEqual({ passed: 5, failed: 1 });
    expect(await countVitest(await vitestReport(5, 5), { code: 1 })).toEqual({ passed: 5, failed: 1 });
    expect(await countVitest(await vitestReport(0, 0), { code: 0 })).toEqual({ passed: 0, failed: 1 });
    expect(await countVitest(join(folder, 'none.json'), { code: 0 })).toEqual({ passed: 0, failed: 1 });
  });
});

describe('Playwright', () => {
  it('counts flaky and skipped tests and broken files as failed', async () => {
    const stats = { expected: 7, unexpected: 1, flaky: 1, skipped: 1 };
    expect(await countPlaywright(await playwrightReport(stats, ['x']), { code: 1 })).toEqual({ passed: 7, failed: 4 });
    expect(await countPlaywright(await playwrightReport({ expected: 7 }), { code: 0 })).toEqual({
      passed: 7,
      failed: 0,
    });
    expect(await countPlaywright(await playwrightReport({ expected: 7 }), { code: 1 })).toEqual({
      passed: 7,
      failed: 1,
    });
  });
});

it('a tool counts one, and counts add up', () => {
  expect(sum([countRun({ code: 0 }), countRun({ code: 2 }), countRun({ code: 0 })])).toEqual({ passed: 2, failed: 1 });
});

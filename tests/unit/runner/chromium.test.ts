import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ensureChromium, findChromium } from '../../support/chromium.mjs';

let folder: string;
let program: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chromium-'));
  program = join(folder, 'my-browser');
  await writeFile(program, '#!/bin/sh\n');
  await chmod(program, 0o755);
});
afterEach(() => rm(folder, { recursive: true }));

it('takes the one it is told', async () => {
  expect(await findChromium({ CHROMIUM_PATH: program })).toBe(program);
  expect(await ensureChromium({ CHROMIUM_PATH: program })).toEqual({ path: program });
});

it('takes no other when that one is missing, and says so', async () => {
  const missing = join(folder, 'missing');
  expect(await findChromium({ CHROMIUM_PATH: missing })).toBeUndefined();
  expect(await ensureChromium({ CHROMIUM_PATH: missing })).toMatchObject({
    problem: expect.stringContaining(missing) as string,
  });
});

/** A gateway's store under `kill -9`, with a real process. */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore } from '../../server/store/store.ts';
import { bundleForNode } from '../support/node-bundle.ts';

let entry: string;
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'kill-'));
  entry = await bundleForNode('tests/support/append-forever.ts');
});
afterAll(() => {
  rmSync(dir, { recursive: true });
  rmSync(dirname(entry), { recursive: true });
});

it('loses at most the last second when the process is killed, and never the store', { timeout: 30_000 }, async () => {
  for (let round = 0; round < 3; round++) {
    const child = fork(entry, [dir], { execArgv: [] });
    const progress: { taken: number; at: number }[] = [];
    child.on('message', (message) => progress.push(message as { taken: number; at: number }));
    // Rounds end at different places within a write interval.
    const runFor = 1500 + round * 130;
    await expect.poll(() => Date.now() - (progress[0]?.at ?? Infinity), { timeout: 15_000 }).toBeGreaterThan(runFor);
    const killedAt = Date.now();
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    const store = openStore(dir, { retentionDays: 30 });
    const kept = store.read('sensor-1', 'ecg').map((sample) => sample.extra?.['seq']);
    const safe = progress.findLast((report) => report.at < killedAt - 1000)?.taken ?? 0;
    expect(safe).toBeGreaterThan(0);
    // Every round starts counting at 0: the last run of numbers is this round's.
    const from = kept.lastIndexOf(0);
    expect(kept.slice(from)).toEqual(Array.from({ length: kept.length - from }, (_, i) => i));
    expect(kept.length - from).toBeGreaterThanOrEqual(safe);
    store.close();
  }
});

/**
 * How long somebody who pages through millions of stored samples holds up the gateway's event loop, against reading, decoding
 * and writing each page in one piece. A turn counts with its CPU time if that is less than the time that passed: on a busy
 * machine others take their part.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importBundled } from '../support/bundle.mjs';
import { median, paired, percentile, row } from '../support/stats.mjs';

const SAMPLES = 3_000_000;
/** The largest page there is. */
const LIMIT = 50_000;
const PAGES = 12;
const ROUNDS = 5;

export const names = ['history, longest pause', 'history, pauses, p99', 'history, a page'];

export async function run({ say }) {
  const subject = await importBundled('tests/bench/subjects/history.ts');
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-history-'));
  try {
    const store = subject.filledStore(dataDir, SAMPLES);
    say(`${SAMPLES} samples stored`);
    const { first, second } = await paired(
      ROUNDS,
      () => watched(() => subject.pagesOfGateway(store, LIMIT, PAGES)),
      () => watched(() => subject.pagesAtOnce(dataDir, LIMIT, PAGES)),
    );
    store.close();
    const of = (runs, what) => median(runs.map(what));
    const longest = ({ turns }) => Math.max(...turns);
    const p99 = ({ turns }) => percentile(turns, 0.99);
    const page = ({ elapsed }) => elapsed / PAGES;
    return [
      row(names[0], 'ms', of(first, longest), of(second, longest)),
      row(names[1], 'ms', of(first, p99), of(second, p99)),
      row(names[2], 'ms', of(first, page), of(second, page)),
    ];
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Runs it and notes every turn of the event loop that did something, in ms. */
async function watched(work) {
  const turns = [];
  let running = true;
  let at = performance.now();
  let cpu = process.cpuUsage();
  const look = () => {
    const now = performance.now();
    const used = process.cpuUsage();
    const busy = (used.user + used.system - cpu.user - cpu.system) / 1000;
    const turn = Math.min(now - at, busy);
    // What is shorter is this look itself.
    if (turn > 0.1) turns.push(turn);
    at = now;
    cpu = used;
    if (running) setImmediate(look);
  };
  setImmediate(look);
  const began = performance.now();
  const bytes = await work();
  const elapsed = performance.now() - began;
  running = false;
  await new Promise((resolve) => setImmediate(resolve));
  if (bytes < PAGES * LIMIT * 40) throw new Error(`only ${bytes} bytes came`);
  return { turns, elapsed };
}

/**
 * Writing an ECG to the disk of a real browser: the app's log (records of blocks, its own code in a worker) against a row
 * per sample, with the same transactions and the same durability. The blocks are of 250 ms, as the app spools them. Every
 * sample is read back.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { launchPersistent } from '../support/browser.mjs';
import { bundleForBrowser } from '../support/bundle.mjs';
import { median, paired, row } from '../support/stats.mjs';

/** Samples of 250 ms at 130 Hz. */
const BLOCK = 33;
const ROUNDS = 5;
const ORIGIN = 'http://localhost:9/';

const WRITES = [
  // What waited for a disk, a takeover by another tab, a day at speed: as much as there is, forced to the disk.
  { name: 'outbox writes, 10 s at once, forced', seconds: 600, blocksPerTransaction: 40, strict: true },
  // One strap, live: a transaction per spool.
  { name: 'outbox writes, 250 ms at once, relaxed', seconds: 120, blocksPerTransaction: 1, strict: false },
];
const DISK = 'outbox on disk, files of the browser';

export const names = [...WRITES.map(({ name }) => name), DISK];

export async function run({ wanted }) {
  const code = await bundleForBrowser('tests/bench/subjects/log-writes.ts');
  const rows = [];
  const files = { log: [], rows: [] };
  for (const { name, ...write } of WRITES) {
    if (!wanted(name) && !wanted(DISK)) continue;
    const measure = async (store) => {
      const { samples, elapsed, bytes } = await writeInBrowser(code, { store, block: BLOCK, ...write });
      if (write.strict) files[store].push(bytes / samples);
      return (samples / elapsed) * 1000;
    };
    const { first, second } = await paired(
      ROUNDS,
      () => measure('log'),
      () => measure('rows'),
    );
    if (wanted(name)) rows.push(row(name, 'samples/s', median(first), median(second)));
  }
  if (wanted(DISK)) rows.push(row(DISK, 'bytes per sample', median(files.log), median(files.rows)));
  return rows;
}

/** One run in a browser of its own, so that nothing of another run is left. Bytes are those of all files of IndexedDB. */
async function writeInBrowser(code, request) {
  const browser = await launchPersistent();
  let written;
  try {
    const page = await browser.context.newPage();
    await page.route(`${ORIGIN}**`, (route) =>
      route.fulfill(
        route.request().url().endsWith('.js')
          ? { contentType: 'text/javascript', body: code }
          : { contentType: 'text/html', body: '<title>bench</title>' },
      ),
    );
    await page.goto(ORIGIN);
    written = await page.evaluate(runWorker, request);
    await browser.context.close();
    return { ...written, bytes: await sizeOf(join(browser.profile, 'Default', 'IndexedDB')) };
  } finally {
    await browser.dispose();
  }
}

/** Runs in the page. */
function runWorker(request) {
  return new Promise((resolve, reject) => {
    const worker = new Worker('/worker.js', { type: 'module' });
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }) => (data.written ? resolve(data.written) : reject(new Error(data.problem)));
    worker.postMessage(request);
  });
}

async function sizeOf(folder) {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = files.filter((file) => file.isFile()).map((file) => stat(join(file.parentPath, file.name)));
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
}

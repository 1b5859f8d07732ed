/** A long recording made at speed: written into the app's own log in a real browser, and compared with the gateway. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const AUTHORIZATION = { authorization: 'Bearer missing' };
/** Below a path that the app's service worker leaves to the server. */
const PAGE = '/health/fill-log';

/**
 * Fills the log of an origin, on a page that is not the app.
 * @param {import('@playwright/test').BrowserContext} context
 * @param {string} origin
 * @param {{ start: number, seconds: number, attributes?: readonly string[] }} request start: Unix ms, whole seconds;
 *   attributes: all unless told
 * @returns {Promise<{ kept: number, bytes: number }>} samples in the log, and their bytes on disk
 */
export async function fillLog(context, origin, request) {
  const code = await bundleForBrowser('tests/soak/subjects/fill-log.ts');
  const page = await context.newPage();
  // The app's service worker may be asleep, dead or busy; this page is not its business.
  const cdp = await context.newCDPSession(page);
  await cdp.send('Network.enable');
  await cdp.send('Network.setBypassServiceWorker', { bypass: true });
  await page.route(`**${PAGE}`, (route) => route.fulfill({ contentType: 'text/html', body: '<title>fill</title>' }));
  await page.goto(`${origin}${PAGE}`);
  const filled = await page.evaluate(
    ([script, wanted]) =>
      new Promise((resolve, reject) => {
        const worker = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })));
        worker.onerror = (event) => reject(new Error(event.message));
        worker.onmessage = ({ data }) => {
          if (data.filled) resolve(data.filled);
          if (data.problem) reject(new Error(data.problem));
        };
        worker.postMessage(wanted);
      }),
    /** @type {const} */ ([code, request]),
  );
  await page.close();
  return filled;
}

async function bundleForBrowser(entry) {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const result = await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      lib: { entry: `${root}${entry}`, formats: ['iife'], name: 'fill', fileName: 'fill' },
    },
  });
  const [{ output }] = Array.isArray(result) ? result : [result];
  assert.equal(output.length, 1, 'one file');
  return output[0].code;
}

/**
 * Every sample the gateway at `url` holds of a recording against its generator: value, number and time, none missing,
 * none twice. Throws at the first difference.
 * @param {{ sensorId: string, blocks: Iterable<readonly import('../../../src/model/block.ts').Block[]> }} recording
 * @returns {Promise<number>} samples held
 */
export async function compareRecording(url, { sensorId, blocks }) {
  const expected = new Map();
  for (const second of blocks) {
    for (const block of second) {
      const list = expected.get(block.attribute) ?? [];
      list.push(block);
      expected.set(block.attribute, list);
    }
  }
  let stored = 0;
  for (const [attribute, list] of expected) stored += await compareAttribute(url, sensorId, attribute, list);
  return stored;
}

async function compareAttribute(url, sensorId, attribute, blocks) {
  let seq;
  let count = 0;
  for await (const sample of readHistory(url, sensorId, attribute)) {
    seq ??= sample.seq;
    // All blocks of an attribute are equally long.
    const width = blocks[0].times.length;
    const block = blocks[Math.floor(count / width)];
    const i = count % width;
    const want = block?.fields
      ? Object.fromEntries(block.fields.map((field, k) => [field, block.values[i * block.fields.length + k]]))
      : block?.values[i];
    assert.deepEqual(sample.payload, want, `${attribute} sample ${count}`);
    assert.equal(sample.seq, seq + count, `${attribute} sample ${count}: number`);
    assert.ok(Math.abs(sample.timestamp - block.times[i]) < 1, `${attribute} sample ${count}: time`);
    count += 1;
  }
  assert.equal(count, blocks.length * blocks[0].times.length, attribute);
  return count;
}

/** Every sample the gateway at `url` holds of an attribute, in the order of its history. */
export async function* readHistory(url, sensorId, attribute) {
  let cursor = '';
  do {
    const query = `attribute=${attribute}&limit=50000${cursor && `&cursor=${cursor}`}`;
    const answer = await fetch(`${url}/api/sensors/${sensorId}/history?${query}`, { headers: AUTHORIZATION });
    assert.equal(answer.status, 200);
    const page = await answer.json();
    yield* page.samples;
    cursor = page.next_cursor;
  } while (cursor);
}

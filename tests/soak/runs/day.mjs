/**
 * A day without a network: 130 Hz ECG, heart rate, RR intervals and a 50 Hz accelerometer, written at speed into the app's
 * log in a real browser; then the app is opened and sends it all. Disk, memory and every sample are checked.
 */
import assert from 'node:assert/strict';
import { build } from 'vite';
import { fileURLToPath } from 'node:url';
import { importBundled } from '../../bench/support/bundle.mjs';
import { median } from '../../bench/support/stats.mjs';
import { pause, withSession } from '../support/session.mjs';

export const minutes = 25;
export const says = 'a day offline: stored small, memory flat, sent whole and identical';

const SECONDS = 86_400;
/** MB by which the worker's memory may move between the first and the last third. */
const FLAT = 20;
const AUTHORIZATION = { authorization: 'Bearer missing' };

export async function run({ minutes: wanted, say }) {
  const seconds = Math.max(600, Math.round((SECONDS * wanted) / minutes / 10) * 10);
  const start = Math.floor(Date.now() / 1000 - seconds - 60) * 1000;
  const day = await importBundled('tests/soak/subjects/day.ts');
  return withSession(
    async (session) => {
      const filled = await fillLog(session, { start, seconds }, say);
      const expected = seconds * (130 + 1 + 1 + 50);
      assert.equal(filled.kept, expected);
      const perSample = filled.bytes / expected;
      say(`${filled.kept} samples kept, ${(filled.bytes / 1e6).toFixed(1)} MB, ${perSample.toFixed(2)} bytes a sample`);
      const began = Date.now();
      const memory = await drain(session, say);
      say(`sent in ${((Date.now() - began) / 1000).toFixed(0)} s; worker ${describe(memory)} MB`);
      const compared = await compare(session.gateway.url, day, start, seconds);
      const third = Math.max(1, Math.floor(memory.length / 3));
      const growth = median(memory.slice(-third)) - median(memory.slice(0, third));
      assert.ok(Math.abs(growth) <= FLAT || growth < 0, `memory moved by ${growth.toFixed(1)} MB: ${describe(memory)}`);
      return `generated ${expected}, stored ${compared}, repeats 0, lost 0; ${perSample.toFixed(2)} bytes a sample`;
    },
    { straps: 0 },
  );
}

/** Runs the filling worker on a page of the app's origin that is not the app. */
async function fillLog({ context, gateway }, request, say) {
  const code = await bundleForBrowser('tests/soak/subjects/fill-log.ts');
  const page = await context.newPage();
  await page.route('**/soak-fill*', (route) =>
    route.fulfill(
      route.request().url().endsWith('.js')
        ? { contentType: 'text/javascript', body: code }
        : { contentType: 'text/html', body: '<title>fill</title>' },
    ),
  );
  await page.goto(`${gateway.url}/soak-fill.html`);
  const filled = await page.evaluate(
    (wanted) =>
      new Promise((resolve, reject) => {
        const worker = new Worker('/soak-fill.js', { type: 'module' });
        worker.onerror = (event) => reject(new Error(event.message));
        worker.onmessage = ({ data }) => {
          if (data.filled) resolve(data.filled);
          if (data.problem) reject(new Error(data.problem));
        };
        worker.postMessage(wanted);
      }),
    request,
  );
  await page.close();
  say(`log filled`);
  return filled;
}

async function bundleForBrowser(entry) {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const result = await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry: `${root}${entry}`, formats: ['es'], fileName: 'fill' } },
  });
  const [{ output }] = Array.isArray(result) ? result : [result];
  assert.equal(output.length, 1, 'one file');
  return output[0].code;
}

/** Opens the app and waits until nothing waits any more. @returns MB of the worker's heap, sampled */
async function drain({ context, gateway }, say) {
  const page = await context.newPage();
  await page.goto(gateway.url);
  await page.getByRole('button', { name: 'Try a demo sensor' }).waitFor();
  const heapOfWorker = await workerHeap(page);
  const memory = [];
  let left = NaN;
  for (let idle = 0, seconds = 0; left !== 0; seconds += 1) {
    await pause(1000);
    const status = await page.evaluate(() => globalThis.workerStatus);
    const kept = status?.totals.kept ?? NaN;
    idle = kept === left ? idle + 1 : 0;
    assert.ok(idle < 60, `nothing was confirmed for a minute, ${kept} samples left`);
    left = kept;
    memory.push((await heapOfWorker()) / 1e6);
    if (seconds % 30 === 0) say(`${left} left, worker ${memory.at(-1)?.toFixed(0)} MB`);
  }
  return memory;
}

/** A function that gives the bytes in use on the heap of the page's worker, after garbage was collected. */
async function workerHeap(page) {
  const session = await page.context().newCDPSession(page);
  const answers = new Map();
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result } = JSON.parse(message);
    answers.get(id)?.(result);
  });
  const attached = new Promise((resolve) => {
    session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
      if (targetInfo.type === 'worker') resolve(sessionId);
    });
  });
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const sessionId = await attached;
  let ids = 0;
  const ask = (method) =>
    new Promise((resolve) => {
      ids += 1;
      answers.set(ids, resolve);
      void session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id: ids, method }) });
    });
  return async () => {
    await ask('HeapProfiler.collectGarbage');
    return (await ask('Runtime.getHeapUsage')).usedSize;
  };
}

/** Every sample against the generator. @returns how many the gateway holds */
async function compare(url, day, start, seconds) {
  const expected = new Map(day.REGISTRATIONS.map(({ attribute }) => [attribute, []]));
  for (const blocks of day.dayOfBlocks(start, seconds)) {
    for (const block of blocks) expected.get(block.attribute).push(block);
  }
  let stored = 0;
  for (const [attribute, blocks] of expected) stored += await compareAttribute(url, day.DAY_SENSOR, attribute, blocks);
  return stored;
}

async function compareAttribute(url, sensorId, attribute, blocks) {
  let seq;
  let count = 0;
  for await (const sample of history(url, sensorId, attribute)) {
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

async function* history(url, sensorId, attribute) {
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

function describe(values) {
  const fixed = (value) => value?.toFixed(0);
  return `${fixed(values[0])} → ${fixed(median(values))} → ${fixed(values.at(-1))}, most ${fixed(Math.max(...values))}`;
}

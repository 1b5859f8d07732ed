/**
 * Eight demo straps stream for minutes while the network breaks again and again. Every notification that crossed into the
 * sensor worker is written down, and compared sample by sample with what the gateway's store holds in the end.
 */
import assert from 'node:assert/strict';
import { memoryOf } from '../../bench/support/process.mjs';
import { importBundled } from '../../bench/support/bundle.mjs';
import { addDemos, launch, openApp } from '../../bench/support/browser.mjs';
import { median } from '../../bench/support/stats.mjs';
import { startGateway } from '../../support/gateway-process.mjs';
import { TcpProxy } from '../../support/tcp-proxy.mjs';

export const minutes = 10;
export const says = '8 demo straps, the network breaks: everything measured is stored, memory stays flat';

const STRAPS = 8;
/** ms between two breaks of the network, and how long the longest lasts. */
const BREAK_EVERY = 20_000;
const LONGEST_BREAK = 6_000;
/** MB that memory may grow by between the first and the last third of a run. */
const GROWTH = 24;

export async function run({ minutes: wanted, say }) {
  const gateway = await startGateway();
  const proxy = new TcpProxy(gateway.port);
  await proxy.open();
  const browser = await launch();
  try {
    const page = await openApp(browser, proxy.url, (fresh) => fresh.addInitScript(recordNotifications));
    await addDemos(page, STRAPS);
    const memory = await breakForAWhile(proxy, page, gateway, wanted * 60_000, say);
    await stopAll(page);
    const notifications = await page.evaluate(() => globalThis.notifications);
    // Stopping delivers what is left; the status says when nothing is kept any more.
    await page.waitForTimeout(10_000);
    await browser.close();
    await gateway.stop();
    const report = await compare(gateway.dataDir, notifications);
    checkMemory(memory);
    return `${report}; page ${describe(memory.page)} MB, gateway ${describe(memory.gateway)} MB`;
  } finally {
    await browser.close();
    await proxy.close();
    await gateway.dispose();
  }
}

/** Stops every strap; a stopped one has no such button any more. */
async function stopAll(page) {
  const stop = page.getByRole('button', { name: 'Stop', exact: true });
  for (let left = await stop.count(); left > 0; left = await stop.count()) await stop.first().click();
}

/** Runs in the page before the app: copies what goes to the worker as `ingest`, before its buffer is transferred. */
function recordNotifications() {
  globalThis.notifications = [];
  const post = globalThis.Worker.prototype.postMessage;
  globalThis.Worker.prototype.postMessage = function (message, ...rest) {
    if (message?.path?.at?.(-1) === 'ingest') {
      const [sensorId, characteristic, bytes] = message.argumentList.map((argument) => argument.value);
      globalThis.notifications.push({ sensorId, characteristic, bytes: [...new Uint8Array(bytes)] });
    }
    return post.call(this, message, ...rest);
  };
}

/** Cuts, stalls and closes the network in turn; measures memory meanwhile. */
async function breakForAWhile(proxy, page, gateway, duration, say) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  const memory = { page: [], gateway: [] };
  const end = Date.now() + duration;
  for (let round = 0; Date.now() < end; round++) {
    await page.waitForTimeout(Math.min(BREAK_EVERY, Math.max(0, end - Date.now())));
    const pause = (LONGEST_BREAK * ((round % 5) + 1)) / 5;
    if (round % 3 === 0) proxy.cut();
    if (round % 3 === 1) proxy.stall();
    if (round % 3 === 2) proxy.refuse(true);
    await page.waitForTimeout(pause);
    proxy.resume();
    proxy.refuse(false);
    await cdp.send('HeapProfiler.collectGarbage');
    const { metrics } = await cdp.send('Performance.getMetrics');
    memory.page.push((metrics.find((metric) => metric.name === 'JSHeapUsedSize')?.value ?? NaN) / 1e6);
    memory.gateway.push(memoryOf(gateway.pid) ?? NaN);
    say(`break ${round + 1}: page ${memory.page.at(-1).toFixed(1)} MB, gateway ${memory.gateway.at(-1).toFixed(0)} MB`);
  }
  await page.waitForTimeout(5000);
  return memory;
}

/** Heart rates and RR intervals of every notification against the store. Repeats (same `seq`) count once. */
async function compare(dataDir, notifications) {
  const { openStore } = await importBundled('server/store/store.ts');
  const { decoderFor } = await importBundled('src/device/profiles/registry.ts');
  const expected = new Map();
  for (const { sensorId, characteristic, bytes } of notifications) {
    const decoded = decoderFor(characteristic)?.(new DataView(Uint8Array.from(bytes).buffer));
    if (!decoded?.ok) continue;
    for (const reading of decoded.value.readings) {
      const key = `${sensorId} ${reading.attribute}`;
      const values = reading.kind === 'numeric' ? [...reading.values] : reading.payloads;
      expected.set(key, [...(expected.get(key) ?? []), ...values]);
    }
  }
  assert.ok(expected.size >= STRAPS * 2, `only ${expected.size} streams were recorded`);
  const store = openStore(dataDir, { retentionDays: 30 });
  let samples = 0;
  let repeats = 0;
  for (const [key, values] of expected) {
    const stored = store.read(...key.split(' '));
    const bySeq = new Map(stored.map((one) => [one.extra?.seq, one.payload]));
    repeats += stored.length - bySeq.size;
    const inOrder = [...bySeq].sort(([a], [b]) => a - b).map(([, payload]) => payload);
    assert.deepEqual(inOrder, values, `${key}: stored differs from measured`);
    samples += values.length;
  }
  store.close();
  return `${samples} samples in ${expected.size} streams measured, all stored, ${repeats} repeats`;
}

/** Memory of the last third of a run against the first. */
function checkMemory(memory) {
  for (const [what, values] of Object.entries(memory)) {
    const third = Math.max(1, Math.floor(values.length / 3));
    const growth = median(values.slice(-third)) - median(values.slice(0, third));
    assert.ok(!(growth > GROWTH), `${what}: memory grew by ${growth.toFixed(1)} MB (${describe(values)})`);
  }
}

function describe(values) {
  return `${values[0]?.toFixed(0)} → ${values.at(-1)?.toFixed(0)}`;
}

/** There is no room: what has to go is counted, all else arrives. The quota is real; the browser itself refuses to write. */
import { TcpProxy } from '../../support/tcp-proxy.mjs';
import { expect, pause, test as base } from '../support/faults.ts';
import { statusOf } from '../support/ground-truth.ts';

const test = base.extend<{ tcp: TcpProxy }>({
  tcp: async ({ gateway }, use) => {
    const proxy = new TcpProxy(gateway.port);
    await proxy.open();
    await use(proxy);
    await proxy.close();
  },
});

// The app's own files would take an unknown part of the quota.
test.use({ serviceWorkers: 'block' });

/** Bytes. */
const QUOTA = 3_000_000;
/** Bytes of the quota that are left when the app starts. */
const ROOM = 165_000;

/** Runs on a page of the origin: another database takes so many bytes. */
async function fill(bytes: number): Promise<void> {
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open('ballast', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('ballast', { autoIncrement: true });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(new Error(String(opening.error)));
  });
  const piece = new Uint8Array(50_000);
  for (let filled = 0; filled < bytes; filled += piece.length) {
    crypto.getRandomValues(piece);
    await new Promise<void>((resolve, reject) => {
      const tx = db.transaction('ballast', 'readwrite', { durability: 'relaxed' });
      tx.objectStore('ballast').put(piece);
      tx.oncomplete = () => resolve();
      tx.onabort = () => reject(new Error(`after ${filled} bytes: ${String(tx.error)}`));
    });
  }
  db.close();
}

test('the disk is full while there is no network: what goes is counted, all else arrives', async ({
  app,
  faults,
  gateway,
  tcp,
}) => {
  const { page } = app;
  const cdp = await page.context().newCDPSession(page);
  // Before any database is open: the browser remembers for half a minute how much room there was.
  await cdp.send('Storage.overrideQuotaForOrigin', { origin: tcp.url, quotaSize: QUOTA });
  await page.goto(`${tcp.url}/health/live`);
  await page.evaluate(fill, QUOTA - ROOM);
  await faults.stream(app, tcp.url);
  tcp.refuse(true);
  const isFull = async (): Promise<boolean> => {
    const full = await statusOf(page);
    return full?.storage.kind === 'memory' || (full?.totals.evicted ?? 0) > 0;
  };
  await expect.poll(isFull, { message: 'the app notices', timeout: 30_000 }).toBe(true);
  await pause(2000);
  faults.truth.mayGiveUp();
  await cdp.send('Storage.overrideQuotaForOrigin', { origin: tcp.url });
  tcp.refuse(false);
  await expect(app.status).toContainText(/live|connected|sending/i, { timeout: 15_000 });
  const evicted = (await statusOf(page))?.totals.evicted ?? 0;
  await faults.expectAllStored(app);
  await expect
    .poll(async () => (await faults.truth.compare(gateway.url)).lost, 'what is missing was given up, and said')
    .toBe(evicted);
  const found = await faults.truth.compare(gateway.url);
  expect(found.problems).toEqual([]);
  expect(found.stored).toBeGreaterThan(40);
});

/** Everything a first visit fetches before the service worker starts its own work, against the budget. */
import { gzipSync } from 'node:zlib';
import { startGateway } from '../../support/gateway-process.mjs';
import { launch, openApp } from '../support/browser.mjs';
import { row } from '../support/stats.mjs';

/** kB of JavaScript, gzip. */
const BUDGET = 70;

export const names = ['first load'];

export async function run() {
  const gateway = await startGateway();
  const browser = await launch();
  try {
    const files = new Map();
    await openApp(browser, gateway.url, async (page) => {
      page.context().on('response', (response) => {
        // What the service worker fetches is for later visits.
        if (response.request().serviceWorker() === null) files.set(response.url(), response);
      });
    });
    // Worker scripts and styles may come after the first screen shows.
    await new Promise((later) => setTimeout(later, 2000));
    const sizes = { js: 0, all: 0 };
    for (const [url, response] of files) {
      const { pathname } = new URL(url);
      if (pathname.startsWith('/api') || !response.ok()) continue;
      const size = gzipSync(await response.body(), { level: 9 }).length / 1000;
      sizes.all += size;
      if (pathname.endsWith('.js')) sizes.js += size;
    }
    if (sizes.js === 0) throw new Error('no script was fetched');
    return [
      row('first load, JavaScript', 'kB gzip', sizes.js, BUDGET),
      row('first load, everything', 'kB gzip', sizes.all, BUDGET),
    ];
  } finally {
    await browser.close();
    await gateway.dispose();
  }
}

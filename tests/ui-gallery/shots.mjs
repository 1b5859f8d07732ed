/**
 * Photographs scenes at three sizes in both themes: `node tests/ui-gallery/shots.mjs OUT [scene …]`.
 * Builds the gallery, serves it, and fails on any error of a page (also of its content security policy).
 */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { build, preview } from 'vite';
import { CHROMIUM_FLAGS, findChromium } from '../support/chromium.mjs';

const [out = '.cache/shots', ...scenes] = process.argv.slice(2);
const SIZES = [
  { name: 'phone', width: 390, height: 844 },
  { name: 'tablet', width: 820, height: 1180 },
  { name: 'desktop', width: 1280, height: 800 },
];
const configFile = fileURLToPath(new URL('vite.config.ts', import.meta.url));
await build({ configFile, logLevel: 'warn' });
const server = await preview({ configFile, logLevel: 'warn', preview: { port: 0, host: '127.0.0.1' } });
const base = server.resolvedUrls?.local[0];
const browser = await chromium.launch({ executablePath: await findChromium(), args: CHROMIUM_FLAGS });
mkdirSync(out, { recursive: true });
let failures = 0;
for (const { name, width, height } of SIZES) {
  for (const theme of ['light', 'dark']) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme: theme });
    page.on('console', (message) => {
      // The gallery has no server behind it: the missing address for phones is expected.
      if (message.type() !== 'error' || message.location().url.endsWith('/api/lan')) return;
      failures += 1;
      console.error(`${name} ${theme}: ${message.text()}`);
    });
    page.on('pageerror', (error) => {
      failures += 1;
      console.error(`${name} ${theme}: ${error.stack}`);
    });
    for (const scene of scenes) {
      await page.goto(`${base}?scene=${scene}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForTimeout(1300);
      await page.screenshot({ path: `${out}/${scene}-${name}-${theme}.png` });
    }
    await page.close();
  }
}
await browser.close();
await server.close();
process.exit(failures === 0 ? 0 : 1);

/**
 * Photographs scenes at three sizes in both themes: `node tests/ui-gallery/shots.mjs OUT [scene …]` (default: all).
 * Builds the gallery, serves it, and fails on any error of a page (also of its content security policy), on anything
 * axe finds, on a page wider than its window, and on a layout that shifts after the first paint.
 */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import { chromium } from '@playwright/test';
import { build, preview } from 'vite';
import { CHROMIUM_FLAGS, findChromium } from '../support/chromium.mjs';

const ON_PAGE = 'page: ';
const [out = '.cache/shots', ...wanted] = process.argv.slice(2);
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

function fault(text) {
  failures += 1;
  console.error(text);
}

async function scenesOf(url) {
  const page = await browser.newPage();
  await page.goto(url);
  const names = await page.getByRole('link').allInnerTexts();
  await page.close();
  return names.map((name) => name.trim());
}

/** Sum of layout shifts nobody caused, as browsers count them. Runs in the page. */
function shifts() {
  return new Promise((resolve) => {
    new PerformanceObserver((list) => {
      resolve(list.getEntries().reduce((sum, entry) => sum + (entry.hadRecentInput ? 0 : entry.value), 0));
    }).observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => resolve(0), 100);
  });
}

/** Presses or fills in what the scene names, one after the other. */
async function press(page) {
  const names = JSON.parse((await page.evaluate(() => document.documentElement.dataset['press'])) ?? '[]');
  for (const [place, step] of names.entries()) {
    // The first one opens the dialog that has the others, unless they say that they are not in it.
    const where = place === 0 || step.startsWith(ON_PAGE) ? page : page.getByRole('dialog');
    const [name, value] = step.replace(ON_PAGE, '').split(' = ');
    if (value !== undefined) {
      await where.getByLabel(name, { exact: true }).first().fill(value);
      continue;
    }
    const pressable = where.getByRole('button', { name }).or(where.locator('summary', { hasText: name }));
    await pressable.filter({ visible: true }).first().click();
  }
}

async function inspect(page, where) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  for (const { id, nodes } of violations) fault(`${where}: ${id}: ${nodes.map((node) => node.html).join(' | ')}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) fault(`${where}: ${wide} px wider than the window`);
  const shifted = await page.evaluate(shifts);
  if (shifted > 0.02) fault(`${where}: layout shift ${shifted.toFixed(3)}`);
}

const scenes = wanted.length > 0 ? wanted : await scenesOf(base);
for (const { name, width, height } of SIZES) {
  for (const theme of ['light', 'dark']) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
    const page = await context.newPage();
    page.on('console', (message) => {
      // The gallery has no server behind it: the missing address for phones is expected.
      if (message.type() !== 'error' || message.location().url.endsWith('/api/lan')) return;
      fault(`${name} ${theme}: ${message.text()}`);
    });
    page.on('pageerror', (error) => fault(`${name} ${theme}: ${error.stack}`));
    for (const scene of scenes) {
      await page.goto(`${base}?scene=${scene}&press=no`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await press(page);
      await page.waitForTimeout(1300);
      await page.screenshot({ path: `${out}/${scene}-${name}-${theme}.png` });
      await inspect(page, `${scene} ${name} ${theme}`);
    }
    await context.close();
  }
}
await browser.close();
await server.close();
process.exit(failures === 0 ? 0 : 1);

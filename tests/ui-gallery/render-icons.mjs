/**
 * Draws the app's PNG icons from their SVG sources with a real browser: `node tests/ui-gallery/render-icons.mjs`.
 * Run it after changing the mark; the pictures are committed, as a build must not need a browser.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { CHROMIUM_FLAGS, findChromium } from '../support/chromium.mjs';

const ICONS = fileURLToPath(new URL('../../public/icons/', import.meta.url));
const MARK = `${ICONS}icon.svg`;
/** Full bleed, the mark inside the safe circle (80 %): launchers and iOS cut their own corners. */
const FULL = fileURLToPath(new URL('maskable.svg', import.meta.url));

const PICTURES = [
  { source: MARK, size: 192, file: 'icon-192.png' },
  { source: MARK, size: 512, file: 'icon-512.png' },
  { source: FULL, size: 512, file: 'maskable-512.png' },
  { source: FULL, size: 180, file: 'apple-touch-180.png' },
];

const browser = await chromium.launch({ executablePath: await findChromium(), args: CHROMIUM_FLAGS });
const page = await browser.newPage();
for (const { source, size, file } of PICTURES) {
  await page.setViewportSize({ width: size, height: size });
  const svg = Buffer.from(await readFile(source)).toString('base64');
  await page.setContent(
    `<style>body{margin:0;background:transparent}img{display:block;width:100vw;height:100vh}</style>` +
      `<img src="data:image/svg+xml;base64,${svg}">`,
  );
  await page.locator('img').evaluate((image) => image.decode());
  await page.screenshot({ path: ICONS + file, omitBackground: true });
}
await browser.close();

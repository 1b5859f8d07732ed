/** The app in a real Chromium for the rows: opened, with demo straps, by the names a person sees. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { CHROMIUM_FLAGS, ensureChromium } from '../../support/chromium.mjs';

/** Starts a browser. Throws with what to install when there is none. @param {readonly string[]} [flags] besides ours */
export async function launch(flags = []) {
  const found = await ensureChromium();
  if ('problem' in found) throw new Error(found.problem);
  return chromium.launch({ executablePath: found.path, args: [...CHROMIUM_FLAGS, ...flags] });
}

/**
 * Starts a browser with a profile on disk: in other contexts IndexedDB is in memory. `dispose` ends it and removes the
 * profile.
 * @param {readonly string[]} [flags] besides ours
 */
export async function launchPersistent(flags = []) {
  const found = await ensureChromium();
  if ('problem' in found) throw new Error(found.problem);
  const profile = await mkdtemp(join(tmpdir(), 'bench-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: found.path,
    args: [...CHROMIUM_FLAGS, ...flags],
  });
  return {
    profile,
    context,
    async dispose() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** Opens the app in a context of its own. @param {(page: import('@playwright/test').Page) => Promise<void>} [prepare] */
export async function openApp(browser, url, prepare) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await prepare?.(page);
  await page.goto(url);
  await page.getByRole('button', { name: 'Try a demo sensor' }).waitFor();
  return page;
}

export function cards(page) {
  return page.getByRole('region', { name: /^Demo strap/ });
}

/** Starts demo straps until `count` beat. */
export async function addDemos(page, count) {
  for (let one = 1; one <= count; one++) {
    await page.getByRole('button', { name: 'Try a demo sensor' }).click();
    await cards(page)
      .nth(one - 1)
      .waitFor();
  }
  for (let one = 0; one < count; one++) await beats(cards(page).nth(one));
}

/** Waits until a card shows a heart rate. */
export async function beats(card) {
  await card
    .getByText(/\b\d{2,3}\b/)
    .first()
    .waitFor();
}

export async function goTo(page, screen) {
  await page.getByRole('link', { name: screen, exact: true }).click();
}

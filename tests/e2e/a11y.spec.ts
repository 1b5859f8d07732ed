/** Usable without a mouse, with a screen reader, in light and dark. */
import AxeBuilder from '@axe-core/playwright';
import type { Locator } from '@playwright/test';
import { AppPage, waitForBpm, type Screen } from './support/app.ts';
import { expect, test } from './support/test.ts';

const SCREENS: readonly Screen[] = ['Sense', 'Pose', 'Watch', 'Settings'];

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing on any screen, ${colorScheme}`, async ({ gateway, browser }) => {
    const context = await browser.newContext({ colorScheme, reducedMotion: 'reduce' });
    const app = new AppPage(await context.newPage());
    await app.open(gateway.url);
    await expectAccessible(app, 'Sense, empty');
    const card = await app.addDemo();
    await waitForBpm(card);
    await expectDialogAccessible(app, 'delivery', app.page.getByRole('button', { name: 'Delivery' }));
    await card.getByRole('button', { name: /^More/ }).click();
    await expectDialogAccessible(app, 'details', app.page.getByText('Details', { exact: true }));
    for (const screen of SCREENS) {
      await app.go(screen);
      if (screen === 'Watch') await waitForBpm(app.card(/^Demo strap/).first());
      await expectAccessible(app, screen);
    }
    await context.close();
  });
}

async function expectAccessible(app: AppPage, where: string): Promise<void> {
  const { violations, passes } = await new AxeBuilder({ page: app.page }).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
  expect(found, where).toEqual([]);
  expect(passes.length, `${where}: axe looked at something`).toBeGreaterThan(5);
}

/** Opens a dialog, looks at it, and closes it as a keyboard does. */
async function expectDialogAccessible(app: AppPage, what: string, opener: Locator): Promise<void> {
  await opener.click();
  const dialog = app.page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  await expectAccessible(app, `${what}, open`);
  await app.page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
}

test('the first heartbeat by keyboard alone', async ({ app, gateway }) => {
  await app.open(gateway.url);
  for (let presses = 0; presses < 20; presses++) {
    if (await app.demo.evaluate((button) => button === document.activeElement)) break;
    await app.page.keyboard.press('Tab');
  }
  await expect(app.demo).toBeFocused();
  await app.page.keyboard.press('Enter');
  await waitForBpm(app.card(/^Demo strap/).first());
});

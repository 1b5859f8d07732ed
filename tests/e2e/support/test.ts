/** Playwright's `test` with a gateway per file and a page object per test. */
import { test as base } from '@playwright/test';
import { AppPage } from './app.ts';
import { startGateway, type GatewayProcess } from './gateway.ts';

export const test = base.extend<{ app: AppPage }, { gateway: GatewayProcess }>({
  gateway: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the wanted fixtures from this pattern; there are none.
    async ({}, use) => {
      const gateway = await startGateway();
      await use(gateway);
      await gateway.dispose();
    },
    { scope: 'worker' },
  ],
  app: async ({ page }, use) => {
    await use(new AppPage(page));
  },
});

export { expect } from '@playwright/test';

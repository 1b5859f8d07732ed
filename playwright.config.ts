/** The app in a real Chromium against a real gateway. One at a time: the machine has few cores and timing matters. */
import { defineConfig } from '@playwright/test';
import { browserLaunch } from './tests/e2e/support/browser.ts';

export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'test-results/browser',
  workers: 1,
  // A test that passes only the second time has found something.
  retries: 0,
  forbidOnly: true,
  timeout: 45_000,
  globalTimeout: 12 * 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['json', { outputFile: process.env['PLAYWRIGHT_JSON'] ?? 'test-results/reports/browser.json' }]],
  use: {
    browserName: 'chromium',
    launchOptions: await browserLaunch(),
    viewport: { width: 390, height: 844 },
    // Workers and service workers make requests too, and some tests count requests.
    serviceWorkers: 'allow',
    trace: 'off',
    screenshot: 'only-on-failure',
  },
});

/** How a browser is started: which program, with which flags. */
import type { LaunchOptions } from '@playwright/test';
import { BLUETOOTH_FEATURES, CHROMIUM_FLAGS, findChromium, NO_CHROMIUM } from '../../support/chromium.mjs';

/** Launch options with Web Bluetooth on, which Linux hides. Throws with the install command when there is no browser. */
export async function browserLaunch(): Promise<LaunchOptions> {
  const executablePath = await findChromium();
  if (executablePath === undefined) throw new Error(NO_CHROMIUM);
  return { executablePath, args: [...CHROMIUM_FLAGS, `--enable-features=${BLUETOOTH_FEATURES.join(',')}`] };
}

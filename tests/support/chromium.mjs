/**
 * Finds a Chromium for the browser suites, and installs the system's own package when there is none and it may.
 * Playwright's browser download is not reachable everywhere, so it is used if present and never required.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Flags every launch needs: no sandbox (containers), and no request of the browser's own to anywhere. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Linux hides Web Bluetooth behind the first; the second brings getDevices, watchAdvertisements and forget. */
export const BLUETOOTH_FEATURES = ['WebBluetooth', 'WebBluetoothNewPermissionsBackend'];

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const FIXED = ['/usr/bin/chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/** What to say when there is no browser. */
export const NO_CHROMIUM =
  'No Chromium found: install one (Debian and Ubuntu: apt-get install chromium) or set CHROMIUM_PATH to its program.';

/** Path of a Chromium program, or undefined. Order: CHROMIUM_PATH, usual places, PATH, Playwright's own. */
export async function findChromium(env = process.env) {
  if (env.CHROMIUM_PATH) return existsSync(env.CHROMIUM_PATH) ? env.CHROMIUM_PATH : undefined;
  const onPath = (env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...FIXED, ...onPath].find((path) => existsSync(path)) ?? (await playwrightsOwn());
}

async function playwrightsOwn() {
  try {
    const { chromium } = await import('@playwright/test');
    const path = chromium.executablePath();
    return path && existsSync(path) ? path : undefined;
  } catch (error) {
    // Not installed yet (fresh clone), or it has no build for this system: both mean "not here".
    if (error?.code !== 'ERR_MODULE_NOT_FOUND') console.log(`Playwright's own browser: ${error?.message}`);
    return undefined;
  }
}

/**
 * Path of a Chromium, installing the Debian package if needed and allowed.
 * @returns {Promise<{ path: string } | { problem: string }>}
 */
export async function ensureChromium(env = process.env) {
  const found = await findChromium(env);
  if (found) return { path: found };
  if (env.CHROMIUM_PATH) return { problem: `CHROMIUM_PATH is ${env.CHROMIUM_PATH}, but there is no such file.` };
  const asRoot = rootPrefix();
  if (!asRoot || !works('apt-get', ['--version'])) return { problem: NO_CHROMIUM };
  console.log('No Chromium found: installing the chromium package of this system.');
  for (const step of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const [program, ...args] = [...asRoot, 'apt-get', ...step];
    const run = spawnSync(program, args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (run.status !== 0) return { problem: `apt-get ${step.join(' ')} failed. ${NO_CHROMIUM}` };
  }
  const installed = await findChromium(env);
  return installed ? { path: installed } : { problem: NO_CHROMIUM };
}

/** How to become root without a question: [] if we are, ['sudo', '-n'] if that works, undefined if neither. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return works('sudo', ['-n', 'true']) ? ['sudo', '-n'] : undefined;
}

function works(program, args) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

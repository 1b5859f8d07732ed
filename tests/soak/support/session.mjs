/**
 * A session for the long runs: gateway, a network that can break, a browser with straps, and the ground truth. The
 * gateway's history is compared with everything that was measured, sample by sample.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { addDemos } from '../../bench/support/browser.mjs';
import { importBundled } from '../../bench/support/bundle.mjs';
import { CHROMIUM_FLAGS, ensureChromium } from '../../support/chromium.mjs';
import { browserProcess } from '../../support/chromium-process.mjs';
import { startGateway } from '../../support/gateway-process.mjs';
import { TcpProxy } from '../../support/tcp-proxy.mjs';

const STRAPS = 8;

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Opens everything, runs `body`, and ends everything, also after a failure.
 * @param {(session: Session) => Promise<unknown>} body
 * @param {{ straps?: number, proxy?: 'tcp' | 'ws' }} [options] proxy: a network that can break, or a server that can
 * @returns what `body` returns
 */
export async function withSession(body, { straps = STRAPS, proxy = 'tcp' } = {}) {
  const session = new Session(straps, proxy);
  try {
    await session.open();
    return await body(session);
  } finally {
    await session.close();
  }
}

class Session {
  #straps;
  #profile;
  #program;
  #kind;
  #attend;
  #watcher;

  constructor(straps, kind) {
    this.#straps = straps;
    this.#kind = kind;
  }

  async open() {
    const found = await ensureChromium();
    if ('problem' in found) throw new Error(found.problem);
    this.#program = found.path;
    this.#profile = await mkdtemp(join(tmpdir(), 'sensocto-browser-'));
    const { GroundTruth } = await importBundled('tests/e2e/support/ground-truth.ts');
    this.#attend = (await importBundled('tests/support/attend.ts')).attend;
    this.gateway = await startGateway();
    this.proxy = await this.#openProxy();
    await this.attend();
    await this.#launch();
    this.truth = await GroundTruth.watch(this.context);
    if (this.#straps > 0) await this.openPage();
  }

  /** Somebody looks at everything, so that samples travel at once. Again after the gateway was killed. */
  async attend() {
    this.#watcher?.ws.terminate();
    this.#watcher = await this.#attend(this.gateway.url);
  }

  /** A page that streams from straps; the same ones as before, when a page died. */
  async openPage() {
    this.page = await this.context.newPage();
    await this.page.goto(this.proxy.url);
    await this.page.getByRole('button', { name: 'Try a demo sensor' }).waitFor();
    await addDemos(this.page, this.#straps);
  }

  /** Kills the renderer of a page, the one opened last unless told. */
  async killPage(page = this.page) {
    const cdp = await this.context.newCDPSession(page);
    const gone = new Promise((resolve) => page.once('crash', resolve));
    const at = Date.now();
    // Never answered: who should answer is dead.
    cdp.send('Page.crash').catch(() => undefined);
    await gone;
    await this.#mourn(page, at);
    await page.close();
  }

  /** Kills the browser as the system does, and starts it again with what is on its disk. */
  async killBrowser() {
    const pid = await browserProcess(this.#profile);
    const gone = new Promise((resolve) => this.context.once('close', resolve));
    const at = Date.now();
    process.kill(pid, 'SIGKILL');
    await gone;
    await this.#mourn(this.page, at);
    await this.#launch();
    await this.truth.follow(this.context);
  }

  /** What the sensor worker says of itself, for the page opened last. */
  status() {
    return this.page.evaluate(() => globalThis.workerStatus);
  }

  /** Stops every strap and compares; throws with what differs. @returns one line of numbers */
  async finish({ timeout = 60_000 } = {}) {
    const stop = this.page.getByRole('button', { name: 'Stop', exact: true });
    for (let left = await stop.count(); left > 0; left = await stop.count()) await stop.first().click();
    const found = await this.truth.settled(this.gateway.url, { timeout });
    const { generated, stored, repeats, lost, problems } = found;
    const told = `generated ${generated}, stored ${stored}, repeats ${repeats}, lost ${lost}`;
    assert.deepEqual(problems, [], told);
    assert.equal(repeats, 0, told);
    return told;
  }

  async close() {
    this.#watcher?.ws.terminate();
    await this.context?.close();
    await this.proxy?.close();
    await this.gateway?.dispose();
    if (this.#profile) await rm(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  async #launch() {
    this.context = await chromium.launchPersistentContext(this.#profile, {
      executablePath: this.#program,
      args: CHROMIUM_FLAGS,
      viewport: { width: 1280, height: 800 },
    });
  }

  /** Reports of the dead page that are still on their way count, too. */
  async #mourn(page, at) {
    await pause(200);
    this.truth.died(page, at);
  }

  async #openProxy() {
    if (this.#kind === 'ws') {
      const { WsProxy } = await importBundled('tests/e2e/support/ws-proxy.ts');
      return WsProxy.open(this.gateway.port);
    }
    const proxy = new TcpProxy(this.gateway.port);
    await proxy.open();
    return proxy;
  }
}

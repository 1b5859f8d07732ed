/** Samples wait and no page of the app is open: the browser wakes the service worker, which sends them. */
import type { BrowserContext, CDPSession, Page } from '@playwright/test';
import { DRAIN_TAG } from '../../../src/model/background.ts';
import { TcpProxy } from '../../support/tcp-proxy.mjs';
import type { AppPage } from '../support/app.ts';
import { anotherPage, expect, pause, stopAll, test as base, type Faults } from '../support/faults.ts';
import { statusOf } from '../support/ground-truth.ts';

const test = base.extend<{ tcp: TcpProxy }>({
  tcp: async ({ gateway }, use) => {
    const proxy = new TcpProxy(gateway.port);
    await proxy.open();
    await use(proxy);
    await proxy.close();
  },
});

/** Does what the browser does when the network is back, as DevTools can ask it to. */
class Wakener {
  readonly #session: CDPSession;
  readonly #origin: string;
  #registrationId: string | undefined;

  private constructor(session: CDPSession, origin: string) {
    this.#session = session;
    this.#origin = origin;
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const ours = registrations.find((one) => one.scopeURL === `${origin}/` && !one.isDeleted);
      if (ours) this.#registrationId = ours.registrationId;
    });
  }

  /** @param bystander a page that is not the app */
  static async open(bystander: Page, origin: string): Promise<Wakener> {
    const wakener = new Wakener(await bystander.context().newCDPSession(bystander), origin);
    await wakener.#session.send('ServiceWorker.enable');
    return wakener;
  }

  /** From sleep: nothing that it had in memory is left. */
  async wake(): Promise<void> {
    await expect.poll(() => this.#registrationId, 'the service worker is registered').toBeDefined();
    await this.#session.send('ServiceWorker.stopAllWorkers');
    await this.#session.send('ServiceWorker.dispatchSyncEvent', {
      origin: this.#origin,
      registrationId: this.#registrationId ?? '',
      tag: DRAIN_TAG,
      lastChance: false,
    });
  }
}

/** A page of the origin that is not the app: it sees the origin's locks and lets DevTools speak to its service worker. */
async function openBystander(context: BrowserContext, origin: string, app: AppPage): Promise<Page> {
  const bystander = await context.newPage();
  await bystander.goto(`${origin}/health/live`);
  await app.page.bringToFront();
  return bystander;
}

/** Runs in pages before the app: takes from them what asks to be woken, so that only the test wakes. */
function cannotAsk(): void {
  Reflect.deleteProperty(ServiceWorkerRegistration.prototype, 'sync');
}

/** Who leads among the tabs, as the browser names it. */
async function leader(page: Page): Promise<string | undefined> {
  const { held = [] } = await page.evaluate(() => navigator.locks.query());
  return held.find(({ name }) => name === 'sensocto-leader')?.clientId;
}

/** Streams, loses the network, and closes the app with samples in the log that the gateway does not have. */
async function closeWithUnsent(app: AppPage, faults: Faults, gateway: string, tcp: TcpProxy): Promise<void> {
  await faults.stream(app, tcp.url, 4);
  await app.page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  tcp.refuse(true);
  await pause(2500);
  expect((await statusOf(app.page))?.totals.kept ?? 0, 'samples that wait').toBeGreaterThan(10);
  // What a strap reports while its page is closed might not reach the test.
  await stopAll(app.page);
  await pause(300);
  await app.page.close();
  expect((await faults.truth.compare(gateway)).problems, 'the gateway lacks some').not.toEqual([]);
}

test('closed without a network, woken when it is back: all is sent with no page open, and once', async ({
  app,
  context,
  faults,
  gateway,
  tcp,
}) => {
  await context.addInitScript(cannotAsk);
  const bystander = await openBystander(context, tcp.url, app);
  const wakener = await Wakener.open(bystander, tcp.url);
  await closeWithUnsent(app, faults, gateway.url, tcp);
  // A closed page's worker lives on for a moment.
  await expect.poll(() => leader(bystander), 'nobody is there').toBeUndefined();
  tcp.refuse(false);
  await pause(1000);
  expect((await faults.truth.compare(gateway.url)).problems, 'nobody sends').not.toEqual([]);
  await wakener.wake();
  const found = await faults.truth.settled(gateway.url);
  expect(found.problems).toEqual([]);
  expect(found.repeats).toBe(0);
  const next = await anotherPage(context);
  await next.open(tcp.url);
  await expect.poll(async () => (await statusOf(next.page))?.totals.kept).toBe(0);
  await expect(next.status).toContainText(/live|connected/i);
  expect(await faults.truth.settled(gateway.url), 'nothing is sent again').toEqual(found);
});

test('the app asks by itself to be woken; a page that opens meanwhile gets the lead at once', async ({
  app,
  context,
  faults,
  gateway,
  tcp,
}) => {
  const bystander = await openBystander(context, tcp.url, app);
  await closeWithUnsent(app, faults, gateway.url, tcp);
  // The browser takes this machine's network for one and has woken the service worker, which finds no server.
  await expect.poll(() => leader(bystander), 'the service worker leads').toBeDefined();
  const before = await leader(bystander);
  const next = await anotherPage(context);
  await next.open(tcp.url);
  const opened = Date.now();
  await expect
    .poll(() => leader(next.page), { message: 'the page leads', intervals: [50] })
    .toEqual(expect.not.stringMatching(before ?? ''));
  expect(Date.now() - opened, 'ms until the page leads').toBeLessThan(2000);
  tcp.refuse(false);
  await faults.stream(next, tcp.url, 1);
  await faults.expectAllStored(next);
});

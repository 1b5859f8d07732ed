/** A session under fault: straps that stream, somebody who watches, things that break, and the comparison at the end. */
import type { BrowserContext, Page } from '@playwright/test';
import { attend } from '../../support/attend.ts';
import type { RawClient } from '../../support/raw-client.ts';
import { AppPage, waitForBpm } from './app.ts';
import { GroundTruth, pause, type Comparison } from './ground-truth.ts';
import { expect, test as base } from './test.ts';

/** Packets a second, one per strap. */
const STRAPS = 8;

export interface Faults {
  readonly truth: GroundTruth;
  /** Opens the app and starts straps, which soon beat. The same straps again after a page died: ids are kept. */
  readonly stream: (app: AppPage, url: string, straps?: number) => Promise<void>;
  /** Somebody looks at everything, so that samples travel at once and not after seconds. */
  readonly attend: () => Promise<void>;
  /** Stops every strap and compares with the gateway: nothing missing, nothing twice. */
  readonly expectAllStored: (app: AppPage, options?: { readonly timeout?: number }) => Promise<Comparison>;
}

/** `test` with a gateway per file and the ground truth of the test's context. */
export const test = base.extend<{ faults: Faults }>({
  faults: async ({ context, gateway }, use) => {
    const truth = await GroundTruth.watch(context);
    const watchers: RawClient[] = [];
    await use({
      truth,
      stream: startStraps,
      attend: async () => {
        watchers.push(await attend(gateway.url));
      },
      expectAllStored: async (app, options) => {
        await stopAll(app.page);
        const found = await truth.settled(gateway.url, options);
        const { generated, stored, repeats, lost } = found;
        const told = `generated ${generated}, stored ${stored}, repeats ${repeats}, lost ${lost}`;
        test.info().annotations.push({ type: 'samples', description: told });
        console.log(`  ${test.info().title}: ${told}`);
        expect(found.problems).toEqual([]);
        expect(repeats, 'samples held twice').toBe(0);
        return found;
      },
    });
    for (const watcher of watchers) await watcher.close();
  },
});

async function startStraps(app: AppPage, url: string, straps = STRAPS): Promise<void> {
  await app.open(url);
  for (let one = 0; one < straps; one++) await app.addDemo();
  await waitForBpm(app.cards.last());
}

/** Stops every strap; a stopped one has no such button any more. */
export async function stopAll(page: Page): Promise<void> {
  const stop = page.getByRole('button', { name: 'Stop', exact: true });
  for (let left = await stop.count(); left > 0; left = await stop.count()) await stop.first().click();
}

/** Kills the page's renderer, worker and all, as the system does when memory is short. Gives the time of death, Unix ms. */
export async function killRenderer(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const gone = new Promise((resolve) => page.once('crash', resolve));
  const at = Date.now();
  // Never answered: who should answer is dead.
  session.send('Page.crash').catch(() => undefined);
  await gone;
  return at;
}

/** Another page of the same installation. */
export async function anotherPage(context: BrowserContext): Promise<AppPage> {
  return new AppPage(await context.newPage());
}

export { expect, pause };

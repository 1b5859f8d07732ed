import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock, type Clock } from '../../../../src/lib/timers.ts';
import { appError } from '../../../../src/model/errors.ts';
import { ok } from '../../../../src/model/result.ts';
import type { SensorWorkerApi, WorkerStatus } from '../../../../workers/sensor/api.ts';
import { drainInBackground } from '../../../../workers/sensor/background-drain.ts';
import type { LeaderCore, TabEdges } from '../../../../workers/sensor/tabs/ports.ts';
import { LEADER_LOCK } from '../../../../workers/sensor/tabs/ports.ts';
import { TabWorker } from '../../../../workers/sensor/tabs/tab-worker.ts';
import { LockManager } from '../../../support/lock-manager.ts';
import { createManualClock } from '../../../support/manual-clock.ts';

/** What counts here of what a worker says. */
interface Said {
  readonly connection: WorkerStatus['connection'];
  readonly storage: Pick<WorkerStatus['storage'], 'kind' | 'full'>;
  readonly totals: Pick<WorkerStatus['totals'], 'kept'>;
  readonly sensors: WorkerStatus['sensors'];
}

function statusWith(kept: number, more: Partial<Said> = {}): Said {
  return { connection: { at: 'connected' }, storage: { kind: 'durable' }, totals: { kept }, sensors: [], ...more };
}

/** The worker behind a leadership, in the test's hands: says what it is told to, and notes what is asked. */
class Core {
  readonly events: string[] = [];
  stopped = 0;
  #status: MessagePort | undefined;

  get made(): boolean {
    return this.#status !== undefined;
  }

  say(status: Said): void {
    this.#status?.postMessage(status);
  }

  make(): Promise<LeaderCore> {
    const worker: Pick<SensorWorkerApi, 'attach' | 'start' | 'pageEvent'> = {
      attach: ({ status }) => {
        this.#status = status;
        return Promise.resolve();
      },
      start: () => Promise.resolve(ok(undefined)),
      pageEvent: (event) => void this.events.push(event),
    };
    return Promise.resolve({
      // Nothing else is asked of it here.
      worker: worker as SensorWorkerApi,
      marks: { taken: () => undefined, logged: () => 0, stop: () => undefined },
      stop: () => void (this.stopped += 1),
    });
  }
}

const pages: TabWorker[] = [];
afterEach(() => {
  for (const page of pages.splice(0)) page.close();
});

function origin() {
  const locks = new LockManager();
  const channel = `drain-${Math.random()}`;
  let tabs = 0;
  const edges = (core: Core, clock: Clock): TabEdges => ({
    clock,
    random: () => 0.5,
    tab: `tab-${(tabs += 1)}`,
    locks: locks.client(),
    openBroadcast: () => new BroadcastChannel(channel),
    makeCore: () => core.make(),
  });
  const openPage = async (core: Core) => {
    const page = new TabWorker(edges(core, systemClock));
    pages.push(page);
    await page.start();
    return page;
  };
  return { locks, edges, openPage };
}

/** A drain that leads. */
async function leading(clock: Clock = systemClock) {
  const { locks, edges, openPage } = origin();
  const core = new Core();
  const outcome = drainInBackground(edges(core, clock));
  await vi.waitFor(() => expect(core.made).toBe(true));
  return { core, outcome, locks, openPage };
}

describe('draining in the background', () => {
  it('leads until nothing is left, and leaves', async () => {
    const { core, outcome, locks } = await leading();
    core.say(statusWith(5));
    core.say(statusWith(0));
    expect(await outcome).toBe('sent');
    expect(core.stopped).toBe(1);
    await vi.waitFor(() => expect(locks.isHeld(LEADER_LOCK)).toBe(false));
  });

  it('ends where only a person can help', async () => {
    const { core, outcome } = await leading();
    core.say(statusWith(5, { connection: { at: 'refused', error: appError('server-unauthorized') } }));
    expect(await outcome).toBe('refused');
  });

  it('does not take a log that did not open for an empty one', async () => {
    const { core, outcome } = await leading();
    core.say(statusWith(0, { storage: { kind: 'memory' } }));
    expect(await outcome).toBe('later');
  });

  it('sends what a full disk still holds', async () => {
    const { core, outcome } = await leading();
    core.say(statusWith(7, { storage: { kind: 'memory', full: true } }));
    core.say(statusWith(0, { storage: { kind: 'memory', full: true } }));
    // Nothing is kept any more, so it was sent.
    expect(await outcome).toBe('sent');
  });

  it('gives up when nothing is confirmed for a while, and not while something is', async () => {
    const clock = createManualClock();
    const { core, outcome } = await leading(clock);
    const settled = vi.fn();
    void outcome.then(settled);
    const left = [9, 8, 7];
    for (const kept of left) {
      core.say(statusWith(kept));
      await new Promise((resolve) => setTimeout(resolve, 20));
      await clock.advance(30_000);
      expect(settled).not.toHaveBeenCalled();
    }
    await clock.advance(15_000);
    expect(await outcome).toBe('later');
    expect(core.stopped).toBe(1);
  });

  it('ends before the browser would end it, however well it goes', async () => {
    const clock = createManualClock();
    const { core, outcome } = await leading(clock);
    const settled = vi.fn();
    void outcome.then(settled);
    for (let second = 0; second < 145; second += 5) {
      core.say(statusWith(1000 - second));
      await new Promise((resolve) => setTimeout(resolve, 2));
      await clock.advance(5000);
    }
    expect(settled).not.toHaveBeenCalled();
    await clock.advance(10_000);
    expect(await outcome).toBe('later');
  });

  it('touches nothing where nothing keeps tabs apart', async () => {
    const core = new Core();
    const { locks: _none, ...edges } = origin().edges(core, systemClock);
    expect(await drainInBackground({ ...edges, locks: undefined })).toBe('later');
    expect(core.made).toBe(false);
  });

  it('tells a page that leads, and leaves the log to it once it is connected', async () => {
    const { edges, openPage } = origin();
    const core = new Core();
    const page = await openPage(core);
    core.say(statusWith(5, { connection: { at: 'offline', since: 0 } }));
    const own = new Core();
    const outcome = drainInBackground(edges(own, systemClock));
    await vi.waitFor(() => expect(core.events).toEqual(['online']));
    const settled = vi.fn();
    void outcome.then(settled);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(settled).not.toHaveBeenCalled();
    core.say(statusWith(5));
    expect(await outcome).toBe('app-open');
    expect(page.leads).toBe(true);
    expect(own.made).toBe(false);
  });

  it('has nothing to do where a page that leads has nothing to send', async () => {
    const { edges, openPage } = origin();
    const core = new Core();
    await openPage(core);
    core.say(statusWith(0, { connection: { at: 'offline', since: 0 } }));
    expect(await drainInBackground(edges(new Core(), systemClock))).toBe('app-open');
  });

  it('leads when the page goes before it could send', async () => {
    const { edges, openPage } = origin();
    const core = new Core();
    const page = await openPage(core);
    core.say(statusWith(5, { connection: { at: 'offline', since: 0 } }));
    const own = new Core();
    const outcome = drainInBackground(edges(own, systemClock));
    await vi.waitFor(() => expect(core.events).toEqual(['online']));
    page.close();
    await vi.waitFor(() => expect(own.made).toBe(true));
    own.say(statusWith(5));
    own.say(statusWith(0));
    expect(await outcome).toBe('sent');
  });

  it('gives the lead to a page that comes', async () => {
    const { core, outcome, openPage } = await leading();
    core.say(statusWith(5));
    const next = new Core();
    const page = await openPage(next);
    expect(await outcome).toBe('app-open');
    expect(core.stopped).toBe(1);
    expect(page.leads).toBe(true);
    expect(next.made).toBe(true);
  });
});

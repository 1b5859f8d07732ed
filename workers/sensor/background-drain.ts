/**
 * Sends what waits in the log while no page of the app may be open: what the service worker does when the browser wakes
 * it. It takes part among the tabs like any of them, so there is still one leader, one socket and one writer of the log.
 * A page that leads is told that there is a network, and watched until it is connected: should it be closed before, we
 * lead. A page that comes, or has something to say, gets the lead at once.
 */
import type { WorkerStatus } from './api.ts';
import type { TabMessage } from './tabs/messages.ts';
import type { Broadcast, TabEdges } from './tabs/ports.ts';
import { TabWorker } from './tabs/tab-worker.ts';

/** Browsers end a wake-up after a few minutes; stopping before that leaves the log in good order, ms. */
const LONGEST = 150_000;
/** Nothing was confirmed for so long, by us or the page that leads: the server is not to be had now, ms. */
const PATIENCE = 40_000;

/**
 * `sent`: nothing waits any more. `app-open`: a page leads, and sends. `refused`: a person has to sign in.
 * `later`: something is left, and the browser should wake us again.
 */
export type DrainOutcome = 'sent' | 'app-open' | 'refused' | 'later';

/** Runs until one of the outcomes is reached, at most two and a half minutes. Never rejects. */
export async function drainInBackground(edges: TabEdges): Promise<DrainOutcome> {
  // Nothing would keep us and the pages from sending the same log at once.
  if (!edges.locks || !edges.openBroadcast) return 'later';
  return new BackgroundDrain(edges).run();
}

class BackgroundDrain {
  readonly #edges: TabEdges;
  readonly #tab: TabWorker;
  readonly #ports = [new MessageChannel(), new MessageChannel()] as const;
  readonly #outcome: Promise<DrainOutcome>;
  #settle: (outcome: DrainOutcome) => void = () => undefined;
  #stopPatience: () => void = () => undefined;
  /** Samples left at the last look. */
  #left = Infinity;

  constructor(edges: TabEdges) {
    this.#edges = edges;
    this.#outcome = new Promise((resolve) => (this.#settle = resolve));
    this.#tab = new TabWorker({
      ...edges,
      openBroadcast: edges.openBroadcast && (() => this.#listening(edges.openBroadcast?.())),
    });
  }

  async run(): Promise<DrainOutcome> {
    const { clock } = this.#edges;
    const [live, status] = this.#ports;
    status.port1.onmessage = (event: MessageEvent<WorkerStatus>) => this.#saw(event.data);
    const stopLimit = clock.after(LONGEST, () => this.#settle('later'));
    this.#wait();
    await this.#tab.attach({ live: live.port2, status: status.port2 });
    this.#tab.start().then(
      // Whoever leads, a page or we: there is a network now.
      () => this.#tab.pageEvent('online'),
      () => this.#settle('later'),
    );
    const outcome = await this.#outcome;
    stopLimit();
    this.#stopPatience();
    this.#tab.close();
    for (const { port1 } of this.#ports) port1.close();
    return outcome;
  }

  #saw({ totals, connection, storage }: WorkerStatus): void {
    const { leads } = this.#tab;
    // A log that does not open holds we do not know what; one whose disk is full can be sent, which makes room.
    if (leads && storage.kind === 'memory' && storage.full !== true) return this.#settle('later');
    if (totals.kept === 0) return this.#settle(leads ? 'sent' : 'app-open');
    if (connection.at === 'refused') return this.#settle('refused');
    if (!leads && connection.at === 'connected') return this.#settle('app-open');
    if (totals.kept < this.#left) this.#wait();
    this.#left = totals.kept;
  }

  #wait(): void {
    this.#stopPatience();
    this.#stopPatience = this.#edges.clock.after(PATIENCE, () => this.#settle('later'));
  }

  /** Hears what tabs say: the first word of one that would be led by us ends that. */
  #listening(broadcast: Broadcast | undefined): Broadcast {
    if (!broadcast) throw new Error('no channel to other tabs');
    const heard = ({ data }: MessageEvent<TabMessage>): void => {
      if (this.#tab.leads && isOfTab(data)) this.#settle('app-open');
    };
    return {
      postMessage: (message) => broadcast.postMessage(message),
      close: () => broadcast.close(),
      get onmessage() {
        return broadcast.onmessage;
      },
      set onmessage(listener) {
        broadcast.onmessage = function (event: MessageEvent<TabMessage>) {
          // Heard first: so the tab learns that somebody led until now, and lets the server come to rest.
          listener?.call(this, event);
          heard(event);
        };
      },
    };
  }
}

function isOfTab({ type }: TabMessage): boolean {
  return type === 'hello' || type === 'call' || type === 'feed';
}

/**
 * What this tab's window feeds. Each sensor that it opened is opened with every new leader, and what that leader does not
 * have is given to it again, in order: the log says from where. One feed does one thing at a time, towards what the
 * window wanted last and whoever leads now.
 */
import type { Clock } from '../../../src/lib/timers.ts';
import { ok, type Result } from '../../../src/model/result.ts';
import type { SensorDescriptor, SensorId } from '../../../src/model/sensor.ts';
import { KeptFeeds, type NewItem } from './kept-feeds.ts';
import type { FeedItem, Logged, Opened, TabId } from './messages.ts';

/** What was delivered before a sensor was closed stays here until the log has it, at most this long, ms. */
const LINGER = 3000;
/** A leader that cannot open a sensor is asked again after this, ms. */
const REOPEN_DELAY = 1000;

export interface FeedsDeps {
  readonly clock: Clock;
  /** The leadership of this moment; undefined while there is none. */
  readonly term: () => number | undefined;
  /** Both answer undefined if the leader went before it answered. */
  readonly open: (descriptor: SensorDescriptor) => Promise<Opened | undefined>;
  readonly close: (sensorId: SensorId) => Promise<Result<void> | undefined>;
  readonly give: (term: number, sensorId: SensorId, item: FeedItem) => void;
}

interface Feed {
  descriptor: SensorDescriptor;
  /** False once the window has closed it; it may linger until the log has everything. */
  wanted: boolean;
  /** The leadership that takes its bytes as they come. */
  flowing: number | undefined;
  /** The leadership that closed it. */
  closed: number | undefined;
  busy: boolean;
  again: boolean;
  waiting: ((result: Result<void>) => void)[];
}

export class Feeds {
  readonly #deps: FeedsDeps;
  readonly #kept: KeptFeeds;
  readonly #feeds = new Map<SensorId, Feed>();

  constructor(deps: FeedsDeps, kept = new KeptFeeds()) {
    this.#deps = deps;
    this.#kept = kept;
  }

  isOpen(sensorId: SensorId): boolean {
    return this.#feeds.get(sensorId)?.wanted ?? false;
  }

  /** Packets that found no room while no tab could store them. */
  dropped(sensorId: SensorId): number {
    return this.#kept.dropped(sensorId);
  }

  /** Resolves once a leader takes this sensor's bytes, or says why not. */
  open(descriptor: SensorDescriptor): Promise<Result<void>> {
    const known = this.#feeds.get(descriptor.sensorId);
    const feed: Feed = known
      ? Object.assign(known, { descriptor, wanted: true })
      : { descriptor, wanted: true, flowing: undefined, closed: undefined, busy: false, again: false, waiting: [] };
    this.#feeds.set(descriptor.sensorId, feed);
    return this.#settled(feed);
  }

  /** Resolves once the leader has closed it. */
  close(sensorId: SensorId): Promise<Result<void>> {
    const feed = this.#feeds.get(sensorId);
    if (!feed) return Promise.resolve(ok(undefined));
    feed.wanted = false;
    return this.#settled(feed);
  }

  add(sensorId: SensorId, item: NewItem): void {
    const feed = this.#feeds.get(sensorId);
    if (!feed?.wanted) return;
    const numbered = this.#kept.add(sensorId, item);
    if (feed.flowing !== undefined && feed.flowing === this.#deps.term()) {
      this.#deps.give(feed.flowing, sensorId, numbered);
    }
  }

  logged(tab: TabId, logged: readonly Logged[]): void {
    for (const one of logged) if (one.tab === tab) this.#kept.logged(one.sensorId, one.number);
  }

  /** Another tab leads: everything goes on there, also what was closed and is not in the log. */
  resume(): void {
    for (const feed of this.#feeds.values()) void this.#run(feed);
  }

  #settled(feed: Feed): Promise<Result<void>> {
    const result = new Promise<Result<void>>((resolve) => feed.waiting.push(resolve));
    void this.#run(feed);
    return result;
  }

  /** Works until the feed is as it should be; one run at a time. */
  async #run(feed: Feed): Promise<void> {
    feed.again = true;
    if (feed.busy) return;
    feed.busy = true;
    try {
      while (feed.again) if (await this.#step(feed)) feed.again = true;
    } finally {
      feed.busy = false;
    }
  }

  /** True: look again. */
  #step(feed: Feed): boolean | Promise<boolean> {
    feed.again = false;
    const term = this.#deps.term();
    // The next leader's first sign of life asks again.
    if (term === undefined) return false;
    if (feed.flowing === term) return feed.wanted ? this.#tell(feed, ok(undefined)) : this.#closeNow(feed, term);
    const unlogged = feed.closed !== term && this.#kept.count(feed.descriptor.sensorId) > 0;
    return feed.wanted || unlogged ? this.#openNow(feed, term) : this.#tell(feed, ok(undefined));
  }

  async #openNow(feed: Feed, term: number): Promise<boolean> {
    const { sensorId } = feed.descriptor;
    const opened = await this.#deps.open(feed.descriptor);
    if (opened?.term !== this.#deps.term() || opened?.term !== term) return true;
    if (!opened.result.ok) return this.#refused(feed, opened.result);
    for (const item of this.#kept.after(sensorId, opened.received)) this.#deps.give(term, sensorId, item);
    feed.flowing = term;
    return true;
  }

  async #closeNow(feed: Feed, term: number): Promise<boolean> {
    const closed = await this.#deps.close(feed.descriptor.sensorId);
    if (closed === undefined) return true;
    feed.flowing = undefined;
    feed.closed = term;
    if (feed.wanted) return true;
    // A leader that dies just now may not have written the last of it.
    this.#deps.clock.after(LINGER, () => this.#forget(feed));
    return this.#tell(feed, closed);
  }

  /** The first opening is the window's to repeat; a later one is ours. */
  #refused(feed: Feed, result: Result<void>): boolean {
    if (feed.waiting.length > 0) this.#feeds.delete(feed.descriptor.sensorId);
    else this.#deps.clock.after(REOPEN_DELAY, () => void this.#run(feed));
    return this.#tell(feed, result);
  }

  /** Nothing left to do for now: false, which ends the run. */
  #tell(feed: Feed, result: Result<void>): false {
    for (const resolve of feed.waiting.splice(0)) resolve(result);
    return false;
  }

  #forget(feed: Feed): void {
    const { sensorId } = feed.descriptor;
    if (feed.wanted || feed.busy || this.#feeds.get(sensorId) !== feed) return;
    this.#feeds.delete(sensorId);
    this.#kept.clear(sensorId);
  }
}

/**
 * The link to something without a radio: one or more sources under one sensor (this phone, a demonstration). Each can be
 * switched on and off by itself; the link is live while one delivers. Nothing here throws.
 */
import type { DeviceCommand } from '../model/command.ts';
import { appError, describeThrown, type AppError } from '../model/errors.ts';
import type { LinkState } from '../model/link.ts';
import type { Reading } from '../model/reading.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { AttributeRegistration } from '../model/sensor.ts';
import type { Timers } from '../lib/timers.ts';
import type { Source } from './source.ts';

/** A source with a nominal rate that delivers nothing for so long is silent, ms. */
const SILENCE = 3000;

export type SourceState =
  | { readonly at: 'off' }
  | { readonly at: 'starting' }
  | { readonly at: 'on' }
  /** It runs but something is wrong, or it could not start. */
  | { readonly at: 'trouble'; readonly error: AppError };

export interface SourceView {
  readonly kind: string;
  /** What it may yield. */
  readonly attributes: readonly string[];
  readonly state: SourceState;
}

export interface SourceLinkDeps {
  readonly sources: readonly Source[];
  /** Kinds that are on from the start. */
  readonly on: readonly string[];
  readonly onReadings: (
    readings: readonly Reading[],
    attributes: readonly AttributeRegistration[],
    arrival: number,
  ) => void;
  readonly onState: (state: LinkState) => void;
  /** Unix ms. */
  readonly now: () => number;
  readonly timers: Timers;
}

interface Running {
  readonly source: Source;
  state: SourceState;
  ending: AbortController | undefined;
  lastAt: number;
}

export class SourceLink {
  readonly subscriptions = 0;
  readonly #deps: SourceLinkDeps;
  readonly #all: readonly Running[];
  /** What the person wants on. */
  readonly #wanted: Set<string>;
  #state: LinkState = { at: 'idle' };
  #stopWatching: (() => void) | undefined;

  constructor(deps: SourceLinkDeps) {
    this.#deps = deps;
    this.#wanted = new Set(deps.on);
    this.#all = deps.sources.map((source) => ({ source, state: { at: 'off' }, ending: undefined, lastAt: 0 }));
  }

  get state(): LinkState {
    return this.#state;
  }

  get sources(): readonly SourceView[] {
    return this.#all.map(({ source: { kind, attributes }, state }) => ({
      kind,
      attributes: attributes.map(({ attribute }) => attribute),
      state,
    }));
  }

  start(): void {
    if (this.#isRunning()) return;
    for (const one of this.#all) if (this.#wanted.has(one.source.kind)) void this.#begin(one);
    this.#watch();
    this.#show();
  }

  stop(): void {
    this.#stopWatching?.();
    this.#stopWatching = undefined;
    for (const one of this.#all) end(one);
    this.#set({ at: 'idle' });
  }

  /** Starts again what is wanted and does not run. */
  retry(): void {
    if (!this.#isRunning()) return this.start();
    for (const one of this.#all) {
      if (one.state.at !== 'trouble' || !this.#wanted.has(one.source.kind)) continue;
      end(one);
      void this.#begin(one);
    }
    this.#show();
  }

  forget(): Promise<void> {
    this.stop();
    this.#set({ at: 'forgotten' });
    return Promise.resolve();
  }

  /** Sources take no commands; a link to something that does says so itself. */
  command(_command: DeviceCommand): Promise<Result<void>> {
    return Promise.resolve(fail(appError('command-unsupported')));
  }

  /** Switches one source; takes effect at once while the link is up. Needs a user gesture to ask for a permission. */
  async switch(kind: string, on: boolean): Promise<Result<void>> {
    const one = this.#all.find(({ source }) => source.kind === kind);
    if (!one) return fail(appError('source-unsupported', kind));
    if (on) this.#wanted.add(kind);
    else this.#wanted.delete(kind);
    if (!this.#isRunning()) return ok(undefined);
    const started = on && one.ending === undefined ? await this.#begin(one) : ok(undefined);
    if (!on) end(one);
    this.#show();
    return started;
  }

  /** Samples a second that are enough for now, for every source that has a choice. */
  setRate(hz: number): void {
    for (const { source } of this.#all) source.setRate?.(hz);
  }

  #isRunning(): boolean {
    return this.#stopWatching !== undefined;
  }

  async #begin(one: Running): Promise<Result<void>> {
    const ending = new AbortController();
    one.ending = ending;
    one.state = { at: 'starting' };
    one.lastAt = this.#deps.now();
    let started: Result<void>;
    try {
      started = await one.source.start(
        {
          readings: (readings, arrival) => this.#take(one, readings, arrival, ending.signal),
          trouble: (error) => this.#trouble(one, error, ending.signal),
        },
        ending.signal,
      );
    } catch (thrown) {
      started = fail(appError('unexpected', `${one.source.kind}: ${describeThrown(thrown)}`));
    }
    if (ending.signal.aborted) return started;
    if (!started.ok) end(one, { at: 'trouble', error: started.error });
    else if (isStarting(one)) one.state = { at: 'on' };
    this.#show();
    return started;
  }

  #take(one: Running, readings: readonly Reading[], arrival: number, signal: AbortSignal): void {
    if (signal.aborted || readings.length === 0) return;
    one.lastAt = this.#deps.now();
    this.#deps.onReadings(readings, one.source.attributes, arrival);
    if (one.state.at === 'on' && this.#state.at === 'live') return;
    one.state = { at: 'on' };
    this.#show();
  }

  #trouble(one: Running, error: AppError | undefined, signal: AbortSignal): void {
    if (signal.aborted) return;
    one.state = error ? { at: 'trouble', error } : { at: 'on' };
    this.#show();
  }

  /** Looks every now and then whether what should come regularly comes. */
  #watch(): void {
    this.#stopWatching = this.#deps.timers.after(SILENCE / 3, () => {
      this.#show();
      this.#watch();
    });
  }

  #show(): void {
    if (this.#isRunning()) this.#set(this.#summary());
  }

  #summary(): LinkState {
    const wanted = this.#all.filter(({ source }) => this.#wanted.has(source.kind));
    const on = wanted.filter(({ state }) => state.at === 'on');
    if (on.length > 0) return this.#silence(on) ?? { at: 'live' };
    const failed = wanted.flatMap(({ state }) => (state.at === 'trouble' ? [state.error] : []));
    if (failed[0] && failed.length === wanted.length) return { at: 'lost', error: failed[0] };
    return wanted.length === 0 ? { at: 'live' } : { at: 'connecting', attempt: 1 };
  }

  #silence(on: readonly Running[]): LinkState | undefined {
    const now = this.#deps.now();
    const regular = on.filter(({ source }) => source.attributes.some(({ samplingRate }) => samplingRate > 1));
    const since = Math.max(...regular.map(({ lastAt }) => lastAt));
    return regular.length > 0 && now - since > SILENCE ? { at: 'stale', since } : undefined;
  }

  #set(state: LinkState): void {
    this.#state = state;
    this.#deps.onState(state);
  }
}

function isStarting({ state }: Running): boolean {
  return state.at === 'starting';
}

function end(one: Running, state: SourceState = { at: 'off' }): void {
  one.ending?.abort();
  one.ending = undefined;
  one.state = state;
}

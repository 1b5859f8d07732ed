/**
 * The link to one device: carries out what the link machine decides. Connects, discovers, reads what can be read,
 * subscribes one by one, watches for silence, tries again. Every connection has its own AbortController, so nothing of
 * an old one can reach a new one; links of several devices share nothing.
 */
import type { Timers } from '../../lib/timers.ts';
import { appError, unreachable, type AppError } from '../../model/errors.ts';
import type { LinkState } from '../../model/link.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { DeviceCommand } from '../../model/command.ts';
import type { DeviceNotes, Profile } from '../profiles/profile.ts';
import {
  isNotified,
  knownCharacteristics,
  profilesOf,
  rhythmsOf,
  yieldsSamples,
  type KnownCharacteristic,
} from './characteristics.ts';
import { withDeadline } from './deadline.ts';
import { createDeviceIo, type LiveIo } from './device-io.ts';
import { next, type LinkEffect, type LinkEvent } from './link-machine.ts';
import type { Connection, Peripheral, Radio } from './radio.ts';
import type { Rhythm } from './rhythm.ts';

/** Browsers have let `connect()` hang for 50 s; a strap in range answers within 5. */
const CONNECT_TIMEOUT = 15_000;

export interface LinkDeps {
  /** What the app can read; only these services are discovered. */
  readonly profiles: readonly Profile[];
  /**
   * Bytes of a notification or read, in a buffer that may be transferred.
   * @param characteristic instance key (its UUID, but for the second of a kind)
   * @param arrival Unix ms
   */
  readonly onBytes: (characteristic: string, bytes: ArrayBuffer, arrival: number) => void;
  /** What the device turned out to be, before it is asked to send anything; an error ends the try. */
  readonly onDiscovered?: (profiles: readonly Profile[]) => Promise<Result<void>>;
  /** What is remembered of the device from one connection to the next; absent: for as long as this link lives. */
  readonly notes?: DeviceNotes;
  /** After every change of state. */
  readonly onState: (state: LinkState) => void;
  /** The connection that bytes came over is gone; the next bytes belong to a new one. */
  readonly onLinkLost: () => void;
  /** Something failed without ending the link: one characteristic could not be read, say. */
  readonly onWarning?: (error: AppError) => void;
  /** Tells when the adapter comes or goes. */
  readonly radio: Pick<Radio, 'onAdapterChange'>;
  /** Unix ms. */
  readonly now: () => number;
  readonly random: () => number;
  readonly timers: Timers;
}

/** The link of one device. Nothing here throws; what happens shows in `state`. */
export interface Link {
  readonly state: LinkState;
  /** Connects, or waits for a remembered device until it is heard. No effect while a link exists. */
  start(): void;
  /** Ends the link and stays idle until `start` or `retry`. */
  stop(): void;
  /** Tries now instead of later; also after the link was given up. */
  retry(): void;
  /** Ends the link for good and gives the permission back. */
  forget(): Promise<void>;
  /** Hands a command to the profile that understands it. `command-unsupported` if none does. */
  command(command: DeviceCommand): Promise<Result<void>>;
  /** Notifications that are on: browsers allow only so many at a time. */
  readonly subscriptions: number;
}

/** A link to `peripheral`, idle until started. */
export function createLink(peripheral: Peripheral, deps: LinkDeps): Link {
  return new DeviceLink(peripheral, deps);
}

class DeviceLink implements Link {
  readonly #peripheral: Peripheral;
  readonly #deps: LinkDeps;
  #state: LinkState = { at: 'idle' };
  /** Everything that belongs to the present try or connection. */
  #current = new AbortController();
  /** From start to stop: listens to the adapter. */
  #wanted = new AbortController();
  #connection: Connection | undefined;
  #known: readonly KnownCharacteristic[] = [];
  readonly #notes: DeviceNotes;
  #io: LiveIo | undefined;
  #subscriptions = 0;
  #lastPacket = 0;
  #rhythms = new Map<string, Rhythm>();
  readonly #events: LinkEvent[] = [];
  #busy = false;
  #forgetting: Promise<void> = Promise.resolve();

  constructor(peripheral: Peripheral, deps: LinkDeps) {
    this.#peripheral = peripheral;
    this.#deps = deps;
    this.#notes = deps.notes ?? new Map<string, number>();
    this.#wanted.abort();
  }

  get state(): LinkState {
    return this.#state;
  }

  get subscriptions(): number {
    return this.#subscriptions;
  }

  async command(command: DeviceCommand): Promise<Result<void>> {
    const io = this.#io;
    const able = profilesOf(this.#known).find((profile) => profile.command);
    if (!io || !able?.command) return fail(appError('command-unsupported', command.command));
    return able.command(io, command);
  }

  start(): void {
    this.#dispatch({ type: 'start', seek: this.#mustSeek() });
    this.#want();
  }

  stop(): void {
    this.#wanted.abort();
    this.#dispatch({ type: 'stop' });
  }

  retry(): void {
    this.#dispatch({ type: 'retry' });
    this.#want();
  }

  async forget(): Promise<void> {
    this.#wanted.abort();
    this.#dispatch({ type: 'forget' });
    await this.#forgetting;
  }

  /** A device of an earlier visit can be connected to only after the browser has heard it. */
  #mustSeek(): boolean {
    return this.#peripheral.remembered && this.#peripheral.advertisements !== undefined;
  }

  #want(): void {
    if (!this.#wanted.signal.aborted || this.#state.at === 'forgotten') return;
    this.#wanted = new AbortController();
    this.#deps.radio.onAdapterChange((on) => this.#dispatch({ type: 'adapter', on }), this.#wanted.signal);
  }

  /** Feeds the machine. Events that arise while one is handled wait their turn. */
  #dispatch(event: LinkEvent): void {
    this.#events.push(event);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let waiting = this.#events.shift(); waiting; waiting = this.#events.shift()) this.#handle(waiting);
    } finally {
      this.#busy = false;
    }
  }

  #handle(event: LinkEvent): void {
    const before = this.#state;
    const step = next(before, event, { now: this.#deps.now(), random: this.#deps.random });
    this.#state = step.state;
    for (const effect of step.effects) this.#perform(effect);
    if (step.state !== before) this.#deps.onState(step.state);
  }

  #perform(effect: LinkEffect): void {
    switch (effect.do) {
      case 'seek':
        return this.#begin(() => this.#seek(this.#current.signal));
      case 'connect':
        return this.#begin(() => this.#connect(this.#current.signal));
      case 'discover':
        return void this.#report({ type: 'discovered' }, this.#discover(this.#current.signal));
      case 'subscribe':
        return void this.#report({ type: 'subscribed' }, this.#subscribe(this.#current.signal));
      case 'watch':
        return this.#watch(this.#current.signal);
      case 'wait':
        return this.#wait(effect.ms);
      case 'teardown':
        return this.#teardown();
      case 'link-lost':
        return this.#deps.onLinkLost();
      case 'forget':
        this.#forgetting = this.#giveBack();
        return;
      default:
        return unreachable(effect);
    }
  }

  /** Starts a try of its own: whatever an earlier one still has under way cannot report any more. */
  #begin(run: () => void): void {
    this.#current.abort();
    this.#current = new AbortController();
    run();
  }

  /** Dispatches `done` or `failed` when `work` is through, unless the try it belongs to is over. */
  async #report(done: LinkEvent, work: Promise<Result<void>>): Promise<void> {
    const { signal } = this.#current;
    const result = await work;
    if (signal.aborted) return;
    this.#dispatch(result.ok ? done : { type: 'failed', error: result.error });
  }

  #seek(signal: AbortSignal): void {
    const seen = (): void => {
      if (!signal.aborted) this.#dispatch({ type: 'seen' });
    };
    const listening = this.#peripheral.advertisements?.(seen, signal);
    if (listening === undefined) return this.#dispatch({ type: 'seen' });
    void listening.then((result) => {
      if (!result.ok && !signal.aborted) this.#dispatch({ type: 'failed', error: result.error });
    });
  }

  #connect(signal: AbortSignal): void {
    const work = withDeadline((inner) => this.#peripheral.connect(inner), {
      timers: this.#deps.timers,
      timeout: CONNECT_TIMEOUT,
      signal,
      what: 'connect',
    }).then((result): Result<void> => {
      if (!result.ok) return result;
      // Between the radio's answer and here the try may have been given up.
      if (signal.aborted) result.value.disconnect();
      else this.#adopt(result.value, signal);
      return ok(undefined);
    });
    void this.#report({ type: 'connected' }, work);
  }

  #adopt(connection: Connection, signal: AbortSignal): void {
    this.#connection = connection;
    connection.onDisconnected(() => this.#dispatch({ type: 'dropped' }), signal);
  }

  async #discover(signal: AbortSignal): Promise<Result<void>> {
    const connection = this.#connection;
    if (connection === undefined) return fail(appError('unexpected', 'discover without a connection'));
    const { profiles } = this.#deps;
    const services = await connection.services(
      profiles.map((profile) => profile.service),
      signal,
    );
    if (!services.ok) return services;
    const known = knownCharacteristics(profiles, services.value);
    if (!known.some(yieldsSamples)) {
      return fail(appError('bluetooth-no-services', services.value.map((found) => found.uuid).join(' ')));
    }
    // After an abort this belongs to nobody, and the next try starts with its own list.
    if (signal.aborted) return ok(undefined);
    this.#known = known;
    return (await this.#deps.onDiscovered?.(profilesOf(known))) ?? ok(undefined);
  }

  async #subscribe(signal: AbortSignal): Promise<Result<void>> {
    const connection = this.#connection;
    if (connection === undefined) return fail(appError('unexpected', 'subscribe without a connection'));
    const known = this.#known;
    this.#lastPacket = this.#deps.now();
    this.#rhythms = rhythmsOf(known);
    this.#subscriptions = 0;
    const found = known.map((one) => one.found);
    this.#io = createDeviceIo(connection, found, this.#deps.timers, this.#notes, signal);
    for (const one of known) {
      if (signal.aborted) break;
      if (one.spec.use.startsWith('read') && one.found.can.read) await this.#read(connection, one, signal);
    }
    for (const one of known.filter(isNotified)) {
      if (signal.aborted) break;
      const started = await this.#subscribeTo(connection, one, signal);
      if (!started.ok && one.essential) return started;
    }
    for (const one of known) if (one.spec.pollMs !== undefined) this.#poll(connection, one, one.spec.pollMs, signal);
    return this.#startProfiles(known, this.#io, signal);
  }

  async #subscribeTo(connection: Connection, one: KnownCharacteristic, signal: AbortSignal): Promise<Result<void>> {
    const onBytes = (bytes: ArrayBuffer, arrival: number): void => {
      if (!signal.aborted) this.#packet(one, bytes, arrival);
    };
    const started = await connection.subscribe(one.found, onBytes, signal);
    if (started.ok) this.#subscriptions += 1;
    else if (!one.essential) this.#warn(started.error, signal);
    return started;
  }

  /** A profile that cannot start is a pity if another one streams, and the end of this try if none does. */
  async #startProfiles(known: readonly KnownCharacteristic[], io: LiveIo, signal: AbortSignal): Promise<Result<void>> {
    const profiles = profilesOf(known);
    for (const profile of profiles) {
      if (signal.aborted) break;
      const started = (await profile.start?.(io)) ?? ok(undefined);
      if (started.ok) continue;
      const others = known.some((one) => one.profile !== profile && one.essential && yieldsSamples(one));
      if (!others) return started;
      this.#warn(started.error, signal);
    }
    return ok(undefined);
  }

  /** Reads once. A value that cannot be read is a pity, not the end of the link. */
  async #read(connection: Connection, one: KnownCharacteristic, signal: AbortSignal): Promise<void> {
    const bytes = await connection.read(one.found, signal);
    if (signal.aborted) return;
    if (bytes.ok) this.#deps.onBytes(one.key, bytes.value, this.#deps.now());
    else this.#warn(bytes.error, signal);
  }

  /** Reads again and again, for as long as the connection lives. */
  #poll(connection: Connection, one: KnownCharacteristic, ms: number, signal: AbortSignal): void {
    if (!one.found.can.read) return;
    const cancel = this.#deps.timers.after(ms, () => {
      signal.removeEventListener('abort', cancel);
      void this.#read(connection, one, signal).then(() => {
        if (!signal.aborted) this.#poll(connection, one, ms, signal);
      });
    });
    signal.addEventListener('abort', cancel, { once: true });
  }

  #warn(error: AppError, signal: AbortSignal): void {
    if (!signal.aborted) this.#deps.onWarning?.(error);
  }

  #packet({ key, found }: KnownCharacteristic, bytes: ArrayBuffer, arrival: number): void {
    // First: the worker's copy is transferred, which empties it here.
    this.#io?.notified(found.uuid, bytes);
    this.#deps.onBytes(key, bytes, arrival);
    const rhythm = this.#rhythms.get(key);
    // What comes irregularly (battery) says nothing about whether the stream lives.
    if (rhythm === undefined) return;
    this.#lastPacket = this.#deps.now();
    rhythm.packet(this.#lastPacket);
    if (this.#state.at !== 'live') this.#dispatch({ type: 'packet' });
  }

  /** Reports silence once the stream is overdue. One timer that re-arms itself is cheaper than one per packet. */
  #watch(signal: AbortSignal): void {
    if (this.#rhythms.size === 0) return;
    const limit = Math.min(...[...this.#rhythms.values()].map((rhythm) => rhythm.limit()));
    const left = this.#lastPacket + limit - this.#deps.now();
    if (left <= 0) return this.#dispatch({ type: 'silence', since: this.#lastPacket });
    const cancel = this.#deps.timers.after(left, () => {
      signal.removeEventListener('abort', cancel);
      if (!signal.aborted) this.#watch(signal);
    });
    signal.addEventListener('abort', cancel, { once: true });
  }

  #wait(ms: number): void {
    this.#begin(() => {
      const cancel = this.#deps.timers.after(ms, () => this.#dispatch({ type: 'retry-due', seek: this.#mustSeek() }));
      this.#current.signal.addEventListener('abort', cancel, { once: true });
    });
  }

  #teardown(): void {
    this.#current.abort();
    this.#connection?.disconnect();
    this.#connection = undefined;
    this.#known = [];
    this.#io = undefined;
    this.#subscriptions = 0;
    this.#rhythms.clear();
  }

  async #giveBack(): Promise<void> {
    const result = await this.#peripheral.forget();
    if (!result.ok) this.#deps.onWarning?.(result.error);
  }
}

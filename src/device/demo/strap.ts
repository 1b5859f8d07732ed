/**
 * A scripted chest strap: speaks Heart Rate, Battery and Device Information in their true byte formats, once a second,
 * and goes through the same link as a real one. Demo mode and test double in one.
 */
import type { Timers } from '../../lib/timers.ts';
import { appError, type AppError } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Connection, Peripheral } from '../bluetooth/radio.ts';
import { HEART_RATE_MEASUREMENT, heartRateProfile } from '../profiles/heart-rate.ts';
import { BATTERY_LEVEL } from '../profiles/battery.ts';
import { encodeHeartRate } from './encode.ts';
import { createHeart, type Heart } from './heart.ts';
import { distort, refusal, within, type StrapScript } from './script.ts';
import { ScriptedConnection } from './scripted-connection.ts';

/** One notification a second, like most straps. */
const PERIOD = 1000;
/** After a longer pause (the computer slept) a real link would be gone; what was missed is not made up then. */
const MAX_CATCH_UP = 120_000;
/** How long until a strap that was worn before is heard again, ms. */
const ADVERTISED_AFTER = 500;
/** Energy rides on every tenth packet, as the specification recommends. */
const ENERGY_EVERY = 10;
/** One percent in five minutes: faster than life, so that a demonstration shows it. */
const SECONDS_PER_PERCENT = 300;

export interface StrapOptions {
  readonly id: string;
  readonly name: string;
  readonly seed: number;
  readonly script: StrapScript;
  readonly remembered: boolean;
  readonly timers: Timers;
  /** Unix ms. */
  readonly now: () => number;
  /** Why the radio cannot connect now, if it cannot. */
  readonly radioError: () => AppError | undefined;
  readonly onForget: () => void;
}

export class ScriptedStrap implements Peripheral {
  readonly demo = true;
  readonly sensorType = heartRateProfile.sensorType;
  readonly id: string;
  readonly name: string;
  readonly #options: StrapOptions;
  readonly #heart: Heart;
  #remembered: boolean;
  #forgotten = false;
  #connects = 0;
  /** Connections made so far; the script tells them apart. */
  #connections = 0;
  /** Seconds streamed so far, over all connections. */
  #packets = 0;
  #current: ScriptedConnection | undefined;

  constructor(options: StrapOptions) {
    this.id = options.id;
    this.name = options.name;
    this.#options = options;
    this.#heart = createHeart(options.seed);
    this.#remembered = options.remembered;
  }

  get remembered(): boolean {
    return this.#remembered;
  }

  connect(signal: AbortSignal): Promise<Result<Connection>> {
    this.#connects += 1;
    const { script, radioError } = this.#options;
    if (signal.aborted) return Promise.resolve(fail(appError('bluetooth-cancelled', 'connect')));
    if (this.#connects <= (script.hangConnect ?? 0)) return new Promise(() => undefined);
    const error = this.#forgotten
      ? appError('bluetooth-device-forgotten')
      : (radioError() ?? refusal(script, this.#connects));
    if (error) return Promise.resolve(fail(error));
    this.drop();
    this.#remembered = false;
    return Promise.resolve(ok(this.#open()));
  }

  advertisements(onSeen: () => void, signal: AbortSignal): Promise<Result<void>> {
    const error = this.#forgotten ? appError('bluetooth-device-forgotten') : this.#options.radioError();
    if (error) return Promise.resolve(fail(error));
    const cancel = this.#options.timers.after(ADVERTISED_AFTER, () => {
      if (!signal.aborted) onSeen();
    });
    signal.addEventListener('abort', cancel, { once: true });
    return Promise.resolve(ok(undefined));
  }

  forget(): Promise<Result<void>> {
    this.#forgotten = true;
    this.drop();
    this.#options.onForget();
    return Promise.resolve(ok(undefined));
  }

  /** Ends the present connection as if the strap had gone out of range. */
  drop(): void {
    this.#current?.disconnect();
    this.#current = undefined;
  }

  #open(): ScriptedConnection {
    const connection = new ScriptedConnection({
      noServices: this.#options.script.noServices === true,
      battery: () => this.#battery(),
      now: this.#options.now,
      onStream: (signal) => this.#stream(connection, signal),
      onResetEnergy: () => this.#heart.resetEnergy(),
    });
    this.#current = connection;
    this.#connections += 1;
    return connection;
  }

  /** Percent, from 60–99 % downwards; a strap never reports less than 1 %, it falls silent. */
  #battery(): number {
    const full = 60 + (this.#options.seed % 40);
    return Math.max(1, full - Math.floor(this.#packets / SECONDS_PER_PERCENT));
  }

  /** Sends once a second until `signal` is aborted, dated by when each packet was due, however late the timer came. */
  #stream(connection: ScriptedConnection, signal: AbortSignal): void {
    const { timers, now, script } = this.#options;
    const limit = script.dropAfter?.[this.#connections - 1];
    let sent = 0;
    let due = now() + PERIOD;
    const tick = (): void => {
      // Nor does a strap fall silent because the clock was set back.
      if (now() - due > MAX_CATCH_UP || due - now() > PERIOD) due = now();
      while (due <= now() && !signal.aborted) {
        this.#send(connection, due);
        due += PERIOD;
        sent += 1;
        if (sent === limit) this.drop();
      }
      arm();
    };
    const arm = (): void => {
      if (signal.aborted) return;
      cancel = timers.after(Math.max(0, due - now()), tick);
    };
    let cancel = (): void => undefined;
    signal.addEventListener('abort', () => cancel(), { once: true });
    arm();
  }

  #send(connection: ScriptedConnection, arrival: number): void {
    const { script } = this.#options;
    this.#packets += 1;
    const n = this.#packets;
    const { rate, ticks, energy } = this.#heart.second();
    if (within(script.silent, n)) return;
    const contact = !within(script.contactLost, n);
    const packet = encodeHeartRate({
      rate: contact ? rate : 0,
      contact,
      energy: n % ENERGY_EVERY === 0 ? Math.floor(energy) : undefined,
      ticks: contact ? ticks : [],
    });
    connection.notify(HEART_RATE_MEASUREMENT, distort(script, n, packet), arrival);
    if (n % SECONDS_PER_PERCENT === 0) connection.notify(BATTERY_LEVEL, Uint8Array.of(this.#battery()).buffer, arrival);
  }
}

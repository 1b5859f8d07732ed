/**
 * One serial port, from the wish to read it until the wish ends: finds it, opens it, reads it, waits while it is away and
 * comes back. Runs in the worker; on the window where workers have no ports. Nothing here throws.
 */
import { backoffDelay } from '../../lib/backoff.ts';
import type { Timers } from '../../lib/timers.ts';
import { appError, describeThrown, type AppError, type ErrorCode } from '../../model/errors.ts';
import type { LinkState } from '../../model/link.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { SourceNotes } from '../../model/source-notes.ts';
import { CYTON_START, CYTON_STOP } from './cyton.ts';
import { createFramer, type Framer, type TimedBatch } from './framer.ts';
import { formText, notesOf } from './notes.ts';
import { findPort, openError, readErrorCode, type SerialLike, type SerialPortLike } from './port.ts';
import type { SerialRequest } from './request.ts';

export interface SessionDeps {
  readonly serial: SerialLike;
  readonly request: SerialRequest;
  readonly timers: Timers;
  /** Unix ms. */
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly onBatch: (batch: TimedBatch['batch'], notes: SourceNotes, arrival: number) => void;
  readonly onState: (state: LinkState) => void;
  /** The port is gone: clocks start anew with the next bytes. */
  readonly onLost: () => void;
}

/** Bytes the browser keeps for us: more than a second at 115,200 baud. */
const BUFFER = 32_768;
const RETRY = { base: 500, cap: 5000 };
/** ms between two looks at how things are. */
const WATCH_INTERVAL = 1000;
/** Without bytes for so long it is silent, ms; boards that print rarely have more time. */
const SILENCE = 5000;
const RHYTHMS = 3;
/** A board that does not answer must not keep the port from being closed, ms. */
const GOODBYE = 500;

/** What happened since the port was opened. */
interface Opened {
  readonly port: SerialPortLike;
  readonly framer: Framer;
  /** Unix ms. */
  lastAt: number;
  /** Longest time between two pieces, ms. */
  longest: number;
  told: string | undefined;
}

export class SerialSession {
  readonly #deps: SessionDeps;
  #state: LinkState = { at: 'idle' };
  /** From start to stop. */
  #ending = new AbortController();
  #wake: () => void = () => undefined;
  #attempt = 1;
  /** A port is opened only after it was closed. */
  #running: Promise<void> = Promise.resolve();

  constructor(deps: SessionDeps) {
    this.#deps = deps;
    this.#ending.abort();
  }

  get state(): LinkState {
    return this.#state;
  }

  start(): void {
    if (!this.#ending.signal.aborted) return;
    const ending = new AbortController();
    this.#ending = ending;
    this.#attempt = 1;
    this.#deps.serial.addEventListener('connect', () => this.#wake(), { signal: ending.signal });
    this.#running = this.#running.then(() => this.#run(ending.signal));
  }

  /** Stops for good; resolves when the port is closed. */
  end(): Promise<void> {
    this.stop();
    return this.#running;
  }

  stop(): void {
    this.#ending.abort();
    this.#wake();
    this.#set({ at: 'idle' });
  }

  /** Tries at once; after a refusal, anew. */
  retry(): void {
    if (this.#state.at === 'waiting') return this.#wake();
    if (this.#state.at === 'lost') this.stop();
    this.start();
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#show({ at: 'connecting', attempt: this.#attempt }, signal);
      const opened = await this.#open();
      const error = opened.ok ? await this.#use(opened.value, signal) : opened.error;
      if (signal.aborted) return;
      if (isFinal(error)) {
        this.#ending.abort();
        return this.#set({ at: 'lost', error });
      }
      await this.#pause(error, signal);
    }
  }

  async #open(): Promise<Result<SerialPortLike>> {
    const { serial, request } = this.#deps;
    try {
      const port = findPort(await serial.getPorts(), request.identity);
      if (!port) return fail(appError('serial-disconnected'));
      await port.open({ baudRate: request.baud, bufferSize: BUFFER });
      return ok(port);
    } catch (thrown) {
      return fail(openError(thrown));
    }
  }

  /** Reads until the port is gone or the wish ends. */
  async #use(port: SerialPortLike, signal: AbortSignal): Promise<AppError> {
    const { request, now } = this.#deps;
    const framer = createFramer(request.format && { kind: request.format });
    const opened: Opened = { port, framer, lastAt: now(), longest: 0, told: undefined };
    const over = new AbortController();
    const end = (): void => over.abort();
    signal.addEventListener('abort', end, { signal: over.signal });
    if (signal.aborted) end();
    this.#watch(opened, over.signal);
    this.#deps.serial.addEventListener('disconnect', ({ target }) => isSame(target, port) && end(), {
      signal: over.signal,
    });
    this.#show({ at: 'subscribing', attempt: this.#attempt }, signal);
    // Boards with USB of their own talk only to somebody who says to be there. Both lines alike: one alone resets an ESP32.
    await port.setSignals({ dataTerminalReady: true, requestToSend: true }).catch(notSupported);
    if (request.format === 'cyton') void this.#write(port, CYTON_START);
    const error = await this.#read(opened, over.signal);
    end();
    if (request.format === 'cyton' && port.readable) await this.#sayGoodbye(port);
    await port.close().catch(alreadyClosed);
    this.#deps.onLost();
    return error;
  }

  async #read(opened: Opened, over: AbortSignal): Promise<AppError> {
    const { port } = opened;
    while (port.readable && !over.aborted) {
      const reader = port.readable.getReader();
      const cancel = (): void => void reader.cancel().catch(alreadyClosed);
      over.addEventListener('abort', cancel, { once: true });
      try {
        for (;;) {
          const { value, done } = await reader.read();
          if (done || over.aborted) return appError('serial-disconnected');
          this.#take(opened, value);
        }
      } catch (thrown) {
        const code = readErrorCode(thrown);
        if (code === 'serial-disconnected') return appError(code, describeThrown(thrown));
        this.#count(code);
      } finally {
        over.removeEventListener('abort', cancel);
        reader.releaseLock();
      }
    }
    return appError('serial-disconnected');
  }

  #take(opened: Opened, bytes: Uint8Array): void {
    const now = this.#deps.now();
    opened.longest = Math.max(opened.longest, now - opened.lastAt);
    opened.lastAt = now;
    this.#give(opened, opened.framer.take(bytes, now));
  }

  #give(opened: Opened, batches: readonly TimedBatch[]): void {
    for (const { batch, arrival } of batches) {
      this.#deps.onBatch(batch, notesOf(batch, this.#tell(opened)), arrival);
      if (batch.readings.length > 0) {
        this.#attempt = 1;
        if (this.#state.at !== 'live') this.#set({ at: 'live' });
      }
    }
    const { problem } = opened.framer;
    if (problem !== undefined && this.#state.at !== 'lost') this.#set({ at: 'lost', error: appError(problem) });
  }

  /** How it is read, once that is known. */
  #tell(opened: Opened): Readonly<Record<string, string>> {
    const form = formText(opened.framer.form);
    if (form === undefined || form === opened.told) return {};
    opened.told = form;
    return { format: form, baud: String(this.#deps.request.baud) };
  }

  #count(code: ErrorCode): void {
    this.#deps.onBatch(
      { readings: [], attributes: [], lost: [], problems: [], texts: [] },
      { lost: {}, problems: { [code]: 1 }, device: {} },
      this.#deps.now(),
    );
  }

  #watch(opened: Opened, over: AbortSignal): void {
    const cancel = this.#deps.timers.after(WATCH_INTERVAL, () => {
      over.removeEventListener('abort', cancel);
      if (over.aborted) return;
      this.#look(opened);
      this.#watch(opened, over);
    });
    over.addEventListener('abort', cancel, { once: true });
  }

  #look(opened: Opened): void {
    const now = this.#deps.now();
    this.#give(opened, opened.framer.tick(now));
    const limit = Math.max(SILENCE, RHYTHMS * opened.longest);
    if (now - opened.lastAt < limit) return;
    if (this.#state.at === 'live' || this.#state.at === 'subscribing') {
      this.#set({ at: 'stale', since: opened.lastAt });
    }
    // The board may have been switched on only now.
    if (this.#deps.request.format === 'cyton') void this.#write(opened.port, CYTON_START);
  }

  async #write(port: SerialPortLike, text: string): Promise<void> {
    const { writable } = port;
    if (!writable || writable.locked) return;
    const writer = writable.getWriter();
    // What ends writing ends reading too, which tells it.
    await writer.write(new TextEncoder().encode(text)).catch(alreadyClosed);
    writer.releaseLock();
  }

  async #sayGoodbye(port: SerialPortLike): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#deps.timers.after(GOODBYE, resolve);
      void this.#write(port, CYTON_STOP).then(() => {
        cancel();
        resolve();
      });
    });
  }

  /** Until the next try is due, the port is plugged in, or somebody asks. */
  async #pause(error: AppError, signal: AbortSignal): Promise<void> {
    const { now, random, timers } = this.#deps;
    const delay = backoffDelay(this.#attempt, { ...RETRY, random });
    await new Promise<void>((resolve) => {
      const cancel = timers.after(delay, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
      this.#show({ at: 'waiting', attempt: this.#attempt, retryAt: now() + delay, error }, signal);
    });
    this.#wake = () => undefined;
    this.#attempt += 1;
  }

  #show(state: LinkState, signal: AbortSignal): void {
    if (!signal.aborted) this.#set(state);
  }

  #set(state: LinkState): void {
    this.#state = state;
    this.#deps.onState(state);
  }
}

/** Events say which port by being its own. */
function isSame(target: unknown, port: SerialPortLike): boolean {
  return target === port;
}

/** Waiting does not help against these. */
function isFinal({ code }: AppError): boolean {
  return code === 'serial-permission' || code === 'serial-input';
}

/** Some converters have no such lines. */
function notSupported(): void {
  return undefined;
}

/** A port that is gone is closed. */
function alreadyClosed(): void {
  return undefined;
}

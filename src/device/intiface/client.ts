/**
 * A connection to Intiface on this computer. It owns the Bluetooth of the toys; we only talk to it. When the connection
 * goes, every toy is stopped by Intiface itself (its ping rule), and gone for us.
 */
import { createStore, type Readable } from '../../lib/store.ts';
import type { Timers } from '../../lib/timers.ts';
import type { ToyCommand } from '../../model/command.ts';
import { appError, type AppError } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import {
  batteryFrame,
  commandFrame,
  helloFrame,
  listFrame,
  MESSAGE_VERSION,
  pingFrame,
  readFrame,
  scanFrame,
  stopAllFrame,
  type FromIntiface,
  type Toy,
} from './messages.ts';

/** Whoever does not answer by then does not, ms. */
const ANSWER_TIMEOUT = 5000;
/** ms between two looks at the batteries. */
const BATTERY_INTERVAL = 60_000;
const CLIENT_NAME = 'Sensocto Web';

/** The part of `WebSocket` that is used. */
export type SocketLike = Pick<WebSocket, 'send' | 'close' | 'addEventListener'>;

export type IntifaceState =
  | { readonly at: 'connecting' }
  | { readonly at: 'open' }
  /** `error` undefined: closed by us. */
  | { readonly at: 'closed'; readonly error: AppError | undefined };

export interface IntifaceDeps {
  readonly open: (address: string) => SocketLike;
  readonly timers: Timers;
  readonly onToy: (toy: Toy) => void;
  readonly onRemoved: (index: number) => void;
  /** Percent. */
  readonly onBattery: (index: number, percent: number) => void;
}

/** Where Intiface listens unless its settings say otherwise. */
export const INTIFACE_ADDRESS = 'ws://127.0.0.1:12345';

export class Intiface {
  readonly #deps: IntifaceDeps;
  readonly #state = createStore<IntifaceState>({ at: 'connecting' });
  readonly #socket: SocketLike;
  readonly #ending = new AbortController();
  readonly #waiting = new Map<number, (result: Result<void>) => void>();
  readonly #toys = new Map<number, Toy>();
  #nextId = 1;

  constructor(address: string, deps: IntifaceDeps) {
    this.#deps = deps;
    this.#socket = deps.open(address);
    const { signal } = this.#ending;
    this.#socket.addEventListener('open', () => this.#socket.send(helloFrame(this.#id(), CLIENT_NAME)), { signal });
    this.#socket.addEventListener('message', ({ data }) => this.#heard(String(data)), { signal });
    this.#socket.addEventListener('close', () => this.#end(appError('toys-unreachable')), { signal });
    this.#socket.addEventListener('error', () => this.#end(appError('toys-unreachable')), { signal });
    this.#after(ANSWER_TIMEOUT, () => {
      if (this.#state.get().at === 'connecting') this.#end(appError('toys-unreachable', 'no answer'));
    });
  }

  get state(): Readable<IntifaceState> {
    return this.#state;
  }

  /** Carries out a command. `command-unsupported` if the toy has no such motor, `toys-refused` if Intiface says no. */
  command(index: number, command: ToyCommand): Promise<Result<void>> {
    const toy = this.#toys.get(index);
    const id = this.#id();
    const text = toy && commandFrame(id, toy, command);
    if (text === undefined) return Promise.resolve(fail(appError('command-unsupported', command.command)));
    return this.#ask(id, text);
  }

  /** Stops everything that moves. */
  stopAll(): Promise<Result<void>> {
    const id = this.#id();
    return this.#ask(id, stopAllFrame(id));
  }

  close(): void {
    if (this.#state.get().at === 'open') this.#socket.send(stopAllFrame(this.#id()));
    this.#end(undefined);
  }

  #ask(id: number, text: string): Promise<Result<void>> {
    if (this.#state.get().at !== 'open') return Promise.resolve(fail(appError('toys-unreachable')));
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#after(ANSWER_TIMEOUT, () => this.#answer(id, fail(appError('toys-unreachable', 'no answer'))));
      this.#socket.send(text);
    });
  }

  #answer(id: number, result: Result<void>): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.(result);
  }

  #heard(text: string): void {
    const frame = readFrame(text);
    if (!frame.ok) return this.#end(frame.error);
    for (const message of frame.value) this.#take(message);
  }

  #take(message: FromIntiface): void {
    switch (message.is) {
      case 'server':
        return this.#greeted(message.version, message.pingMs);
      case 'ok':
        return this.#answer(message.id, ok(undefined));
      case 'error':
        return this.#answer(message.id, fail(appError('toys-refused', message.text)));
      case 'toys':
        return message.toys.forEach((toy) => this.#found(toy));
      case 'added':
        return this.#found(message.toy);
      case 'removed':
        this.#toys.delete(message.index);
        return this.#deps.onRemoved(message.index);
      case 'battery':
        return this.#deps.onBattery(message.index, message.percent);
      case 'other':
        return;
    }
  }

  #greeted(version: number, pingMs: number): void {
    if (version < MESSAGE_VERSION) return this.#end(appError('toys-version', String(version)));
    this.#state.set({ at: 'open' });
    this.#socket.send(listFrame(this.#id()));
    this.#socket.send(scanFrame(this.#id()));
    // Twice as often as it must be: a late timer must not stop a toy.
    if (pingMs > 0) this.#every(Math.max(50, pingMs / 2), () => this.#socket.send(pingFrame(this.#id())));
    this.#every(BATTERY_INTERVAL, () => this.#toys.forEach((toy) => this.#askBattery(toy)));
  }

  #found(toy: Toy): void {
    if (this.#toys.has(toy.index)) return;
    this.#toys.set(toy.index, toy);
    this.#deps.onToy(toy);
    this.#askBattery(toy);
  }

  #askBattery(toy: Toy): void {
    const text = batteryFrame(this.#id(), toy);
    if (text !== undefined) this.#socket.send(text);
  }

  #every(ms: number, run: () => void): void {
    this.#after(ms, () => {
      run();
      this.#every(ms, run);
    });
  }

  #after(ms: number, run: () => void): void {
    const { signal } = this.#ending;
    const cancel = this.#deps.timers.after(ms, () => {
      signal.removeEventListener('abort', cancel);
      if (!signal.aborted) run();
    });
    signal.addEventListener('abort', cancel, { once: true });
  }

  #end(error: AppError | undefined): void {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    for (const id of [...this.#waiting.keys()]) this.#answer(id, fail(error ?? appError('toys-unreachable')));
    this.#socket.close();
    for (const index of [...this.#toys.keys()]) this.#deps.onRemoved(index);
    this.#toys.clear();
    this.#state.set({ at: 'closed', error });
  }

  #id(): number {
    const id = this.#nextId;
    this.#nextId += 1;
    return id;
  }
}

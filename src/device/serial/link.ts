/**
 * The link to a device on a cable, as the window holds it. The port is read in the worker; where workers have no ports, on
 * the window by the same code. Nothing here throws; what happens shows in `state`.
 */
import { appError } from '../../model/errors.ts';
import type { LinkState } from '../../model/link.ts';
import { fail, type Result } from '../../model/result.ts';
import type { SerialOrder, SerialReport, SerialRequest } from './request.ts';

export interface SerialLinkDeps {
  /** Has the port read in the worker. `serial-unsupported` where that is not possible. */
  readonly openInWorker: (request: SerialRequest, channel: MessagePort) => Promise<Result<void>>;
  /** Reads it here. */
  readonly readHere: (request: SerialRequest, onState: (state: LinkState) => void) => LocalReader;
  /** Gives the browser's permission back. */
  readonly forgetPort: (request: SerialRequest) => Promise<void>;
  readonly onState: (state: LinkState) => void;
  /** It is read as this says, from now on: to be remembered. */
  readonly onStart: (request: SerialRequest) => void;
}

/** The part of a session that is ordered about. */
export interface LocalReader {
  start(): void;
  stop(): void;
  retry(): void;
}

type Order = (order: SerialOrder) => void;

export class SerialLink {
  readonly subscriptions = 0;
  readonly #deps: SerialLinkDeps;
  #request: SerialRequest;
  #state: LinkState = { at: 'idle' };
  /** Whoever reads, once that is settled. */
  #order: Order | undefined;
  #wanted = false;
  /** Reports of a reader that was given up come too late. */
  #reader = 0;

  constructor(request: SerialRequest, deps: SerialLinkDeps) {
    this.#request = request;
    this.#deps = deps;
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Stops, and reads otherwise from the next start on. */
  use(request: SerialRequest): void {
    this.stop();
    this.#giveUp();
    this.#request = request;
  }

  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#deps.onStart(this.#request);
    if (this.#order) return this.#order('start');
    this.#set({ at: 'connecting', attempt: 1 });
    void this.#begin();
  }

  stop(): void {
    this.#wanted = false;
    this.#order?.('stop');
    this.#set({ at: 'idle' });
  }

  retry(): void {
    if (this.#wanted) this.#order?.('retry');
    else this.start();
  }

  async forget(): Promise<void> {
    this.stop();
    this.#giveUp();
    this.#set({ at: 'forgotten' });
    await this.#deps.forgetPort(this.#request);
  }

  command(): Promise<Result<void>> {
    return Promise.resolve(fail(appError('command-unsupported')));
  }

  async #begin(): Promise<void> {
    this.#reader += 1;
    const reader = this.#reader;
    const show = (state: LinkState): void => {
      if (reader === this.#reader && this.#wanted) this.#set(state);
    };
    const { port1, port2 } = new MessageChannel();
    const opened = await this.#deps.openInWorker(this.#request, port2);
    if (reader !== this.#reader) return port1.close();
    if (opened.ok) {
      port1.onmessage = (event: MessageEvent<SerialReport>) => show(event.data);
      this.#order = (order) => {
        port1.postMessage(order);
        if (order === 'close') port1.close();
      };
    } else {
      port1.close();
      if (opened.error.code !== 'serial-unsupported') {
        show({ at: 'lost', error: opened.error });
        this.#wanted = false;
        return;
      }
      this.#order = orderTo(this.#deps.readHere(this.#request, show));
    }
    if (this.#wanted) this.#order('start');
  }

  #giveUp(): void {
    this.#reader += 1;
    this.#order?.('close');
    this.#order = undefined;
  }

  #set(state: LinkState): void {
    this.#state = state;
    this.#deps.onState(state);
  }
}

function orderTo(reader: LocalReader): Order {
  return (order) => reader[order === 'close' ? 'stop' : order]();
}

/**
 * A fake of `navigator.serial`: Chromium has no emulation below it, and lists no port that is not hardware. It is put into
 * the page before anything runs there, and into the worker before a port is asked for; the app is the built one.
 */
import type { Page, Worker } from '@playwright/test';

/** What a test does with the one port that there is, in the scope that reads it. */
interface Bench {
  send(text: string): void;
  plugOut(): void;
  plugIn(): void;
  readonly log: readonly string[];
}

type Scope = typeof globalThis & { serialBench?: Bench };

export interface FakeBoard {
  /** Bytes arrive from the board. */
  send(text: string): Promise<void>;
  plugOut(): Promise<void>;
  plugIn(): Promise<void>;
  /** What the port was told, in order. */
  log(): Promise<readonly string[]>;
}

/** In the page, before the app: with a chooser that gives the one port. */
export async function fakeInPage(page: Page): Promise<void> {
  await page.addInitScript(install);
}

/** The board as the worker reads it. */
export async function fakeInWorker(page: Page): Promise<FakeBoard> {
  const worker = await sensorWorker(page);
  await worker.evaluate(install);
  return boardIn(worker);
}

/** Workers of browsers in which only windows have ports; the board as the page reads it then. */
export async function noneInWorker(page: Page): Promise<FakeBoard> {
  const worker = await sensorWorker(page);
  await worker.evaluate(() => delete (Object.getPrototypeOf(navigator) as { serial?: unknown }).serial);
  return boardIn(page);
}

async function sensorWorker(page: Page): Promise<Worker> {
  return page.workers().find((worker) => /worker/.test(worker.url())) ?? page.waitForEvent('worker');
}

function boardIn(scope: Pick<Worker, 'evaluate'>): FakeBoard {
  return {
    send: (text) => scope.evaluate((sent) => (globalThis as Scope).serialBench?.send(sent), text),
    plugOut: () => scope.evaluate(() => (globalThis as Scope).serialBench?.plugOut()),
    plugIn: () => scope.evaluate(() => (globalThis as Scope).serialBench?.plugIn()),
    log: () => scope.evaluate(() => [...((globalThis as Scope).serialBench?.log ?? [])]),
  };
}

/** Runs in the page or the worker: everything it needs is inside. */
function install(): void {
  const log: string[] = [];
  const serial = new EventTarget();
  let isPlugged = true;
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const port = Object.assign(new EventTarget(), {
    readable: null as ReadableStream<Uint8Array> | null,
    writable: null as WritableStream<Uint8Array> | null,
    getInfo: () => ({ usbVendorId: 0x2341, usbProductId: 0x43 }),
    open({ baudRate }: { baudRate: number }) {
      if (port.readable) return Promise.reject(new DOMException('open', 'InvalidStateError'));
      log.push(`open ${baudRate}`);
      port.readable = new ReadableStream({ start: (made) => void (controller = made) });
      port.writable = new WritableStream({});
      return Promise.resolve();
    },
    close() {
      log.push('close');
      port.readable = null;
      port.writable = null;
      return Promise.resolve();
    },
    setSignals: () => Promise.resolve(),
    forget: () => Promise.resolve(),
  });
  /** In browsers these events come from the port and bubble. */
  const tell = (type: string): void => {
    const event = new Event(type);
    Object.defineProperty(event, 'target', { value: port });
    serial.dispatchEvent(event);
  };
  Object.assign(serial, {
    getPorts: () => Promise.resolve(isPlugged ? [port] : []),
    requestPort: () => Promise.resolve(port),
  });
  Object.defineProperty(navigator, 'serial', { value: serial, configurable: true });
  (globalThis as Scope).serialBench = {
    log,
    send: (text) => controller?.enqueue(new TextEncoder().encode(text)),
    plugOut() {
      isPlugged = false;
      port.readable = null;
      port.writable = null;
      controller?.error(new DOMException('The device has been lost.', 'NetworkError'));
      tell('disconnect');
    },
    plugIn() {
      isPlugged = true;
      tell('connect');
    },
  };
}

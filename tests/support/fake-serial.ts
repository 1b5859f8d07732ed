/** Serial ports without hardware: a test plugs them in and out, feeds them bytes and errors, and sees what they were told. */
import type { PortIdentity, SerialLike, SerialPortLike } from '../../src/device/serial/port.ts';
import { text } from './serial-bytes.ts';

export class FakePort extends EventTarget implements SerialPortLike {
  readonly usb: { readonly usbVendorId?: number; readonly usbProductId?: number };
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null = null;
  /** What was done with it, in order. */
  readonly log: string[] = [];
  /** The next opens fail with these. */
  refusals: Error[] = [];
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(usb: FakePort['usb'] = { usbVendorId: 0x2341, usbProductId: 0x43 }) {
    super();
    this.usb = usb;
  }

  getInfo(): FakePort['usb'] {
    return this.usb;
  }

  open({ baudRate }: { readonly baudRate: number }): Promise<void> {
    const refusal = this.refusals.shift();
    if (refusal) return Promise.reject(refusal);
    if (this.readable) return Promise.reject(new DOMException('open already', 'InvalidStateError'));
    this.log.push(`open ${baudRate}`);
    this.#newStream();
    this.writable = new WritableStream({
      write: (bytes) => void this.log.push(`write ${new TextDecoder().decode(bytes)}`),
    });
    return Promise.resolve();
  }

  close(): Promise<void> {
    if (!this.readable) return Promise.reject(new DOMException('closed already', 'InvalidStateError'));
    if (this.readable.locked || this.writable?.locked) return Promise.reject(new TypeError('locked'));
    this.log.push('close');
    this.readable = null;
    this.writable = null;
    return Promise.resolve();
  }

  setSignals(): Promise<void> {
    return Promise.reject(new DOMException('no such lines', 'NetworkError'));
  }

  forget(): Promise<void> {
    this.log.push('forget');
    return Promise.resolve();
  }

  send(bytes: Uint8Array | string): void {
    this.#controller?.enqueue(typeof bytes === 'string' ? text(bytes) : bytes);
  }

  /** An error after which the port goes on with a new stream, as the specification says. */
  stumble(name: string): void {
    const old = this.#controller;
    this.#newStream();
    old?.error(new DOMException('stumbled', name));
  }

  /** The cable is pulled. */
  lose(): void {
    this.readable = null;
    this.writable = null;
    this.#controller?.error(new DOMException('The device has been lost.', 'NetworkError'));
  }

  #newStream(): void {
    this.readable = new ReadableStream({ start: (controller) => void (this.#controller = controller) });
  }
}

export class FakeSerial extends EventTarget implements SerialLike {
  ports: FakePort[];
  /** What the chooser answers. */
  chosen: FakePort | Error = new DOMException('no port selected', 'NotFoundError');
  filters: unknown;

  constructor(...ports: FakePort[]) {
    super();
    this.ports = ports;
  }

  getPorts(): Promise<readonly FakePort[]> {
    return Promise.resolve(this.ports);
  }

  requestPort({ filters }: { readonly filters: unknown }): Promise<FakePort> {
    this.filters = filters;
    return this.chosen instanceof Error ? Promise.reject(this.chosen) : Promise.resolve(this.chosen);
  }

  plugOut(port: FakePort): void {
    this.ports = this.ports.filter((one) => one !== port);
    port.lose();
    this.#tell('disconnect', port);
  }

  plugIn(port: FakePort): void {
    this.ports = [...this.ports, port];
    this.#tell('connect', port);
  }

  /** In browsers these events come from the port and bubble. */
  #tell(type: string, port: FakePort): void {
    const event = new Event(type);
    Object.defineProperty(event, 'target', { value: port });
    this.dispatchEvent(event);
  }
}

export const ARDUINO: PortIdentity = { vendor: 0x2341, product: 0x43, index: 0 };

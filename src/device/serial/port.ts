/**
 * The browser's serial ports. The only file with `navigator.serial`, in the window (where a person chooses a port) and in
 * the worker (where it is read). TypeScript knows neither; what is used of them is declared here.
 * Source: WICG Web Serial API.
 */
import { appError, describeThrown, type AppError, type ErrorCode } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { UsbFilter } from './presets.ts';

/** The part of `SerialPort` that is used. */
export interface SerialPortLike {
  readonly readable: ReadableStream<Uint8Array> | null;
  readonly writable: WritableStream<Uint8Array> | null;
  open(options: { readonly baudRate: number; readonly bufferSize: number }): Promise<void>;
  close(): Promise<void>;
  getInfo(): { readonly usbVendorId?: number; readonly usbProductId?: number };
  setSignals(signals: { readonly dataTerminalReady: boolean; readonly requestToSend: boolean }): Promise<void>;
  forget?(): Promise<void>;
}

/** The part of `navigator.serial` that is used. */
export interface SerialLike {
  getPorts(): Promise<readonly SerialPortLike[]>;
  /** Windows only, and only while a tap is being handled. */
  requestPort?(options: { readonly filters: readonly UsbFilter[] }): Promise<SerialPortLike>;
  addEventListener(
    event: 'connect' | 'disconnect',
    listener: (event: Event) => void,
    options: { readonly signal: AbortSignal },
  ): void;
}

/** What tells a port from others, in the window and in the worker: objects do not pass between them. */
export interface PortIdentity {
  readonly vendor?: number;
  readonly product?: number;
  /** Among ports with these numbers, in the browser's order. */
  readonly index: number;
}

/** The ports of this window or worker; undefined where there are none. */
export function platformSerial(): SerialLike | undefined {
  return 'serial' in navigator ? (navigator.serial as SerialLike) : undefined;
}

/** Lets a person choose. Errors: `serial-cancelled`, `serial-permission`. */
export async function choosePort(
  serial: SerialLike,
  filters: readonly UsbFilter[],
): Promise<Result<{ readonly port: SerialPortLike; readonly identity: PortIdentity }>> {
  if (!serial.requestPort) return fail(appError('serial-unsupported', 'no chooser'));
  try {
    const port = await serial.requestPort({ filters });
    return ok({ port, identity: identityOf(port, await serial.getPorts()) });
  } catch (thrown) {
    // Closing the chooser, and a chooser without any port in it, are one error to the browser.
    const isCancelled = thrown instanceof DOMException && thrown.name === 'NotFoundError';
    return fail(appError(isCancelled ? 'serial-cancelled' : 'serial-permission', describeThrown(thrown)));
  }
}

/** @param ports as the browser lists them */
export function identityOf(port: SerialPortLike, ports: readonly SerialPortLike[]): PortIdentity {
  const { usbVendorId: vendor, usbProductId: product } = port.getInfo();
  const index = Math.max(0, alike(ports, { vendor, product }).indexOf(port));
  return { index, ...(vendor !== undefined && { vendor }), ...(product !== undefined && { product }) };
}

/** The port; undefined while it is not plugged in. */
export function findPort(ports: readonly SerialPortLike[], identity: PortIdentity): SerialPortLike | undefined {
  return alike(ports, identity)[identity.index];
}

function alike(
  ports: readonly SerialPortLike[],
  { vendor, product }: { readonly vendor?: number | undefined; readonly product?: number | undefined },
): readonly SerialPortLike[] {
  return ports.filter((port) => {
    const { usbVendorId, usbProductId } = port.getInfo();
    return usbVendorId === vendor && usbProductId === product;
  });
}

type OpenError = Extract<ErrorCode, 'serial-busy' | 'serial-permission' | 'serial-input' | 'serial-disconnected'>;

/** What it means that a port does not open. */
export function openError(thrown: unknown): AppError {
  return appError(openCode(thrown), describeThrown(thrown));
}

function openCode(thrown: unknown): OpenError {
  if (thrown instanceof TypeError) return 'serial-input';
  switch (thrown instanceof DOMException ? thrown.name : '') {
    case 'SecurityError':
      return 'serial-permission';
    // Open here already: it is another board of the kind, and ours is not plugged in.
    case 'InvalidStateError':
      return 'serial-disconnected';
    // A refusal of the operating system is a NetworkError: it does not say whether the port is busy or forbidden.
    default:
      return 'serial-busy';
  }
}

export type ReadError = Extract<ErrorCode, 'serial-overrun' | 'serial-line-noise' | 'serial-disconnected'>;

/** What it means that reading failed. After all but `serial-disconnected` the port has a new stream and goes on. */
export function readErrorCode(thrown: unknown): ReadError {
  switch (thrown instanceof DOMException ? thrown.name : '') {
    case 'BufferOverrunError':
      return 'serial-overrun';
    case 'FramingError':
    case 'ParityError':
    case 'BreakError':
      return 'serial-line-noise';
    default:
      return 'serial-disconnected';
  }
}

/**
 * The browser's Bluetooth as a `Radio`. The only file with `navigator.bluetooth`; window only, as workers have none.
 */
import { systemTimers, type Timers } from '../../lib/timers.ts';
import { appError } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { createAdapterWatch } from './adapter-watch.ts';
import { createArrivalClock } from './arrival.ts';
import type { ConnectionDeps } from './gatt-connection.ts';
import type { GattStep } from './gatt-errors.ts';
import type { Uuid } from '../profiles/profile.ts';
import type { Capability, Connection, Peripheral, Radio, RequestOptions } from './radio.ts';
import { whyMissing, type PlatformFacts } from './support.ts';

export interface BrowserRadioOptions {
  /** The browser's Bluetooth; by default this window's, undefined where there is none. */
  readonly bluetooth?: Bluetooth | undefined;
  readonly facts?: PlatformFacts;
  readonly timers?: Timers;
  /** Fetches what the chooser is asked for: the profiles are no part of the first load. */
  readonly loadChooser?: () => Promise<Chooser>;
}

/** What the chooser is asked for. */
export interface Chooser {
  chooserFilters(): BluetoothLEScanFilter[];
  optionalServices(): Uuid[];
}

/** The radio of this window. Never throws; without Web Bluetooth every call answers with the exact reason. */
export function createBrowserRadio(options: BrowserRadioOptions = {}): Radio {
  const bluetooth = 'bluetooth' in options ? options.bluetooth : windowBluetooth();
  const facts = options.facts ?? windowFacts();
  if (bluetooth === undefined) return absentRadio(facts);
  const loadChooser = options.loadChooser ?? (() => import('../profiles/registry.ts'));
  return new BrowserRadio(bluetooth, facts, options.timers ?? systemTimers, loadChooser);
}

function windowBluetooth(): Bluetooth | undefined {
  return 'bluetooth' in navigator ? navigator.bluetooth : undefined;
}

function windowFacts(): PlatformFacts {
  return {
    userAgent: navigator.userAgent,
    touchPoints: navigator.maxTouchPoints,
    secureContext: globalThis.isSecureContext,
    brave: 'brave' in navigator,
  };
}

/** A radio that only knows why it cannot work. */
function absentRadio(facts: PlatformFacts): Radio {
  const error = appError(whyMissing(facts));
  return {
    capability: () => Promise.resolve(fail(error)),
    request: () => Promise.resolve(fail(error)),
    known: () => Promise.resolve([]),
    onAdapterChange: () => undefined,
  };
}

class BrowserRadio implements Radio {
  readonly #bluetooth: Bluetooth;
  readonly #brave: boolean;
  readonly #loadChooser: () => Promise<Chooser>;
  readonly #deps: ConnectionDeps;
  readonly #adapter: ReturnType<typeof createAdapterWatch>;
  /** One object per device, so that an attempt of an earlier choice is known to the next. */
  readonly #peripherals = new Map<string, BrowserPeripheral>();

  constructor(bluetooth: Bluetooth, facts: PlatformFacts, timers: Timers, loadChooser: () => Promise<Chooser>) {
    this.#bluetooth = bluetooth;
    this.#loadChooser = loadChooser;
    this.#brave = facts.brave;
    const arrival = createArrivalClock({ monotonic: () => performance.now(), wall: () => Date.now() });
    this.#deps = { timers, brave: facts.brave, arrival };
    this.#adapter = createAdapterWatch(() => bluetooth.getAvailability(), timers);
    bluetooth.addEventListener('availabilitychanged', (event) => {
      if ('value' in event && typeof event.value === 'boolean') this.#adapter.tell(event.value);
    });
  }

  async capability(): Promise<Result<Capability>> {
    try {
      // False where there is no adapter, and in Brave, which has the object but refuses every use of it.
      if (await this.#bluetooth.getAvailability()) return ok({ canReturn: this.#canReturn() });
      return fail(appError(this.#brave ? 'bluetooth-disabled-brave' : 'bluetooth-no-adapter'));
    } catch (thrown) {
      return gattFailure(thrown, 'request', this.#brave);
    }
  }

  async request({ showAll, services = [] }: RequestOptions): Promise<Result<Peripheral>> {
    try {
      // The gesture that opens the chooser lasts for seconds; the file is on this device already, or a moment away.
      const chooser = await this.#loadChooser();
      const optionalServices = [...chooser.optionalServices(), ...services];
      const device = await this.#bluetooth.requestDevice(
        showAll
          ? { acceptAllDevices: true, optionalServices }
          : { filters: chooser.chooserFilters(), optionalServices },
      );
      return ok(this.#peripheral(device, true));
    } catch (thrown) {
      return gattFailure(thrown, 'request', this.#brave);
    }
  }

  async known(): Promise<readonly Peripheral[]> {
    if (!this.#canReturn()) return [];
    try {
      return (await this.#bluetooth.getDevices()).map((device) => this.#peripheral(device, false));
    } catch {
      // Refused by policy: then no device is known, and the chooser says why when it is opened.
      return [];
    }
  }

  onAdapterChange(listener: (on: boolean) => void, signal: AbortSignal): void {
    this.#adapter.listen(listener, signal);
  }

  #canReturn(): boolean {
    // Comes and goes together with `watchAdvertisements`, which coming back needs too.
    return 'getDevices' in this.#bluetooth;
  }

  #peripheral(device: BluetoothDevice, chosen: boolean): BrowserPeripheral {
    const peripheral = this.#peripherals.get(device.id) ?? new BrowserPeripheral(device, this.#deps);
    this.#peripherals.set(device.id, peripheral);
    if (chosen) peripheral.heard();
    return peripheral;
  }
}

class BrowserPeripheral implements Peripheral {
  readonly demo = false;
  readonly advertisements?: (onSeen: () => void, signal: AbortSignal) => Promise<Result<void>>;
  readonly #device: BluetoothDevice;
  readonly #deps: ConnectionDeps;
  #heard = false;
  /** Counts connects, so that one that answers late knows whether it was overtaken. */
  #attempt = 0;

  constructor(device: BluetoothDevice, deps: ConnectionDeps) {
    this.#device = device;
    this.#deps = deps;
    if ('watchAdvertisements' in device) this.advertisements = (onSeen, signal) => this.#watch(onSeen, signal);
  }

  get id(): string {
    return this.#device.id;
  }

  get name(): string {
    return this.#device.name || 'Bluetooth sensor';
  }

  get remembered(): boolean {
    return !this.#heard;
  }

  /** The browser has met the device in this page: it can be connected to directly. */
  heard(): void {
    this.#heard = true;
  }

  async connect(signal: AbortSignal): Promise<Result<Connection>> {
    const server = this.#device.gatt;
    if (server === undefined) return fail(appError('bluetooth-permission', 'connect: no GATT server for this origin'));
    if (signal.aborted) return fail(appError('bluetooth-cancelled', 'connect'));
    this.#attempt += 1;
    const attempt = this.#attempt;
    try {
      await server.connect();
    } catch (thrown) {
      return gattFailure(thrown, 'connect', this.#deps.brave);
    }
    if (signal.aborted) {
      // Chromium cannot cancel a pending connect. This one came too late: close it, unless a newer one now uses the
      // same link (there is only one per device).
      if (this.#attempt === attempt) server.disconnect();
      return fail(appError('bluetooth-cancelled', 'connect: too late'));
    }
    this.heard();
    const { GattConnection } = await import('./gatt-connection.ts');
    return ok(new GattConnection(this.#device, server, this.#deps));
  }

  async #watch(onSeen: () => void, signal: AbortSignal): Promise<Result<void>> {
    const seen = (): void => {
      this.heard();
      onSeen();
    };
    this.#device.addEventListener('advertisementreceived', seen, { signal });
    const start = (): Promise<void> => this.#device.watchAdvertisements({ signal });
    // The browser stops listening while the page is hidden and does not start again by itself. A refusal then leaves
    // the device unheard, which is what the screen already says.
    const resume = (): void => {
      if (document.visibilityState === 'visible') start().catch(() => undefined);
    };
    document.addEventListener('visibilitychange', resume, { signal });
    try {
      await start();
      return ok(undefined);
    } catch (thrown) {
      return gattFailure(thrown, 'advertisements', this.#deps.brave);
    }
  }

  async forget(): Promise<Result<void>> {
    this.#device.gatt?.disconnect();
    // Without the permissions backend the grant ends with the page anyway.
    if (!('forget' in this.#device)) return ok(undefined);
    try {
      await this.#device.forget();
      return ok(undefined);
    } catch (thrown) {
      return gattFailure(thrown, 'forget', this.#deps.brave);
    }
  }
}

/** What the browser threw, as a code. Reading it is fetched when there is something to read. */
async function gattFailure(thrown: unknown, step: GattStep, brave: boolean): Promise<Result<never>> {
  return fail((await import('./gatt-errors.ts')).gattError(thrown, step, brave));
}

/**
 * Straps without hardware, through the browser's real Web Bluetooth stack: Chromium emulates the radio below it
 * (DevTools domain BluetoothEmulation) and lets a test answer the chooser (DeviceAccess). Nothing in the page is faked;
 * see `notify` for the one thing it is helped with.
 */
import type { Browser, BrowserContext, CDPSession, Page } from '@playwright/test';

export type AdapterState = 'absent' | 'powered-off' | 'powered-on';

/** What a device may be told to fail at, or never to answer. */
export type Operation = 'connection' | 'discovery' | 'read' | 'write' | 'subscribe';

/** What a device sends on its own. */
export interface Notification {
  readonly uuid: string;
  readonly bytes: Uint8Array;
}

export interface CharacteristicSetup {
  /** Full 128-bit UUID. */
  readonly uuid: string;
  readonly properties: {
    readonly read?: boolean;
    readonly notify?: boolean;
    readonly indicate?: boolean;
    readonly write?: boolean;
    readonly writeWithoutResponse?: boolean;
  };
  /** What a read answers; nothing if left out. */
  readonly value?: Uint8Array;
  /** What the device does when written to: notifications in order, after the write was confirmed; or an ATT error code. */
  readonly onWrite?: (bytes: Uint8Array) => readonly Notification[] | number;
}

export interface ServiceSetup {
  readonly uuid: string;
  readonly characteristics: readonly CharacteristicSetup[];
}

export interface PeripheralSetup {
  /** Six bytes as two digits each, upper case as the browser writes them: `09:09:09:09:09:01`. */
  readonly address: string;
  /** Unique in a lab: notifications find their page by it. */
  readonly name: string;
  readonly services: readonly ServiceSetup[];
}

const full = (short: number): string => `0000${short.toString(16).padStart(4, '0')}-0000-1000-8000-00805f9b34fb`;
export const MEASUREMENT = full(0x2a37);
export const BATTERY = full(0x2a19);
/** Client characteristic configuration; without it startNotifications answers "Not supported". */
const CONFIGURATION = full(0x2902);

/** A chest strap as they are: heart rate, battery, device information. */
export function heartRateStrap(address: string, name: string, battery = 87): PeripheralSetup {
  const text = (short: number, content: string): CharacteristicSetup => ({
    uuid: full(short),
    properties: { read: true },
    value: new TextEncoder().encode(content),
  });
  return {
    address,
    name,
    services: [
      {
        uuid: full(0x180d),
        characteristics: [
          // Real straps do not let this be read; `notify` needs it.
          { uuid: MEASUREMENT, properties: { notify: true, read: true } },
          { uuid: full(0x2a38), properties: { read: true }, value: Uint8Array.of(1) },
        ],
      },
      {
        uuid: full(0x180f),
        characteristics: [{ uuid: BATTERY, properties: { read: true, notify: true }, value: Uint8Array.of(battery) }],
      },
      { uuid: full(0x180a), characteristics: [text(0x2a29, 'Lab'), text(0x2a24, name), text(0x2a26, '1.2.3')] },
    ],
  };
}

/** How many of the next operations fail with a code, or (undefined) are never answered. */
interface Trouble {
  readonly code: number | undefined;
  times: number;
}

interface Device {
  readonly setup: PeripheralSetup;
  readonly trouble: Map<Operation, Trouble>;
  /** Services of the present connection. */
  services: string[];
  /** Values for the reads that stand for notifications, by UUID: of several alike the page says which one it reads. */
  readonly queued: Map<string, Uint8Array[]>;
  /** What it says when written to, one thing after the other. */
  saying: Promise<void>;
}

interface Characteristic {
  readonly device: Device;
  readonly setup: CharacteristicSetup;
}

const OPERATION = {
  read: 'read',
  write: 'write',
  'subscribe-to-notifications': 'subscribe',
  'unsubscribe-from-notifications': undefined,
} as const satisfies Record<string, Operation | undefined>;

/** One emulated radio for a browser; one at a time, so close it at the end of a test. */
export class BluetoothLab {
  /** What the browser asked of the devices, in order: `Strap 1 connection`, `Strap 1 read 2a19` … */
  readonly operations: string[] = [];
  /** Bytes written, in order. */
  readonly writes: { readonly address: string; readonly uuid: string; readonly bytes: Uint8Array }[] = [];
  /** Anything the emulation refused; a test should find it empty. */
  readonly problems: string[] = [];
  readonly #browser: CDPSession;
  readonly #devices = new Map<string, Device>();
  /** By the emulation's id; those of the present connections only. */
  readonly #characteristics = new Map<string, Characteristic>();
  readonly #pages: Page[] = [];
  #choice: string | undefined;
  #cancel = false;
  #keeper: BrowserContext | undefined;

  private constructor(session: CDPSession) {
    this.#browser = session;
  }

  /**
   * Turns emulation on. The browser must have been started with Web Bluetooth (see `support/browser.ts`).
   * `reloads` (default true): the emulation survives a reload of the page under test; costs a second and a half.
   * What it does not survive well is dropping a link (`disconnect`) that was made after a reload.
   */
  static async open(browser: Browser, { reloads = true }: { readonly reloads?: boolean } = {}): Promise<BluetoothLab> {
    const session = await browser.newBrowserCDPSession();
    const lab = new BluetoothLab(session);
    session.on('BluetoothEmulation.gattOperationReceived', (event) => lab.#do(lab.#onGatt(event.address, event.type)));
    session.on('BluetoothEmulation.characteristicOperationReceived', (event) => lab.#do(lab.#onCharacteristic(event)));
    session.on('BluetoothEmulation.descriptorOperationReceived', ({ descriptorId, type }) =>
      lab.#do(session.send('BluetoothEmulation.simulateDescriptorOperationResponse', { descriptorId, type, code: 0 })),
    );
    await session.send('BluetoothEmulation.enable', { state: 'powered-on', leSupported: true });
    if (reloads) lab.#keeper = await keepAdapter(browser);
    return lab;
  }

  async close(): Promise<void> {
    await this.#keeper?.close();
    await this.#browser.send('BluetoothEmulation.disable');
    await this.#browser.detach();
  }

  /** Puts a device near the radio, ready to be chosen. */
  async addPeripheral(setup: PeripheralSetup): Promise<void> {
    this.#devices.set(setup.address, {
      setup,
      trouble: new Map(),
      services: [],
      // Put near again after the adapter was off: what is connected still reads from here.
      queued: this.#devices.get(setup.address)?.queued ?? new Map<string, Uint8Array[]>(),
      saying: Promise.resolve(),
    });
    await this.#browser.send('BluetoothEmulation.simulatePreconnectedPeripheral', {
      address: setup.address,
      name: setup.name,
      manufacturerData: [],
      knownServiceUuids: setup.services.map((service) => service.uuid),
    });
  }

  /** Answers the choosers of this page, and lets notifications reach it. Call before the page is opened. */
  async watch(page: Page): Promise<void> {
    this.#pages.push(page);
    await page.addInitScript(rememberSubscriptions);
    const session = await page.context().newCDPSession(page);
    // The event comes again and again while the chooser is open; a second answer brings the browser down.
    const answered = new Set<string>();
    session.on('DeviceAccess.deviceRequestPrompted', ({ id, devices }) => {
      if (answered.has(id)) return;
      const wanted = devices.find((device) => this.#choice === undefined || device.id === this.#choice);
      if (this.#cancel) {
        answered.add(id);
        this.#cancel = false;
        this.#do(session.send('DeviceAccess.cancelPrompt', { id }));
      } else if (wanted) {
        answered.add(id);
        this.#do(session.send('DeviceAccess.selectPrompt', { id, deviceId: wanted.id }));
      }
    });
    await session.send('DeviceAccess.enable');
  }

  /** Which device the next choosers pick, by address. Without it: the first one listed. */
  choose(address: string): void {
    this.#choice = address;
  }

  /** The next chooser is closed without a choice. */
  cancelNext(): void {
    this.#cancel = true;
  }

  async setAdapter(state: AdapterState): Promise<void> {
    await this.#browser.send('BluetoothEmulation.setSimulatedCentralState', { state });
  }

  /** The device is heard once, as `watchAdvertisements` waits for. */
  async advertise(address: string): Promise<void> {
    const { setup } = this.#device(address);
    await this.#browser.send('BluetoothEmulation.simulateAdvertisement', {
      entry: {
        deviceAddress: address,
        rssi: -60,
        // All fields: Chromium 156 crashes when appearance, txPower or manufacturerData are missing.
        scanRecord: {
          name: setup.name,
          uuids: setup.services.map((service) => service.uuid),
          appearance: 833,
          txPower: 0,
          manufacturerData: [],
        },
      },
    });
  }

  /** Drops the link, as if the device went out of range. */
  async disconnect(address: string): Promise<void> {
    this.#device(address).services = [];
    await this.#browser.send('BluetoothEmulation.simulateGATTDisconnection', { address });
  }

  /** The next `times` operations fail: HCI codes for connection and discovery, ATT codes for the others. */
  fail(address: string, operation: Operation, code: number, times = 1): void {
    this.#device(address).trouble.set(operation, { code, times });
  }

  /** The next `times` operations are never answered. */
  hang(address: string, operation: Operation, times = 1): void {
    this.#device(address).trouble.set(operation, { code: undefined, times });
  }

  /**
   * Sends notifications, in order; resolves when the page's listeners have had them all.
   * There is no command for it. But a read fires the same event with the same bytes, so an init script remembers the
   * characteristics that were subscribed to, and this reads them: the bytes pass the whole real stack.
   * @param number which of several characteristics alike, in the order in which the page has found them
   */
  async notify(address: string, uuid: string, packets: readonly Uint8Array[], number = 1): Promise<void> {
    const device = this.#device(address);
    const { name } = device.setup;
    const connected = [...this.#characteristics.values()].some(
      (one) => one.device.setup.address === address && one.setup.uuid === uuid,
    );
    if (!connected) throw new Error(`${name} has no ${uuid}, or was never connected`);
    const key = `${name} ${uuid} ${number}`;
    for (const page of this.#pages) {
      if (page.isClosed() || !(await page.evaluate((k) => k in (window.__subscribed ?? {}), key))) continue;
      device.queued.set(uuid, [...(device.queued.get(uuid) ?? []), ...packets]);
      await page.evaluate(
        async ([k, count]) => {
          for (let i = 0; i < count; i++) await window.__subscribed?.[k]?.readValue();
        },
        [key, packets.length] as const,
      );
      return;
    }
    throw new Error(`no page has subscribed to ${key}`);
  }

  #device(address: string): Device {
    const device = this.#devices.get(address);
    if (!device) throw new Error(`no peripheral ${address}`);
    return device;
  }

  /** The code to answer with, or undefined for no answer at all. */
  #outcome(device: Device, operation: Operation | undefined): number | undefined {
    const trouble = operation && device.trouble.get(operation);
    if (!trouble || trouble.times <= 0) return 0;
    trouble.times -= 1;
    return trouble.code;
  }

  async #onGatt(address: string, type: 'connection' | 'discovery'): Promise<void> {
    const device = this.#device(address);
    this.operations.push(`${device.setup.name} ${type}`);
    const code = this.#outcome(device, type);
    if (code === undefined) return;
    if (type === 'discovery' && code === 0) await this.#addServices(device);
    await this.#browser.send('BluetoothEmulation.simulateGATTOperationResponse', { address, type, code });
  }

  /** Services belong to a connection: they are gone with it and must be there before discovery is answered. */
  async #addServices(device: Device): Promise<void> {
    const { address, services } = device.setup;
    for (const serviceId of device.services)
      await this.#browser.send('BluetoothEmulation.removeService', { serviceId });
    device.services = [];
    for (const [id, one] of this.#characteristics) if (one.device === device) this.#characteristics.delete(id);
    for (const service of services) {
      const { serviceId } = await this.#browser.send('BluetoothEmulation.addService', {
        address,
        serviceUuid: service.uuid,
      });
      device.services.push(serviceId);
      for (const setup of service.characteristics) {
        const { characteristicId } = await this.#browser.send('BluetoothEmulation.addCharacteristic', {
          serviceId,
          characteristicUuid: setup.uuid,
          properties: setup.properties,
        });
        this.#characteristics.set(characteristicId, { device, setup });
        if (!setup.properties.notify && !setup.properties.indicate) continue;
        await this.#browser.send('BluetoothEmulation.addDescriptor', {
          characteristicId,
          descriptorUuid: CONFIGURATION,
        });
      }
    }
  }

  async #onCharacteristic(event: {
    characteristicId: string;
    type: keyof typeof OPERATION;
    data?: string;
  }): Promise<void> {
    const { characteristicId, type, data } = event;
    const characteristic = this.#characteristics.get(characteristicId);
    if (!characteristic) return;
    const { device, setup } = characteristic;
    this.operations.push(`${device.setup.name} ${OPERATION[type] ?? 'unsubscribe'} ${setup.uuid.slice(4, 8)}`);
    const bytes = Buffer.from(data ?? '', 'base64');
    if (type === 'write') this.writes.push({ address: device.setup.address, uuid: setup.uuid, bytes });
    const outcome = this.#outcome(device, OPERATION[type]);
    if (outcome === undefined) return;
    const reaction = type === 'write' && outcome === 0 ? (setup.onWrite?.(bytes) ?? []) : [];
    const code = typeof reaction === 'number' ? reaction : outcome;
    const waiting = type === 'read' && code === 0 ? device.queued.get(setup.uuid)?.shift() : undefined;
    const value = type === 'read' && code === 0 ? (waiting ?? setup.value ?? new Uint8Array()) : undefined;
    await this.#browser.send('BluetoothEmulation.simulateCharacteristicOperationResponse', {
      characteristicId,
      type,
      code,
      ...(value && { data: Buffer.from(value).toString('base64') }),
    });
    if (typeof reaction === 'number' || reaction.length === 0) return;
    device.saying = device.saying.then(async () => {
      for (const { uuid, bytes: said } of reaction) await this.notify(device.setup.address, uuid, [said]);
    });
    await device.saying;
  }

  /** Answers run on their own; what goes wrong is kept for the test to look at. */
  #do(work: Promise<unknown>): void {
    work.catch((thrown: unknown) => this.problems.push(String(thrown)));
  }
}

/**
 * A page of its own that uses Bluetooth once (a chooser, cancelled) and stays. The emulated adapter lives only as long as
 * some page holds it: without this, reloading the only page would end the emulation.
 */
async function keepAdapter(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.route('https://keeper.test/', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<button>use</button>' }),
  );
  await page.goto('https://keeper.test/');
  const session = await context.newCDPSession(page);
  const cancelled = new Promise<void>((resolve, reject) => {
    session.once('DeviceAccess.deviceRequestPrompted', ({ id }) => {
      session.send('DeviceAccess.cancelPrompt', { id }).then(() => resolve(), reject);
    });
  });
  await session.send('DeviceAccess.enable');
  await page.evaluate(() => {
    const button = document.querySelector('button');
    button?.addEventListener('click', () => {
      // Refused, since the chooser is cancelled: that it was opened is enough.
      navigator.bluetooth.requestDevice({ acceptAllDevices: true }).catch(() => undefined);
    });
  });
  await page.getByRole('button').click();
  await cancelled;
  return context;
}

declare global {
  interface Window {
    /** Subscribed characteristics by device name, UUID and number among those alike; test only. */
    __subscribed?: Record<string, BluetoothRemoteGATTCharacteristic>;
  }
}

/** Runs in the page before its own code. */
function rememberSubscriptions(): void {
  const subscribed: Record<string, BluetoothRemoteGATTCharacteristic> = {};
  window.__subscribed = subscribed;
  // One service object per connection: with a new one the numbers begin anew.
  const alike = new Map<BluetoothRemoteGATTService, BluetoothRemoteGATTCharacteristic[]>();
  const constructor: unknown = Reflect.get(window, 'BluetoothRemoteGATTCharacteristic');
  if (typeof constructor !== 'function') return;
  const prototype = constructor.prototype as BluetoothRemoteGATTCharacteristic;
  const start = prototype.startNotifications;
  prototype.startNotifications = async function () {
    const result = await start.call(this);
    const { id, name } = this.service.device;
    // After a reload Chromium knows the emulated device by its id, but no longer by name.
    if (name) localStorage.setItem(`lab ${id}`, name);
    const known = alike.get(this.service) ?? [];
    alike.set(this.service, known);
    if (!known.includes(this)) known.push(this);
    const number = known.filter((one) => one.uuid === this.uuid).indexOf(this) + 1;
    subscribed[`${name || (localStorage.getItem(`lab ${id}`) ?? '')} ${this.uuid} ${number}`] = this;
    return result;
  };
}

/** Devices on a cable: choosing a port, and coming back to those of an earlier visit. Fetched when somebody has one. */
import { SerialLink } from '../device/serial/link.ts';
import { deviceName, isBaud, SERIAL_PRESETS, type SerialPresetName } from '../device/serial/presets.ts';
import { choosePort, findPort, identityOf, type PortIdentity, type SerialLike } from '../device/serial/port.ts';
import type { SerialRequest } from '../device/serial/request.ts';
import { SerialSession } from '../device/serial/session.ts';
import type { Clock } from '../lib/timers.ts';
import { appError } from '../model/errors.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { RememberedDevice, TabWorkerApi } from '../../workers/sensor/api.ts';
import type { SerialOptions } from './api.ts';
import type { DeviceOrigin, LinkHooks } from './device-origin.ts';
import { SERIAL_ID } from './serial-id.ts';

export interface SerialPortsDeps {
  /** The window's ports; undefined where there are none. */
  readonly serial: SerialLike | undefined;
  /** Has a port read in the worker; transfers the channel. */
  readonly openInWorker: (...args: Parameters<TabWorkerApi['openSerial']>) => Promise<Result<void>>;
  readonly clock: Clock;
  readonly random: () => number;
}

/** A device of an earlier visit that is plugged in. */
export interface Returning {
  readonly origin: DeviceOrigin;
  readonly record: RememberedDevice;
}

/** Presets are remembered by their place here: notes are numbers. */
const PRESETS: readonly SerialPresetName[] = ['custom', 'arduino', 'microbit', 'cyton'];

export class SerialPorts {
  readonly #deps: SerialPortsDeps;
  readonly #links = new Map<string, SerialLink>();
  /** What the person said a device is, by its id. */
  readonly #presets = new Map<string, SerialPresetName>();

  constructor(deps: SerialPortsDeps) {
    this.#deps = deps;
  }

  /** Lets a person choose a port: the device on it. One that is linked already will be read as said here. */
  async choose(options: SerialOptions): Promise<Result<DeviceOrigin>> {
    const { serial } = this.#deps;
    if (!serial) return fail(appError('serial-unsupported'));
    if (!isBaud(options.baud)) return fail(appError('serial-input', String(options.baud)));
    const chosen = await choosePort(serial, SERIAL_PRESETS[options.preset].filters);
    if (!chosen.ok) return chosen;
    const { identity } = chosen.value;
    this.#links.get(idOf(identity))?.use(requestFor(identity, options));
    return ok(this.#origin(identity, options));
  }

  /** Those of the remembered devices that are plugged in and still allowed. */
  async returning(records: readonly RememberedDevice[]): Promise<readonly Returning[]> {
    const ports = (await this.#deps.serial?.getPorts()) ?? [];
    return ports.flatMap((port) => {
      const identity = identityOf(port, ports);
      const record = records.find(({ deviceId }) => deviceId === idOf(identity));
      return record ? [{ origin: this.#origin(identity, optionsOf(record)), record }] : [];
    });
  }

  #origin(identity: PortIdentity, options: SerialOptions): DeviceOrigin {
    const preset = SERIAL_PRESETS[options.preset];
    const name = deviceName(preset, identity.vendor);
    const id = idOf(identity);
    this.#presets.set(id, options.preset);
    return {
      id,
      name: identity.index === 0 ? name : `${name} ${identity.index + 1}`,
      demo: false,
      kind: 'serial',
      sensorType: preset.sensorType,
      makeLink: (hooks) => {
        const link = this.#link(requestFor(identity, options), hooks);
        this.#links.set(id, link);
        return Promise.resolve(link);
      },
    };
  }

  #link(request: SerialRequest, hooks: LinkHooks): SerialLink {
    const { openInWorker } = this.#deps;
    return new SerialLink(request, {
      openInWorker: (wanted, channel) => openInWorker(hooks.sensorId, wanted, channel),
      readHere: (wanted, onState) => this.#readHere(wanted, onState, hooks),
      forgetPort: ({ identity }) => this.#forget(identity),
      onState: hooks.onState,
      onStart: ({ baud, identity }) => {
        hooks.notes.set('baud', baud);
        hooks.notes.set('preset', PRESETS.indexOf(this.#presets.get(idOf(identity)) ?? 'custom'));
      },
    });
  }

  #readHere(request: SerialRequest, onState: LinkHooks['onState'], hooks: LinkHooks): SerialSession {
    const { serial, clock, random } = this.#deps;
    return new SerialSession({
      serial: serial ?? NO_PORTS,
      request,
      timers: clock,
      now: () => clock.now(),
      random,
      onBatch: ({ readings, attributes }, notes, arrival) => hooks.onReadings(readings, attributes, arrival, notes),
      onState,
      onLost: hooks.onLinkLost,
    });
  }

  async #forget(identity: PortIdentity): Promise<void> {
    this.#links.delete(idOf(identity));
    const ports = (await this.#deps.serial?.getPorts()) ?? [];
    // Without this the permission stays until it is taken back in the browser's settings.
    await findPort(ports, identity)?.forget?.();
  }
}

/** Links are made only where there are ports; this is for the type. */
const NO_PORTS: SerialLike = { getPorts: () => Promise.resolve([]), addEventListener: () => undefined };

function idOf({ vendor, product, index }: PortIdentity): string {
  const hex = (number: number | undefined): string => number?.toString(16).padStart(4, '0') ?? 'none';
  return `${SERIAL_ID}${hex(vendor)}-${hex(product)}-${index}`;
}

function requestFor(identity: PortIdentity, { baud, preset }: SerialOptions): SerialRequest {
  const { format } = SERIAL_PRESETS[preset];
  return { identity, baud, ...(format && { format }) };
}

function optionsOf({ notes = {} }: RememberedDevice): SerialOptions {
  const preset = PRESETS[notes['preset'] ?? 0] ?? 'custom';
  const baud = notes['baud'] ?? SERIAL_PRESETS[preset].baud;
  return { preset, baud: isBaud(baud) ? baud : SERIAL_PRESETS[preset].baud };
}

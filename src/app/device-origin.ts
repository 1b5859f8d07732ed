/** Where a device comes from, and how it is linked: by radio, from this phone's own sensors, by cable, or scripted. */
import type { createLink } from '../device/bluetooth/link.ts';
import type { Peripheral, Radio } from '../device/bluetooth/radio.ts';
import type { DeviceNotes, Profile } from '../device/profiles/profile.ts';
import type { SourceView } from '../device/source-link.ts';
import type { Clock } from '../lib/timers.ts';
import type { DeviceCommand } from '../model/command.ts';
import type { LinkState } from '../model/link.ts';
import type { Mapping } from '../model/mapping.ts';
import type { Reading } from '../model/reading.ts';
import { ok, type Result } from '../model/result.ts';
import type { AttributeRegistration, SensorId } from '../model/sensor.ts';
import type { SourceNotes } from '../model/source-notes.ts';
import type { SensorStatus } from '../../workers/sensor/api.ts';

export type DeviceKind = 'bluetooth' | 'phone' | 'serial' | 'script' | 'toy' | 'camera';

/** A link as the list of devices holds it. Nothing here throws; what happens shows in `state`. */
export interface DeviceLink {
  readonly state: LinkState;
  start(): void;
  stop(): void;
  retry(): void;
  forget(): Promise<void>;
  command(command: DeviceCommand): Promise<Result<void>>;
  /** Bluetooth notifications that are on. */
  readonly subscriptions: number;
  /** The parts that can be switched by themselves, where there are any. */
  readonly sources?: readonly SourceView[];
  switch?(kind: string, on: boolean): Promise<Result<void>>;
  /** What the server asks of this sensor: sources that can will slow down. */
  follow?(status: SensorStatus): void;
}

/** What a link reports. */
export interface LinkHooks {
  readonly sensorId: SensorId;
  /** `characteristic`: instance key; `arrival`: Unix ms. */
  readonly onBytes: (characteristic: string, bytes: ArrayBuffer, arrival: number) => void;
  readonly onReadings: (
    readings: readonly Reading[],
    attributes: readonly AttributeRegistration[],
    arrival: number,
    notes?: SourceNotes,
  ) => void;
  /** What the device turned out to be; the link waits for the answer, and ends if it is an error. */
  readonly onSensorType: (sensorType: string) => Promise<Result<void>>;
  /** How a person taught to read it. */
  readonly mappings: readonly Mapping[];
  /** What is remembered of the device from one connection to the next. */
  readonly notes: DeviceNotes;
  readonly onState: (state: LinkState) => void;
  readonly onLinkLost: () => void;
}

export interface DeviceOrigin {
  /** Stable for this origin and installation. */
  readonly id: string;
  readonly name: string;
  readonly demo: boolean;
  readonly kind: DeviceKind;
  /** What it is, where that is known before it is linked. */
  readonly sensorType?: string;
  /** Fetches what the link is made of. Rejects if the file is gone. */
  makeLink(hooks: LinkHooks): Promise<DeviceLink>;
}

/** What Bluetooth links are made of: nobody needs it before there is a device. */
export interface LinkParts {
  readonly createLink: typeof createLink;
  readonly profiles: readonly Profile[];
  readonly taughtProfiles: (mapping: Mapping) => readonly Profile[];
}

export interface BluetoothEdges {
  readonly loadLink: () => Promise<LinkParts>;
  readonly clock: Clock;
  readonly random: () => number;
}

/** A device of a radio, real or scripted. */
export function bluetoothOrigin(peripheral: Peripheral, radio: Radio, edges: BluetoothEdges): DeviceOrigin {
  const { clock, random, loadLink } = edges;
  return {
    id: peripheral.id,
    name: peripheral.name,
    demo: peripheral.demo,
    kind: 'bluetooth',
    ...(peripheral.sensorType !== undefined && { sensorType: peripheral.sensorType }),
    async makeLink(hooks) {
      const { createLink, profiles, taughtProfiles } = await loadLink();
      return createLink(peripheral, {
        // What a person taught goes before what we know.
        profiles: [...hooks.mappings.flatMap(taughtProfiles), ...profiles],
        onBytes: hooks.onBytes,
        onDiscovered: ([main]) => (main ? hooks.onSensorType(main.sensorType) : Promise.resolve(ok(undefined))),
        notes: hooks.notes,
        onState: hooks.onState,
        onLinkLost: hooks.onLinkLost,
        radio,
        now: () => clock.now(),
        random,
        timers: clock,
      });
    },
  };
}

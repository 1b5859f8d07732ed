/** Devices and settings this installation remembers: who we are, which sensor id belongs to which device. */
import { randomId, stableHash } from '../../src/lib/hash.ts';
import { appError } from '../../src/model/errors.ts';
import type { Mapping } from '../../src/model/mapping.ts';
import { fail, ok, type Result } from '../../src/model/result.ts';
import type { DeviceRecord, SettingsStore } from '../../src/outbox/database.ts';
import { isConnectorName, type Connector } from '../../src/protocol/sensor.ts';

const INSTALLATION = 'installation';
const CONNECTOR_NAME = 'connectorName';
export const DEFAULT_CONNECTOR_NAME = 'Sensocto Web';

export interface Devices {
  connector(): Connector;
  setConnectorName(name: string): Promise<Result<void>>;
  /** The record of a device, made on first sight; its sensor id never changes. */
  remember(deviceId: string, deviceName: string, sensorType?: string): Promise<DeviceRecord>;
  list(): Promise<readonly DeviceRecord[]>;
  /** An empty name gives the device its own name back. Error: `bluetooth-device-forgotten`. */
  rename(deviceId: string, name: string): Promise<Result<void>>;
  /** Error: `bluetooth-device-forgotten`. */
  teach(deviceId: string, mappings: readonly Mapping[]): Promise<Result<void>>;
  /** Error: `bluetooth-device-forgotten`. */
  note(deviceId: string, name: string, value: number): Promise<Result<void>>;
  forget(deviceId: string): Promise<void>;
}

/** @param fill fills an array with random bytes */
export async function openDevices(settings: SettingsStore, fill: (target: Uint8Array) => void): Promise<Devices> {
  let installation = asText(await settings.get(INSTALLATION));
  if (installation === undefined) {
    installation = randomId(8, fill);
    await settings.set(INSTALLATION, installation);
  }
  const connectorId = installation;
  let connectorName = asText(await settings.get(CONNECTOR_NAME)) ?? DEFAULT_CONNECTOR_NAME;

  async function find(deviceId: string): Promise<DeviceRecord | undefined> {
    return (await settings.devices()).find((device) => device.deviceId === deviceId);
  }

  return {
    connector: () => ({ connectorId, connectorName }),
    async setConnectorName(name) {
      const trimmed = name.trim();
      if (!isConnectorName(trimmed)) return fail(appError('connector-name-invalid'));
      connectorName = trimmed;
      await settings.set(CONNECTOR_NAME, trimmed);
      return ok(undefined);
    },
    async remember(deviceId, deviceName, sensorType) {
      const known = await find(deviceId);
      const type = sensorType ?? known?.sensorType;
      if (known && known.deviceName === deviceName && known.sensorType === type) return known;
      const record: DeviceRecord = {
        deviceId,
        deviceName,
        // A name the wearer gave stays; one that was only the device's follows the device.
        name: known && known.name !== known.deviceName ? known.name : deviceName,
        sensorId: known?.sensorId ?? `${connectorId}-${stableHash(deviceId)}`,
        ...(type !== undefined && { sensorType: type }),
        ...(known?.notes && { notes: known.notes }),
        ...(known?.mappings && { mappings: known.mappings }),
      };
      await settings.putDevice(record);
      return record;
    },
    list: () => settings.devices(),
    async rename(deviceId, name) {
      const known = await find(deviceId);
      if (!known) return fail(appError('bluetooth-device-forgotten'));
      await settings.putDevice({ ...known, name: name.trim() || known.deviceName });
      return ok(undefined);
    },
    async teach(deviceId, mappings) {
      const known = await find(deviceId);
      if (!known) return fail(appError('bluetooth-device-forgotten'));
      await settings.putDevice({ ...known, mappings });
      return ok(undefined);
    },
    async note(deviceId, name, value) {
      const known = await find(deviceId);
      if (!known) return fail(appError('bluetooth-device-forgotten'));
      await settings.putDevice({ ...known, notes: { ...known.notes, [name]: value } });
      return ok(undefined);
    },
    forget: (deviceId) => settings.removeDevice(deviceId),
  };
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

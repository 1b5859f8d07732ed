/** A worker that answers when a test lets it, and remembers what it was asked. */
import type { RemoteWorker } from '../../../src/app/devices.ts';
import { ok, type Result } from '../../../src/model/result.ts';
import type { RememberedDevice } from '../../../workers/sensor/api.ts';

export interface ScriptedWorker extends RemoteWorker {
  /** Calls with their first argument, e.g. `openSensor sensor-of-d1`. */
  readonly calls: string[];
  readonly known: Map<string, RememberedDevice>;
  /** From now on answers to these calls wait for `release`. */
  hold(...names: (keyof RemoteWorker)[]): void;
  release(): void;
}

export function createScriptedWorker(): ScriptedWorker {
  const calls: string[] = [];
  const known = new Map<string, RememberedDevice>();
  const held = new Set<string>();
  let waiting: (() => void)[] = [];

  async function answer<T>(name: keyof RemoteWorker, argument: string | undefined, value: () => T): Promise<T> {
    calls.push(argument === undefined ? name : `${name} ${argument}`);
    if (held.has(name)) await new Promise<void>((resolve) => waiting.push(resolve));
    return value();
  }
  const done = (): Result<void> => ok(undefined);

  return {
    calls,
    known,
    hold: (...names) => names.forEach((name) => held.add(name)),
    release() {
      held.clear();
      for (const go of waiting) go();
      waiting = [];
    },
    start: () => answer('start', undefined, done),
    attach: () => answer('attach', undefined, () => undefined),
    remember: (deviceId, deviceName, sensorType) =>
      answer('remember', deviceId, () => {
        const fresh = { deviceId, deviceName, name: deviceName, sensorId: `sensor-of-${deviceId}` };
        const record = { ...(known.get(deviceId) ?? fresh), ...(sensorType !== undefined && { sensorType }) };
        known.set(deviceId, record);
        return ok(record);
      }),
    remembered: () => answer('remembered', undefined, () => [...known.values()]),
    rename: (deviceId, name) => answer('rename', `${deviceId} ${name}`, done),
    teach: (deviceId, mappings) => answer('teach', `${deviceId} ${mappings.map(({ name }) => name).join()}`, done),
    note: (deviceId, name, value) => answer('note', `${deviceId} ${name} ${value}`, done),
    forget: (deviceId) =>
      answer('forget', deviceId, () => {
        known.delete(deviceId);
        return done();
      }),
    openSensor: (descriptor) => answer('openSensor', `${descriptor.sensorId} as ${descriptor.name}`, done),
    closeSensor: (sensorId) => answer('closeSensor', sensorId, done),
    ingest: (sensorId) => answer('ingest', sensorId, () => undefined),
    ingestReadings: (sensorId) => answer('ingestReadings', sensorId, () => undefined),
    linkLost: (sensorId) => answer('linkLost', sensorId, () => undefined),
    setConnectorName: (name) => answer('setConnectorName', name, done),
    useAccessToken: (token) => answer('useAccessToken', token, done),
    watch: (on, quality) => answer('watch', `${on} ${quality}`, () => undefined),
    setVisibleSensors: (sensorIds) => answer('setVisibleSensors', sensorIds.join(' '), () => undefined),
    focusSensors: (sensorIds) => answer('focusSensors', sensorIds.join(' '), () => undefined),
    setAside: (sensorId) => answer('setAside', sensorId, () => ok([])),
    certificate: (sensorId) =>
      answer('certificate', sensorId, () =>
        ok({ installation: 'installation-1', from: 0, to: undefined, takenAt: 1, sensors: [] }),
      ),
    retryNow: () => answer('retryNow', undefined, () => undefined),
    pageEvent: (event) => answer('pageEvent', event, () => undefined),
  };
}

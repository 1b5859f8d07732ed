/** A device that a person taught: its link reads as taught, and its card knows how. */
import { describe, expect, it } from 'vitest';
import type { DeviceLink, DeviceOrigin, LinkHooks } from '../../../src/app/device-origin.ts';
import { Devices } from '../../../src/app/devices.ts';
import { createStore } from '../../../src/lib/store.ts';
import type { LinkState } from '../../../src/model/link.ts';
import { makeMapping, type Mapping } from '../../../src/model/mapping.ts';
import { ok } from '../../../src/model/result.ts';
import type { WorkerStatus } from '../../../workers/sensor/api.ts';
import { IDLE_STATUS } from '../../support/scripted-app.ts';
import { createScriptedWorker, type ScriptedWorker } from './scripted-worker.ts';

const SERVICE = '0000fff0-0000-1000-8000-00805f9b34fb';

function mapping(name: string): Mapping {
  const readings = [{ attribute: 'soil_moisture', attributeType: 'generic', offset: 2, type: 'uint16' as const }];
  const made = makeMapping({ name, characteristics: [{ service: SERVICE, characteristic: SERVICE, readings }] });
  if (!made.ok) throw new Error(made.error.detail);
  return made.value;
}

function setUp() {
  const scripted = createScriptedWorker();
  const worker: ScriptedWorker = {
    ...scripted,
    // As the real one keeps it: the next record of the device has it.
    teach(deviceId: string, mappings: readonly Mapping[]) {
      const record = scripted.known.get(deviceId);
      if (record) scripted.known.set(deviceId, { ...record, mappings });
      return Promise.resolve(ok(undefined));
    },
  };
  const links: { readonly hooks: LinkHooks; state: LinkState['at'] }[] = [];
  const origin: DeviceOrigin = {
    id: 'plant-12',
    name: 'FS-Plant 12',
    demo: false,
    kind: 'bluetooth',
    makeLink(hooks) {
      const made: (typeof links)[number] = { hooks, state: 'idle' };
      links.push(made);
      const link: DeviceLink = {
        get state(): LinkState {
          return made.state === 'live' ? { at: 'live' } : { at: 'idle' };
        },
        start: () => void (made.state = 'live'),
        stop: () => void (made.state = 'idle'),
        retry: () => undefined,
        forget: () => Promise.resolve(),
        command: () => Promise.resolve(ok(undefined)),
        subscriptions: 1,
      };
      return Promise.resolve(link);
    },
  };
  const devices = new Devices({
    worker,
    ingest: () => undefined,
    ingestReadings: () => undefined,
    status: createStore<WorkerStatus>(IDLE_STATUS),
    onForgotten: () => undefined,
  });
  return { devices, links, origin };
}

describe('a taught device', () => {
  it('is linked with what was taught, and its view has it for others', async () => {
    const { devices, links, origin } = setUp();
    expect(await devices.addTaught(origin, mapping('Plant sensor'))).toEqual(ok(undefined));
    expect(links.map(({ hooks }) => hooks.mappings.map(({ name }) => name))).toEqual([['Plant sensor']]);
    expect(devices.views.get()).toMatchObject([{ deviceId: 'plant-12', mappings: [{ name: 'Plant sensor' }] }]);
  });

  it('that is taught anew is read anew: the link from before is stopped', async () => {
    const { devices, links, origin } = setUp();
    await devices.add(origin);
    expect(devices.views.get().map(({ mappings }) => mappings)).toEqual([[]]);
    await devices.addTaught(origin, mapping('Better'));
    expect(links.map(({ hooks }) => hooks.mappings.map(({ name }) => name))).toEqual([[], ['Better']]);
    expect(links[0]?.state).toBe('idle');
    expect(devices.views.get().map(({ mappings }) => mappings.map(({ name }) => name))).toEqual([['Better']]);
  });
});

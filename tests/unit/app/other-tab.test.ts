/** Devices that another tab of this installation has linked. */
import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/sensocto-app.ts';
import { createLink } from '../../../src/device/bluetooth/link.ts';
import { PROFILES } from '../../../src/device/profiles/registry.ts';
import { taughtProfiles } from '../../../src/device/profiles/taught.ts';
import { createScriptedRadio } from '../../../src/device/demo/scripted-radio.ts';
import { appError } from '../../../src/model/errors.ts';
import { fail, ok } from '../../../src/model/result.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createScriptedWorker } from './scripted-worker.ts';

/** @param elsewhere sensors that another tab feeds */
function setUp(elsewhere: Set<string>) {
  const clock = createManualClock();
  const worker = createScriptedWorker();
  const edges = { timers: clock, now: () => clock.now() };
  const { app, input } = createApp({
    radio: createScriptedRadio({ ...edges, remembered: ['demo-strap-1'] }),
    demoRadio: createScriptedRadio(edges),
    loadLink: () => Promise.resolve({ createLink, profiles: PROFILES, taughtProfiles }),
    worker: {
      ...worker,
      openSensor: (sensor) =>
        elsewhere.has(sensor.sensorId)
          ? Promise.resolve(fail(appError('bluetooth-other-tab')))
          : worker.openSensor(sensor),
    },
    openSocket: () => {
      throw new Error('not here');
    },
    loadPhone: () => Promise.reject(new Error('not here')),
    loadPose: () => Promise.reject(new Error('not here')),
    loadSerial: () => Promise.reject(new Error('not here')),
    serialProblem: undefined,
    ingest: () => undefined,
    ingestReadings: () => undefined,
    clock,
    random: () => 0.5,
    requestPersistence: () => Promise.resolve(ok(true)),
    persistsQuietly: true,
  });
  const during = async <T>(action: Promise<T>): Promise<T> => {
    await clock.advance(5000);
    return action;
  };
  return { app, input, worker, during, names: () => app.devices.get().map((device) => device.name) };
}

describe('a device in another tab', () => {
  it('is said, and gets no card here', async () => {
    const { app, during, names } = setUp(new Set(['sensor-of-demo-strap-2']));
    expect(await during(app.pairBluetooth())).toEqual(fail(appError('bluetooth-other-tab')));
    expect(names()).toEqual([]);
  });

  it('does not keep a demo from starting: it takes the next number', async () => {
    const { app, during, names } = setUp(new Set(['sensor-of-demo-strap-1', 'sensor-of-demo-strap-2']));
    expect(await during(app.tryDemo())).toEqual(ok(undefined));
    expect(names()).toEqual(['Demo strap 3']);
  });

  it('when remembered, waits here stopped until the other tab lets go of it', async () => {
    const elsewhere = new Set(['sensor-of-demo-strap-1']);
    const { app, input, worker, during, names } = setUp(elsewhere);
    await worker.remember('demo-strap-1', 'Demo strap 1');
    await during(input.start());
    expect(names()).toEqual(['Demo strap 1']);
    expect(app.devices.get()[0]?.link).toEqual({ at: 'idle' });
    expect(await during(app.reconnect('demo-strap-1'))).toEqual(fail(appError('bluetooth-other-tab')));
    elsewhere.clear();
    expect(await during(app.reconnect('demo-strap-1'))).toEqual(ok(undefined));
    expect(app.devices.get()[0]?.link).toEqual({ at: 'live' });
  });
});

/** The way to Bluetooth devices, real and scripted, and to devices that a person teaches. */
import type { Radio, RequestOptions } from '../device/bluetooth/radio.ts';
import type { Clock } from '../lib/timers.ts';
import { appError, describeThrown } from '../model/errors.ts';
import { fail, type Result } from '../model/result.ts';
import type { SensoctoApp } from './api.ts';
import { createDemoDoor } from './demo-door.ts';
import { bluetoothOrigin, type BluetoothEdges } from './device-origin.ts';
import type { Devices } from './devices.ts';

/** Demo sensors that other tabs may be using at the same time. */
const MAX_DEMO_TRIES = 20;

export interface RadioEdges extends BluetoothEdges {
  readonly radio: Radio;
  readonly demoRadio: Radio;
  readonly clock: Clock;
}

type BluetoothActions = 'pairBluetooth' | 'tryDemo' | 'startLesson' | 'learn' | 'useMapping';

export function createBluetoothDoor(edges: RadioEdges, devices: Devices): Pick<SensoctoApp, BluetoothActions> {
  const { radio, demoRadio, clock } = edges;

  async function choose(from: Radio, options: RequestOptions): Promise<Result<void>> {
    try {
      const chosen = await from.request(options);
      return chosen.ok ? await devices.add(bluetoothOrigin(chosen.value, from, edges)) : chosen;
    } catch (thrown) {
      return fail(appError('unexpected', describeThrown(thrown)));
    }
  }

  const startDemo = createDemoDoor({
    fromRadio: (kind) => choose(demoRadio, { showAll: true, ...(kind !== undefined && { kind }) }),
    add: (origin) => devices.add(origin),
    clock,
  });

  return {
    pairBluetooth: ({ showAll = false } = {}) => choose(radio, { showAll }),
    tryDemo: (kind) => firstFree(() => startDemo(kind)),
    startLesson: (services) => withTeaching((teaching) => teaching.startLesson(radio, services, clock)),
    learn(lesson, mapping) {
      lesson.end();
      return devices.addTaught(bluetoothOrigin(lesson.peripheral, radio, edges), mapping);
    },
    useMapping: (mapping) =>
      withTeaching(async ({ chooseFor }) => {
        const chosen = await chooseFor(radio, mapping);
        return chosen.ok ? devices.addTaught(bluetoothOrigin(chosen.value, radio, edges), mapping) : chosen;
      }),
  };
}

/** Every tab numbers its demo sensors from one; those that another tab uses are passed over. */
async function firstFree(choose: () => Promise<Result<void>>): Promise<Result<void>> {
  for (let tries = 1; ; tries++) {
    const tried = await choose();
    if (tried.ok || tried.error.code !== 'bluetooth-other-tab' || tries === MAX_DEMO_TRIES) return tried;
  }
}

const loadTeaching = () => import('./teach.ts');
type Teaching = Awaited<ReturnType<typeof loadTeaching>>;

/** Fetched when somebody wants to teach. */
async function withTeaching<T>(run: (teaching: Teaching) => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await run(await loadTeaching());
  } catch (thrown) {
    return fail(appError('unexpected', describeThrown(thrown)));
  }
}

/** The way to devices on a cable: what they are read with is fetched when somebody has one, once. */
import { appError, describeThrown, type AppError } from '../model/errors.ts';
import { fail, type Result } from '../model/result.ts';
import type { RememberedDevice } from '../../workers/sensor/api.ts';
import type { SensoctoApp } from './api.ts';
import type { Devices } from './devices.ts';
import type { SerialPorts } from './serial.ts';
import { SERIAL_ID } from './serial-id.ts';

export interface SerialDoor extends Pick<SensoctoApp, 'pairSerial' | 'serialProblem'> {
  /** Links those of the remembered devices that are plugged in. */
  comeBack(records: readonly RememberedDevice[]): Promise<void>;
}

export function createSerialDoor(
  load: () => Promise<SerialPorts>,
  problem: AppError | undefined,
  devices: Pick<Devices, 'add' | 'takeUp'>,
): SerialDoor {
  let loading: Promise<SerialPorts> | undefined;

  async function fetched(): Promise<SerialPorts> {
    try {
      return await (loading ??= load());
    } catch (thrown) {
      // Fetched anew the next time.
      loading = undefined;
      throw thrown;
    }
  }

  return {
    serialProblem: problem,
    async pairSerial(options): Promise<Result<void>> {
      if (problem) return fail(problem);
      try {
        const chosen = await (await fetched()).choose(options);
        return chosen.ok ? await devices.add(chosen.value) : chosen;
      } catch (thrown) {
        return fail(appError('unexpected', describeThrown(thrown)));
      }
    },
    async comeBack(records) {
      if (problem || !records.some(({ deviceId }) => deviceId.startsWith(SERIAL_ID))) return;
      try {
        for (const { origin, record } of await (await fetched()).returning(records))
          await devices.takeUp(origin, record);
      } catch {
        // The file or the permission is gone: whoever chooses the port again hears why.
        return;
      }
    },
  };
}

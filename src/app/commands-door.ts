/** The way to commands from viewers: what deals with them is fetched when the first one comes, as few devices get any. */
import { createStore } from '../lib/store.ts';
import { ok } from '../model/result.ts';
import type { WorkerStatus } from '../../workers/sensor/api.ts';
import type { SensoctoApp } from './api.ts';
import type { CommandDesk, CommandDeskDeps, CommandState } from './commands.ts';
import { fetchOnce } from './fetch-once.ts';

export const NO_COMMANDS: CommandState = {
  asking: [],
  allowed: [],
  moving: [],
  done: 0,
  refused: 0,
  failure: undefined,
};

export interface CommandsDoor {
  readonly actions: Pick<SensoctoApp, 'commands' | 'allowCommands' | 'refuseCommands' | 'stopCommands'>;
  /** What the worker reports. */
  take(status: WorkerStatus): void;
}

export function createCommandsDoor(deps: CommandDeskDeps): CommandsDoor {
  const state = createStore(NO_COMMANDS);
  let desk: CommandDesk | undefined;
  let latest: WorkerStatus;
  const withDesk = fetchOnce(async () => {
    const { CommandDesk: Desk } = await import('./commands.ts');
    return (desk ??= new Desk(deps, state));
  });
  return {
    actions: {
      commands: state,
      // Before there is a desk nothing asks and nothing moves.
      allowCommands: (sensorId, always) => desk?.allow(sensorId, always),
      refuseCommands: (sensorId) => desk?.refuse(sensorId),
      stopCommands: () => desk?.stopAll(),
    },
    take(status) {
      latest = status;
      if (desk) desk.take(status);
      else if (status.commands.length > 0) {
        void withDesk((fetched) => ok(fetched.take(latest))).then((taken) => {
          if (!taken.ok) state.set({ ...state.get(), failure: taken.error });
        });
      }
    },
  };
}

import { describe, expect, it, vi } from 'vitest';
import { createCommandsDoor, NO_COMMANDS } from '../../../src/app/commands-door.ts';
import { CommandDesk, type CommandDeskDeps } from '../../../src/app/commands.ts';
import { createStore } from '../../../src/lib/store.ts';
import type { DeviceCommand } from '../../../src/model/command.ts';
import { appError, type AppError } from '../../../src/model/errors.ts';
import { fail, ok } from '../../../src/model/result.ts';
import type { PendingCommand } from '../../../workers/sensor/api.ts';
import { IDLE_STATUS } from '../../support/scripted-app.ts';

const VIBRATE: DeviceCommand = { command: 'vibrate', speed: 0.5 };
const ROTATE: DeviceCommand = { command: 'rotate', speed: 0.2, clockwise: true };
const STOP: DeviceCommand = { command: 'stop' };

function setUp(failing?: AppError) {
  const run: string[] = [];
  const pending: PendingCommand[] = [];
  const state = createStore(NO_COMMANDS);
  const deps: CommandDeskDeps = {
    deviceName: (sensorId) => (sensorId === 'elsewhere' ? undefined : `device of ${sensorId}`),
    run: (sensorId, { command }) => {
      run.push(`${sensorId} ${command}`);
      return Promise.resolve(failing ? fail(failing) : ok(undefined));
    },
  };
  const desk = new CommandDesk(deps, state);
  return {
    deps,
    desk,
    run,
    state: () => state.get(),
    arrive(sensorId: string, command: DeviceCommand) {
      pending.push({ id: pending.length + 1, sensorId, command, at: pending.length * 1000 });
      desk.take({ ...IDLE_STATUS, commands: [...pending] });
    },
    again: () => desk.take({ ...IDLE_STATUS, commands: [...pending] }),
    expire: () => desk.take({ ...IDLE_STATUS, commands: pending.splice(0, 0) }),
    settle: () => new Promise((resolve) => setTimeout(resolve)),
  };
}

describe('commands', () => {
  it('wait for a word, and are carried out once it is given', async () => {
    const { desk, run, state, arrive, again, settle } = setUp();
    arrive('a', VIBRATE);
    again();
    expect(state().asking).toMatchObject([{ sensorId: 'a', name: 'device of a', command: VIBRATE }]);
    await settle();
    expect(run).toEqual([]);
    desk.allow('a', false);
    await settle();
    expect(run).toEqual(['a vibrate']);
    arrive('a', ROTATE);
    expect(state().asking).toHaveLength(1);
    expect(state().done).toBe(1);
  });

  it('need no further word once they are allowed for good, until everything is stopped', async () => {
    const { desk, run, state, arrive, settle } = setUp();
    arrive('a', VIBRATE);
    desk.allow('a', true);
    arrive('a', ROTATE);
    await settle();
    expect(run).toEqual(['a vibrate', 'a rotate']);
    desk.stopAll();
    expect(run.at(-1)).toBe('a stop');
    arrive('a', VIBRATE);
    expect(state()).toMatchObject({ allowed: [], asking: [{ command: VIBRATE }] });
  });

  it('that were queued before a stop are not run after it', async () => {
    const { desk, run, arrive, settle } = setUp();
    arrive('a', VIBRATE);
    desk.allow('a', true);
    arrive('a', ROTATE);
    desk.stopAll();
    await settle();
    expect(run).toEqual(['a stop']);
  });

  it('that were allowed once are stopped too, as they may still go on', async () => {
    const { desk, run, state, arrive, settle } = setUp();
    arrive('a', VIBRATE);
    desk.allow('a', false);
    await settle();
    expect(state()).toMatchObject({ allowed: [], moving: ['a'] });
    desk.stopAll();
    await settle();
    expect(run).toEqual(['a vibrate', 'a stop']);
    expect(state().moving).toEqual([]);
  });

  it('move no more after a stop of the viewer’s own', async () => {
    const { desk, state, arrive, settle } = setUp();
    arrive('a', VIBRATE);
    desk.allow('a', false);
    arrive('a', STOP);
    await settle();
    expect(state().moving).toEqual([]);
  });

  it('go on counting as moving where the stop did not work, and that is said', async () => {
    const { desk, state, arrive, settle } = setUp(appError('bluetooth-out-of-range'));
    arrive('a', VIBRATE);
    desk.allow('a', false);
    await settle();
    desk.stopAll();
    await settle();
    expect(state()).toMatchObject({ moving: ['a'], failure: { code: 'bluetooth-out-of-range' } });
  });

  it('to stop are carried out without asking', async () => {
    const { run, state, arrive, settle } = setUp();
    arrive('a', STOP);
    await settle();
    expect(run).toEqual(['a stop']);
    expect(state().asking).toEqual([]);
  });

  it('for a device of another tab are its business', async () => {
    const { run, state, arrive, settle } = setUp();
    arrive('elsewhere', VIBRATE);
    arrive('elsewhere', STOP);
    await settle();
    expect(run).toEqual([]);
    expect(state().asking).toEqual([]);
  });

  it('are refused by a word, and by nobody answering', () => {
    const { desk, state, arrive, expire } = setUp();
    arrive('a', VIBRATE);
    desk.refuse('a');
    expect(state()).toMatchObject({ asking: [], refused: 1 });
    arrive('a', ROTATE);
    expire();
    expect(state()).toMatchObject({ asking: [], refused: 2 });
  });

  it('that fail say so', async () => {
    const { desk, state, arrive, settle } = setUp(appError('command-unsupported'));
    arrive('a', VIBRATE);
    desk.allow('a', false);
    await settle();
    expect(state()).toMatchObject({ done: 0, failure: { code: 'command-unsupported' } });
  });
});

describe('the way to commands', () => {
  it('asks for the first one as soon as what asks is fetched, and hears of all that follow', async () => {
    const { deps, run } = setUp();
    const door = createCommandsDoor(deps);
    const first = { id: 1, sensorId: 'a', command: VIBRATE, at: 1000 };
    const second = { id: 2, sensorId: 'a', command: ROTATE, at: 2000 };
    door.take(IDLE_STATUS);
    door.take({ ...IDLE_STATUS, commands: [first] });
    door.take({ ...IDLE_STATUS, commands: [first, second] });
    await vi.waitFor(() => expect(door.actions.commands.get().asking).toHaveLength(2));
    door.take({ ...IDLE_STATUS, commands: [first, second] });
    expect(door.actions.commands.get().asking.map(({ command }) => command)).toEqual([VIBRATE, ROTATE]);
    door.actions.allowCommands('a', false);
    await vi.waitFor(() => expect(run).toEqual(['a vibrate', 'a rotate']));
    door.actions.stopCommands();
    await vi.waitFor(() => expect(run.at(-1)).toBe('a stop'));
  });
});

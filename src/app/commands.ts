/**
 * Commands from viewers to a device in this tab. Nothing moves, lights or sounds before the person here has agreed, once
 * or until they take it back; one stop ends everything at once and every agreement with it.
 */
import type { Store } from '../lib/store.ts';
import type { DeviceCommand } from '../model/command.ts';
import type { AppError } from '../model/errors.ts';
import type { Result } from '../model/result.ts';
import type { PendingCommand, WorkerStatus } from '../../workers/sensor/api.ts';

/** Commands remembered as dealt with: more than the worker keeps. */
const MAX_SEEN = 200;

/** One command that waits for a word, or what became of it. */
export interface CommandRequest {
  readonly key: string;
  readonly sensorId: string;
  /** Name of the device. */
  readonly name: string;
  readonly command: DeviceCommand;
  readonly at: number;
}

export interface CommandState {
  /** Waits for a word. */
  readonly asking: readonly CommandRequest[];
  /** Sensors whose commands are carried out without asking. */
  readonly allowed: readonly string[];
  /** Sensors that were told to do something since they were last told to stop: what was allowed once may still go on. */
  readonly moving: readonly string[];
  readonly done: number;
  readonly refused: number;
  readonly failure: AppError | undefined;
}

export interface CommandDeskDeps {
  /** Name of the device, if its link is in this tab. */
  readonly deviceName: (sensorId: string) => string | undefined;
  readonly run: (sensorId: string, command: DeviceCommand) => Promise<Result<void>>;
}

export class CommandDesk {
  readonly #deps: CommandDeskDeps;
  readonly #state: Store<CommandState>;
  readonly #seen = new Set<string>();
  /** One at a time and in order: a stop must not overtake, nor be overtaken. */
  #tail: Promise<void> = Promise.resolve();
  /** Counts stops: what was queued before one is not run after it. */
  #stops = 0;

  /** @param state where it says what there is */
  constructor(deps: CommandDeskDeps, state: Store<CommandState>) {
    this.#deps = deps;
    this.#state = state;
  }

  /** What the worker reports; commands seen before are passed over. */
  take({ commands }: WorkerStatus): void {
    for (const pending of commands) {
      const key = `${pending.at} ${pending.id} ${pending.sensorId}`;
      if (this.#seen.has(key)) continue;
      const name = this.#deps.deviceName(pending.sensorId);
      // Another tab has the device; this one may get it later, but not old commands with it.
      this.#remember(key);
      if (name !== undefined) this.#arrived(pending, key, name);
    }
    this.#expire(commands);
  }

  /** Carries out what waits for this sensor; `always`: and what comes, until it is taken back. */
  allow(sensorId: string, always: boolean): void {
    const { asking, allowed } = this.#state.get();
    const own = asking.filter((one) => one.sensorId === sensorId);
    this.#set({
      asking: asking.filter((one) => one.sensorId !== sensorId),
      ...(always && !allowed.includes(sensorId) && { allowed: [...allowed, sensorId] }),
    });
    for (const one of own) this.#run(sensorId, one.command);
  }

  refuse(sensorId: string): void {
    const { asking, refused } = this.#state.get();
    const left = asking.filter((one) => one.sensorId !== sensorId);
    this.#set({ asking: left, refused: refused + asking.length - left.length });
  }

  /** Stops everything that moves, and asks again from now on. */
  stopAll(): void {
    const { allowed, asking, moving, refused } = this.#state.get();
    const sensors = new Set([...allowed, ...moving, ...asking.map((one) => one.sensorId)]);
    this.#stops += 1;
    this.#set({ asking: [], allowed: [], moving: [], refused: refused + asking.length });
    for (const sensorId of sensors) void this.#stop(sensorId);
  }

  /** What cannot be stopped is said; a device that knows no stop has nothing that goes on. */
  async #stop(sensorId: string): Promise<void> {
    const result = await this.#deps.run(sensorId, { command: 'stop' });
    if (result.ok || result.error.code === 'command-unsupported') return;
    const { moving } = this.#state.get();
    this.#set({ failure: result.error, moving: [...new Set([...moving, sensorId])] });
  }

  #arrived({ sensorId, command, at }: PendingCommand, key: string, name: string): void {
    const { asking, allowed } = this.#state.get();
    // A stop needs nobody's leave.
    if (command.command === 'stop' || allowed.includes(sensorId)) return this.#run(sensorId, command);
    this.#set({ asking: [...asking, { key, sensorId, name, command, at }] });
  }

  #run(sensorId: string, command: DeviceCommand): void {
    const { run } = this.#deps;
    const stops = this.#stops;
    this.#tail = this.#tail.then(async () => {
      if (stops !== this.#stops) return;
      const stopping = command.command === 'stop';
      // Before it is known to have worked: a device may do it and fail to say so.
      if (!stopping) this.#moves(sensorId, true);
      const result = await run(sensorId, command);
      if (stopping && result.ok) this.#moves(sensorId, false);
      const { done } = this.#state.get();
      this.#set(result.ok ? { done: done + 1, failure: undefined } : { failure: result.error });
    });
  }

  #moves(sensorId: string, on: boolean): void {
    const others = this.#state.get().moving.filter((one) => one !== sensorId);
    this.#set({ moving: on ? [...others, sensorId] : others });
  }

  /** What nobody answered in time is not asked for any more. */
  #expire(commands: readonly PendingCommand[]): void {
    const { asking, refused } = this.#state.get();
    const left = asking.filter(({ at, sensorId }) =>
      commands.some((one) => one.at === at && one.sensorId === sensorId),
    );
    if (left.length < asking.length) this.#set({ asking: left, refused: refused + asking.length - left.length });
  }

  #remember(key: string): void {
    this.#seen.add(key);
    const [oldest] = this.#seen;
    if (oldest !== undefined && this.#seen.size > MAX_SEEN) this.#seen.delete(oldest);
  }

  #set(change: Partial<CommandState>): void {
    this.#state.set({ ...this.#state.get(), ...change });
  }
}

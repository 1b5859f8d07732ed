/** One toy as a device: what its motors were told, and its battery. Lives as long as Intiface has it. */
import type { DeviceCommand } from '../../model/command.ts';
import { appError } from '../../model/errors.ts';
import type { LinkState } from '../../model/link.ts';
import type { Reading } from '../../model/reading.ts';
import { fail, type Result } from '../../model/result.ts';
import type { AttributeRegistration } from '../../model/sensor.ts';
import type { Intiface } from './client.ts';
import type { Toy } from './messages.ts';

const ATTRIBUTES: readonly AttributeRegistration[] = ['vibrate', 'rotate', 'linear', 'battery'].map((attribute) => ({
  attribute,
  attributeType: attribute,
  samplingRate: 0,
}));

export interface ToyLinkDeps {
  readonly intiface: () => Intiface | undefined;
  readonly onReadings: (
    readings: readonly Reading[],
    attributes: readonly AttributeRegistration[],
    arrival: number,
  ) => void;
  readonly onState: (state: LinkState) => void;
  /** Unix ms. */
  readonly now: () => number;
}

export class ToyLink {
  readonly subscriptions = 0;
  readonly #deps: ToyLinkDeps;
  #toy: Toy | undefined;
  #state: LinkState = { at: 'idle' };
  #wanted = false;

  constructor(toy: Toy, deps: ToyLinkDeps) {
    this.#toy = toy;
    this.#deps = deps;
  }

  get state(): LinkState {
    return this.#state;
  }

  start(): void {
    this.#wanted = true;
    this.#show();
  }

  stop(): void {
    this.#wanted = false;
    void this.command({ command: 'stop' });
    this.#show();
  }

  retry(): void {
    this.start();
  }

  forget(): Promise<void> {
    this.stop();
    this.#set({ at: 'forgotten' });
    return Promise.resolve();
  }

  /** Intiface has it (again), under this index. */
  found(toy: Toy): void {
    this.#toy = toy;
    this.#show();
  }

  removed(): void {
    this.#toy = undefined;
    this.#show();
  }

  /** Percent. */
  battery(percent: number): void {
    this.#report('battery', percent);
  }

  async command(command: DeviceCommand): Promise<Result<void>> {
    const intiface = this.#deps.intiface();
    if (!intiface || !this.#toy) return fail(appError('toys-unreachable'));
    if (!isToyCommand(command)) return fail(appError('command-unsupported', command.command));
    const done = await intiface.command(this.#toy.index, command);
    if (done.ok) this.#note(command);
    return done;
  }

  /** What the motors do now is what is measured of a toy. */
  #note(command: ToyCommandOf): void {
    switch (command.command) {
      case 'vibrate':
        return this.#report('vibrate', command.speed);
      case 'rotate':
        return this.#report('rotate', command.clockwise ? command.speed : -command.speed);
      case 'linear':
        return this.#report('linear', command.position);
      case 'stop':
        if (this.#toy?.vibrators.length) this.#report('vibrate', 0);
        if (this.#toy?.rotators.length) this.#report('rotate', 0);
    }
  }

  #report(attribute: string, value: number): void {
    if (!this.#wanted) return;
    const timing = { kind: 'arrival' } as const;
    const reading: Reading =
      attribute === 'battery'
        ? { kind: 'structured', attribute, payloads: [{ level: Math.round(value) }], timing }
        : { kind: 'numeric', attribute, values: Float32Array.of(value), timing };
    this.#deps.onReadings([reading], ATTRIBUTES, this.#deps.now());
  }

  #show(): void {
    if (!this.#wanted) this.#set({ at: 'idle' });
    else if (this.#toy) this.#set({ at: 'live' });
    else this.#set({ at: 'lost', error: appError('toys-unreachable') });
  }

  #set(state: LinkState): void {
    this.#state = state;
    this.#deps.onState(state);
  }
}

type ToyCommandOf = Extract<DeviceCommand, { command: 'vibrate' | 'rotate' | 'linear' | 'stop' }>;

function isToyCommand(command: DeviceCommand): command is ToyCommandOf {
  return ['vibrate', 'rotate', 'linear', 'stop'].includes(command.command);
}

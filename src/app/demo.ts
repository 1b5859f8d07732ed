/** Scripted devices without a radio. Fetched when somebody wants one. */
import { demoIdentity, type ScriptDemoKind } from '../device/demo/catalogue.ts';
import { createScriptDevice, isScriptDemo, type ScriptDevice } from '../device/demo/sources/models.ts';
import { SourceLink, type SourceLinkDeps } from '../device/source-link.ts';
import { systemClock, type Clock } from '../lib/timers.ts';
import type { DeviceCommand } from '../model/command.ts';
import type { Result } from '../model/result.ts';
import type { DeviceLink, DeviceOrigin } from './device-origin.ts';

/** Hands out scripted devices, each with the next number of its kind. */
export class Demos {
  readonly #clock: Clock;
  readonly #seed: number;
  readonly #highest = new Map<ScriptDemoKind, number>();

  /** @param seed same seed, same samples */
  constructor(clock: Clock = systemClock, seed = 1) {
    this.#clock = clock;
    this.#seed = seed;
  }

  /** One more device of a kind; undefined if there is none of this kind here: the scripted radio may have it. */
  next(kind: string): DeviceOrigin | undefined {
    if (!isScriptDemo(kind)) return undefined;
    const number = (this.#highest.get(kind) ?? 0) + 1;
    this.#highest.set(kind, number);
    const { id, name, seed } = demoIdentity(kind, number, this.#seed);
    const device = createScriptDevice(kind, seed, this.#clock);
    return {
      id,
      name,
      demo: true,
      kind: 'script',
      sensorType: device.sensorType,
      makeLink: ({ onReadings, onState }) => Promise.resolve(this.#link(device, { onReadings, onState })),
    };
  }

  #link(device: ScriptDevice, hooks: Pick<SourceLinkDeps, 'onReadings' | 'onState'>): DeviceLink {
    const { sources } = device;
    const on = sources.map(({ kind }) => kind);
    return new DemoLink(device, { sources, on, ...hooks, now: () => this.#clock.now(), timers: this.#clock });
  }
}

/** A link whose device takes commands, and stands still when it is stopped. */
class DemoLink extends SourceLink {
  readonly #device: ScriptDevice;

  constructor(device: ScriptDevice, deps: SourceLinkDeps) {
    super(deps);
    this.#device = device;
  }

  override command(command: DeviceCommand): Promise<Result<void>> {
    return Promise.resolve(this.#device.command(command));
  }

  override stop(): void {
    super.stop();
    this.#device.stopped();
  }
}

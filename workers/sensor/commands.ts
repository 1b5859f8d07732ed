/** Commands from the platform on their way to whichever tab has the device. */
import type { DeviceCommand } from '../../src/model/command.ts';
import type { SensorId } from '../../src/model/sensor.ts';
import type { PendingCommand } from './api.ts';

/** A command nobody carried out by then is not carried out later: motors must not move by surprise, ms. */
const LIFETIME = 30_000;
/** More at once come from something that has gone wrong. */
const MAX_PENDING = 50;

export class Commands {
  #pending: readonly PendingCommand[] = [];
  #nextId = 1;

  add(sensorId: SensorId, command: DeviceCommand, now: number): void {
    const entry = { id: this.#nextId, sensorId, command, at: now };
    this.#nextId += 1;
    this.#pending = [...this.#pending, entry].slice(-MAX_PENDING);
  }

  /** Those that may still be carried out, oldest first. `now`: Unix ms. */
  recent(now: number): readonly PendingCommand[] {
    this.#pending = this.#pending.filter(({ at }) => now - at < LIFETIME);
    return this.#pending;
  }
}

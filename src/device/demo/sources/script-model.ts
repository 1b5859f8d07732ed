/** What a scripted device without a radio is. Types only. */
import type { DeviceCommand } from '../../../model/command.ts';
import type { Result } from '../../../model/result.ts';
import type { Plan } from './plan.ts';

export interface ScriptModel {
  /** Announced to the platform. */
  readonly sensorType: string;
  readonly plans: readonly Plan[];
  /** Carries out a command from the platform; devices without do not have this. */
  command?(command: DeviceCommand): Result<void>;
  /** The device is switched off: nothing moves any more. */
  stopped?(): void;
}

/** Type of the platform's own simulated sensors. */
export const SIMULATOR = 'simulator';

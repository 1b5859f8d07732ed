/** How each scripted device without a radio is made, by kind, and the sources that it then is. */
import { systemClock, type Clock } from '../../../lib/timers.ts';
import type { DeviceCommand } from '../../../model/command.ts';
import { appError } from '../../../model/errors.ts';
import { fail, type Result } from '../../../model/result.ts';
import type { Source } from '../../source.ts';
import type { ScriptDemoKind } from '../catalogue.ts';
import { createMetronome } from '../metronome.ts';
import { createBreathBelt } from './breath-belt.ts';
import { createMovingPerson } from './moving-person.ts';
import { createPerson } from './person.ts';
import { scriptedSource } from './plan.ts';
import { createPupilNeon } from './pupil-neon.ts';
import type { ScriptModel } from './script-model.ts';
import { createSwimmer } from './swimmer.ts';
import { createToy } from './toy.ts';
import { createWalker } from './walker.ts';
import { createBuoy, createRiver } from './water.ts';

const SCRIPT_MODELS: Readonly<Record<ScriptDemoKind, (seed: number) => ScriptModel>> = {
  person: createPerson,
  'breath-belt': createBreathBelt,
  'pupil-neon': createPupilNeon,
  swimmer: createSwimmer,
  walker: createWalker,
  buoy: createBuoy,
  river: createRiver,
  toy: createToy,
  skeleton: createMovingPerson,
};

export function isScriptDemo(kind: string): kind is ScriptDemoKind {
  return Object.hasOwn(SCRIPT_MODELS, kind);
}

/** A scripted device as the app links it. */
export interface ScriptDevice {
  readonly sensorType: string;
  /** All on one timer. */
  readonly sources: readonly Source[];
  /** `command-unsupported` where it takes none. */
  command(command: DeviceCommand): Result<void>;
  /** Switched off: what moved stands still. */
  stopped(): void;
}

/** Same seed and same time: the same samples. */
export function createScriptDevice(kind: ScriptDemoKind, seed: number, clock: Clock = systemClock): ScriptDevice {
  const model = SCRIPT_MODELS[kind](seed);
  const metronome = createMetronome(() => clock.now(), clock);
  return {
    sensorType: model.sensorType,
    sources: model.plans.map((plan) => scriptedSource(plan, metronome)),
    command: (command) => model.command?.(command) ?? fail(appError('command-unsupported', command.command)),
    stopped: () => model.stopped?.(),
  };
}

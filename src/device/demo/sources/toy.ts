/**
 * A toy with two motors, as the platform's scenario `buttplug_devices` has it: what is measured is what the motors do, and
 * they do what they are told. Motors need time: they run up, and a slide travels.
 */
import type { DeviceCommand } from '../../../model/command.ts';
import { appError } from '../../../model/errors.ts';
import { fail, ok, type Result } from '../../../model/result.ts';
import { clamp, rounded } from '../signals/drift.ts';
import { batteryPlan } from './battery-plan.ts';
import { structured, trickle } from './plan.ts';
import type { ScriptModel } from './script-model.ts';

/** The platform sends its commands to sensors of this type. */
const TOY_SENSOR_TYPE = 'buttplug';
/** s between two values. */
const EVERY = 0.5;
/** Share of the way to its speed that a motor makes in a second. */
const RUN_UP = 3;
const STATUS_EVERY = 30;

export function createToy(seed: number): ScriptModel {
  const vibration = createMotor();
  const slide = createSlide();

  function stop(): void {
    vibration.set(0);
    slide.stop();
  }
  return {
    sensorType: TOY_SENSOR_TYPE,
    plans: [
      trickle({ attribute: 'vibrate', every: EVERY, first: EVERY }, (t) => rounded(vibration.at(t), 3)),
      trickle({ attribute: 'linear', every: EVERY, first: EVERY }, (t) => rounded(slide.at(t), 3)),
      structured({ attribute: 'status', every: STATUS_EVERY }, (t) => ({
        text: vibration.at(t) > 0.01 || slide.isMoving() ? 'moving' : 'idle',
      })),
      batteryPlan(seed),
    ],
    command: (command) => obey(command, vibration, slide, stop),
    stopped() {
      vibration.halt();
      slide.stop();
    },
  };
}

type Motor = ReturnType<typeof createMotor>;
type Slide = ReturnType<typeof createSlide>;

/** `command-unsupported` for what it has no motor for, `command-invalid` for numbers outside of 0–1. */
function obey(command: DeviceCommand, vibration: Motor, slide: Slide, stop: () => void): Result<void> {
  switch (command.command) {
    case 'vibrate':
      if (!isShare(command.speed)) return fail(appError('command-invalid', 'speed'));
      vibration.set(command.speed);
      return ok(undefined);
    case 'linear':
      if (!isShare(command.position) || !(command.duration >= 0)) return fail(appError('command-invalid', 'position'));
      slide.travel(command.position, command.duration / 1000);
      return ok(undefined);
    case 'stop':
      stop();
      return ok(undefined);
    default:
      return fail(appError('command-unsupported', command.command));
  }
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 1;
}

/** A motor that comes nearer to its speed. Times in seconds. */
function createMotor() {
  let wanted = 0;
  let speed = 0;
  let now = 0;
  return {
    set(next: number): void {
      wanted = next;
    },
    at(t: number): number {
      speed = wanted + (speed - wanted) * Math.exp(-RUN_UP * Math.max(0, t - now));
      now = t;
      return speed;
    },
    halt(): void {
      wanted = 0;
      speed = 0;
    },
  };
}

/** A slide that travels to a position in a time, from wherever it is. */
function createSlide() {
  let position = 0.5;
  let target = 0.5;
  /** Seconds left. */
  let left = 0;
  let now = 0;
  return {
    travel(to: number, seconds: number): void {
      target = to;
      left = seconds;
    },
    at(t: number): number {
      const passed = Math.max(0, t - now);
      now = t;
      const part = left <= passed ? 1 : passed / left;
      position = clamp(position + part * (target - position), 0, 1);
      left = Math.max(0, left - passed);
      return position;
    },
    isMoving: (): boolean => left > 0,
    stop(): void {
      target = position;
      left = 0;
    },
  };
}

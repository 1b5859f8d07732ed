/**
 * `device_command`: what a viewer wants a device to do. Source: the platform's wire protocol; commands come with the name
 * under `command`, their values beside it, and the sensor's id under `device_id` or `sensor_id`, which says nothing new.
 */
import * as v from 'valibot';
import type { DeviceCommand } from '../model/command.ts';
import { appError } from '../model/errors.ts';
import { fail, ok, type Result } from '../model/result.ts';

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const byte = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255));
/** ms; nothing here may run for longer than ten minutes. */
const duration = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(600_000));

const LED = v.object({
  mode: v.picklist(['off', 'constant', 'breathe', 'one_shot']),
  r: v.optional(byte, 0),
  g: v.optional(byte, 0),
  b: v.optional(byte, 0),
  intensity: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(100)), 50),
  delay: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)), 1000),
});

const COMMAND = v.variant('command', [
  v.object({ command: v.literal('vibrate'), speed: share }),
  v.object({ command: v.literal('rotate'), speed: share, clockwise: v.optional(v.boolean(), true) }),
  v.object({ command: v.literal('linear'), position: share, duration }),
  v.object({ command: v.literal('stop') }),
  v.object({ command: v.literal('set_led'), led: LED }),
  v.object({
    command: v.literal('play_tone'),
    frequency: v.pipe(v.number(), v.minValue(20), v.maxValue(20_000)),
    duration,
  }),
  v.object({ command: v.literal('play_sample'), sample: byte }),
]);

/** A command from a push's payload. Error: `command-invalid`, with what is wrong but no values. */
export function parseDeviceCommand(payload: unknown): Result<DeviceCommand> {
  const parsed = v.safeParse(COMMAND, payload);
  if (parsed.success) return ok(parsed.output);
  const [issue] = parsed.issues;
  return fail(appError('command-invalid', `${v.getDotPath(issue) ?? 'payload'}: ${issue.type}`));
}

/**
 * `device_command`: what a viewer wants a device to do. Source: the platform's wire protocol; commands come with the name
 * under `command`, their values beside it, and the sensor's id under `device_id` or `sensor_id`, which says nothing new.
 */
import * as v from 'valibot';
import type { DeviceCommand } from '../model/command.ts';
import { appError } from '../model/errors.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { PATH } from './rest.ts';

/** Characters of an unknown command's name that are kept. */
const NAME_MAX = 40;

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const byte = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255));
/** ms; nothing here may run for longer than ten minutes. */
const duration = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(600_000));

const LED = v.object({
  mode: v.picklist(['off', 'constant', 'breathe', 'one_shot']),
  // The platform's values may be missing or null where the mode has no use for them.
  r: v.nullish(byte, 0),
  g: v.nullish(byte, 0),
  b: v.nullish(byte, 0),
  intensity: v.nullish(v.pipe(v.number(), v.minValue(0), v.maxValue(100)), 50),
  delay: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)), 1000),
});

const COMMAND = v.variant('command', [
  v.object({ command: v.literal('vibrate'), speed: share }),
  v.object({ command: v.literal('rotate'), speed: share, clockwise: v.nullish(v.boolean(), true) }),
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

/** Names of all commands the app knows. */
const KNOWN: ReadonlySet<string> = new Set(COMMAND.options.map((option) => option.entries.command.literal));

/**
 * A command from a push's payload. Errors: `command-unsupported` for a name the app does not know, else `command-invalid`,
 * with what is wrong but no values.
 */
export function parseDeviceCommand(payload: unknown): Result<DeviceCommand> {
  const named = v.safeParse(v.object({ command: v.string() }), payload);
  if (named.success && !KNOWN.has(named.output.command))
    return fail(appError('command-unsupported', named.output.command.slice(0, NAME_MAX)));
  const parsed = v.safeParse(COMMAND, payload);
  if (parsed.success) return ok(parsed.output);
  const [issue] = parsed.issues;
  return fail(appError('command-invalid', `${v.getDotPath(issue) ?? 'payload'}: ${issue.type}`));
}

type CommandName = DeviceCommand['command'];
const TOY: ReadonlySet<CommandName> = new Set(['vibrate', 'rotate', 'linear', 'stop']);
const THINGY: ReadonlySet<CommandName> = new Set(['set_led', 'play_tone', 'play_sample', 'stop']);

/** Sensor types the platform sends commands to, with the other names it knows them by. Case does not matter, as on the server. */
const COMMANDED: ReadonlyMap<string, ReadonlySet<CommandName>> = new Map([
  ['buttplug', TOY],
  ...['thingy52', 'thingy', 'thingy:52', 'nordic_thingy'].map((type) => [type, THINGY] as const),
]);

/** True if viewers may send commands to sensors of this type. */
export function acceptsCommands(sensorType: string): boolean {
  return COMMANDED.has(sensorType.toLowerCase());
}

/** True if the platform sends this command to sensors of this type. */
export function takesCommand(sensorType: string, { command }: DeviceCommand): boolean {
  return COMMANDED.get(sensorType.toLowerCase())?.has(command) ?? false;
}

/** Payload of the push: the command with the sensor's id, under the key the platform uses for its kind of device. */
export function deviceCommandPayload(sensorId: string, command: DeviceCommand): object {
  return { ...command, [TOY.has(command.command) ? 'device_id' : 'sensor_id']: sensorId };
}

/** `POST` here sends a command to whoever streams the sensor. Ours: the platform has no such route. */
export function commandPath(sensorId: string): string {
  return `${PATH.sensors}/${encodeURIComponent(sensorId)}/command`;
}

/** Answer to it, 202. `delivered`: connections it was handed to; whether the device obeys is up to the person beside it. */
export const CommandResponse = v.object({ delivered: v.number() });

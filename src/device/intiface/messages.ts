/**
 * What Intiface's local server and its clients say to each other: JSON arrays of messages over a WebSocket.
 * Source: Buttplug protocol specification, message version 3 (Status, Handshake, Enumeration, Raw/Generic Device
 * Messages, Generic Sensor Messages). Only what is needed to move motors and read batteries.
 */
import * as v from 'valibot';
import type { ToyCommand } from '../../model/command.ts';
import { appError } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';

/** The version of messages that is spoken here. */
export const MESSAGE_VERSION = 3;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const ACTUATOR = v.object({ ActuatorType: v.optional(v.string(), 'Unknown'), StepCount: v.optional(count) });
const SENSOR = v.object({ SensorType: v.string() });
const DEVICE = v.object({
  DeviceIndex: count,
  DeviceName: v.string(),
  DeviceMessages: v.object({
    ScalarCmd: v.optional(v.array(ACTUATOR), []),
    RotateCmd: v.optional(v.array(ACTUATOR), []),
    LinearCmd: v.optional(v.array(ACTUATOR), []),
    SensorReadCmd: v.optional(v.array(SENSOR), []),
  }),
});

const MESSAGES = {
  Ok: v.object({ Id: count }),
  Error: v.object({ Id: count, ErrorMessage: v.string(), ErrorCode: count }),
  ServerInfo: v.object({ Id: count, MessageVersion: count, MaxPingTime: count }),
  DeviceList: v.object({ Id: count, Devices: v.array(DEVICE) }),
  DeviceAdded: DEVICE,
  DeviceRemoved: v.object({ DeviceIndex: count }),
  ScanningFinished: v.object({}),
  SensorReading: v.object({ Id: count, DeviceIndex: count, SensorType: v.string(), Data: v.array(v.number()) }),
} as const;

/** One toy, and which of its motors do what, by index. */
export interface Toy {
  readonly index: number;
  readonly name: string;
  readonly vibrators: readonly number[];
  readonly rotators: readonly number[];
  readonly strokers: readonly number[];
  /** Index of its battery sensor; undefined without one. */
  readonly battery: number | undefined;
}

export type FromIntiface =
  | { readonly is: 'ok'; readonly id: number }
  | { readonly is: 'error'; readonly id: number; readonly text: string }
  /** `pingMs` 0: no pings are wanted. */
  | { readonly is: 'server'; readonly version: number; readonly pingMs: number }
  | { readonly is: 'toys'; readonly toys: readonly Toy[] }
  | { readonly is: 'added'; readonly toy: Toy }
  | { readonly is: 'removed'; readonly index: number }
  | { readonly is: 'battery'; readonly index: number; readonly percent: number }
  /** Something that is not needed here. */
  | { readonly is: 'other' };

/** Reads a frame. Error: `wire-shape` for what is no array of messages; single messages that make no sense are `other`. */
export function readFrame(text: string): Result<readonly FromIntiface[]> {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return fail(appError('wire-not-json', 'intiface'));
  }
  if (!Array.isArray(frame)) return fail(appError('wire-shape', 'intiface'));
  return ok(
    frame.flatMap((one: unknown) => (isRecord(one) ? Object.entries(one).map(([name, body]) => read(name, body)) : [])),
  );
}

function read(name: string, body: unknown): FromIntiface {
  const message = parsed(name, body);
  return message ?? { is: 'other' };
}

function parsed(name: string, body: unknown): FromIntiface | undefined {
  switch (name) {
    case 'Ok':
      return mapped(MESSAGES.Ok, body, ({ Id }) => ({ is: 'ok', id: Id }));
    case 'Error':
      return mapped(MESSAGES.Error, body, ({ Id, ErrorMessage }) => ({ is: 'error', id: Id, text: ErrorMessage }));
    case 'ServerInfo':
      return mapped(MESSAGES.ServerInfo, body, (one) => ({
        is: 'server',
        version: one.MessageVersion,
        pingMs: one.MaxPingTime,
      }));
    case 'DeviceList':
      return mapped(MESSAGES.DeviceList, body, ({ Devices }) => ({ is: 'toys', toys: Devices.map(toyOf) }));
    case 'DeviceAdded':
      return mapped(MESSAGES.DeviceAdded, body, (one) => ({ is: 'added', toy: toyOf(one) }));
    case 'DeviceRemoved':
      return mapped(MESSAGES.DeviceRemoved, body, ({ DeviceIndex }) => ({ is: 'removed', index: DeviceIndex }));
    case 'SensorReading':
      return mapped(MESSAGES.SensorReading, body, batteryOf);
    default:
      return undefined;
  }
}

function mapped<S extends v.GenericSchema>(
  schema: S,
  body: unknown,
  to: (value: v.InferOutput<S>) => FromIntiface,
): FromIntiface | undefined {
  const result = v.safeParse(schema, body);
  return result.success ? to(result.output) : undefined;
}

function batteryOf({ DeviceIndex, SensorType, Data }: v.InferOutput<typeof MESSAGES.SensorReading>): FromIntiface {
  const [percent] = Data;
  const isLevel = SensorType === 'Battery' && percent !== undefined && percent >= 0 && percent <= 100;
  return isLevel ? { is: 'battery', index: DeviceIndex, percent } : { is: 'other' };
}

function toyOf({ DeviceIndex, DeviceName, DeviceMessages }: v.InferOutput<typeof DEVICE>): Toy {
  const { ScalarCmd, RotateCmd, LinearCmd, SensorReadCmd } = DeviceMessages;
  const indexes = (all: readonly unknown[]): number[] => all.map((_, index) => index);
  const battery = SensorReadCmd.findIndex(({ SensorType }) => SensorType === 'Battery');
  return {
    index: DeviceIndex,
    name: DeviceName,
    vibrators: ScalarCmd.flatMap(({ ActuatorType }, index) => (ActuatorType === 'Vibrate' ? [index] : [])),
    rotators: indexes(RotateCmd),
    strokers: indexes(LinearCmd),
    battery: battery < 0 ? undefined : battery,
  };
}

const frame = (name: string, body: object): string => JSON.stringify([{ [name]: body }]);

/** Who we are. */
export function helloFrame(id: number, clientName: string): string {
  return frame('RequestServerInfo', { Id: id, ClientName: clientName, MessageVersion: MESSAGE_VERSION });
}

export function listFrame(id: number): string {
  return frame('RequestDeviceList', { Id: id });
}

export function scanFrame(id: number): string {
  return frame('StartScanning', { Id: id });
}

export function pingFrame(id: number): string {
  return frame('Ping', { Id: id });
}

export function stopAllFrame(id: number): string {
  return frame('StopAllDevices', { Id: id });
}

/** Asks for the charge of a toy; undefined if it has no battery to ask. */
export function batteryFrame(id: number, { index, battery }: Toy): string | undefined {
  if (battery === undefined) return undefined;
  return frame('SensorReadCmd', { Id: id, DeviceIndex: index, SensorIndex: battery, SensorType: 'Battery' });
}

/**
 * A command as the toy's motors take it, all motors of a kind alike; undefined if it has none of the kind.
 * `speed` and `position` 0–1, `duration` ms.
 */
export function commandFrame(id: number, toy: Toy, command: ToyCommand): string | undefined {
  const target = { Id: id, DeviceIndex: toy.index };
  switch (command.command) {
    case 'stop':
      return frame('StopDeviceCmd', target);
    case 'vibrate':
      if (toy.vibrators.length === 0) return undefined;
      return frame('ScalarCmd', {
        ...target,
        Scalars: toy.vibrators.map((Index) => ({ Index, Scalar: command.speed, ActuatorType: 'Vibrate' })),
      });
    case 'rotate':
      if (toy.rotators.length === 0) return undefined;
      return frame('RotateCmd', {
        ...target,
        Rotations: toy.rotators.map((Index) => ({ Index, Speed: command.speed, Clockwise: command.clockwise })),
      });
    case 'linear':
      if (toy.strokers.length === 0) return undefined;
      return frame('LinearCmd', {
        ...target,
        Vectors: toy.strokers.map((Index) => ({ Index, Duration: command.duration, Position: command.position })),
      });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

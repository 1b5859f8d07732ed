/** The parts that scripted devices have in common: what they offer, who made them, their battery. */
import { appError, type AppError } from '../../model/errors.ts';
import type { FoundCharacteristic } from '../bluetooth/radio.ts';
import { BATTERY_LEVEL, BATTERY_SERVICE } from '../profiles/battery.ts';
import { DEVICE_INFORMATION_SERVICE } from '../profiles/device-information.ts';
import { assigned, type Uuid } from '../profiles/profile.ts';
import type { ScriptedModel, ScriptedStream } from './model.ts';
import { writePacket } from './packet-writer.ts';

/** One percent in five minutes: faster than life, so that a demonstration shows it. */
const MS_PER_PERCENT = 300_000;

/** What a characteristic holds, or how to find out. */
export type Value = Uint8Array<ArrayBuffer> | (() => Uint8Array<ArrayBuffer>);

/** A part of a device: some characteristics, what they hold, what they send. */
export interface Part {
  readonly offer: readonly FoundCharacteristic[];
  readonly values?: ReadonlyMap<Uuid, Value>;
  readonly streams?: readonly ScriptedStream[];
}

export function offer(
  service: Uuid,
  uuid: Uuid,
  ...can: readonly ('read' | 'notify' | 'write')[]
): FoundCharacteristic {
  return {
    service,
    uuid,
    can: { read: can.includes('read'), notify: can.includes('notify'), write: can.includes('write') },
  };
}

/** Who made it: nobody. */
export function deviceInformation(model: string): Part {
  const texts: readonly (readonly [number, string])[] = [
    [0x2a29, 'Sensocto Web'],
    [0x2a24, model],
    [0x2a26, '1.0'],
  ];
  return {
    offer: texts.map(([number]) => offer(DEVICE_INFORMATION_SERVICE, assigned(number), 'read')),
    values: new Map(texts.map(([number, text]) => [assigned(number), writePacket().text(text).bytes()])),
  };
}

/** A battery that drains, from 60–99 %; a device never reports less than 1 %, it falls silent. */
export function battery(seed: number): Part {
  let level = 60 + (seed % 40);
  const bytes = (): Uint8Array<ArrayBuffer> => Uint8Array.of(level);
  return {
    offer: [offer(BATTERY_SERVICE, BATTERY_LEVEL, 'read', 'notify')],
    values: new Map([[BATTERY_LEVEL, bytes]]),
    streams: [
      {
        on: BATTERY_LEVEL,
        period: () => MS_PER_PERCENT,
        send({ arrival }, wire) {
          level = Math.max(1, level - 1);
          wire.notify(BATTERY_LEVEL, bytes(), arrival);
        },
      },
    ],
  };
}

/** A device of parts. */
export function assemble(parts: readonly Part[], rest: Pick<ScriptedModel, 'write' | 'connected'> = {}): ScriptedModel {
  const values = new Map(parts.flatMap(({ values: held = new Map<Uuid, Value>() }) => [...held]));
  return {
    ...rest,
    offer: parts.flatMap((part) => part.offer),
    streams: parts.flatMap(({ streams = [] }) => streams),
    read(uuid) {
      const value = values.get(uuid) ?? new Uint8Array(0);
      // A copy: what is read may be transferred.
      return typeof value === 'function' ? value() : value.slice();
    },
  };
}

/** The answer of ATT to what a characteristic does not take. */
export function notTaken(detail: string): AppError {
  return appError('bluetooth-gatt', `${detail}: value not supported (0x80)`);
}

/**
 * Decodes the data characteristics of fitness machines. A machine that has more to say than fits in one notification
 * sends several, each with flags of its own; all but the last leave out the fields of bit 0 ("more data" is 1). Each is
 * read for what it holds.
 * Source: Bluetooth SIG, Fitness Machine Service 1.0 §4.19 (segmentation).
 */
import type { NumericReading } from '../../../model/reading.ts';
import { fail, type Result } from '../../../model/result.ts';
import type { AttributeRegistration } from '../../../model/sensor.ts';
import { FieldReader } from '../field-reader.ts';
import type { CharacteristicSpec, Decoded, DecodeError } from '../profile.ts';
import { spotSample } from '../spot.ts';
import type { FieldGroup, Machine } from './machines.ts';

const MORE_DATA = 0x01;

/** True if the flags announce the fields of a group. */
function announces(flags: number, bit: number): boolean {
  return bit === 0 ? (flags & MORE_DATA) === 0 : ((flags >>> bit) & 1) === 1;
}

/** Reads a packet by the first layout it has the length of; the error of the first one if it has that of none. */
function decodeData(machine: Machine, bytes: DataView): Result<Decoded, DecodeError> {
  let first: DecodeError | undefined;
  for (const layout of machine.layouts) {
    const decoded = decodeLayout(machine, layout, bytes);
    if (decoded.ok) return decoded;
    first ??= decoded.error;
  }
  return fail(first ?? { code: 'decode-reserved', detail: `${machine.name}: no layout` });
}

function decodeLayout(
  { name, prefix, flagBytes, backwardBit }: Machine,
  layout: readonly FieldGroup[],
  bytes: DataView,
): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, name);
  const flags = flagBytes === 3 ? fields.u24() : fields.u16();
  const readings: NumericReading[] = [];
  for (const { bit, fields: together } of layout) {
    if (!announces(flags, bit)) continue;
    for (const one of together) readings.push(...spotSample(`${prefix}_${one.name}`, one.read(fields)));
  }
  // The direction belongs to the speed: parts of a longer message do not repeat it.
  if (backwardBit !== undefined && announces(flags, 0))
    readings.push(...spotSample(`${prefix}_backward`, (flags >>> backwardBit) & 1));
  return fields.finish({ readings, facts: [] });
}

function attributesOf({ prefix, layouts: [layout = []], backwardBit }: Machine): AttributeRegistration[] {
  const fields = layout.flatMap((one) => one.fields);
  const backward = backwardBit === undefined ? [] : [{ name: 'backward', type: 'backward' }];
  return [...fields, ...backward].map(({ name, type }) => ({
    attribute: `${prefix}_${name}`,
    attributeType: type,
    samplingRate: 0,
  }));
}

/** The data characteristic of a machine. */
export function dataCharacteristic(machine: Machine): CharacteristicSpec {
  return {
    uuid: machine.uuid,
    name: machine.name,
    use: 'notify',
    attributes: attributesOf(machine),
    onFull: 'keep',
    makeDecoder: () => (bytes) => decodeData(machine, bytes),
  };
}

/**
 * Cycling Power Measurement 2A63. Source: Bluetooth SIG, Cycling Power Service 1.1 §3.2 and GATT Specification
 * Supplement (Cycling Power Measurement).
 */
import type { NumericReading } from '../../../model/reading.ts';
import { ok } from '../../../model/result.ts';
import type { AttributeRegistration } from '../../../model/sensor.ts';
import { sampleAtArrival } from '../at-arrival.ts';
import { FieldReader } from '../field-reader.ts';
import type { Decoder } from '../profile.ts';
import { CRANK, createRevolutionMeter, wheel, WHEEL_CIRCUMFERENCE } from '../revolutions.ts';
import { spotSample } from '../spot.ts';
import { createUnwrap } from '../unwrap.ts';

/**
 * Bits of the flags (16 bits). Bit 12 (offset compensation) says how the sensor arrived at its torque, which changes
 * nothing here; bits 13–15 are reserved. Both are ignored.
 */
const POWER_FLAG = {
  balance: 0x0001,
  balanceIsLeft: 0x0002,
  torque: 0x0004,
  torqueAtCrank: 0x0008,
  wheel: 0x0010,
  crank: 0x0020,
  extremeForce: 0x0040,
  extremeTorque: 0x0080,
  extremeAngles: 0x0100,
  topDeadSpot: 0x0200,
  bottomDeadSpot: 0x0400,
  energy: 0x0800,
} as const;

/** Halves of a percent: more than all of the power on one pedal is no measurement. */
const FULL_BALANCE = 200;
/** Newton metres in the steps of torque fields. */
export const TORQUE_STEP = 1 / 32;
/** The accumulated torque begins again at 0 after 2048 N·m. */
const TORQUE_MODULUS = 0x10000;

const EXTREMES = ['max', 'min'] as const;

const plain = (attribute: string, attributeType: string, samplingRate = 0): AttributeRegistration => ({
  attribute,
  attributeType,
  samplingRate,
});

export const MEASUREMENT_ATTRIBUTES: readonly AttributeRegistration[] = [
  plain('cycling_power', 'power', 1),
  plain('pedal_balance', 'pedal_balance'),
  plain('left_pedal_balance', 'pedal_balance'),
  plain('wheel_torque_sum', 'torque'),
  plain('crank_torque_sum', 'torque'),
  plain('power_meter_speed', 'speed'),
  plain('power_meter_distance', 'distance'),
  plain('power_meter_cadence', 'cadence'),
  plain('pedal_force', 'pedal_force'),
  plain('pedal_torque', 'pedal_torque'),
  plain('pedal_angles', 'pedal_angles'),
  plain('top_dead_spot', 'angle'),
  plain('bottom_dead_spot', 'angle'),
  plain('cycling_energy', 'energy_expended'),
];

/** What one 2A63 packet says, in the fields' own steps; undefined where it does not say it. */
interface PowerPacket {
  readonly flags: number;
  readonly power: number;
  readonly balance: number | undefined;
  readonly torque: number | undefined;
  readonly wheel: readonly [revolutions: number, time: number] | undefined;
  readonly crank: readonly [revolutions: number, time: number] | undefined;
  readonly force: readonly [max: number, min: number] | undefined;
  readonly extremeTorque: readonly [max: number, min: number] | undefined;
  /** Degrees, 12 bits each. */
  readonly angles: readonly [max: number, min: number] | undefined;
  readonly topDeadSpot: number | undefined;
  readonly bottomDeadSpot: number | undefined;
  readonly energy: number | undefined;
}

/** Reads the fields in the order of the specification. */
function readPacket(fields: FieldReader): PowerPacket {
  const flags = fields.u16();
  const power = fields.i16();
  const given = <T>(bit: number, read: () => T): T | undefined => ((flags & bit) === 0 ? undefined : read());
  return {
    flags,
    power,
    balance: given(POWER_FLAG.balance, () => fields.u8()),
    torque: given(POWER_FLAG.torque, () => fields.u16()),
    wheel: given(POWER_FLAG.wheel, () => [fields.u32(), fields.u16()] as const),
    crank: given(POWER_FLAG.crank, () => [fields.u16(), fields.u16()] as const),
    force: given(POWER_FLAG.extremeForce, () => [fields.i16(), fields.i16()] as const),
    extremeTorque: given(POWER_FLAG.extremeTorque, () => [fields.i16(), fields.i16()] as const),
    angles: given(POWER_FLAG.extremeAngles, () => {
      const both = fields.u24();
      return [both & 0xfff, both >> 12] as const;
    }),
    topDeadSpot: given(POWER_FLAG.topDeadSpot, () => fields.u16()),
    bottomDeadSpot: given(POWER_FLAG.bottomDeadSpot, () => fields.u16()),
    energy: given(POWER_FLAG.energy, () => fields.u16()),
  };
}

/**
 * A decoder with the counters of one connection. Out: power W (negative while the pedals are pushed back), balance in %
 * (of the left pedal where the sensor says so, else of a pedal it does not name), sums of torque N·m that go on where the
 * field wraps, speed m/s and odometer m (for a wheel of {@link WHEEL_CIRCUMFERENCE}), cadence rpm, extremes of force N,
 * torque N·m and crank angle °, dead spots °, energy kJ.
 */
export function createPowerDecoder(): Decoder {
  const wheelMeter = createRevolutionMeter(wheel(2048));
  const crankMeter = createRevolutionMeter(CRANK);
  const torqueSum = createUnwrap(TORQUE_MODULUS);
  return (bytes) => {
    const fields = new FieldReader(bytes, 'cycling power');
    const packet = readPacket(fields);
    // A damaged packet must not reach the counters' memory.
    const whole = fields.finish(undefined);
    if (!whole.ok) return whole;
    const { flags, torque } = packet;
    const balance = (flags & POWER_FLAG.balanceIsLeft) === 0 ? 'pedal_balance' : 'left_pedal_balance';
    const torqueAt = (flags & POWER_FLAG.torqueAtCrank) === 0 ? 'wheel_torque_sum' : 'crank_torque_sum';
    return ok({
      readings: [
        ...spotSample('cycling_power', packet.power),
        ...spotSample(balance, percentOf(packet.balance)),
        ...spotSample(torqueAt, torque === undefined ? undefined : torqueSum(torque) * TORQUE_STEP),
        ...spotSample('power_meter_speed', packet.wheel && wheelMeter(...packet.wheel) * WHEEL_CIRCUMFERENCE),
        ...spotSample('power_meter_distance', packet.wheel && packet.wheel[0] * WHEEL_CIRCUMFERENCE),
        ...spotSample('power_meter_cadence', packet.crank && crankMeter(...packet.crank) * 60),
        ...extremes('pedal_force', packet.force),
        ...extremes('pedal_torque', packet.extremeTorque, TORQUE_STEP),
        ...extremes('pedal_angles', packet.angles),
        ...spotSample('top_dead_spot', packet.topDeadSpot),
        ...spotSample('bottom_dead_spot', packet.bottomDeadSpot),
        ...spotSample('cycling_energy', packet.energy),
      ],
      facts: [],
    });
  };
}

function percentOf(halves: number | undefined): number | undefined {
  return halves === undefined || halves > FULL_BALANCE ? undefined : halves / 2;
}

function extremes(attribute: string, pair: readonly [number, number] | undefined, step = 1): NumericReading[] {
  if (!pair) return [];
  const scaled = pair.map((value) => value * step);
  return [sampleAtArrival(attribute, scaled, EXTREMES)];
}

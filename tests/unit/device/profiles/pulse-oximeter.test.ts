import { describe, expect, it } from 'vitest';
import { PLX_CONTINUOUS, PLX_FEATURES, PLX_SPOT_CHECK } from '../../../../src/device/profiles/pulse-oximeter.ts';
import { createDecoders, decoderFor } from '../../../../src/device/profiles/registry.ts';
import { decodeFresh, f32, PacketBuilder, said, type DateFields } from '../../../support/packet.ts';

const DATE: DateFields = [2031, 7, 4, 6, 5, 4];
const TIME = new Date(2031, 6, 4, 6, 5, 4).getTime();

function spotCheck(flags: number, measurement = 0x0100, sensor = 0x20): DataView {
  const packet = new PacketBuilder().u8(flags).sfloat(975, -1).sfloat(61);
  if ((flags & 1) !== 0) packet.date(DATE);
  if ((flags & 2) !== 0) packet.u16(measurement);
  if ((flags & 4) !== 0) packet.u24(sensor);
  if ((flags & 8) !== 0) packet.sfloat(25, -1);
  return packet.view;
}

function continuous(flags: number, measurement = 0x0100, sensor = 0x20): DataView {
  const packet = new PacketBuilder().u8(flags).sfloat(97).sfloat(61);
  if ((flags & 1) !== 0) packet.sfloat(96).sfloat(62);
  if ((flags & 2) !== 0) packet.sfloat(95).sfloat(63);
  if ((flags & 4) !== 0) packet.u16(measurement);
  if ((flags & 8) !== 0) packet.u24(sensor);
  if ((flags & 16) !== 0) packet.sfloat(25, -1);
  return packet.view;
}

/** Names that the two status fields have when present. */
function statusOf(hasMeasurement: boolean, hasSensor: boolean): string[] {
  return [...(hasMeasurement ? ['fully_qualified'] : []), ...(hasSensor ? ['low_perfusion'] : [])];
}

describe('pulse oximeter', () => {
  it('reads a spot check with every combination of flags, reserved ones too', () => {
    for (let flags = 0; flags < 256; flags++) {
      const time = (flags & 1) !== 0 && (flags & 16) === 0 ? { time: TIME } : {};
      const decoded = decodeFresh(PLX_SPOT_CHECK, spotCheck(flags));
      const status = statusOf((flags & 2) !== 0, (flags & 4) !== 0);
      expect(said(decoded), `flags ${flags}`).toEqual({
        spo2_spot: { value: f32(97.5), ...time },
        pulse_rate_spot: { value: 61, ...time },
        ...((flags & 8) !== 0 && { pulse_amplitude_spot: { value: 2.5, ...time } }),
        ...(status.length > 0 && { oximeter_status_spot: { value: { status }, ...time } }),
      });
      expect(decoded.facts).toEqual((flags & 4) === 0 ? [] : [{ kind: 'contact', contact: true }]);
    }
  });

  it('reads a continuous measurement with every combination of flags, reserved ones too', () => {
    for (let flags = 0; flags < 256; flags++) {
      const decoded = decodeFresh(PLX_CONTINUOUS, continuous(flags));
      const status = statusOf((flags & 4) !== 0, (flags & 8) !== 0);
      expect(said(decoded), `flags ${flags}`).toEqual({
        spo2: { value: 97 },
        pulse_rate: { value: 61 },
        ...((flags & 1) !== 0 && { spo2_fast: { value: 96 }, pulse_rate_fast: { value: 62 } }),
        ...((flags & 2) !== 0 && { spo2_slow: { value: 95 }, pulse_rate_slow: { value: 63 } }),
        ...((flags & 16) !== 0 && { pulse_amplitude: { value: 2.5 } }),
        ...(status.length > 0 && { oximeter_status: { value: { status } } }),
      });
      expect(decoded.facts).toEqual((flags & 8) === 0 ? [] : [{ kind: 'contact', contact: true }]);
    }
  });

  it.each([
    ['demonstration', 0x0400],
    ['testing', 0x0800],
    ['unavailable', 0x2000],
    ['invalid', 0x8000],
  ])('has a status but no number for: %s', (name, bit) => {
    const status = { value: { status: [name] } };
    expect(said(decodeFresh(PLX_SPOT_CHECK, spotCheck(2, bit)))).toEqual({ oximeter_status_spot: status });
    expect(said(decodeFresh(PLX_CONTINUOUS, continuous(4, bit)))).toEqual({ oximeter_status: status });
  });

  it.each([
    ['sensor_unconnected', 0x0800],
    ['sensor_displaced', 0x2000],
    ['sensor_disconnected', 0x8000],
  ])('has lost contact: %s', (_, bit) => {
    expect(decodeFresh(PLX_SPOT_CHECK, spotCheck(4, 0, bit)).facts).toEqual([{ kind: 'contact', contact: false }]);
    expect(decodeFresh(PLX_CONTINUOUS, continuous(8, 0, bit)).facts).toEqual([{ kind: 'contact', contact: false }]);
  });

  it('names every bit of the two status fields once, and no reserved one', () => {
    const names = (measurement: number, sensor: number) =>
      said(decodeFresh(PLX_CONTINUOUS, continuous(12, measurement, sensor))).oximeter_status?.value;
    const seen = new Set<string>();
    for (let bit = 0; bit < 16; bit++) seen.add(JSON.stringify(names(2 ** bit, 0)));
    // Eleven named bits, and the empty list of the five reserved ones.
    expect(seen.size).toBe(12);
    seen.clear();
    for (let bit = 0; bit < 24; bit++) seen.add(JSON.stringify(names(0, 2 ** bit)));
    expect(seen.size).toBe(17);
  });

  it('tells a status when it changes, also back to nothing', () => {
    const decode = createDecoders()(PLX_CONTINUOUS);
    const told = (measurement: number) => {
      const result = decode?.(continuous(4, measurement));
      return result?.ok ? said(result.value).oximeter_status?.value : result;
    };
    expect(told(0x20)).toEqual({ status: ['measurement_ongoing'] });
    expect(told(0x20)).toBeUndefined();
    expect(told(0)).toEqual({ status: [] });
    expect(told(0)).toBeUndefined();
  });

  it('reads features of every length the flags allow, and refuses the rest', () => {
    for (let bits = 0; bits < 4; bits++) {
      const extra = ((bits & 1) !== 0 ? 2 : 0) + ((bits & 2) !== 0 ? 3 : 0);
      for (let length = 0; length < 9; length++) {
        const bytes = new DataView(new ArrayBuffer(length));
        if (length > 0) bytes.setUint8(0, bits);
        const isRight = length === 2 + extra;
        expect(decoderFor(PLX_FEATURES)?.(bytes).ok, `${bits}, ${length} bytes`).toBe(isRight);
      }
    }
  });
});

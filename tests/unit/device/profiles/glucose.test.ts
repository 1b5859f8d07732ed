import { describe, expect, it } from 'vitest';
import { GLUCOSE_MEASUREMENT } from '../../../../src/device/profiles/glucose/measurement.ts';
import { GLUCOSE_CONTEXT, glucoseProfile } from '../../../../src/device/profiles/glucose/profile.ts';
import { RECORD_ACCESS_CONTROL_POINT } from '../../../../src/device/profiles/glucose/records.ts';
import type { DeviceIo, DeviceRequest } from '../../../../src/device/profiles/profile.ts';
import { decoderFor } from '../../../../src/device/profiles/registry.ts';
import { appError } from '../../../../src/model/errors.ts';
import { fail, ok } from '../../../../src/model/result.ts';
import { bytesOf } from '../../../fixtures/golden.ts';
import { decodeFresh, f32, PacketBuilder, said, type DateFields } from '../../../support/packet.ts';

const DATE: DateFields = [2031, 7, 4, 6, 5, 4];
const TIME = new Date(2031, 6, 4, 6, 5, 4).getTime();

function measurement(flags: number, { sequence = 700, offset = -90, typeAndLocation = 0x31, status = 0x0801 } = {}) {
  const packet = new PacketBuilder().u8(flags).u16(sequence).date(DATE);
  if ((flags & 1) !== 0) packet.u16(offset & 0xffff);
  // 0.0009 kg/L, or 0.009 mol/L.
  if ((flags & 2) !== 0) packet.sfloat(9, (flags & 4) === 0 ? -4 : -3).u8(typeAndLocation);
  if ((flags & 8) !== 0) packet.u16(status);
  return packet.view;
}

describe('glucose measurement', () => {
  it('is read with every combination of flags, reserved ones too', () => {
    for (let flags = 0; flags < 256; flags++) {
      const time = (flags & 1) === 0 ? TIME : TIME - 90 * 60_000;
      const value = (flags & 4) === 0 ? 90 / 18.0156 : 9;
      const details = {
        sequence: 700,
        ...((flags & 2) !== 0 && { type: 'capillary whole blood', location: 'earlobe' }),
        ...((flags & 8) !== 0 && { status: ['battery_low', 'time_fault'] }),
      };
      expect(said(decodeFresh(GLUCOSE_MEASUREMENT, measurement(flags))), `flags ${flags}`).toEqual({
        ...((flags & 2) !== 0 && { glucose: { value: expect.closeTo(value, 5) as unknown, time } }),
        glucose_details: { value: details, time },
      });
    }
  });

  it('keeps the base time where the offset is beyond its range', () => {
    for (const offset of [0x7fff, -0x8000])
      expect(said(decodeFresh(GLUCOSE_MEASUREMENT, measurement(1, { offset }))).glucose_details?.time).toBe(TIME);
  });

  it('says nothing of reserved types and locations', () => {
    for (const typeAndLocation of [0x00, 0xfb, 0x6f, 0xf0])
      expect(
        said(decodeFresh(GLUCOSE_MEASUREMENT, measurement(2, { typeAndLocation }))).glucose_details?.value,
      ).toEqual({
        sequence: 700,
      });
  });

  it('never takes control solution for blood, whatever the location', () => {
    const all = said(decodeFresh(GLUCOSE_MEASUREMENT, measurement(6, { typeAndLocation: 0x1a })));
    expect(Object.keys(all)).toEqual(['glucose_details']);
    expect(all.glucose_details?.value).toMatchObject({
      type: 'control solution',
      control: expect.closeTo(9, 5) as number,
    });
  });

  it('is dated by its arrival where the meter has no date', () => {
    const packet = new PacketBuilder().u8(7).u16(1).date([0, 0, 0, 0, 0, 0]).u16(5).sfloat(5, -3).u8(0xf1).view;
    expect(said(decodeFresh(GLUCOSE_MEASUREMENT, packet)).glucose).toEqual({ value: f32(5) });
  });
});

function context(flags: number, sequence = 700): DataView {
  const packet = new PacketBuilder().u8(flags).u16(sequence);
  if ((flags & 0x80) !== 0) packet.u8(0xff);
  if ((flags & 0x01) !== 0) packet.u8(7).sfloat(32, -3);
  if ((flags & 0x02) !== 0) packet.u8(5);
  if ((flags & 0x04) !== 0) packet.u8(0x52);
  if ((flags & 0x08) !== 0) packet.u16(600).u8(100);
  if ((flags & 0x10) !== 0) packet.u8(5).sfloat(8, (flags & 0x20) === 0 ? -6 : -3);
  if ((flags & 0x40) !== 0) packet.sfloat(71, -1);
  return packet.view;
}

describe('glucose context', () => {
  it('is read with every combination of flags', () => {
    for (let flags = 0; flags < 256; flags++) {
      const amount = expect.closeTo(8, 9) as number;
      const { glucose_context: read } = said(decodeFresh(GLUCOSE_CONTEXT, context(flags)));
      expect(read, `flags ${flags}`).toEqual({
        value: {
          sequence: 700,
          ...((flags & 0x01) !== 0 && { carbohydrate: 'brunch', carbohydrate_g: expect.closeTo(32, 9) as number }),
          ...((flags & 0x02) !== 0 && { meal: 'bedtime' }),
          ...((flags & 0x04) !== 0 && { tester: 'health care professional', health: 'no issues' }),
          ...((flags & 0x08) !== 0 && { exercise_s: 600, exercise_intensity: 100 }),
          ...((flags & 0x10) !== 0 && { medication: 'pre-mixed insulin' }),
          ...((flags & 0x30) === 0x10 && { medication_mg: amount }),
          ...((flags & 0x30) === 0x30 && { medication_ml: amount }),
          ...((flags & 0x40) !== 0 && { hba1c: 7.1 }),
        },
      });
    }
  });

  it('has the date of its own record only', () => {
    const before = [GLUCOSE_MEASUREMENT, measurement(0x11)] as const;
    const timeOf = (sequence: number) =>
      said(decodeFresh(GLUCOSE_CONTEXT, context(0, sequence), before)).glucose_context?.time;
    expect(timeOf(700)).toBe(TIME - 90 * 60_000);
    expect(timeOf(701)).toBeUndefined();
  });

  it('leaves out reserved names and amounts that are not known', () => {
    const packet = new PacketBuilder()
      .u8(0x57)
      .u16(1)
      .u8(8)
      .sfloat(0x7ff)
      .u8(6)
      .u8(0xff)
      .u8(0)
      .sfloat(0x800)
      .sfloat(0x7fe);
    expect(said(decodeFresh(GLUCOSE_CONTEXT, packet.view)).glucose_context?.value).toEqual({ sequence: 1 });
  });
});

/** A meter that gives one answer after the other; undefined: none in time. Notes what it was asked. */
function scriptedMeter(
  answers: readonly (string | undefined)[],
  notes = new Map<string, number>(),
  records: readonly string[] = [],
) {
  const asked: { bytes: number[]; ms: number | undefined }[] = [];
  const signal = new AbortController().signal;
  const hearing: ((bytes: DataView) => void)[] = [];
  const device: DeviceIo = {
    signal,
    notes,
    hear(uuid, listener) {
      expect(uuid).toBe(GLUCOSE_MEASUREMENT);
      hearing.push(listener);
      return () => void hearing.splice(0);
    },
    has: (uuid) => uuid === RECORD_ACCESS_CONTROL_POINT,
    read: () => Promise.resolve(fail(appError('bluetooth-gatt', 'not readable'))),
    write: () => Promise.resolve(fail(appError('bluetooth-gatt', 'only requests are expected'))),
    ask({ to, answerOn, bytes, isAnswer, ms }: DeviceRequest) {
      expect([to, answerOn]).toEqual([RECORD_ACCESS_CONTROL_POINT, RECORD_ACCESS_CONTROL_POINT]);
      const answer = answers[asked.length];
      // The records come before the answer that ends the report.
      if (bytes[0] === 1) for (const record of records) for (const listener of hearing) listener(bytesOf(record));
      asked.push({ bytes: [...bytes], ms });
      if (answer === undefined) return Promise.resolve(fail(appError('bluetooth-timeout', 'answer')));
      const view = bytesOf(answer);
      return Promise.resolve(isAnswer(view) ? ok(view) : fail(appError('bluetooth-timeout', `${answer} ignored`)));
    },
  };
  return { device, asked };
}

async function start(...answers: (string | undefined)[]) {
  const { device, asked } = scriptedMeter(answers);
  const result = await glucoseProfile.start?.(device);
  return { result, asked };
}

describe('stored records of a glucose meter', () => {
  it('are counted, then asked for, with time for each of them', async () => {
    const { result, asked } = await start('05 00 2c 01', '06 00 01 01');
    expect(result).toEqual({ ok: true });
    expect(asked.map(({ bytes }) => bytes)).toEqual([
      [4, 1],
      [1, 1],
    ]);
    expect(asked[1]?.ms).toBe(30_000 + 300 * 500);
  });

  it('are not asked for where there are none', async () => {
    expect(await start('05 00 00 00')).toMatchObject({ result: { ok: true }, asked: [{ bytes: [4, 1] }] });
    expect(await start('06 00 04 06')).toMatchObject({ result: { ok: true }, asked: [{ bytes: [4, 1] }] });
  });

  it('are asked for where the meter cannot count', async () => {
    const { result, asked } = await start('06 00 04 02', '06 00 01 01');
    expect(result).toEqual({ ok: true });
    expect(asked).toHaveLength(2);
  });

  it('are asked for from where the last connection ended', async () => {
    const notes = new Map<string, number>();
    const first = scriptedMeter(['05 00 02 00', '06 00 01 01'], notes, ['00 fe 00', '00 ff 00']);
    expect(await glucoseProfile.start?.(first.device)).toEqual({ ok: true });
    const second = scriptedMeter(['05 00 01 00', '06 00 01 01'], notes, ['00 00 01']);
    expect(await glucoseProfile.start?.(second.device)).toEqual({ ok: true });
    expect(second.asked.map(({ bytes }) => bytes)).toEqual([
      [4, 3, 1, 0, 1],
      [1, 3, 1, 0, 1],
    ]);
    expect([...notes.values()]).toEqual([0x100]);
  });

  it('may have gone meanwhile', async () => {
    expect((await start('05 00 01 00', '06 00 01 06')).result).toEqual({ ok: true });
  });

  it.each([
    ['02', 'operation not supported'],
    ['04', 'operator not supported'],
    ['08', 'procedure not completed'],
    ['7f', 'response 127'],
  ])('refused with %s is an error that says so', async (code, text) => {
    const { result } = await start('05 00 01 00', `06 00 01 ${code}`);
    expect(result).toMatchObject({ ok: false, error: { code: 'bluetooth-gatt', detail: `stored records: ${text}` } });
  });

  it('that do not come are a timeout, as is a meter that does not answer at all', async () => {
    expect((await start(undefined)).result).toMatchObject({ ok: false, error: { code: 'bluetooth-timeout' } });
    expect((await start('05 00 01 00', undefined)).result).toMatchObject({
      ok: false,
      error: { code: 'bluetooth-timeout' },
    });
  });

  it.each(['06 00 01 01', '05 00 01', '', '01 01 04 01'])(
    'do not take %s for an answer about their number',
    async (hex) => {
      expect((await start(hex)).result).toMatchObject({ ok: false, error: { code: 'bluetooth-timeout' } });
    },
  );

  it.each(['05 00 01 00', '06 00 04 01', '06 00 01'])('do not take %s for the end of the report', async (hex) => {
    expect((await start('05 00 01 00', hex)).result).toMatchObject({ ok: false, error: { code: 'bluetooth-timeout' } });
  });

  it('are left alone where the control point is missing', async () => {
    const { device, asked } = scriptedMeter([]);
    expect(await glucoseProfile.start?.({ ...device, has: () => false })).toEqual({ ok: true });
    expect(asked).toEqual([]);
  });

  it('have answers whose unknown kinds are refused', () => {
    expect(decoderFor(RECORD_ACCESS_CONTROL_POINT)?.(bytesOf('07 00 01 01'))).toMatchObject({
      ok: false,
      error: { code: 'decode-reserved' },
    });
    expect(decoderFor(RECORD_ACCESS_CONTROL_POINT)?.(bytesOf('05 00 01 00 00'))).toMatchObject({
      ok: false,
      error: { code: 'decode-oversized' },
    });
  });
});

import { describe, expect, it } from 'vitest';
import { MACHINES, TREADMILL } from '../../../../src/device/profiles/fitness-machine/machines.ts';
import { FITNESS_MACHINE_STATUS, TRAINING_STATUS } from '../../../../src/device/profiles/fitness-machine/profile.ts';
import { decoderFor } from '../../../../src/device/profiles/registry.ts';
import { bytesOf } from '../../../fixtures/golden.ts';
import { decodeFresh, f32, PacketBuilder, said } from '../../../support/packet.ts';

/** A field of the specification's tables: attribute, bytes, raw number and what it stands for. */
type Field = readonly [attribute: string, width: 1 | 2 | 3, raw: number, value: number | undefined];

const workout = (first: number): Record<number, readonly Field[]> => ({
  [first]: [
    ['calories', 2, 321, 321],
    ['calories_per_hour', 2, 0xffff, undefined],
    ['calories_per_minute', 1, 9, 9],
  ],
  [first + 1]: [['heartrate', 1, 133, 133]],
  [first + 2]: [['met', 1, 72, 7.2]],
  [first + 3]: [['elapsed_time', 2, 3600, 3600]],
  [first + 4]: [['remaining_time', 2, 299, 299]],
});
const SPEED: Field = ['speed', 2, 1080, 3];
const AVERAGE_SPEED: Field = ['average_speed', 2, 900, 2.5];
const DISTANCE: Field = ['distance', 3, 70_000, 70_000];
const RATE: Field = ['step_rate', 2, 118, 118];
const AVERAGE_RATE: Field = ['average_step_rate', 2, 115, 115];
const POWER: Field = ['power', 2, 0xff9c, -100];
const AVERAGE_POWER: Field = ['average_power', 2, 180, 180];
const SLOPE: readonly Field[] = [
  ['inclination', 2, 0xffe7, -2.5],
  ['ramp_angle', 2, 31, 3.1],
];
const GAIN: Field = ['elevation_gain', 2, 77, 77];
const LOSS: Field = ['elevation_loss', 2, 66, 66];

/** FTMS 1.0 §4.4–4.9, by machine and bit; written down a second time, apart from the decoder's tables. */
const TABLES: Readonly<Record<string, Readonly<Record<number, readonly Field[]>>>> = {
  treadmill: {
    0: [SPEED],
    1: [AVERAGE_SPEED],
    2: [DISTANCE],
    3: SLOPE,
    4: [
      ['elevation_gain', 2, 77, 7.7],
      ['elevation_loss', 2, 66, 6.6],
    ],
    5: [['pace', 1, 2, 150]],
    6: [['average_pace', 1, 3, 100]],
    ...workout(7),
    12: [
      ['belt_force', 2, 0xfff6, -10],
      ['power', 2, 250, 250],
    ],
    13: [['steps', 3, 66_000, 66_000]],
  },
  cross_trainer: {
    0: [SPEED],
    1: [AVERAGE_SPEED],
    2: [DISTANCE],
    3: [RATE, AVERAGE_RATE],
    4: [['strides', 2, 1234, 123.4]],
    5: [GAIN, LOSS],
    6: SLOPE,
    7: [['resistance', 2, 0xfff1, -1.5]],
    8: [POWER],
    9: [AVERAGE_POWER],
    ...workout(10),
  },
  step_climber: {
    0: [
      ['floors', 2, 12, 12],
      ['steps', 2, 500, 500],
    ],
    1: [RATE],
    2: [AVERAGE_RATE],
    3: [GAIN],
    ...workout(4),
  },
  stair_climber: {
    0: [['floors', 2, 12, 12]],
    1: [RATE],
    2: [AVERAGE_RATE],
    3: [GAIN],
    4: [['strides', 2, 1234, 1234]],
    ...workout(5),
  },
  rower: {
    0: [
      ['stroke_rate', 1, 57, 28.5],
      ['strokes', 2, 400, 400],
    ],
    1: [['average_stroke_rate', 1, 55, 27.5]],
    2: [DISTANCE],
    3: [['pace', 2, 118, 118]],
    4: [['average_pace', 2, 121, 121]],
    5: [POWER],
    6: [AVERAGE_POWER],
    7: [['resistance', 2, 5, 5]],
    ...workout(8),
  },
  bike: {
    0: [SPEED],
    1: [AVERAGE_SPEED],
    2: [['cadence', 2, 181, 90.5]],
    3: [['average_cadence', 2, 170, 85]],
    4: [DISTANCE],
    5: [['resistance', 2, 40, 40]],
    6: [POWER],
    7: [AVERAGE_POWER],
    ...workout(8),
  },
};

function append(packet: PacketBuilder, width: 1 | 2 | 3, raw: number): void {
  if (width === 1) packet.u8(raw);
  else if (width === 2) packet.u16(raw);
  else packet.u24(raw);
}

/** Tables as lists by bit. */
function tableOf(prefix: string): readonly (readonly [number, readonly Field[]])[] {
  return Object.entries(TABLES[prefix] ?? {}).map(([bit, fields]) => [Number(bit), fields]);
}

describe.each(MACHINES.map((machine) => [machine.prefix, machine] as const))('%s', (prefix, machine) => {
  const table = tableOf(prefix);

  it('is read with every combination of flags', () => {
    const decode = decoderFor(machine.uuid);
    const bits = Math.max(...table.map(([bit]) => bit)) + 1;
    expect(bits).toBeGreaterThan(8);
    for (let fields = 0; fields < 2 ** bits; fields++) {
      // The direction goes with any fields: every third packet is backward.
      const flags =
        machine.backwardBit !== undefined && fields % 3 === 0 ? fields | (1 << machine.backwardBit) : fields;
      const packet = new PacketBuilder();
      append(packet, machine.flagBytes, flags);
      const wanted: [string, number][] = [];
      for (const [bit, together] of table) {
        if (bit === 0 ? (flags & 1) === 1 : ((flags >> bit) & 1) === 0) continue;
        for (const [attribute, width, raw, value] of together) {
          append(packet, width, raw);
          if (value !== undefined) wanted.push([`${prefix}_${attribute}`, f32(value)]);
        }
      }
      if (machine.backwardBit !== undefined && (flags & 1) === 0)
        wanted.push([`${prefix}_backward`, (flags >> 15) & 1]);
      const decoded = decode?.(packet.view);
      if (!decoded?.ok) throw new Error(`flags ${flags}: ${decoded?.error.detail}`);
      const got = decoded.value.readings.map((reading) => [
        reading.attribute,
        reading.kind === 'numeric' ? reading.values[0] : undefined,
      ]);
      // Compared as text: a deep comparison of 200 000 lists takes a minute.
      if (JSON.stringify(got) !== JSON.stringify(wanted)) expect(got, `flags ${flags}`).toEqual(wanted);
    }
  });

  it('refuses a packet that is longer than its flags say', () => {
    const packet = new PacketBuilder();
    append(packet, machine.flagBytes, 1);
    expect(decoderFor(machine.uuid)?.(packet.u8(0).view)).toMatchObject({
      ok: false,
      error: { code: 'decode-oversized' },
    });
  });
});

describe('a treadmill', () => {
  const decode = decoderFor(TREADMILL.uuid);

  it('may send its pace in two bytes, whatever else comes with it', () => {
    for (let flags = 0; flags < 2 ** 14; flags += 37) {
      const packet = new PacketBuilder().u16(flags);
      const wanted: string[] = [];
      for (const [bit, fields] of tableOf('treadmill')) {
        if (bit === 0 ? (flags & 1) === 1 : ((flags >> bit) & 1) === 0) continue;
        for (const [attribute, width, raw, value] of fields) {
          append(packet, attribute.endsWith('pace') ? 2 : width, attribute.endsWith('pace') ? 231 : raw);
          if (value !== undefined) wanted.push(`treadmill_${attribute}`);
        }
      }
      const decoded = decode?.(packet.view);
      if (!decoded?.ok) throw new Error(`flags ${flags}`);
      const paces = decoded.value.readings.filter(({ attribute }) => attribute.endsWith('pace'));
      expect(decoded.value.readings.map(({ attribute }) => attribute)).toEqual(wanted);
      for (const pace of paces) expect(pace).toMatchObject({ values: Float32Array.of(231) });
    }
  });

  it('standing still has no pace', () => {
    expect(said(decodeFresh(TREADMILL.uuid, bytesOf('21 00 00')))).toEqual({});
    expect(said(decodeFresh(TREADMILL.uuid, bytesOf('21 00 00 00')))).toEqual({});
  });

  it('a resistance of one byte is no bike’s: refused, not misread', () => {
    const bike = MACHINES.find(({ prefix }) => prefix === 'bike');
    if (!bike) throw new Error('no bike');
    expect(decoderFor(bike.uuid)?.(bytesOf('61 00 05 64 00'))).toMatchObject({
      ok: false,
      error: { code: 'decode-truncated' },
    });
  });
});

describe('what a fitness machine says about itself', () => {
  it.each([0x16, 0x80, 0xfe])('knows no machine status %i', (opCode) => {
    const bytes = new PacketBuilder().u8(opCode).view;
    expect(decoderFor(FITNESS_MACHINE_STATUS)?.(bytes)).toMatchObject({
      ok: false,
      error: { code: 'decode-reserved' },
    });
  });

  it('has a name for each of its 22 op codes, with parameters of the right length only', () => {
    const lengths: Readonly<Record<number, number>> = {
      ...{ 0x02: 1, 0x05: 2, 0x06: 2, 0x07: 1, 0x08: 2, 0x09: 1, 0x0a: 2, 0x0b: 2, 0x0c: 2, 0x0d: 3, 0x0e: 2 },
      ...{ 0x0f: 4, 0x10: 6, 0x11: 10, 0x12: 6, 0x13: 2, 0x14: 1, 0x15: 2 },
    };
    const names = new Set<unknown>();
    for (const opCode of [...Array.from({ length: 0x15 }, (_, i) => i + 1), 0xff]) {
      const packet = new PacketBuilder().u8(opCode);
      for (let i = 0; i < (lengths[opCode] ?? 0); i++) packet.u8(1);
      const { value } = said(decodeFresh(FITNESS_MACHINE_STATUS, packet.view)).machine_status ?? {};
      expect(value).toMatchObject({ value: opCode });
      names.add(typeof value === 'object' && value !== null && 'text' in value ? value.text : undefined);
      expect(decoderFor(FITNESS_MACHINE_STATUS)?.(packet.u8(0).view)).toMatchObject({
        ok: false,
        error: { code: 'decode-oversized' },
      });
    }
    expect(names.size).toBe(22);
  });

  it('knows the training statuses up to 15', () => {
    for (let status = 0; status < 256; status++) {
      const decoded = decoderFor(TRAINING_STATUS)?.(new PacketBuilder().u8(0).u8(status).view);
      if (status < 16) expect(decoded?.ok).toBe(true);
      else expect(decoded).toMatchObject({ ok: false, error: { code: 'decode-reserved' } });
    }
  });

  it('takes a text that is no UTF-8 for what it can be', () => {
    const { training_status } = said(decodeFresh(TRAINING_STATUS, bytesOf('03 01 41 ff')));
    expect(training_status?.value).toEqual({ value: 1, text: 'idle', detail: 'A\ufffd' });
  });
});

/** Details of the forms that the recordings do not reach. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCytonReader } from '../../../../src/device/serial/cyton.ts';
import { createFrameReader } from '../../../../src/device/serial/frame-reader.ts';
import { createFrameCutter, unpack } from '../../../../src/device/serial/packing.ts';
import type { Batch, FormReader } from '../../../../src/device/serial/batch.ts';
import {
  cytonPacket,
  descriptionFrame,
  float32Frame,
  int16Frame,
  joined,
  packed,
} from '../../../support/serial-bytes.ts';

const valuesOf = ({ readings }: Batch, attribute: string): number[] =>
  readings.flatMap((one) => (one.kind === 'numeric' && one.attribute === attribute ? [...one.values] : []));
const timesOf = ({ readings }: Batch, attribute: string): number[] =>
  readings.flatMap((one) => (one.attribute === attribute && one.timing.kind === 'device' ? [...one.timing.times] : []));
const codes = ({ problems }: Batch): string[] => problems.map(({ code }) => code);

describe.each(['cobs', 'slip'] as const)('%s', (packing) => {
  test('any content comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 600 }), (content) => {
        const { frames } = createFrameCutter(packing).push(packed(packing, content));
        const [frame] = frames;
        expect(frames).toHaveLength(1);
        expect([...((frame && unpack(packing, frame)) ?? [])].slice(0, -2)).toEqual(content);
      }),
    );
  });

  test.each([252, 253, 254, 255, 508, 509])(
    'runs of %i bytes without a zero, with and without one behind',
    (length) => {
      const run = new Array<number>(length).fill(7);
      for (const content of [run, [...run, 0], [...run, 0, 7], [0, ...run]]) {
        const [frame] = createFrameCutter(packing).push(packed(packing, content)).frames;
        expect([...((frame && unpack(packing, frame)) ?? [])].slice(0, -2)).toEqual(content);
      }
    },
  );

  test('one damaged byte anywhere never yields a wrong sample', () => {
    const good = int16Frame(packing, 5, 7, [1000, -1000, 12]);
    for (let at = 0; at < good.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const bad = good.slice();
        bad[at] = (bad[at] ?? 0) ^ flip;
        const reader = createFrameReader(packing);
        const batch = reader.take(
          joined(int16Frame(packing, 5, 4, [1, 2, 3]), bad, int16Frame(packing, 5, 10, [9])),
          0,
        );
        const values = valuesOf(batch, 'value_6');
        expect(values, `byte ${at} with ${flip}`).toEqual(at === good.length - 1 ? [1, 2, 3] : [1, 2, 3, 9]);
      }
    }
  });
});

describe('frames', () => {
  const reader = (...frames: Uint8Array[]): FormReader => {
    const made = createFrameReader('cobs');
    made.take(joined(...frames), 0);
    return made;
  };
  const named = descriptionFrame('cobs', 0, 'force', 100);

  test('a board that starts anew has a new clock, and nothing is lost', () => {
    const made = reader(named, int16Frame('cobs', 0, 500, [1]));
    for (const first of [0, 3]) {
      const batch = made.take(int16Frame('cobs', 0, first, [2]), 20);
      expect(batch.lost).toEqual([]);
      expect(timesOf(batch, 'force')).toEqual([first * 10]);
      made.take(int16Frame('cobs', 0, 20_000, [2]), 300_000);
    }
  });

  test('without a rate, too, 0 is the first sample of a board', () => {
    const made = reader(descriptionFrame('cobs', 0, 'force'), int16Frame('cobs', 0, 40_000, [1]));
    expect(made.take(int16Frame('cobs', 0, 0, [2]), 10).lost).toEqual([]);
    expect(made.take(int16Frame('cobs', 0, 4, [2]), 20).lost).toEqual([{ attribute: 'force', samples: 3 }]);
  });

  test('more missing than time has passed is a board that starts anew', () => {
    const made = reader(named, int16Frame('cobs', 0, 40_000, [1]));
    expect(made.take(int16Frame('cobs', 0, 50, [2]), 500).lost).toEqual([]);
    expect(made.take(int16Frame('cobs', 0, 150, [2]), 1500).lost).toEqual([{ attribute: 'force', samples: 99 }]);
  });

  test('numbers come round after 65,536 samples', () => {
    const made = reader(named, int16Frame('cobs', 0, 65_535, [1]));
    const batch = made.take(int16Frame('cobs', 0, 0, [2, 3]), 10);
    expect(timesOf(batch, 'force')).toEqual([655_360, 655_370]);
    expect(batch.lost).toEqual([]);
  });

  test('what is wrong is told by its code', () => {
    const made = reader(named);
    const wrong = [
      packed('cobs', [1, 0, 0, 64, 1, 2]),
      packed('cobs', [1, 0, 0, 0, 1]),
      packed('cobs', [2, 0, 0, 0, 1, 2]),
      float32Frame('cobs', 0, 0, [NaN]),
      descriptionFrame('cobs', 1, 'x', -1),
      descriptionFrame('cobs', 1, 'x', Infinity),
      descriptionFrame('cobs', 1, 'x', 1, 0),
      descriptionFrame('cobs', 1, '', 1),
      descriptionFrame('cobs', 1, '→', 1),
      descriptionFrame('cobs', 1, 'x:a,A'),
      packed('cobs', [1, 0, 0, 0, ...new Array<number>(600).fill(1)]),
      Uint8Array.from([...new Array<number>(2000).fill(1), 0]),
    ];
    expect(wrong.map((frame) => codes(made.take(frame, 0)))).toEqual(
      [
        'decode-reserved',
        'decode-truncated',
        'decode-truncated',
        'decode-not-finite',
        'decode-reserved',
        'decode-not-finite',
        'decode-reserved',
        'decode-truncated',
        'attribute-id-invalid',
        'decode-reserved',
        'decode-oversized',
        'decode-oversized',
      ].map((code) => [code]),
    );
  });

  test('samples that are not whole, and scales that make them infinite', () => {
    const made = reader(descriptionFrame('cobs', 0, 'acc:x,y,z'), descriptionFrame('cobs', 1, 'big', 0, 3e38));
    expect(codes(made.take(int16Frame('cobs', 0, 0, [1, 2]), 0))).toEqual(['decode-truncated']);
    expect(codes(made.take(int16Frame('cobs', 1, 0, [30_000]), 0))).toEqual(['decode-not-finite']);
  });

  test('two attributes of one name stay apart', () => {
    const made = reader(named, descriptionFrame('cobs', 4, 'Force'));
    const batch = made.take(joined(int16Frame('cobs', 0, 0, [1]), int16Frame('cobs', 4, 0, [2])), 0);
    expect([valuesOf(batch, 'force'), valuesOf(batch, 'force_5')]).toEqual([[1], [2]]);
  });
});

describe('Cyton', () => {
  const zeros = [0, 0, 0, 0, 0, 0, 0, 0];
  /** The first byte of the next packet shows that this one is whole. */
  const started = (...counters: number[]): FormReader => {
    const made = createCytonReader();
    made.take(joined(...counters.map((counter) => cytonPacket(counter, zeros)), Uint8Array.of(0xa0)), 0);
    return made;
  };

  test('more than a round of the counter lost: the time between says how many', () => {
    const made = started(0, 1);
    const rest = cytonPacket(2, zeros).subarray(1);
    const batch = made.take(rest, 1024 * 3 + 4);
    expect(batch.lost).toHaveLength(8);
    expect(batch.lost[0]).toEqual({ attribute: 'eeg_1', samples: 3 * 256 });
    expect(timesOf(batch, 'eeg_1')).toEqual([(3 * 256 + 2) * 4]);
  });

  test('exactly one round lost looks like no step at all', () => {
    const batch = started(0, 1).take(cytonPacket(1, zeros).subarray(1), 1024);
    expect(batch.lost[0]).toEqual({ attribute: 'eeg_1', samples: 255 });
    expect(timesOf(batch, 'eeg_1')).toEqual([257 * 4]);
  });

  test('other footers carry no acceleration; wrong ones are no packets', () => {
    const made = started(0, 1);
    const tail = joined(
      cytonPacket(2, zeros, [1, 2, 3], 0xc3).subarray(1),
      cytonPacket(3, zeros, [1, 2, 3], 0xc7),
      cytonPacket(4, zeros, [0, 0, 8192], 0xc0),
      Uint8Array.of(0xa0),
    );
    const batch = made.take(tail, 12);
    expect(valuesOf(batch, 'eeg_1')).toHaveLength(2);
    expect(valuesOf(batch, 'accelerometer').map((value) => value.toFixed(3))).toEqual(['0.000', '0.000', '10.042']);
    expect(codes(batch)).toEqual(['decode-reserved']);
    expect(batch.lost[0]).toEqual({ attribute: 'eeg_1', samples: 1 });
  });

  test('full scale is 187.5 mV either way', () => {
    const made = createCytonReader();
    const bytes = joined(cytonPacket(0, [8388607, -8388607, 1, -1, 0, 0, 0, 0]), Uint8Array.of(0xa0));
    const batch = made.take(bytes, 0);
    expect(valuesOf(batch, 'eeg_1')[0]).toBeCloseTo(187_500, 1);
    expect(valuesOf(batch, 'eeg_2')[0]).toBeCloseTo(-187_500, 1);
    expect(valuesOf(batch, 'eeg_3')[0]).toBeCloseTo(0.02235, 5);
  });
});

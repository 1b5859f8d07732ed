/** Bytes of a serial port, in all forms and cut in all ways. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFramer } from '../../../../src/device/serial/framer.ts';
import { SERIAL_RECORDINGS } from '../../../fixtures/serial/recordings.ts';
import { gathered, readAll } from '../../../support/read-serial.ts';
import { cytonPacket, float32Frame, int16Frame, joined, text } from '../../../support/serial-bytes.ts';

const lines = (count: number, line: (i: number) => string): Uint8Array =>
  text(Array.from({ length: count }, (_, i) => line(i)).join(''));

describe.each(Object.entries(SERIAL_RECORDINGS))('%s', (_, { bytes, form, samples, lost = {}, problems = {} }) => {
  test('in one piece: form, samples, losses', () => {
    const read = readAll([bytes]);
    expect(read.form).toMatchObject(form);
    expect(read.samples).toEqual(samples);
    expect(read.lost).toEqual(lost);
    expect(read.problems).toEqual(problems);
  });

  test('cut at every place, and byte by byte: the same', () => {
    const whole = readAll([bytes]);
    for (let at = 0; at <= bytes.length; at++) {
      expect(readAll([bytes.subarray(0, at), bytes.subarray(at)]), `cut at ${at}`).toEqual(whole);
    }
    expect(readAll(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
  });
});

describe('any bytes', () => {
  test('never throw, and never yield a number that is none', () => {
    const seeds = Object.values(SERIAL_RECORDINGS).map(({ bytes }) => bytes);
    const damaged = fc
      .tuple(fc.constantFrom(...seeds), fc.uint8Array({ maxLength: 60 }), fc.nat(2000))
      .map(([seed, noise, at]) => joined(seed.subarray(0, at), noise, seed.subarray(at), seed));
    const pieces = fc.array(fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged), { maxLength: 6 });
    fc.assert(
      fc.property(pieces, fc.boolean(), (parts, isCyton) => {
        const framer = createFramer(isCyton ? { kind: 'cyton' } : undefined);
        const batches = parts.flatMap((part, i) => [...framer.take(part, 1000 * i), ...framer.tick(1000 * i + 500)]);
        for (const { batch } of batches) {
          for (const reading of batch.readings) {
            const width = reading.kind === 'numeric' ? (reading.fields?.length ?? 1) : 1;
            const values = reading.kind === 'numeric' ? [...reading.values] : [];
            expect(values.every(Number.isFinite)).toBe(true);
            expect(values.length % width).toBe(0);
            if (reading.timing.kind !== 'device' || reading.kind !== 'numeric') continue;
            expect(reading.timing.times.every(Number.isFinite)).toBe(true);
            expect(reading.timing.times.length).toBe(values.length / width);
          }
          expect(batch.lost.every(({ samples }) => samples > 0)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('how they are cut does not matter', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(SERIAL_RECORDINGS).map(({ bytes }) => bytes)),
        fc.uint8Array({ maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1, maxLength: 12 }),
        (seed, noise, sizes) => {
          const bytes = joined(seed.subarray(0, 40), noise, seed, seed);
          const cut: Uint8Array[] = [];
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = sizes[i % sizes.length] ?? 1;
            cut.push(bytes.subarray(at, at + size));
            at += size;
          }
          expect(readAll(cut)).toEqual(readAll([bytes]));
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('what cannot be read is told', () => {
  test('the wrong speed: garbage, counted; then lines are found', () => {
    const framer = createFramer();
    const noise = Uint8Array.from({ length: 400 }, (_, i) => [0xf8, 0x80, 0x1e, 0xff, 0x06][i % 5] ?? 0);
    framer.take(noise, 0);
    expect(framer.problem).toBeUndefined();
    const told = gathered(framer, framer.tick(2000));
    expect(told.problems).toEqual({ 'serial-garbage': 1 });
    expect(framer.problem).toBe('serial-garbage');
    framer.take(
      lines(6, (i) => `t:${i}\n`),
      2100,
    );
    expect(framer.form?.kind).toBe('lines');
    expect(framer.problem).toBeUndefined();
  });

  test('text without numbers: no known format, and its last line', () => {
    const framer = createFramer();
    const batches = framer.take(
      lines(200, () => 'waiting for the sensor\r\n'),
      0,
    );
    const read = gathered(framer, batches);
    expect(framer.problem).toBe('serial-unknown-format');
    expect(read.problems['serial-unknown-format']).toBeGreaterThanOrEqual(1);
    expect(read.texts.at(-1)).toBe('waiting for the sensor');
  });

  test('a board that prints once in a while is waited for, and read with the times of its lines', () => {
    const framer = createFramer();
    framer.take(text('1\n'), 0);
    expect(framer.tick(4000)).toEqual([]);
    expect(framer.problem).toBeUndefined();
    expect(framer.take(text('2\n'), 5000).map(({ arrival }) => arrival)).toEqual([5000]);
    expect(framer.take(text('3\n'), 10_000).map(({ arrival }) => arrival)).toEqual([10_000]);
  });

  test('what came while the form was not known keeps its arrival', () => {
    const framer = createFramer();
    const pieces = ['x:1\n', 'x:2\n', 'x:3\n', 'x:4\n'];
    const batches = pieces.flatMap((piece, i) => [...framer.take(text(piece), i * 100)]);
    expect(batches.map(({ arrival }) => arrival)).toEqual([100, 200, 300]);
  });

  test('another program on the board: its form is looked for again', () => {
    const framer = createFramer();
    framer.take(
      lines(10, (i) => `x:${i}\n`),
      0,
    );
    expect(framer.form?.kind).toBe('lines');
    const frames = Array.from({ length: 1200 }, (_, i) => int16Frame('cobs', 0, i, [i]));
    for (const frame of frames) framer.take(frame, 1000);
    expect(framer.form).toMatchObject({ kind: 'frames', packing: 'cobs' });
  });

  test('a Cyton that is told to be one and is none', () => {
    const framer = createFramer({ kind: 'cyton' });
    for (let i = 0; i < 300; i++) framer.take(text('temperature:21.5, humidity:40\n'), i);
    expect(framer.problem).toBe('serial-unknown-format');
  });
});

describe('throughput', () => {
  const TIMES = 115_200 / 10;
  const eeg = (i: number): number[] => Array.from({ length: 8 }, (_, k) => i * 8 + k);
  const sources: Readonly<Record<string, Uint8Array>> = {
    'name:value lines': lines(500, (i) => `temperature:${20 + (i % 10)}.5,humidity:${i % 100}\n`),
    JSON: lines(500, (i) => `{"acc":{"x":${i},"y":0.5,"z":9.81},"t":${i % 40}}\n`),
    'COBS frames': joined(...Array.from({ length: 1000 }, (_, i) => int16Frame('cobs', 0, i, [i % 500]))),
    'SLIP frames': joined(...Array.from({ length: 1000 }, (_, i) => float32Frame('slip', 0, i, [i / 7]))),
    Cyton: joined(...Array.from({ length: 400 }, (_, i) => cytonPacket(i, eeg(i)))),
  };

  test.each(Object.entries(sources))('%s: a second at 115,200 baud takes a small part of a second', (_, bytes) => {
    const framer = createFramer();
    let samples = 0;
    const began = performance.now();
    for (let at = 0; at < TIMES; at += 64) {
      const from = at % (bytes.length - 64);
      for (const { batch } of framer.take(bytes.subarray(from, from + 64), at / 12)) samples += batch.readings.length;
    }
    expect(samples).toBeGreaterThan(50);
    // About 30 ms on two busy cores; ten times that is still a sane bound for a test.
    expect(performance.now() - began).toBeLessThan(400);
  });
});

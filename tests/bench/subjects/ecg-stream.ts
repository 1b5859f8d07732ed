/**
 * An ECG as the worker gets it: notifications of a chest strap, dated by the product's clock from the device's times and
 * from arrivals that jitter; and what it becomes on disk and on the wire.
 */
import { joinBlocks, sliceBlock, type NumericBlock } from '../../../src/model/block.ts';
import { sizeOf } from '../../../src/outbox/row.ts';
import { decodeBlocks, encodeBlocks } from '../../../src/protocol/block-sequence.ts';
import { encodeBlock } from '../../../src/protocol/block-codec.ts';
import { encodeDelta } from '../../../src/protocol/delta.ts';
import { wireMeasurements } from '../../../src/protocol/sensor.ts';
import { createDeviceClock } from '../../../src/stream/device-clock.ts';
import { ECG_RATE, noiseSource, syntheticEcg } from '../../support/ecg.ts';

/** Samples of a notification, as such straps send them. */
const PER_NOTIFICATION = 73;
/** µV, standard deviation: electrodes and muscles. */
const NOISE = 8;
/** ms by which a notification is late, at least and at most. */
const LATE = [15, 75] as const;
/** The strap's clock is so much too fast. */
const DRIFT = 1 + 30e-6;
const START = 1_800_000_000_000;
const FIRST_SEQ = START * 1000;

/** So many seconds of whole µV at 130 Hz, one block per notification. */
export function ecgNotifications(seconds: number): NumericBlock[] {
  const noise = noiseSource(7);
  const late = noiseSource(11);
  const ecg = syntheticEcg(seconds * ECG_RATE, () => noise.gauss(NOISE));
  const clock = createDeviceClock();
  const blocks: NumericBlock[] = [];
  for (let at = 0; at + PER_NOTIFICATION <= ecg.length; at += PER_NOTIFICATION) {
    const values = ecg.slice(at, at + PER_NOTIFICATION);
    const moment = (i: number): number => ((at + i) * 1000) / ECG_RATE;
    const times = Float64Array.from(values, (_, i) => moment(i) * DRIFT);
    const arrival = START + moment(PER_NOTIFICATION) + (LATE[0] + LATE[1]) / 2 + late.uniform((LATE[1] - LATE[0]) / 2);
    const reading = {
      kind: 'numeric',
      attribute: 'ecg',
      values,
      timing: { kind: 'device', clock: 'strap', times },
    } as const;
    const block = clock.date(reading, arrival);
    if (block.kind === 'numeric') blocks.push(block);
  }
  return blocks;
}

/** The stream in batches of exactly `size` samples; what does not fill one is left out. */
export function batchesOf(blocks: readonly NumericBlock[], size: number): NumericBlock[] {
  const [first, ...rest] = blocks;
  if (!first) return [];
  const whole = joinBlocks(first, ...rest);
  const batches: NumericBlock[] = [];
  for (let at = 0; at + size <= whole.times.length; at += size) {
    const batch = sliceBlock(whole, at, at + size);
    if (batch.kind === 'numeric') batches.push(batch);
  }
  return batches;
}

/** Bytes of a batch as a record of the log, with what the log keeps beside it. */
export function diskBytes(batch: NumericBlock): number {
  const bytes = encodeBlock(batch, { firstSeq: FIRST_SEQ });
  const { times, attribute } = batch;
  return sizeOf({ attribute, samples: times.length, from: times[0] ?? 0, to: times.at(-1) ?? 0, bytes });
}

/** A batch as binary uplink. Throws if it does not come back as it was: values exactly, times within a µs. */
export function binaryUplink(batch: NumericBlock): ArrayBuffer {
  const bytes = encodeBlocks([{ block: batch, firstSeq: FIRST_SEQ }]);
  const [record] = decodeBlocks(bytes).records;
  const back = record?.block;
  if (back?.kind !== 'numeric') throw new Error('a batch did not come back');
  const same = batch.values.every((value, i) => Object.is(value, back.values[i]));
  const near = batch.times.every((time, i) => Math.abs(time - (back.times[i] ?? NaN)) < 0.001);
  if (!same || !near || back.values.length !== batch.values.length) throw new Error('a batch came back changed');
  return bytes.buffer;
}

/** A batch as the platform's clients send it: objects of three keys, whole ms. Values in mV, as theirs. */
export function plainMeasurements(batch: NumericBlock): object[] {
  return wireMeasurements(batch, 0).map(({ attribute_id, timestamp }, i) => {
    return { attribute_id, payload: Math.round(batch.values[i] ?? 0) / 1000, timestamp };
  });
}

/** Bytes of a batch in the platform's delta format, alone. Values in mV, of which it keeps two decimals. */
export function deltaBytes(batch: NumericBlock): number {
  const millivolts = Float64Array.from(batch.values, (microvolts) => microvolts / 1000);
  return encodeDelta(batch.times, millivolts).length;
}

/**
 * Motion samples that a stock client sends as CSV text `ts,ax,ay,az,rx,ry,rz,…`, rewritten as the platform does it: the
 * first column and everything after the seventh are dropped. Only for single measurements; in a batch the text stays.
 */
import { bareSample, type WireSample } from '../../src/protocol/ingest.ts';

const PARTS_MIN = 7;
/** A number as the platform reads it: a sign or digit must come first, and text after it is ignored. */
const NUMBER_PREFIX = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/;

/** The sample with axes instead of CSV, or the same sample when it is not such text. */
export function normaliseMotion(sample: WireSample): WireSample {
  if (sample.attribute_id !== 'imu' || typeof sample.payload !== 'string') return sample;
  const parts = sample.payload.split(',');
  if (parts.length < PARTS_MIN) return sample;
  const [, ax, ay, az, rx, ry, rz] = parts.map(leadingNumber);
  return bareSample(sample, { accelerometer: { x: ax, y: ay, z: az }, gyroscope: { x: rx, y: ry, z: rz } });
}

function leadingNumber(text: string): number {
  const number = Number(NUMBER_PREFIX.exec(text)?.[0] ?? 0);
  return Number.isFinite(number) ? number : 0;
}

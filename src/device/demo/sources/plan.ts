/** Scripted sources: what is measured how often, as data; the beats come from the device's one metronome. */
import type { Json } from '../../../model/block.ts';
import type { NumericReading, Reading } from '../../../model/reading.ts';
import { ok } from '../../../model/result.ts';
import type { AttributeRegistration } from '../../../model/sensor.ts';
import type { Source } from '../../source.ts';
import type { Metronome } from '../metronome.ts';

export interface Plan {
  /** What it is called among the sources of its device: the attribute, usually. */
  readonly kind: string;
  readonly attributes: readonly AttributeRegistration[];
  /** ms between two deliveries. */
  readonly period: number;
  /** ms until the first delivery; a period if absent. */
  readonly first?: number | undefined;
  /**
   * What is delivered: nothing where there is no value.
   * @param at seconds for which the device has run @param arrival Unix ms
   */
  readonly make: (at: number, arrival: number) => readonly Reading[];
}

/** A source that follows its plan on the device's metronome. */
export function scriptedSource({ kind, attributes, period, first, make }: Plan, metronome: Metronome): Source {
  return {
    kind,
    attributes,
    support: () => Promise.resolve(ok(undefined)),
    start(output, signal) {
      metronome.every(
        { period: () => period, first },
        ({ at, arrival }) => {
          const readings = make(at, arrival);
          if (readings.length > 0) output.readings(readings, arrival);
        },
        signal,
      );
      return Promise.resolve(ok(undefined));
    },
  };
}

interface WaveOptions {
  readonly attribute: string;
  readonly type?: string;
  /** Samples a second. */
  readonly rate: number;
  /** Samples in a delivery. */
  readonly batch: number;
}

/** A stream of plain numbers: `batch` samples a delivery, evenly spaced, the last one just measured. */
export function wave(options: WaveOptions, value: (t: number) => number): Plan {
  return vectorWave({ ...options, fields: undefined }, (t) => [value(t)]);
}

/** The same for several numbers a sample. */
export function vectorWave(
  {
    attribute,
    type = attribute,
    rate,
    batch,
    fields,
  }: WaveOptions & { readonly fields: readonly string[] | undefined },
  values: (t: number) => readonly number[],
): Plan {
  return {
    kind: attribute,
    attributes: [{ attribute, attributeType: type, samplingRate: rate }],
    period: (1000 * batch) / rate,
    make: (at, arrival) => [{ ...samples(attribute, { at, arrival, rate, batch }, values), ...(fields && { fields }) }],
  };
}

/** A delivery of samples that were measured one period apart, the last at its arrival. */
export function samples(
  attribute: string,
  { at, arrival, rate, batch }: { at: number; arrival: number; rate: number; batch: number },
  values: (t: number) => readonly number[],
): NumericReading {
  const behind = Array.from({ length: batch }, (_, i) => (batch - 1 - i) / rate);
  return {
    kind: 'numeric',
    attribute,
    values: Float32Array.from(behind.flatMap((seconds) => values(at - seconds))),
    timing: { kind: 'host', times: Float64Array.from(behind, (seconds) => arrival - 1000 * seconds) },
  };
}

interface TrickleOptions {
  readonly attribute: string;
  readonly type?: string;
  /** s between two values. */
  readonly every: number;
  /** s until the first. */
  readonly first?: number;
}

/** One number now and then; none at all where there is no value. */
export function trickle(
  { attribute, type = attribute, every, first = Math.min(every, 1) }: TrickleOptions,
  value: (t: number) => number | null,
): Plan {
  return {
    kind: attribute,
    attributes: [{ attribute, attributeType: type, samplingRate: 1 / every }],
    period: 1000 * every,
    first: 1000 * first,
    make(at, arrival) {
      const now = value(at);
      if (now === null) return [];
      const timing = { kind: 'host', times: Float64Array.of(arrival) } as const;
      return [{ kind: 'numeric', attribute, values: Float32Array.of(now), timing }];
    },
  };
}

/** One structured value now and then. */
export function structured(
  { attribute, type = attribute, every, first = Math.min(every, 1) }: TrickleOptions,
  payload: (t: number) => Json,
): Plan {
  return {
    kind: attribute,
    attributes: [{ attribute, attributeType: type, samplingRate: 1 / every }],
    period: 1000 * every,
    first: 1000 * first,
    make: (at, arrival) => [
      {
        kind: 'structured',
        attribute,
        payloads: [payload(at)],
        timing: { kind: 'host', times: Float64Array.of(arrival) },
      },
    ],
  };
}

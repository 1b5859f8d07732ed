/**
 * Polar H10, H9, OH1, Verity Sense, 360: what their Measurement Data service (PMD) streams beside the heart rate. The
 * control point's answers tell the rate and the factor, so its decoder and that of the data share a memory.
 */
import type { AttributeId } from '../../../model/attribute.ts';
import type { NumericReading, Timing } from '../../../model/reading.ts';
import { ok } from '../../../model/result.ts';
import { NOTHING } from '../bytes.ts';
import type { Decoder, Fact, Profile } from '../profile.ts';
import { createFrameClock, type FrameClock } from './frame-clock.ts';
import { parseFrame, parsePulses, parseSamples, type PmdFrame, type Pulse } from './frames.ts';
import {
  ALREADY_IN_STATE,
  chooseSettings,
  factorOf,
  measurementOf,
  parseControl,
  parseSettings,
  PMD_CONTROL,
  PMD_DATA,
  PMD_SERVICE,
  rateOf,
  statusText,
  type ControlMessage,
  type Measurement,
} from './pmd.ts';
import { startPolar } from './start.ts';

const ATTRIBUTE: Readonly<Record<Measurement, AttributeId>> = {
  ecg: 'ecg',
  acceleration: 'accelerometer',
  gyroscope: 'gyroscope',
  magnetometer: 'magnetometer',
  ppg: 'ppg',
  ppi: 'pp_interval',
  skinTemperature: 'skin_temperature',
};

/** Rates until the device has told its own, Hz. */
const NOMINAL_RATE: Readonly<Record<Measurement, number>> = {
  ecg: 130,
  acceleration: 50,
  gyroscope: 50,
  magnetometer: 50,
  ppg: 55,
  ppi: 1,
  skinTemperature: 1,
};

/** Name of the device's clock. */
const CLOCK = 'polar';

/** What one connection learns. */
interface Memory {
  readonly rates: Map<Measurement, number>;
  readonly factors: Map<Measurement, number>;
  readonly clock: FrameClock;
  /** ms of pulses left out since the last good one. */
  skipped: number;
  /** Time of the last pulse, ms on the device's clock. */
  lastPulse: number;
}

function createMemory(): Memory {
  return { rates: new Map(), factors: new Map(), clock: createFrameClock(), skipped: 0, lastPulse: -Infinity };
}

function controlDecoder(memory: Memory): Decoder {
  return (bytes) => {
    const message = parseControl(bytes);
    if (!message.ok) return message;
    if (message.value.kind === 'features') return ok(NOTHING);
    if (message.value.kind === 'stopped') {
      const facts = message.value.types.flatMap((type) => stateFact(type, 'stopped by the device'));
      return ok({ readings: [], facts });
    }
    return takeAnswer(memory, message.value);
  };
}

/** Learns from an answer; a refusal is a fact about the device. */
function takeAnswer(
  memory: Memory,
  { operation, type, status, parameters }: Extract<ControlMessage, { kind: 'answer' }>,
): ReturnType<Decoder> {
  const measurement = measurementOf(type);
  // A measurement that still runs is stopped and started anew: nothing to tell.
  if (status !== 0 && status !== ALREADY_IN_STATE) {
    return ok({ readings: [], facts: operation === 'stop' ? [] : stateFact(type, statusText(status)) });
  }
  if (status !== 0 || operation === 'stop' || measurement === undefined) return ok(NOTHING);
  const { settings, error } = parseSettings(parameters);
  const rate = rateOf(chooseSettings(measurement, settings));
  const factor = factorOf(settings);
  if (operation === 'settings' && rate !== undefined) memory.rates.set(measurement, rate);
  if (operation === 'start') {
    if (factor === undefined) memory.factors.delete(measurement);
    else memory.factors.set(measurement, factor);
  }
  return error ? { ok: false, error } : ok(NOTHING);
}

function stateFact(type: number, text: string): Fact[] {
  const measurement = measurementOf(type);
  return measurement ? [{ kind: 'device', label: ATTRIBUTE[measurement], text }] : [];
}

function dataDecoder(memory: Memory): Decoder {
  return (bytes) => {
    const frame = parseFrame(bytes);
    if (!frame.ok) return frame;
    return frame.value.measurement === 'ppi' ? decodePulses(memory, frame.value) : decodeSamples(memory, frame.value);
  };
}

function decodeSamples(memory: Memory, frame: PmdFrame): ReturnType<Decoder> {
  const { measurement, stamp } = frame;
  const parsed = parseSamples(frame, memory.factors.get(measurement));
  if (!parsed.ok) return parsed;
  const { values, fields } = parsed.value;
  const attribute = ATTRIBUTE[measurement];
  const rate = memory.rates.get(measurement) ?? NOMINAL_RATE[measurement];
  const samples = values.length / (fields?.length ?? 1);
  const { times, lost } = memory.clock.frame(measurement, stamp, samples, rate);
  const timing: Timing = { kind: 'device', clock: CLOCK, times };
  return ok({
    readings: [
      fields ? { kind: 'numeric', attribute, values, fields, timing } : { kind: 'numeric', attribute, values, timing },
    ],
    facts: lost > 0 ? [{ kind: 'lost', attribute, samples: lost }] : [],
  });
}

/**
 * Pulses that Polar says are not to be trusted yield no sample, but their time passes: the interval that the next good
 * one is chained by includes them.
 */
function decodePulses(memory: Memory, frame: PmdFrame): ReturnType<Decoder> {
  const parsed = parsePulses(frame);
  if (!parsed.ok) return parsed;
  const good: Pulse[] = [];
  const intervals: number[] = [];
  for (const pulse of parsed.value) {
    memory.skipped += pulse.interval;
    if (!pulse.isValid) continue;
    good.push(pulse);
    intervals.push(memory.skipped);
    memory.skipped = 0;
  }
  if (good.length === 0) return ok(NOTHING);
  const timing = pulseTiming(memory, frame.stamp, Float64Array.from(intervals));
  const reading = (attribute: AttributeId, of: (pulse: Pulse) => number): NumericReading => {
    return { kind: 'numeric', attribute, values: Float32Array.from(good, of), timing };
  };
  const readings = [reading('pp_interval', ({ interval }) => interval), reading('pp_error', ({ error }) => error)];
  return ok({ readings, facts: [] });
}

/** Older firmware stamps pulses with 0; newer with the time of the last pulse, also of one that is left out. */
function pulseTiming(memory: Memory, stamp: number, intervals: Float64Array): Timing {
  if (stamp === 0) return { kind: 'intervals', intervals };
  const times = new Float64Array(intervals.length);
  let at = memory.clock.at(stamp) - memory.skipped;
  for (let i = intervals.length - 1; i >= 0; i--) {
    // Stamps are rounded: a pulse never comes before one of an earlier frame.
    times[i] = Math.max(at, memory.lastPulse);
    at -= intervals[i] ?? 0;
  }
  memory.lastPulse = times[times.length - 1] ?? memory.lastPulse;
  return { kind: 'device', clock: CLOCK, times };
}

function makeDecoders(): ReadonlyMap<string, Decoder> {
  const memory = createMemory();
  return new Map([
    [PMD_CONTROL, controlDecoder(memory)],
    [PMD_DATA, dataDecoder(memory)],
  ]);
}

export const polarProfile: Profile = {
  service: PMD_SERVICE,
  name: 'Polar measurement data',
  // Their advertisements carry the heart rate service and the name.
  advertised: false,
  namePrefixes: ['Polar'],
  sensorType: 'polar',
  characteristics: [
    {
      uuid: PMD_CONTROL,
      name: 'PMD control point',
      use: 'control',
      attributes: [],
      onFull: 'keep',
      makeDecoder: () => controlDecoder(createMemory()),
    },
    {
      uuid: PMD_DATA,
      name: 'PMD data',
      use: 'notify',
      attributes: [
        { attribute: 'ecg', attributeType: 'ecg', samplingRate: NOMINAL_RATE.ecg },
        { attribute: 'accelerometer', attributeType: 'accelerometer', samplingRate: NOMINAL_RATE.acceleration },
        { attribute: 'gyroscope', attributeType: 'gyroscope', samplingRate: NOMINAL_RATE.gyroscope },
        { attribute: 'magnetometer', attributeType: 'magnetometer', samplingRate: NOMINAL_RATE.magnetometer },
        { attribute: 'ppg', attributeType: 'ppg', samplingRate: NOMINAL_RATE.ppg },
        { attribute: 'pp_interval', attributeType: 'pp_interval', samplingRate: 0 },
        { attribute: 'pp_error', attributeType: 'pp_error', samplingRate: 0 },
        {
          attribute: 'skin_temperature',
          attributeType: 'skin_temperature',
          samplingRate: NOMINAL_RATE.skinTemperature,
        },
      ],
      onFull: 'keep',
      makeDecoder: () => dataDecoder(createMemory()),
    },
  ],
  makeDecoders,
  start: startPolar,
};

/**
 * Glucose service 0x1808: measurement 2A18, context 2A34, feature 2A51, record access control point 2A52.
 * Source: Bluetooth SIG, Glucose Service 1.0.1 §3 and GATT Specification Supplement. Concentrations in mmol/L; meters send
 * kg/L or mol/L (1 mmol/L of glucose is 18.0156 mg/dL).
 */
import { ok, type Result } from '../../../model/result.ts';
import { FieldReader } from '../field-reader.ts';
import { assigned, type Decoded, type DecodeError, type Decoder, type Profile, type Uuid } from '../profile.ts';
import { bitNames, deviceFact, listText, spotPayload } from '../spot.ts';
import { parseContext } from './context.ts';
import { GLUCOSE_MEASUREMENT, glucoseReadings, parseGlucose, type GlucoseRecord } from './measurement.ts';
import { decodeRecordAnswer, RECORD_ACCESS_CONTROL_POINT, reportRecords } from './records.ts';

const GLUCOSE_SERVICE = assigned(0x1808);
export const GLUCOSE_CONTEXT = assigned(0x2a34);
export const GLUCOSE_FEATURE = assigned(0x2a51);

/** Bits 0–10 of 2A51; the rest is reserved. */
const FEATURES: readonly string[] = [
  'low battery detection',
  'sensor malfunction detection',
  'sample size detection',
  'strip insertion detection',
  'strip type detection',
  'high and low results',
  'high and low temperature',
  'sensor read interrupt detection',
  'general fault detection',
  'time fault detection',
  'multiple bonds',
];

/** Decoders that share the last record: its context comes right after it and has no date of its own. */
function connectionDecoders(): { readonly measurement: Decoder; readonly context: Decoder } {
  let last: GlucoseRecord | undefined;

  function decodeMeasurement(bytes: DataView): Result<Decoded, DecodeError> {
    const parsed = parseGlucose(bytes);
    last = parsed.ok ? parsed.value : undefined;
    return parsed.ok ? ok({ readings: glucoseReadings(parsed.value), facts: [] }) : parsed;
  }

  function decodeContext(bytes: DataView): Result<Decoded, DecodeError> {
    const parsed = parseContext(bytes);
    if (!parsed.ok) return parsed;
    const { sequence, payload } = parsed.value;
    const time = last?.sequence === sequence ? last.time : undefined;
    return ok({ readings: [spotPayload('glucose_context', payload, time)], facts: [] });
  }

  return { measurement: decodeMeasurement, context: decodeContext };
}

function makeDecoders(): ReadonlyMap<Uuid, Decoder> {
  const { measurement, context } = connectionDecoders();
  return new Map([
    [GLUCOSE_MEASUREMENT, measurement],
    [GLUCOSE_CONTEXT, context],
  ]);
}

function decodeFeature(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'glucose feature');
  const bits = fields.u16();
  return fields.finish({
    readings: [],
    facts: [deviceFact('glucose features', listText(bitNames(bits, FEATURES)))],
  });
}

export const glucoseProfile: Profile = {
  service: GLUCOSE_SERVICE,
  name: 'Glucose meter',
  advertised: true,
  sensorType: 'glucose_meter',
  makeDecoders,
  start: reportRecords,
  characteristics: [
    {
      uuid: GLUCOSE_FEATURE,
      name: 'Glucose feature',
      use: 'read-notify',
      attributes: [],
      onFull: 'coalesce',
      makeDecoder: () => decodeFeature,
    },
    {
      uuid: GLUCOSE_MEASUREMENT,
      name: 'Glucose measurement',
      use: 'notify',
      attributes: [
        { attribute: 'glucose', attributeType: 'glucose', samplingRate: 0 },
        { attribute: 'glucose_details', attributeType: 'glucose_details', samplingRate: 0 },
      ],
      onFull: 'keep',
      makeDecoder: () => connectionDecoders().measurement,
    },
    {
      uuid: GLUCOSE_CONTEXT,
      name: 'Glucose measurement context',
      use: 'notify',
      attributes: [{ attribute: 'glucose_context', attributeType: 'glucose_context', samplingRate: 0 }],
      onFull: 'keep',
      makeDecoder: () => connectionDecoders().context,
    },
    {
      uuid: RECORD_ACCESS_CONTROL_POINT,
      name: 'Record access control point',
      use: 'control',
      attributes: [],
      onFull: 'keep',
      makeDecoder: () => decodeRecordAnswer,
    },
  ],
};

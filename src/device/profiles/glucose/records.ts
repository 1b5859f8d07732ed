/**
 * Record access control point 2A52 of a glucose meter: it keeps its records until asked for them. Source: Glucose Service
 * 1.0.1 §3.4 and GATT Specification Supplement, Record Access Control Point.
 */
import { appError } from '../../../model/errors.ts';
import { fail, ok, type Result } from '../../../model/result.ts';
import { decodeError } from '../bytes.ts';
import { FieldReader } from '../field-reader.ts';
import { assigned, type Decoded, type DecodeError, type DeviceIo } from '../profile.ts';
import { deviceFact } from '../spot.ts';
import { GLUCOSE_MEASUREMENT } from './measurement.ts';

export const RECORD_ACCESS_CONTROL_POINT = assigned(0x2a52);

const OP = { report: 0x01, count: 0x04, countAnswer: 0x05, answer: 0x06 } as const;
const ALL_RECORDS = 0x01;
/** Operator "greater than or equal to", and the filter type of its operand. */
const FROM_RECORD = 0x03;
const BY_SEQUENCE = 0x01;
const RESPONSE = { success: 0x01, noRecords: 0x06 } as const;

/** Response values 1–9, for the error's text. */
const RESPONSES: readonly (string | undefined)[] = [
  undefined,
  'success',
  'operation not supported',
  'invalid operator',
  'operator not supported',
  'invalid operand',
  'no records found',
  'abort unsuccessful',
  'procedure not completed',
  'operand not supported',
];

/** A procedure has failed when nothing came for 30 s (Glucose Profile §5.5). */
const PROCEDURE_TIMEOUT = 30_000;
/** A record and its context take at most a few connection intervals each; slow meters about this long, ms. */
const PER_RECORD = 500;
/** Records of a meter that does not say how many it has: large meters keep about this many. */
const ASSUMED_RECORDS = 1000;

/** Under this name the device's notes hold the sequence number of the last record that came. */
const LAST_RECORD = 'glucose record';
/** Byte 1 and 2 of a measurement are its sequence number (GATT Specification Supplement, Glucose Measurement). */
const SEQUENCE_AT = 1;

/**
 * Asks the meter for the records it has not given yet; they arrive as notifications of 2A18 and 2A34, and the answer comes
 * after the last. Which came last is remembered, so that a record is not measured again at each connection.
 * @returns `bluetooth-timeout` if the meter does not answer, `bluetooth-gatt` if it refuses; no records are no error
 */
export async function reportRecords(device: DeviceIo): Promise<Result<void>> {
  if (!device.has(RECORD_ACCESS_CONTROL_POINT)) return ok(undefined);
  const which = recordsAfter(device.notes.get(LAST_RECORD));
  const counted = await request(device, OP.count, which, PROCEDURE_TIMEOUT);
  if (!counted.ok) return counted;
  const count = countOf(counted.value);
  if (count === 0) return ok(undefined);
  const forget = device.hear(GLUCOSE_MEASUREMENT, (record) => {
    if (record.byteLength >= SEQUENCE_AT + 2) device.notes.set(LAST_RECORD, record.getUint16(SEQUENCE_AT, true));
  });
  const ms = PROCEDURE_TIMEOUT + (count ?? ASSUMED_RECORDS) * PER_RECORD;
  const reported = await request(device, OP.report, which, ms);
  forget();
  if (!reported.ok) return reported;
  const response = reported.value.getUint8(3);
  if (response === RESPONSE.success || response === RESPONSE.noRecords) return ok(undefined);
  return fail(appError('bluetooth-gatt', `stored records: ${responseText(response)}`));
}

/** Operator and operand: all records, or those from the next sequence number on (filter type 1). */
function recordsAfter(last: number | undefined): readonly number[] {
  if (last === undefined) return [ALL_RECORDS];
  const next = (last + 1) & 0xffff;
  return [FROM_RECORD, BY_SEQUENCE, next & 0xff, next >> 8];
}

/** Sends a request about some records and waits for its answer, which has at least 4 bytes. */
function request(device: DeviceIo, op: number, which: readonly number[], ms: number): Promise<Result<DataView>> {
  return device.ask({
    to: RECORD_ACCESS_CONTROL_POINT,
    bytes: Uint8Array.of(op, ...which),
    answerOn: RECORD_ACCESS_CONTROL_POINT,
    isAnswer: (answer) => isAnswerTo(op, answer),
    ms,
  });
}

function isAnswerTo(op: number, answer: DataView): boolean {
  if (answer.byteLength < 4) return false;
  const kind = answer.getUint8(0);
  if (kind === OP.countAnswer) return op === OP.count;
  return kind === OP.answer && answer.getUint8(2) === op;
}

/** Number of records; undefined if the meter refused to count. */
function countOf(answer: DataView): number | undefined {
  if (answer.getUint8(0) === OP.countAnswer) return answer.getUint16(2, true);
  return answer.getUint8(3) === RESPONSE.noRecords ? 0 : undefined;
}

function responseText(response: number): string {
  return RESPONSES[response] ?? `response ${response}`;
}

/** What the control point answers, as facts. `decode-reserved` for an answer that the specification does not know. */
export function decodeRecordAnswer(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'record access');
  const op = fields.u8();
  fields.skip(1);
  if (op === OP.countAnswer) {
    const count = fields.u16();
    return fields.finish({ readings: [], facts: [deviceFact('stored records', String(count))] });
  }
  fields.skip(1);
  const response = fields.u8();
  const whole = fields.finish(undefined);
  if (!whole.ok) return whole;
  if (op !== OP.answer) return decodeError('decode-reserved', `record access answer ${op}`);
  const isFine = response === RESPONSE.success;
  return ok({ readings: [], facts: isFine ? [] : [deviceFact('stored records', responseText(response))] });
}

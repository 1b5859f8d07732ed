/** Health devices of the Bluetooth SIG: a thermometer, and a glucose meter that gives its records when asked for them. */
import { assigned } from '../../../../src/device/profiles/profile.ts';
import type { Notification, PeripheralSetup } from '../bluetooth.ts';
import { battery, bytes, controlPoint, stream, value } from './parts.ts';

export const TEMPERATURE = assigned(0x2a1c);
export const GLUCOSE = { measurement: assigned(0x2a18), context: assigned(0x2a34), access: assigned(0x2a52) } as const;

/** Taken at the ear; a value every minute. */
export function thermometer(address: string, name: string): PeripheralSetup {
  return {
    address,
    name,
    services: [
      {
        uuid: assigned(0x1809),
        characteristics: [
          stream(TEMPERATURE, true),
          value(assigned(0x2a1d), Uint8Array.of(3)),
          value(assigned(0x2a21), bytes('3c 00')),
        ],
      },
      battery(91),
    ],
  };
}

const OP = { report: 1, count: 4, countAnswer: 5, answer: 6 } as const;
const OPERATOR = { none: 0, all: 1, from: 3 } as const;
const RESPONSE = { success: 1, unsupported: 2, noRecords: 6 } as const;

/**
 * A meter with stored records. Record access control point as in Glucose Service 1.0.1 §3.4: all records, or those from a
 * sequence number on; a count is answered, a report sends the records and then its answer.
 * @param records measurements in order, with their sequence number in bytes 1 and 2
 */
export function glucoseMeter(address: string, name: string, records: readonly Uint8Array[]): PeripheralSetup {
  const sequenceOf = (record: Uint8Array): number => (record[1] ?? 0) | ((record[2] ?? 0) << 8);
  const say = (...data: number[]): Notification => ({ uuid: GLUCOSE.access, bytes: Uint8Array.from(data) });

  function wanted([, operator, , low = 0, high = 0]: Uint8Array): readonly Uint8Array[] {
    if (operator === OPERATOR.all) return records;
    return records.filter((record) => sequenceOf(record) >= (low | (high << 8)));
  }

  function onWrite(request: Uint8Array): readonly Notification[] {
    const [op = 0] = request;
    const found = wanted(request);
    if (op === OP.count) return [say(OP.countAnswer, OPERATOR.none, found.length & 0xff, found.length >> 8)];
    if (op !== OP.report) return [say(OP.answer, OPERATOR.none, op, RESPONSE.unsupported)];
    const end = say(OP.answer, OPERATOR.none, op, found.length > 0 ? RESPONSE.success : RESPONSE.noRecords);
    return [...found.map((record) => ({ uuid: GLUCOSE.measurement, bytes: record })), end];
  }

  return {
    address,
    name,
    services: [
      {
        uuid: assigned(0x1808),
        characteristics: [
          stream(GLUCOSE.measurement),
          stream(GLUCOSE.context),
          value(assigned(0x2a51), bytes('00 00')),
          controlPoint(GLUCOSE.access, onWrite),
        ],
      },
    ],
  };
}

/**
 * Automation IO service 0x1815: digital 2A56, analog 2A58, aggregate 2A5A.
 * Source: Bluetooth SIG, Automation IO Service 1.0 §3. Only inputs are read; outputs are not written.
 *
 * How many signals a Digital has and what an Analog measures stand in descriptors that are not read: a Digital yields all
 * signals its bytes have room for (the last ones may be padding), an Analog its number as sent.
 */
import { ok, type Result } from '../../model/result.ts';
import { payloadAtArrival, sampleAtArrival } from './at-arrival.ts';
import { decodeError, MAX_ATTRIBUTE_LENGTH } from './bytes.ts';
import { FieldReader } from './field-reader.ts';
import { assigned, type Decoded, type DecodeError, type Decoder, type Profile, type Uuid } from './profile.ts';

const AUTOMATION_IO_SERVICE = assigned(0x1815);
export const DIGITAL = assigned(0x2a56);
export const ANALOG = assigned(0x2a58);
export const AGGREGATE = assigned(0x2a5a);

/** Two bits a signal, the lowest bits of the first byte first. */
const STATES = ['inactive', 'active', 'tri-state', 'unknown'] as const;
const SIGNALS_PER_BYTE = 4;
const ANALOG_LENGTH = 2;

/** What a connection's single characteristics have shown of the aggregate's parts; lengths in bytes. */
interface Parts {
  digital: number;
  analog: number;
}

function statesOf(bytes: DataView): string[] {
  const count = bytes.byteLength * SIGNALS_PER_BYTE;
  return Array.from({ length: count }, (_, i) => {
    const bits = bytes.getUint8(Math.floor(i / SIGNALS_PER_BYTE)) >> (2 * (i % SIGNALS_PER_BYTE));
    return STATES[bits & 3] ?? 'unknown';
  });
}

/** `{states}` of 2A56, a name for each signal. */
function digitalDecoder(parts: Parts): Decoder {
  return (bytes) => {
    if (bytes.byteLength === 0) return decodeError('decode-truncated', 'digital: empty');
    if (bytes.byteLength > MAX_ATTRIBUTE_LENGTH)
      return decodeError('decode-oversized', `digital: ${bytes.byteLength} bytes`);
    parts.digital = bytes.byteLength;
    return ok({ readings: [payloadAtArrival('digital', { states: statesOf(bytes) })], facts: [] });
  };
}

/** 2A58: one number without a unit, 0–65535. */
function analogDecoder(parts: Parts): Decoder {
  return (bytes) => {
    const fields = new FieldReader(bytes, 'analog');
    const value = fields.u16();
    const decoded = fields.finish({ readings: [sampleAtArrival('analog', [value])], facts: [] });
    if (decoded.ok) parts.analog = ANALOG_LENGTH;
    return decoded;
  };
}

/**
 * 2A5A: the states of all digital inputs, then all analog inputs, without any mark between them. It can be divided where
 * the device has one Digital, one Analog or one of each, and they have been read before.
 * @returns `decode-reserved` in all other cases: a guess would mix switches with numbers
 */
function aggregateDecoder(parts: Parts): Decoder {
  return (bytes): Result<Decoded, DecodeError> => {
    if (bytes.byteLength === 0) return decodeError('decode-truncated', 'aggregate: empty');
    if (bytes.byteLength !== parts.digital + parts.analog) {
      const seen = `${parts.digital} bytes of digital and ${parts.analog} of analog inputs are known`;
      return decodeError('decode-reserved', `aggregate: ${bytes.byteLength} bytes, ${seen}`);
    }
    const fields = new FieldReader(bytes, 'aggregate');
    const states = statesOf(fields.bytes(parts.digital));
    const analog = parts.analog > 0 ? [fields.u16()] : [];
    return fields.finish({ readings: [payloadAtArrival('inputs', { states, analog })], facts: [] });
  };
}

function decodersOf(parts: Parts): ReadonlyMap<Uuid, Decoder> {
  return new Map([
    [DIGITAL, digitalDecoder(parts)],
    [ANALOG, analogDecoder(parts)],
    [AGGREGATE, aggregateDecoder(parts)],
  ]);
}

const none = (): Parts => ({ digital: 0, analog: 0 });

export const automationIoProfile: Profile = {
  service: AUTOMATION_IO_SERVICE,
  name: 'Automation IO',
  advertised: true,
  sensorType: 'automation_io',
  characteristics: [
    {
      uuid: DIGITAL,
      name: 'Digital inputs',
      use: 'read-notify',
      attributes: [{ attribute: 'digital', attributeType: 'digital', samplingRate: 0 }],
      onFull: 'keep',
      makeDecoder: () => digitalDecoder(none()),
    },
    {
      uuid: ANALOG,
      name: 'Analog input',
      use: 'read-notify',
      attributes: [{ attribute: 'analog', attributeType: 'analog', samplingRate: 0 }],
      onFull: 'keep',
      makeDecoder: () => analogDecoder(none()),
    },
    {
      uuid: AGGREGATE,
      name: 'All inputs',
      use: 'read-notify',
      attributes: [{ attribute: 'inputs', attributeType: 'inputs', samplingRate: 0 }],
      onFull: 'keep',
      makeDecoder: () => aggregateDecoder(none()),
    },
  ],
  makeDecoders: () => decodersOf(none()),
};

/**
 * Current Time service 0x1805: current time 2A2B, local time information 2A0F, reference time information 2A14.
 * What the device's calendar shows is a fact about the device, by which the dates of its stored samples can be judged; it
 * is not a sample. The host's time is never written to a device.
 * Source: Bluetooth SIG, Current Time Service 1.1 §3 and GATT Specification Supplement (Current Time, Exact Time 256,
 * Local Time Information, Reference Time Information).
 */
import { ok, type Result } from '../../model/result.ts';
import { NOTHING } from './bytes.ts';
import { localTime, offsetText, readCalendar, savingOffset, zoneOffset } from './date-time.ts';
import { FieldReader } from './field-reader.ts';
import { assigned, type CharacteristicSpec, type Decoded, type DecodeError, type Profile } from './profile.ts';
import { deviceFact } from './spot.ts';

const CURRENT_TIME_SERVICE = assigned(0x1805);
export const CURRENT_TIME = assigned(0x2a2b);
export const LOCAL_TIME_INFORMATION = assigned(0x2a0f);
export const REFERENCE_TIME_INFORMATION = assigned(0x2a14);

/** Time sources 0–7; everything above is reserved. */
const SOURCES: readonly string[] = [
  'unknown source',
  'network time protocol',
  'GPS',
  'radio time signal',
  'set by hand',
  'atomic clock',
  'cellular network',
  'not synchronised',
];
/** Accuracy is in steps of 1/8 s up to here; 254 is "further off", 255 "not known". */
const MAX_ACCURACY = 253;
/** Days and hours since the last update: 255 is "255 or more" for both. */
const LONG_AGO = 255;

/** Date Time, day of week, 1/256 s, reason of the last adjustment: 10 bytes. */
function decodeCurrentTime(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'current time');
  const calendar = readCalendar(fields);
  fields.skip(1);
  const fraction = (fields.u8() * 1000) / 256;
  fields.skip(1);
  const time = calendar && localTime(calendar) + fraction;
  return fields.finish({ readings: [], facts: [{ kind: 'calendar', time }] });
}

/** Time zone in quarters of an hour, daylight saving in quarters of an hour. */
function decodeLocalTime(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'local time information');
  const zone = zoneOffset(fields.i8());
  const saving = savingOffset(fields.u8());
  const whole = fields.finish(undefined);
  if (!whole.ok) return whole;
  if (zone === undefined) return ok(NOTHING);
  const daylight = saving === undefined || saving === 0 ? '' : `, daylight saving ${offsetText(saving)}`;
  return ok({ readings: [], facts: [deviceFact('time zone', `UTC${offsetText(zone)}${daylight}`)] });
}

/** Source of the time, its accuracy in 1/8 s, days and hours since it was last set. */
function decodeReference(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'reference time information');
  const source = SOURCES[fields.u8()] ?? 'unknown source';
  const accuracy = fields.u8();
  const days = fields.u8();
  const hours = fields.u8();
  const parts = [
    source,
    ...(accuracy > MAX_ACCURACY ? [] : [`within ${accuracy / 8} s`]),
    days === LONG_AGO || hours === LONG_AGO ? 'set over 255 days ago' : `set ${days} d ${hours} h ago`,
  ];
  return fields.finish({ readings: [], facts: [deviceFact('calendar set by', parts.join(', '))] });
}

function fact(
  uuid: string,
  name: string,
  use: CharacteristicSpec['use'],
  decode: (bytes: DataView) => Result<Decoded, DecodeError>,
): CharacteristicSpec {
  return { uuid, name, use, attributes: [], onFull: 'coalesce', makeDecoder: () => decode };
}

export const currentTimeProfile: Profile = {
  service: CURRENT_TIME_SERVICE,
  name: 'Current time',
  advertised: false,
  sensorType: 'clock',
  characteristics: [
    fact(CURRENT_TIME, 'Current time', 'read-notify', decodeCurrentTime),
    fact(LOCAL_TIME_INFORMATION, 'Local time information', 'read', decodeLocalTime),
    fact(REFERENCE_TIME_INFORMATION, 'Reference time information', 'read', decodeReference),
  ],
};

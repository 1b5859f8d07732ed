/**
 * Location and Navigation service 0x1819: location and speed 2A67, position quality 2A69, feature 2A6A, navigation 2A68.
 * Source: Bluetooth SIG, Location and Navigation Service 1.0 §3 and GATT Specification Supplement (Location and Speed,
 * Position Quality, LN Feature, Navigation). The control point 2A6B steers routes and masks and is not used.
 */
import type { Json } from '../../model/block.ts';
import type { Result } from '../../model/result.ts';
import { payloadAtArrival } from './at-arrival.ts';
import { calendarText, readCalendar, zonedTime } from './date-time.ts';
import { FieldReader } from './field-reader.ts';
import { assigned, type Decoded, type DecodeError, type Profile } from './profile.ts';
import { bitNames, deviceFact, known, listText, spotPayload, spotSample } from './spot.ts';

const LOCATION_SERVICE = assigned(0x1819);
export const LOCATION_AND_SPEED = assigned(0x2a67);
export const NAVIGATION = assigned(0x2a68);
export const POSITION_QUALITY = assigned(0x2a69);
export const LN_FEATURE = assigned(0x2a6a);

/** Bits 9–12 (2D or 3D, source of elevation and heading) say how a value was found and are passed over. */
const LOCATION_FLAG = {
  speed: 0x01,
  distance: 0x02,
  location: 0x04,
  elevation: 0x08,
  heading: 0x10,
  rollingTime: 0x20,
  utc: 0x40,
} as const;
const LOCATION_STATUS_SHIFT = 7;
const QUALITY_FLAG = {
  beaconsInSolution: 0x01,
  beaconsInView: 0x02,
  timeToFirstFix: 0x04,
  horizontalError: 0x08,
  verticalError: 0x10,
  hdop: 0x20,
  vdop: 0x40,
} as const;
const QUALITY_STATUS_SHIFT = 7;
const NAVIGATION_FLAG = {
  distance: 0x01,
  verticalDistance: 0x02,
  arrival: 0x04,
  compass: 0x20,
  toDestination: 0x40,
  waypointReached: 0x80,
  destinationReached: 0x100,
} as const;
const NAVIGATION_STATUS_SHIFT = 3;

const STATUS = ['no_position', 'ok', 'estimated', 'last_known'] as const;
const statusOf = (flags: number, shift: number): (typeof STATUS)[number] => STATUS[(flags >> shift) & 3] ?? 'ok';

/** Degrees on the globe, from 10⁻⁷°. */
const DEGREE_STEPS = 1e7;
const FEATURES: readonly string[] = [
  'speed',
  'total distance',
  'location',
  'elevation',
  'heading',
  'rolling time',
  'UTC time',
  'remaining distance',
  'remaining vertical distance',
  'estimated time of arrival',
  'beacons in solution',
  'beacons in view',
  'time to first fix',
  'horizontal error',
  'vertical error',
  'HDOP',
  'VDOP',
];

/** Reads a field if its bit is set. */
function given<T>(flags: number, bit: number, read: () => T): T | undefined {
  return (flags & bit) === 0 ? undefined : read();
}

/**
 * 2A67. Out: speed m/s, distance m, altitude m, heading °, and the position as the platform's geolocation object with
 * `position_status` ok, estimated or last_known; dated by the packet's UTC time if it has one (whole seconds). Without a
 * position (status no_position) the fields of the position mean nothing and yield no sample.
 */
function decodeLocation(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'location and speed');
  const flags = fields.u16();
  const speed = given(flags, LOCATION_FLAG.speed, () => fields.u16() / 100);
  const distance = given(flags, LOCATION_FLAG.distance, () => fields.u24() / 10);
  const position = given(flags, LOCATION_FLAG.location, () => ({
    latitude: fields.i32() / DEGREE_STEPS,
    longitude: fields.i32() / DEGREE_STEPS,
  }));
  const altitude = given(flags, LOCATION_FLAG.elevation, () => fields.i24() / 100);
  const heading = given(flags, LOCATION_FLAG.heading, () => fields.u16() / 100);
  if ((flags & LOCATION_FLAG.rollingTime) !== 0) fields.skip(1);
  const calendar = given(flags, LOCATION_FLAG.utc, () => readCalendar(fields));
  const time = calendar && zonedTime(calendar, 0);
  const status = statusOf(flags, LOCATION_STATUS_SHIFT);
  const isKnown = status !== 'no_position';
  const geolocation = known({ ...position, altitude, speed, heading, position_status: status });
  return fields.finish({
    readings: [
      ...spotSample('speed', speed, time),
      ...spotSample('distance', distance, time),
      ...spotSample('altitude', isKnown ? altitude : undefined, time),
      ...spotSample('heading', heading, time),
      ...(position && isKnown && isOnGlobe(position) ? [spotPayload('geolocation', geolocation, time)] : []),
    ],
    facts: [],
  });
}

function isOnGlobe({ latitude, longitude }: { readonly latitude: number; readonly longitude: number }): boolean {
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
}

/** 2A69, one object: counts of beacons, `time_to_first_fix` s, `ehpe` and `evpe` m, `hdop`, `vdop` (steps of 0.2). */
function decodeQuality(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'position quality');
  const flags = fields.u16();
  const payload = known({
    position_status: statusOf(flags, QUALITY_STATUS_SHIFT),
    beacons_in_solution: given(flags, QUALITY_FLAG.beaconsInSolution, () => fields.u8()),
    beacons_in_view: given(flags, QUALITY_FLAG.beaconsInView, () => fields.u8()),
    time_to_first_fix: given(flags, QUALITY_FLAG.timeToFirstFix, () => fields.u16() / 10),
    ehpe: given(flags, QUALITY_FLAG.horizontalError, () => fields.u32() / 100),
    evpe: given(flags, QUALITY_FLAG.verticalError, () => fields.u32() / 100),
    hdop: given(flags, QUALITY_FLAG.hdop, () => fields.u8() / 5),
    vdop: given(flags, QUALITY_FLAG.vdop, () => fields.u8() / 5),
  });
  return fields.finish({ readings: [payloadAtArrival('position_quality', payload)], facts: [] });
}

/**
 * 2A68, one object: `bearing` and `heading` °, `remaining_distance` and `remaining_vertical_distance` m,
 * `estimated_arrival` as the device's display shows it, and what the flags say.
 */
function decodeNavigation(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'navigation');
  const flags = fields.u16();
  const bearing = fields.u16() / 100;
  const heading = fields.u16() / 100;
  const remaining = given(flags, NAVIGATION_FLAG.distance, () => fields.u24() / 10);
  const vertical = given(flags, NAVIGATION_FLAG.verticalDistance, () => fields.i24() / 100);
  const arrival = given(flags, NAVIGATION_FLAG.arrival, () => readCalendar(fields));
  const payload: Json = known({
    bearing,
    heading,
    remaining_distance: remaining,
    remaining_vertical_distance: vertical,
    estimated_arrival: arrival && calendarText(arrival),
    position_status: statusOf(flags, NAVIGATION_STATUS_SHIFT),
    heading_from: (flags & NAVIGATION_FLAG.compass) === 0 ? 'movement' : 'compass',
    towards: (flags & NAVIGATION_FLAG.toDestination) === 0 ? 'waypoint' : 'destination',
    waypoint_reached: (flags & NAVIGATION_FLAG.waypointReached) !== 0,
    destination_reached: (flags & NAVIGATION_FLAG.destinationReached) !== 0,
  });
  return fields.finish({ readings: [payloadAtArrival('navigation', payload)], facts: [] });
}

function decodeFeature(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'location features');
  const bits = fields.u32();
  return fields.finish({
    readings: [],
    facts: [deviceFact('location features', listText(bitNames(bits, FEATURES)))],
  });
}

const plain = (id: string, samplingRate: number) => ({ attribute: id, attributeType: id, samplingRate });

export const locationNavigationProfile: Profile = {
  service: LOCATION_SERVICE,
  name: 'Location and navigation',
  advertised: true,
  sensorType: 'location_sensor',
  characteristics: [
    {
      uuid: LOCATION_AND_SPEED,
      name: 'Location and speed',
      use: 'notify',
      attributes: ['speed', 'distance', 'altitude', 'heading', 'geolocation'].map((id) => plain(id, 1)),
      onFull: 'keep',
      makeDecoder: () => decodeLocation,
    },
    {
      uuid: NAVIGATION,
      name: 'Navigation',
      use: 'notify',
      attributes: [plain('navigation', 0)],
      onFull: 'keep',
      makeDecoder: () => decodeNavigation,
    },
    {
      uuid: POSITION_QUALITY,
      name: 'Position quality',
      use: 'read',
      attributes: [plain('position_quality', 0)],
      onFull: 'coalesce',
      makeDecoder: () => decodeQuality,
    },
    {
      uuid: LN_FEATURE,
      name: 'Location features',
      use: 'read',
      attributes: [],
      onFull: 'coalesce',
      makeDecoder: () => decodeFeature,
    },
  ],
};

/**
 * Calendars of devices. Source: Bluetooth SIG, GATT Specification Supplement, Date Time, Time Zone, DST Offset.
 */
import type { FieldReader } from './field-reader.ts';

const MS_PER_MINUTE = 60_000;
/** Time zones come in quarters of an hour. */
const MS_PER_QUARTER = 15 * MS_PER_MINUTE;
/** The Gregorian calendar's first year; below it the specification allows only 0, "not known". */
const FIRST_YEAR = 1582;
const LAST_YEAR = 9999;

/** What a device's clock shows, without a time zone. Month 1–12. */
export interface CalendarTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

/**
 * Reads a Date Time (7 bytes).
 * @returns undefined where year, month or day is 0 (not known), or where there is no such date: the packet's other
 * fields are worth having, and the arrival time is then the better date.
 */
export function readCalendar(fields: FieldReader): CalendarTime | undefined {
  const time: CalendarTime = {
    year: fields.u16(),
    month: fields.u8(),
    day: fields.u8(),
    hours: fields.u8(),
    minutes: fields.u8(),
    seconds: fields.u8(),
  };
  return isPossible(time) ? time : undefined;
}

function isPossible({ year, month, day, hours, minutes, seconds }: CalendarTime): boolean {
  if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12) return false;
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return day >= 1 && day <= daysInMonth && hours < 24 && minutes < 60 && seconds < 60;
}

/** Unix ms of a calendar time read as local time of this machine. */
export function localTime({ year, month, day, hours, minutes, seconds }: CalendarTime): number {
  return new Date(year, month - 1, day, hours, minutes, seconds).getTime();
}

/**
 * Unix ms of a calendar time at a known distance from UTC.
 * @param offset ms east of UTC, daylight saving included
 */
export function zonedTime({ year, month, day, hours, minutes, seconds }: CalendarTime, offset: number): number {
  return Date.UTC(year, month - 1, day, hours, minutes, seconds) - offset;
}

/** Reads a Date Time as local time, Unix ms; undefined where the device does not know it. */
export function readLocalTime(fields: FieldReader): number | undefined {
  const time = readCalendar(fields);
  return time && localTime(time);
}

/** ms east of UTC of a Time Zone (quarters of an hour, −48…56); undefined for −128, not known, and reserved values. */
export function zoneOffset(quarters: number): number | undefined {
  return quarters >= -48 && quarters <= 56 ? quarters * MS_PER_QUARTER : undefined;
}

/** ms that a DST Offset adds: 0, ½, 1 or 2 h; undefined for 255, not known, and reserved values. */
export function savingOffset(quarters: number): number | undefined {
  return [0, 2, 4, 8].includes(quarters) ? quarters * MS_PER_QUARTER : undefined;
}

/** `2024-01-31 18:05:09`, as the device's own display would show it. */
export function calendarText({ year, month, day, hours, minutes, seconds }: CalendarTime): string {
  return `${[year, two(month), two(day)].join('-')} ${[hours, minutes, seconds].map(two).join(':')}`;
}

/** `+01:00`, `−03:30`. */
export function offsetText(ms: number): string {
  const minutes = Math.abs(ms) / MS_PER_MINUTE;
  return `${ms < 0 ? '−' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

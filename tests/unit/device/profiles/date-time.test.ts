import { describe, expect, it } from 'vitest';
import {
  calendarText,
  localTime,
  offsetText,
  readCalendar,
  readLocalTime,
  savingOffset,
  zonedTime,
  zoneOffset,
} from '../../../../src/device/profiles/date-time.ts';
import { FieldReader } from '../../../../src/device/profiles/field-reader.ts';
import { PacketBuilder, type DateFields } from '../../../support/packet.ts';

function read(date: DateFields) {
  return readCalendar(new FieldReader(new PacketBuilder().date(date).view, 'date'));
}

describe('calendar of a device', () => {
  it('knows every day of 2023 and 2024, and no other', () => {
    let days = 0;
    for (const year of [2023, 2024])
      for (let month = 0; month <= 13; month++)
        for (let day = 0; day <= 32; day++) {
          const date = new Date(year, month - 1, day, 12);
          const isDay = date.getFullYear() === year && date.getMonth() === month - 1 && date.getDate() === day;
          const time = read([year, month, day, 12, 0, 0]);
          expect(time && localTime(time), `${year}-${month}-${day}`).toBe(isDay ? date.getTime() : undefined);
          if (isDay) days += 1;
        }
    expect(days).toBe(365 + 366);
  });

  it('has no date in a packet that is cut', () => {
    const fields = new FieldReader(new DataView(new ArrayBuffer(6)), 'date');
    expect(readLocalTime(fields)).toBeUndefined();
    expect(fields.isShort).toBe(true);
  });

  it('is exact where the distance from UTC is known', () => {
    const time = read([2024, 1, 1, 1, 30, 0]);
    expect(time && zonedTime(time, 2 * 3_600_000)).toBe(Date.UTC(2023, 11, 31, 23, 30));
  });

  it('shows what the device shows', () => {
    const time = read([2024, 1, 2, 3, 4, 5]);
    expect(time && calendarText(time)).toBe('2024-01-02 03:04:05');
  });
});

describe('distance from UTC', () => {
  it.each([
    [0, '+00:00'],
    [22, '+05:30'],
    [23, '+05:45'],
    [-14, '−03:30'],
    [56, '+14:00'],
    [-48, '−12:00'],
  ])('of zone %i is %s', (quarters, text) => {
    const offset = zoneOffset(quarters);
    expect(offset !== undefined && offsetText(offset)).toBe(text);
  });

  it('is not known for −128 and reserved values', () => {
    for (const quarters of [-128, -49, 57, 127]) expect(zoneOffset(quarters)).toBeUndefined();
    for (const quarters of [1, 3, 5, 9, 255]) expect(savingOffset(quarters)).toBeUndefined();
    expect([0, 2, 4, 8].map(savingOffset)).toEqual([0, 1_800_000, 3_600_000, 7_200_000]);
  });
});

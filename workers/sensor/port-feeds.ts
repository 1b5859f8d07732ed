/**
 * Sensors that are fed by another worker of the tab: one port each. What arrives is looked at lightly, as it comes from code
 * of ours, but never believed to be what it should be: it goes to the log. Fetched when needed.
 */
import type { Clock } from '../../src/lib/timers.ts';
import { isAttributeId } from '../../src/model/attribute.ts';
import type { Reading, Timing } from '../../src/model/reading.ts';
import type { PortReadings } from '../../src/model/reading-port.ts';
import type { AttributeRegistration, SensorId } from '../../src/model/sensor.ts';
import type { SourceNotes } from '../../src/model/source-notes.ts';
import type { Plug } from './tabs/ports.ts';

type Feed = Parameters<Plug>[0];

export class PortFeeds {
  readonly #clock: Clock;
  readonly #ports = new Map<SensorId, MessagePort>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on the sensor is fed from this port, and from no other; undefined: from none. */
  plug(feed: Feed, sensorId: SensorId, port: MessagePort | undefined): void {
    this.#ports.get(sensorId)?.close();
    this.#ports.delete(sensorId);
    if (!port) return;
    this.#ports.set(sensorId, port);
    // Setting the handler lets out what was posted before.
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      // A closed port may still have one on its way.
      if (this.#ports.get(sensorId) !== port) return;
      if (isPortReadings(data)) feed.ingestReadings(sensorId, data.readings, data.attributes, data.arrival, data.notes);
      else feed.ingestReadings(sensorId, [], [], this.#clock.now(), UNREADABLE);
    };
  }
}

const UNREADABLE: SourceNotes = { lost: {}, problems: { 'wire-shape': 1 }, device: {} };

/** Whether a message is what one worker posts to another. Payloads are JSON by the other side's word. */
export function isPortReadings(message: unknown): message is PortReadings {
  if (!isFields(message)) return false;
  const { readings, attributes, arrival, notes } = message;
  return (
    Number.isFinite(arrival) &&
    Array.isArray(readings) &&
    readings.every(isReading) &&
    Array.isArray(attributes) &&
    attributes.every(isRegistration) &&
    (notes === undefined || isNotes(notes))
  );
}

function isReading(value: unknown): value is Reading {
  if (!isFields(value) || !isAttributeId(value['attribute'])) return false;
  const { kind, values, fields, payloads, timing } = value;
  if (kind === 'structured') return Array.isArray(payloads) && isTiming(timing, payloads.length);
  if (kind !== 'numeric' || !(values instanceof Float32Array)) return false;
  if (fields === undefined) return isTiming(timing, values.length);
  if (!Array.isArray(fields) || fields.length === 0 || !fields.every((name) => typeof name === 'string')) return false;
  return values.length % fields.length === 0 && isTiming(timing, values.length / fields.length);
}

/** @param samples that are to be dated, so many */
function isTiming(value: unknown, samples: number): value is Timing {
  if (!isFields(value)) return false;
  const areDates = (dates: unknown): boolean =>
    dates instanceof Float64Array && dates.length === samples && dates.every(Number.isFinite);
  switch (value['kind']) {
    case 'arrival':
      return true;
    case 'intervals':
      return areDates(value['intervals']);
    case 'device':
      return typeof value['clock'] === 'string' && areDates(value['times']);
    case 'host':
    case 'calendar':
      return areDates(value['times']);
    default:
      return false;
  }
}

function isRegistration(value: unknown): value is AttributeRegistration {
  if (!isFields(value)) return false;
  const { attribute, attributeType, samplingRate, ring } = value;
  const isCount = Number.isSafeInteger(ring) && Number(ring) >= 0;
  return (
    isAttributeId(attribute) &&
    typeof attributeType === 'string' &&
    Number.isFinite(samplingRate) &&
    (ring === undefined || isCount)
  );
}

function isNotes(value: unknown): value is SourceNotes {
  return isFields(value) && ['lost', 'problems', 'device'].every((part) => isFields(value[part]));
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

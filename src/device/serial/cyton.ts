/**
 * OpenBCI Cyton (8 channels): packets of 33 bytes at 250 Hz over the radio dongle, started with `b`, stopped with `s`.
 * 0xA0, sample counter, 8 × int24 big-endian, 3 × int16 big-endian, footer 0xC0–0xC6 that says what the last six bytes are.
 * Source: OpenBCI documentation, "Cyton Data Format", binary format and interpreting the EEG and accelerometer data.
 * Checked against that description only, not on hardware. Sixteen channels (Daisy) share packets and are not told apart.
 */
import type { Reading, Timing } from '../../model/reading.ts';
import type { AttributeRegistration } from '../../model/sensor.ts';
import type { Batch, FormReader, Lost, Problem } from './batch.ts';

export const CYTON_PACKET = 33;
const HEADER = 0xa0;
const FOOTER_MIN = 0xc0;
const FOOTER_MAX = 0xc6;
/** The last six bytes are the accelerometer; zero while it has nothing new (it measures at 25 Hz). */
const FOOTER_ACCELERATION = 0xc0;
const CHANNELS = 8;
const RATE = 250;
const PERIOD = 1000 / RATE;
const COUNTER = 0x100;
/** µV of a step: 4.5 V reference, gain 24, 24 bits with sign. */
const MICROVOLTS = (4.5 / 24 / (2 ** 23 - 1)) * 1e6;
/** m/s² of a step: 0.002 g / 2⁴. */
const ACCELERATION = (0.002 / 2 ** 4) * 9.80665;
const ACCELERATION_RATE = 25;
const XYZ = ['x', 'y', 'z'] as const;

export const CYTON_START = 'b';
export const CYTON_STOP = 's';

const ATTRIBUTES: readonly AttributeRegistration[] = [
  ...Array.from({ length: CHANNELS }, (_, i) => ({
    attribute: `eeg_${i + 1}`,
    attributeType: 'eeg',
    samplingRate: RATE,
  })),
  { attribute: 'accelerometer', attributeType: 'accelerometer', samplingRate: ACCELERATION_RATE },
];

/** True if bytes at `at` are bounded like a packet. */
export function isCytonPacket(bytes: Uint8Array, at: number): boolean {
  const footer = bytes[at + CYTON_PACKET - 1] ?? 0;
  return bytes[at] === HEADER && footer >= FOOTER_MIN && footer <= FOOTER_MAX;
}

/** What one call gathers. */
interface Columns {
  readonly eeg: readonly number[][];
  readonly times: number[];
  readonly acceleration: number[];
  readonly accelerationTimes: number[];
  lost: number;
  readonly problems: Problem[];
}

/** A reader with the memory of one connection. */
export function createCytonReader(): FormReader {
  return new CytonReader();
}

class CytonReader implements FormReader {
  #rest = new Uint8Array();
  /** The packet before ended where the next one has to begin. */
  #inStep = false;
  /** Bytes passed over since the last packet. */
  #skipped = 0;
  #hasBegun = false;
  /** Counter, place among all packets, and arrival (Unix ms) of the last packet. */
  #last: { readonly counter: number; readonly place: number; readonly arrival: number } | undefined;

  take(bytes: Uint8Array, arrival: number): Batch {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const columns = newColumns();
    let at = 0;
    for (; all.length - at >= this.#needed(); at++) {
      if (!this.#isPacket(all, at)) {
        this.#inStep = false;
        this.#skipped += 1;
        continue;
      }
      this.#begin(columns);
      this.#packet(new DataView(all.buffer, at, CYTON_PACKET), arrival, columns);
      at += CYTON_PACKET - 1;
    }
    this.#rest = all.slice(at);
    return toBatch(columns);
  }

  /** Out of step, the next packet's first byte has to fit too: samples may look like a header. */
  #needed(): number {
    return this.#inStep ? CYTON_PACKET : CYTON_PACKET + 1;
  }

  #isPacket(bytes: Uint8Array, at: number): boolean {
    return isCytonPacket(bytes, at) && (this.#inStep || bytes[at + CYTON_PACKET] === HEADER);
  }

  #begin({ problems }: Columns): void {
    // What the board says before it streams is no damage.
    if (this.#skipped > 0 && this.#hasBegun) {
      problems.push({ code: 'decode-reserved', detail: `Cyton: ${this.#skipped} bytes between packets` });
    }
    this.#skipped = 0;
    this.#inStep = true;
    this.#hasBegun = true;
  }

  #packet(view: DataView, arrival: number, columns: Columns): void {
    const place = this.#place(view.getUint8(1), arrival, columns);
    columns.times.push(place * PERIOD);
    columns.eeg.forEach((column, i) => column.push(int24(view, 2 + 3 * i) * MICROVOLTS));
    if (view.getUint8(CYTON_PACKET - 1) !== FOOTER_ACCELERATION) return;
    const axes = XYZ.map((_, i) => view.getInt16(26 + 2 * i));
    if (axes.every((axis) => axis === 0)) return;
    columns.acceleration.push(...axes.map((axis) => axis * ACCELERATION));
    columns.accelerationTimes.push(place * PERIOD);
  }

  /** The counter comes round every 1.024 s: how many rounds are missing is what the time between says. */
  #place(counter: number, arrival: number, columns: Columns): number {
    const last = this.#last;
    let place = 0;
    if (last) {
      const step = (counter - last.counter + COUNTER) % COUNTER || COUNTER;
      const expected = (arrival - last.arrival) / PERIOD;
      const rounds = Math.max(0, Math.round((expected - step) / COUNTER));
      const steps = step + rounds * COUNTER;
      columns.lost += steps - 1;
      place = last.place + steps;
    }
    this.#last = { counter, place, arrival };
    return place;
  }
}

function newColumns(): Columns {
  const eeg = Array.from({ length: CHANNELS }, (): number[] => []);
  return { eeg, times: [], acceleration: [], accelerationTimes: [], lost: 0, problems: [] };
}

function int24(view: DataView, at: number): number {
  return (view.getInt8(at) << 16) | view.getUint16(at + 1);
}

function toBatch({ eeg, times, acceleration, accelerationTimes, lost, problems }: Columns): Batch {
  const timing: Timing = { kind: 'device', clock: 'cyton', times: Float64Array.from(times) };
  const readings: Reading[] =
    times.length === 0
      ? []
      : eeg.map((column, i) => ({
          kind: 'numeric',
          attribute: `eeg_${i + 1}`,
          values: Float32Array.from(column),
          timing,
        }));
  if (acceleration.length > 0) {
    readings.push({
      kind: 'numeric',
      attribute: 'accelerometer',
      fields: XYZ,
      values: Float32Array.from(acceleration),
      timing: { kind: 'device', clock: 'cyton', times: Float64Array.from(accelerationTimes) },
    });
  }
  const missing: Lost[] = lost === 0 ? [] : eeg.map((_, i) => ({ attribute: `eeg_${i + 1}`, samples: lost }));
  return { readings, attributes: ATTRIBUTES, lost: missing, problems, texts: [] };
}

/**
 * The baseline of the decode rows: decoders as one writes them first, from the same texts. Each value is read through a
 * DataView and becomes an object of its own. They trust the device: no lengths, no flags that make no sense, no losses,
 * no numbers that are none.
 */

/** A sample as the simplest client keeps it. */
export interface PlainSample {
  readonly attribute: string;
  readonly value: number | { readonly [field: string]: number };
  /** ms on the device's clock, or the arrival. */
  readonly time: number;
}

/** Decodes one packet. `arrival`: Unix ms. */
export type PlainDecoder = (bytes: DataView, arrival: number) => PlainSample[];

const GRAVITY = 9.80665;
const DEGREE = Math.PI / 180;

/** Heart Rate Measurement 2A37. */
export function heartRate(bytes: DataView, arrival: number): PlainSample[] {
  const samples: PlainSample[] = [];
  const flags = bytes.getUint8(0);
  let at = 1;
  const rate = flags & 1 ? bytes.getUint16(at, true) : bytes.getUint8(at);
  at += flags & 1 ? 2 : 1;
  samples.push({ attribute: 'heartrate', value: rate, time: arrival });
  if (flags & 8) {
    samples.push({ attribute: 'energy_expended', value: bytes.getUint16(at, true), time: arrival });
    at += 2;
  }
  if (flags & 16) {
    for (; at + 2 <= bytes.byteLength; at += 2) {
      const value = (bytes.getUint16(at, true) / 1024) * 1000;
      samples.push({ attribute: 'rr_interval', value, time: arrival });
    }
  }
  return samples;
}

/** PMD ECG, frame type 0: 24-bit µV. */
export function polarEcg(bytes: DataView): PlainSample[] {
  const samples: PlainSample[] = [];
  const stamp = Number(bytes.getBigUint64(1, true)) / 1e6;
  const count = Math.floor((bytes.byteLength - 10) / 3);
  for (let i = 0; i < count; i++) {
    const at = 10 + 3 * i;
    const microvolts = (bytes.getInt8(at + 2) << 16) | bytes.getUint16(at, true);
    samples.push({ attribute: 'ecg', value: microvolts / 1000, time: stamp - ((count - 1 - i) * 1000) / 130 });
  }
  return samples;
}

/** PMD acceleration, compressed, type 1: mg of 16 bits, then groups of differences, read bit by bit. */
export function polarAcceleration(bytes: DataView): PlainSample[] {
  const samples: PlainSample[] = [];
  const stamp = Number(bytes.getBigUint64(1, true)) / 1e6;
  const vectors: { x: number; y: number; z: number }[] = [];
  let last = { x: bytes.getInt16(10, true), y: bytes.getInt16(12, true), z: bytes.getInt16(14, true) };
  vectors.push(last);
  let at = 16;
  while (at < bytes.byteLength) {
    const bits = bytes.getUint8(at);
    const count = bytes.getUint8(at + 1);
    let bit = (at + 2) * 8;
    const difference = (): number => {
      let value = 0;
      for (let i = 0; i < bits; i++, bit++) value |= ((bytes.getUint8(bit >> 3) >> (bit & 7)) & 1) << i;
      return (value << (32 - bits)) >> (32 - bits);
    };
    for (let i = 0; i < count; i++) {
      last = { x: last.x + difference(), y: last.y + difference(), z: last.z + difference() };
      vectors.push(last);
    }
    at += 2 + Math.ceil((bits * count * 3) / 8);
  }
  for (const [i, { x, y, z }] of vectors.entries()) {
    const value = { x: (x / 1000) * GRAVITY, y: (y / 1000) * GRAVITY, z: (z / 1000) * GRAVITY };
    samples.push({ attribute: 'accelerometer', value, time: stamp - ((vectors.length - 1 - i) * 1000) / 50 });
  }
  return samples;
}

/** GSP ECG: stamp, 16 counts of 32 bits. */
export function movesenseEcg(bytes: DataView): PlainSample[] {
  const samples: PlainSample[] = [];
  const stamp = bytes.getUint32(2, true);
  for (let i = 0; i < 16; i++) {
    const value = (bytes.getInt32(6 + 4 * i, true) * 50) / 2 ** 17;
    samples.push({ attribute: 'ecg', value, time: stamp + (i * 1000) / 128 });
  }
  return samples;
}

/** GSP motion: stamp, four vectors of each of three sensors. */
export function movesenseMotion(bytes: DataView): PlainSample[] {
  const samples: PlainSample[] = [];
  const stamp = bytes.getUint32(2, true);
  let at = 6;
  for (const attribute of ['accelerometer', 'gyroscope', 'magnetometer']) {
    const scale = attribute === 'gyroscope' ? DEGREE : 1;
    for (let i = 0; i < 4; i++, at += 12) {
      const value = {
        x: bytes.getFloat32(at, true) * scale,
        y: bytes.getFloat32(at + 4, true) * scale,
        z: bytes.getFloat32(at + 8, true) * scale,
      };
      samples.push({ attribute, value, time: stamp + (i * 1000) / 52 });
    }
  }
  return samples;
}

/** Muse EEG: packet number, twelve samples of 12 bits. */
export function museEeg(bytes: DataView): PlainSample[] {
  const samples: PlainSample[] = [];
  const count = bytes.getUint16(0);
  for (let i = 0; i < 12; i += 2) {
    const both = (bytes.getUint16(2 + (i / 2) * 3) << 8) | bytes.getUint8(4 + (i / 2) * 3);
    const time = ((count * 12 + i) * 1000) / 256;
    samples.push({ attribute: 'eeg_tp9', value: ((both >> 12) - 2048) * 0.48828125, time });
    samples.push({ attribute: 'eeg_tp9', value: ((both & 0xfff) - 2048) * 0.48828125, time: time + 1000 / 256 });
  }
  return samples;
}

/** Thingy:52 raw motion: three vectors of 16-bit fixed point. */
export function thingyMotion(bytes: DataView, arrival: number): PlainSample[] {
  const vector = (at: number, scale: number): { x: number; y: number; z: number } => ({
    x: bytes.getInt16(at, true) * scale,
    y: bytes.getInt16(at + 2, true) * scale,
    z: bytes.getInt16(at + 4, true) * scale,
  });
  return [
    { attribute: 'accelerometer', value: vector(0, GRAVITY / 1024), time: arrival },
    { attribute: 'gyroscope', value: vector(6, DEGREE / 32), time: arrival },
    { attribute: 'magnetometer', value: vector(12, 1 / 16), time: arrival },
  ];
}

/** CSC Measurement 2A5B of a sensor for wheel and crank, always turning. */
export function makeCyclingSpeed(): PlainDecoder {
  let last: { wheel: number; wheelTime: number; crank: number; crankTime: number } | undefined;
  return (bytes, time) => {
    const wheel = bytes.getUint32(1, true);
    const wheelTime = bytes.getUint16(5, true);
    const crank = bytes.getUint16(7, true);
    const crankTime = bytes.getUint16(9, true);
    const samples: PlainSample[] = [];
    if (last) {
      const turns = (wheel - last.wheel) / (((wheelTime - last.wheelTime) & 0xffff) / 1024);
      const strokes = ((crank - last.crank) & 0xffff) / (((crankTime - last.crankTime) & 0xffff) / 1024);
      samples.push({ attribute: 'cycling_speed', value: turns * 2.105, time });
      samples.push({ attribute: 'cycling_cadence', value: strokes * 60, time });
    }
    samples.push({ attribute: 'cycling_distance', value: wheel * 2.105, time });
    last = { wheel, wheelTime, crank, crankTime };
    return samples;
  };
}

/** Cycling Power Measurement 2A63 with balance, torque and crank, always turning. */
export function makeCyclingPower(): PlainDecoder {
  let last: { crank: number; crankTime: number } | undefined;
  return (bytes, time) => {
    const flags = bytes.getUint16(0, true);
    const samples: PlainSample[] = [{ attribute: 'cycling_power', value: bytes.getInt16(2, true), time }];
    let at = 4;
    if (flags & 1) {
      const attribute = flags & 2 ? 'left_pedal_balance' : 'pedal_balance';
      samples.push({ attribute, value: bytes.getUint8(at) / 2, time });
      at += 1;
    }
    if (flags & 4) {
      const attribute = flags & 8 ? 'crank_torque_sum' : 'wheel_torque_sum';
      samples.push({ attribute, value: bytes.getUint16(at, true) / 32, time });
      at += 2;
    }
    if (flags & 32) {
      const crank = bytes.getUint16(at, true);
      const crankTime = bytes.getUint16(at + 2, true);
      if (last) {
        const strokes = ((crank - last.crank) & 0xffff) / (((crankTime - last.crankTime) & 0xffff) / 1024);
        samples.push({ attribute: 'power_meter_cadence', value: strokes * 60, time });
      }
      last = { crank, crankTime };
    }
    return samples;
  };
}

/** Temperature 2A6E. */
export function temperature(bytes: DataView, time: number): PlainSample[] {
  return [{ attribute: 'temperature', value: bytes.getInt16(0, true) / 100, time }];
}

/** Lines of `name:number,name:number`, split over packets as it happens. */
export function makeLines(): PlainDecoder {
  const decoder = new TextDecoder();
  let rest = '';
  return (bytes, time) => {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    const samples: PlainSample[] = [];
    for (const line of lines) {
      for (const pair of line.trim().split(',')) {
        const [attribute = '', text = ''] = pair.split(':');
        samples.push({ attribute, value: Number(text), time });
      }
    }
    return samples;
  };
}

/** OpenBCI Cyton: packets of 33 bytes, big-endian; each read of the port brings whole ones. */
export function cyton(bytes: DataView, arrival: number): PlainSample[] {
  const samples: PlainSample[] = [];
  for (let packet = 0; packet + 33 <= bytes.byteLength; packet += 33) {
    for (let channel = 0; channel < 8; channel++) {
      const at = packet + 2 + 3 * channel;
      const raw = (bytes.getInt8(at) << 16) | bytes.getUint16(at + 1);
      samples.push({ attribute: `eeg_${channel + 1}`, value: raw * ((4.5 / 24 / (2 ** 23 - 1)) * 1e6), time: arrival });
    }
    const axis = (i: number): number => bytes.getInt16(packet + 26 + 2 * i) * (0.002 / 16) * GRAVITY;
    const value = { x: axis(0), y: axis(1), z: axis(2) };
    if (value.x !== 0 || value.y !== 0 || value.z !== 0) {
      samples.push({ attribute: 'accelerometer', value, time: arrival });
    }
  }
  return samples;
}

/** A device of every family from the chooser to the gateway, through the browser's real Bluetooth stack. */
import cyclingPower from '../fixtures/profiles/cycling-power.ts';
import glucose from '../fixtures/profiles/glucose.ts';
import healthThermometer from '../fixtures/profiles/health-thermometer.ts';
import microbit from '../fixtures/profiles/microbit.ts';
import movesensePackets from '../fixtures/profiles/movesense.ts';
import musePackets from '../fixtures/profiles/muse.ts';
import { expect, again, golden, test } from './support/families.ts';
import { MICROBIT, microbitBoard, textPackets, UART_TX, uartBoard } from './support/peripherals/boards.ts';
import { powerMeter } from './support/peripherals/fitness.ts';
import { GLUCOSE, glucoseMeter, TEMPERATURE, thermometer } from './support/peripherals/health.ts';
import { movesense, MOVESENSE } from './support/peripherals/movesense.ts';
import { MUSE, museBand } from './support/peripherals/muse.ts';
import { bytes, hex } from './support/peripherals/parts.ts';
import { accelerationFrame, ecgFrame, HEART_RATE, POLAR, polarH10 } from './support/peripherals/polar.ts';

test('health: a thermometer, and a glucose meter that is asked for each record once', async ({ families, lab }) => {
  const ear = await families.pair(thermometer('09:09:09:09:20:01', 'Ear thermometer'));
  // Dated years ago, so that it comes first in the history.
  await ear.send([golden(healthThermometer, '98.6 °F is 37 °C, with date and site')]);
  await expect(ear.card).toContainText('37.0');
  await ear.raw(TEMPERATURE, [bytes('00 6c 01')]);
  await ear.send([golden(healthThermometer, '36.4 °C')]);
  // It measures at one site only, which it said on connecting.
  ear.expects({ readings: [{ attribute: 'body_temperature_site', payloads: [{ value: 3, text: 'ear' }] }] });
  await expect(ear.card).toContainText('36.4');

  const records = [
    golden(glucose, '95 mg/dL (95e-5 kg/L), an hour after the base time'),
    golden(glucose, '5.5 mmol/L (55e-4 mol/L), location not available'),
  ];
  const setup = glucoseMeter(
    '09:09:09:09:20:02',
    'Glucose meter',
    records.map((record) => bytes(record.hex)),
  );
  const meter = await families.pair(setup);
  // Sent by the meter itself, when it was asked; histories are in order of measurement, and the first record is an hour later.
  for (const record of records.toReversed()) meter.expects(record);
  expect(meter.written(GLUCOSE.access)).toEqual(['04 01', '01 01']);
  await expect(meter.card).toContainText('5.5');
  await meter.isStored();

  await lab.disconnect(setup.address);
  await expect.poll(() => meter.written(GLUCOSE.access).slice(2)).toEqual(['04 03 01 07 00']);
  await meter.isUp();
  await meter.isStored();
  await ear.isStored();
  const sheet = await ear.details();
  expect(sheet).toMatch(/cut short\.? 1\b/);
  expect(sheet).toContain('ear');
});

test('fitness: a power meter', async ({ families }) => {
  const crank = await families.pair(powerMeter('09:09:09:09:20:03', 'Power meter'));
  await crank.send([golden(cyclingPower, '250 W')]);
  await expect(crank.card).toContainText('250');
  // The first of a pair only tells where counting starts.
  await crank.send([
    { ...golden(cyclingPower, '250 W'), hex: '30 00 64 00 e8 03 00 00 00 08 64 00 00 04', readings: START },
    golden(cyclingPower, 'wheel and crank'),
  ]);
  await crank.isStored();
  const sheet = await crank.details();
  expect(sheet).toMatch(/Bluetooth notifications in use 2\b/);
  expect(sheet).toMatch(/could not be read None\./);
});

/** 100 W, a thousand turns of a wheel of 2.105 m. */
const START = [
  { attribute: 'cycling_power', values: [100] },
  { attribute: 'power_meter_distance', values: [2105] },
];

/** Last stamps of two frames, and what lies between: 4 samples at 130 Hz. */
const FIRST = 600_000_000_000_000_000n;
const FOUR_SAMPLES = 30_769_231n;

test('Polar H10: control point, ECG and acceleration beside the heart rate', async ({ families }) => {
  const strap = await families.pair(polarH10('09:09:09:09:20:04', 'Polar H10 6A2F0B21', { running: [0] }));
  expect(strap.written(POLAR.control)).toEqual([
    '01 00',
    '02 00 00 01 82 00 01 01 0e 00',
    // It still ran: stopped and started anew.
    '03 00',
    '02 00 00 01 82 00 01 01 0e 00',
    '01 02',
    '02 02 00 01 32 00 01 01 10 00 02 01 08 00',
  ]);
  await strap.raw(HEART_RATE, [Uint8Array.of(0x10, 67, 0x9a, 0x03)]);
  strap.expects({ readings: [{ attribute: 'heartrate', values: [67] }] });
  const microvolts = [12, -340, 1250, -8_388_608, 5, 8_388_607, 0, -1];
  await strap.raw(POLAR.data, [
    ecgFrame(FIRST, microvolts.slice(0, 4)),
    ecgFrame(FIRST + FOUR_SAMPLES, microvolts.slice(4)),
    accelerationFrame(FIRST, [
      [1000, -500, 3],
      [-8000, 0, 7999],
    ]),
  ]);
  const accelerometer = [1000, -500, 3, -8000, 0, 7999].map((mg) => mg * 0.00980665);
  strap.expects({
    readings: [
      { attribute: 'ecg', values: microvolts.map((one) => one / 1000) },
      { attribute: 'accelerometer', values: accelerometer },
    ],
  });
  await expect(strap.card).toContainText('67');
  await strap.isStored();
  const sheet = await strap.details();
  expect(sheet).toMatch(/Bluetooth notifications in use 4\b/);
  expect(sheet).toMatch(/could not be read None\./);
});

test('Polar H10 that refuses everything but its heart rate: said, and the heart rate goes on', async ({
  families,
  lab,
}) => {
  // 0x0C: invalid state; 0x0D: in the charger.
  const refuses = new Map([
    [0, 0x0c],
    [2, 0x0d],
  ]);
  const strap = await families.pair(polarH10('09:09:09:09:20:05', 'Polar H10 11111111', { refuses }));
  expect(strap.written(POLAR.control).map((one) => one.slice(0, 5))).toEqual(['01 00', '02 00', '01 02', '02 02']);
  await strap.raw(HEART_RATE, [Uint8Array.of(0x00, 71), Uint8Array.of(0x00, 72)]);
  strap.expects({ readings: [{ attribute: 'heartrate', values: [71, 72] }] });
  await expect(strap.card).toContainText('72');
  await strap.isStored();
  const sheet = await strap.details();
  expect(sheet).toContain('ecg invalid state');
  expect(sheet).toContain('accelerometer device in charger');
  // One connection all along.
  expect(lab.operations.filter((one) => one.endsWith('discovery'))).toHaveLength(1);
});

test('Movesense, whose subscriptions have alternatives; a micro:bit', async ({ families }) => {
  const chest = await families.pair(movesense('09:09:09:09:20:06', 'Movesense 204530000171'));
  expect(chest.written(MOVESENSE.command).map(pathOf)).toEqual([
    '1 /Meas/Temp',
    '2 /Meas/HR',
    '3 /Meas/IMU9/52',
    '4 /Meas/IMU6/52',
    '5 /Meas/ECG/128',
    '6 /Meas/ECG/125',
  ]);
  await chest.send([
    golden(movesensePackets, 'temperature, 306.95 K, stamp first'),
    golden(movesensePackets, 'heart rate 72.5, RR 820 and 835 ms'),
    golden(movesensePackets, 'motion of six axes'),
    golden(movesensePackets, 'ECG at 125 Hz, under the reference of that path'),
  ]);
  await expect(chest.card).toContainText(/7[23]/);

  const bit = await families.pair(microbitBoard('09:09:09:09:20:07', 'BBC micro:bit [vopez]'));
  expect([bit.written(MICROBIT.accelerationPeriod), bit.written(MICROBIT.magneticFieldPeriod)]).toEqual([
    ['14 00'],
    ['14 00'],
  ]);
  await bit.send([
    golden(microbit, '1000, −500, 1 mg'),
    golden(microbit, '±10 µT'),
    golden(microbit, 'A pressed'),
    golden(microbit, 'A up'),
    golden(microbit, 'B held'),
    golden(microbit, '−10 °C'),
  ]);
  await expect(bit.card).toContainText('-10');
  await chest.isStored();
  await bit.isStored();
  expect(await chest.details()).toMatch(/\/Meas\/IMU9\/52 status 404.*could not be read None\./);
  expect(await bit.details()).toMatch(/Bluetooth notifications in use 6\b.*could not be read None\./);
});

/** Reference and path of a Movesense subscription, from its hex digits. */
function pathOf(written: string): string {
  const [, reference, ...path] = bytes(written);
  return `${reference} ${String.fromCharCode(...path.slice(0, -1))}`;
}

test('a Muse headband started by its commands; a board that writes lines; the twelfth notification is said', async ({
  families,
}) => {
  const head = await families.pair(museBand('09:09:09:09:20:08', 'Muse-6A2F'));
  // Halt, the preset with PPG, which it refuses, the other one, status, go on; then it is told that somebody listens.
  expect(head.written(MUSE.control).slice(0, 6)).toEqual(['h', 'p50', 'p21', 's', 'd', 'k'].map(museCommand));
  const second = golden(musePackets, 'EEG of eeg_tp9 at both ends of the range: −1000 and 999.51 µV');
  await head.send([
    golden(musePackets, 'EEG of eeg_tp9, packet 1'),
    again(second, second.hex.replace(/^00 01/, '00 02')),
    golden(musePackets, 'EEG of eeg_af7, packet 1'),
    golden(musePackets, 'acceleration, packet 21101'),
    golden(musePackets, 'rotation, packet 365'),
  ]);
  const sheet = await head.details();
  expect(sheet).toContain('firmware 1.2.13');
  expect(sheet).toMatch(/Bluetooth notifications in use 11\b/);
  expect(sheet).toMatch(/could not be read None\./);
  await expect(families.budget).toBeHidden();

  const board = await families.pair(uartBoard('09:09:09:09:20:09', 'Garden board'));
  await expect(families.budget).toContainText('use 12 of about 15');
  const lines = 'soil_moisture:41.5,light:312\r\n{"acc":{"x":1,"y":2,"z":3}}\r\nsoil_moisture:42\r\nsoil_moisture:\r\n';
  await board.raw(UART_TX, textPackets(lines));
  board.expects({
    readings: [
      { attribute: 'soil_moisture', values: [41.5, 42] },
      { attribute: 'light', values: [312] },
      { attribute: 'acc', values: [1, 2, 3] },
    ],
  });
  await head.isStored();
  await board.isStored();
});

/** Length of what follows, text, new line. */
function museCommand(text: string): string {
  return hex(new TextEncoder().encode(`${String.fromCharCode(text.length + 1)}${text}\n`));
}

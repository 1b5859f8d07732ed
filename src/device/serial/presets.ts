/** What may be said about a serial device before it is chosen: what it is, and how fast it talks. */

/** Bits a second. Boards with USB of their own (CDC) take any. */
export const BAUD_RATES = [
  9600, 19_200, 38_400, 57_600, 74_880, 115_200, 230_400, 250_000, 460_800, 500_000, 921_600, 1_000_000, 2_000_000,
] as const;

export const DEFAULT_BAUD = 115_200;
const BAUD_MIN = 300;
const BAUD_MAX = 4_000_000;

export type SerialPresetName = 'arduino' | 'microbit' | 'cyton' | 'custom';

/** The part of the browser's `SerialPortFilter` that is used. */
export interface UsbFilter {
  readonly usbVendorId: number;
  readonly usbProductId?: number;
}

export interface SerialPreset {
  readonly name: SerialPresetName;
  /** Name of the device, where its USB numbers do not say more. */
  readonly device: string;
  /** The platform's free-text sensor type. */
  readonly sensorType: string;
  readonly baud: number;
  /** The form is known and not looked for. */
  readonly format?: 'cyton';
  /** What the chooser lists; none: every port. */
  readonly filters: readonly UsbFilter[];
}

/** USB vendors of boards, and of the converters that boards without USB of their own carry. */
const VENDOR = {
  arduino: 0x2341,
  arduinoOrg: 0x2a03,
  adafruit: 0x239a,
  ch340: 0x1a86,
  cp210x: 0x10c4,
  espressif: 0x303a,
  ftdi: 0x0403,
  mbed: 0x0d28,
  pjrc: 0x16c0,
  prolific: 0x067b,
  raspberry: 0x2e8a,
  seeed: 0x2886,
  sparkfun: 0x1b4f,
} as const;

/** The OpenBCI dongle is an FT231X. */
const FT231X = 0x6015;
const FT232R = 0x6001;

export const SERIAL_PRESETS: Readonly<Record<SerialPresetName, SerialPreset>> = {
  arduino: {
    name: 'arduino',
    device: 'Arduino',
    sensorType: 'arduino',
    baud: DEFAULT_BAUD,
    filters: Object.values(VENDOR)
      .filter((usbVendorId) => usbVendorId !== VENDOR.mbed)
      .map((usbVendorId) => ({ usbVendorId })),
  },
  microbit: {
    name: 'microbit',
    device: 'micro:bit',
    sensorType: 'microbit',
    baud: DEFAULT_BAUD,
    filters: [{ usbVendorId: VENDOR.mbed }],
  },
  cyton: {
    name: 'cyton',
    device: 'OpenBCI Cyton',
    sensorType: 'openbci_cyton',
    baud: DEFAULT_BAUD,
    format: 'cyton',
    filters: [
      { usbVendorId: VENDOR.ftdi, usbProductId: FT231X },
      { usbVendorId: VENDOR.ftdi, usbProductId: FT232R },
    ],
  },
  custom: { name: 'custom', device: 'Serial device', sensorType: 'serial', baud: DEFAULT_BAUD, filters: [] },
};

/** Makers who put their own numbers on their boards. */
const MAKERS: ReadonlyMap<number, string> = new Map([
  [VENDOR.arduino, 'Arduino'],
  [VENDOR.arduinoOrg, 'Arduino'],
  [VENDOR.adafruit, 'Adafruit board'],
  [VENDOR.espressif, 'ESP32'],
  [VENDOR.mbed, 'micro:bit'],
  [VENDOR.pjrc, 'Teensy'],
  [VENDOR.raspberry, 'Raspberry Pi Pico'],
  [VENDOR.seeed, 'Seeed board'],
  [VENDOR.sparkfun, 'SparkFun board'],
]);

/** What to call a device that was chosen. `usbVendorId`: undefined if the port is no USB device. */
export function deviceName(preset: SerialPreset, usbVendorId: number | undefined): string {
  const maker = usbVendorId === undefined ? undefined : MAKERS.get(usbVendorId);
  return preset.name === 'cyton' ? preset.device : (maker ?? preset.device);
}

/** True for a rate that a port can be opened with. */
export function isBaud(baud: number): boolean {
  return Number.isInteger(baud) && baud >= BAUD_MIN && baud <= BAUD_MAX;
}

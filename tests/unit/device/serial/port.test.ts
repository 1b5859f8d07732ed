import { describe, expect, test } from 'vitest';
import { choosePort, findPort, identityOf, openError, readErrorCode } from '../../../../src/device/serial/port.ts';
import { BAUD_RATES, deviceName, isBaud, SERIAL_PRESETS } from '../../../../src/device/serial/presets.ts';
import { serialProblem } from '../../../../src/device/serial/support.ts';
import { crc16 } from '../../../../src/device/serial/crc16.ts';
import { FakePort, FakeSerial } from '../../../support/fake-serial.ts';
import { text } from '../../../support/serial-bytes.ts';

const FTDI = { usbVendorId: 0x0403, usbProductId: 0x6015 };

describe('ports', () => {
  test('are found again by their numbers and their place among equal ones', () => {
    const [a, dongle, b, plain] = [new FakePort(), new FakePort(FTDI), new FakePort(), new FakePort({})];
    const ports = [a, dongle, b, plain];
    expect(ports.map((port) => identityOf(port, ports))).toEqual([
      { vendor: 0x2341, product: 0x43, index: 0 },
      { vendor: 0x0403, product: 0x6015, index: 0 },
      { vendor: 0x2341, product: 0x43, index: 1 },
      { index: 0 },
    ]);
    for (const port of ports) expect(findPort(ports, identityOf(port, ports))).toBe(port);
    expect(findPort([dongle], identityOf(a, ports))).toBeUndefined();
  });

  test('are chosen with the filters of the preset; a chooser closed is no error of the port', async () => {
    const port = new FakePort(FTDI);
    const serial = new FakeSerial(port);
    expect(await choosePort(serial, SERIAL_PRESETS.cyton.filters)).toMatchObject({
      ok: false,
      error: { code: 'serial-cancelled' },
    });
    serial.chosen = new DOMException('blocked', 'SecurityError');
    expect(await choosePort(serial, [])).toMatchObject({ ok: false, error: { code: 'serial-permission' } });
    serial.chosen = port;
    expect(await choosePort(serial, SERIAL_PRESETS.cyton.filters)).toMatchObject({
      ok: true,
      value: { identity: { vendor: 0x0403, product: 0x6015, index: 0 } },
    });
    expect(serial.filters).toContainEqual(FTDI);
  });

  test('name what went wrong', () => {
    const named = (name: string): DOMException => new DOMException('', name);
    expect(openError(named('NetworkError')).code).toBe('serial-busy');
    expect(openError(named('InvalidStateError')).code).toBe('serial-disconnected');
    expect(openError(new TypeError('baudRate')).code).toBe('serial-input');
    expect(openError('odd').code).toBe('serial-busy');
    expect(readErrorCode(named('NetworkError'))).toBe('serial-disconnected');
    expect(readErrorCode(new Error('odd'))).toBe('serial-disconnected');
  });
});

describe('presets', () => {
  test('name devices by what their USB numbers say', () => {
    expect(deviceName(SERIAL_PRESETS.custom, 0x0d28)).toBe('micro:bit');
    expect(deviceName(SERIAL_PRESETS.arduino, 0x1a86)).toBe('Arduino');
    expect(deviceName(SERIAL_PRESETS.cyton, 0x0403)).toBe('OpenBCI Cyton');
    expect(deviceName(SERIAL_PRESETS.custom, undefined)).toBe('Serial device');
  });

  test('have speeds that ports can be opened with', () => {
    for (const baud of BAUD_RATES) expect(isBaud(baud)).toBe(true);
    for (const baud of [0, -1, 9600.5, NaN, Infinity, 10_000_000]) expect(isBaud(baud)).toBe(false);
    for (const preset of Object.values(SERIAL_PRESETS)) expect(BAUD_RATES).toContain(preset.baud);
  });
});

test('whether cables can be read is known beforehand', () => {
  expect(serialProblem({ isSecureContext: true, navigator: { serial: {} } })).toBeUndefined();
  expect(serialProblem({ isSecureContext: true, navigator: {} })?.code).toBe('serial-unsupported');
  expect(serialProblem({ isSecureContext: false, navigator: {} })?.code).toBe('serial-insecure');
});

test('the check sum has its published check value', () => {
  expect(crc16(text('123456789'))).toBe(0x29b1);
});

import { describe, expect, it } from 'vitest';
import { createBrowserRadio } from '../../../../src/device/bluetooth/gatt.ts';
import { gattError, type GattStep } from '../../../../src/device/bluetooth/gatt-errors.ts';
import { whyMissing } from '../../../../src/device/bluetooth/support.ts';
import type { ErrorCode } from '../../../../src/model/errors.ts';

/** Names and messages as Chromium throws them; those marked * were seen with Chromium 156. */
const THROWN: readonly (readonly [GattStep, string, string, ErrorCode])[] = [
  ['request', 'NotFoundError', 'User cancelled the requestDevice() chooser.', 'bluetooth-cancelled'],
  ['request', 'NotFoundError', 'Bluetooth adapter not available.', 'bluetooth-no-adapter'], // *
  ['request', 'NotFoundError', 'User or their enterprise policy has disabled Web Bluetooth.', 'bluetooth-permission'],
  [
    'request',
    'NotFoundError',
    'User denied the browser permission to scan for Bluetooth devices.',
    'bluetooth-permission',
  ],
  ['request', 'NotFoundError', "User selected a device that doesn't exist anymore.", 'bluetooth-out-of-range'],
  ['request', 'NotFoundError', 'Web Bluetooth is not supported on this platform.', 'bluetooth-unsupported'],
  ['request', 'NotFoundError', 'something new', 'bluetooth-cancelled'],
  ['request', 'SecurityError', 'Must be handling a user gesture to show a permission request.', 'bluetooth-no-gesture'],
  [
    'request',
    'SecurityError',
    'Access to the feature "bluetooth" is disallowed by permissions policy.',
    'bluetooth-permission',
  ],
  ['request', 'TypeError', 'whatever', 'unexpected'],
  ['connect', 'NetworkError', 'Unknown error when connecting to the device.', 'bluetooth-out-of-range'], // *
  ['connect', 'NetworkError', 'Connection Error: Connection attempt failed.', 'bluetooth-out-of-range'], // *
  ['connect', 'NetworkError', 'Bluetooth Device is no longer in range.', 'bluetooth-out-of-range'],
  ['connect', 'NetworkError', 'Connection already in progress.', 'bluetooth-busy'],
  ['connect', 'NetworkError', 'Authentication timeout.', 'bluetooth-timeout'],
  ['connect', 'AbortError', 'aborted', 'bluetooth-cancelled'],
  ['discover', 'NotFoundError', 'No Services found in device.', 'bluetooth-no-services'],
  ['discover', 'NotFoundError', 'No Characteristics found in service.', 'bluetooth-no-services'],
  [
    'discover',
    'SecurityError',
    "Origin is not allowed to access any service. Tip: Add the service UUID to 'optionalServices' in requestDevice() options.",
    'bluetooth-no-services',
  ],
  [
    'discover',
    'NetworkError',
    'GATT Server is disconnected. Cannot retrieve services. (Re)connect first with `device.gatt.connect`.',
    'bluetooth-out-of-range',
  ], // *
  ['subscribe', 'NetworkError', 'GATT operation already in progress.', 'bluetooth-busy'],
  ['subscribe', 'NotSupportedError', 'GATT Error: Not supported.', 'bluetooth-gatt'],
  ['subscribe', 'InvalidStateError', 'GATT Characteristic no longer exists.', 'bluetooth-gatt'],
  ['read', 'NotSupportedError', 'GATT operation not permitted.', 'bluetooth-gatt'],
  ['read', 'SecurityError', 'GATT operation not authorized.', 'bluetooth-permission'],
  ['write', 'InvalidModificationError', 'GATT Error: invalid attribute length.', 'bluetooth-gatt'],
];

describe('what Web Bluetooth throws', () => {
  it.each(THROWN)('%s: %s “%s” is %s', (step, name, message, code) => {
    const error = gattError(new DOMException(message, name), step, false);
    expect(error.code).toBe(code);
    expect(error.detail).toContain(name);
    expect(error.detail).toContain(step);
  });

  it('tells Brave’s switch from an administrator’s', () => {
    const thrown = new DOMException('Web Bluetooth API globally disabled.', 'NotFoundError');
    expect(gattError(thrown, 'request', true).code).toBe('bluetooth-disabled-brave');
    expect(gattError(thrown, 'request', false).code).toBe('bluetooth-permission');
  });

  it('takes anything thrown', () => {
    for (const thrown of [undefined, null, 'text', 42, {}])
      expect(gattError(thrown, 'read', false).code).toBe('unexpected');
  });
});

const MAC =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/135.0 Mobile/15E148 Safari/604.1';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const LINUX = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
const ANDROID =
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36';
const WINDOWS =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';

describe('why Web Bluetooth is missing', () => {
  const plain = { touchPoints: 0, secureContext: true, brave: false };
  it.each([
    ['iPhone', { ...plain, userAgent: IPHONE }, 'bluetooth-unsupported-ios'],
    ['iPad that calls itself a Mac', { ...plain, userAgent: MAC, touchPoints: 5 }, 'bluetooth-unsupported-ios'],
    ['Safari', { ...plain, userAgent: MAC }, 'bluetooth-unsupported-safari'],
    ['Firefox', { ...plain, userAgent: FIREFOX }, 'bluetooth-unsupported-firefox'],
    [
      'Firefox without https: https would not help',
      { ...plain, userAgent: FIREFOX, secureContext: false },
      'bluetooth-unsupported-firefox',
    ],
    ['Chrome on Linux', { ...plain, userAgent: LINUX }, 'bluetooth-disabled-linux'],
    ['Brave', { ...plain, userAgent: LINUX, brave: true }, 'bluetooth-disabled-brave'],
    ['Android over http', { ...plain, userAgent: ANDROID, secureContext: false }, 'bluetooth-insecure-context'],
    ['Android over https', { ...plain, userAgent: ANDROID }, 'bluetooth-unsupported'],
    ['Chrome on Windows', { ...plain, userAgent: WINDOWS }, 'bluetooth-unsupported'],
    ['something else', { ...plain, userAgent: 'curl/8' }, 'bluetooth-unsupported'],
  ] as const)('%s', async (_name, facts, code) => {
    expect(whyMissing(facts)).toBe(code);
    const radio = createBrowserRadio({ bluetooth: undefined, facts });
    expect(await radio.capability()).toEqual({ ok: false, error: { code } });
    expect(await radio.request({ showAll: false })).toEqual({ ok: false, error: { code } });
    expect(await radio.known()).toEqual([]);
  });
});

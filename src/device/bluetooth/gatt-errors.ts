/**
 * What Web Bluetooth throws, as error codes: the only place that reads exception names and messages.
 * The names are few and shared by unlike cases (a closed chooser and a missing adapter are both NotFoundError), so the
 * message decides first. Messages: Chromium, third_party/blink/renderer/modules/bluetooth/bluetooth_error.cc; most of
 * them were also seen in a running browser. Other engines and later versions fall through to the name.
 */
import { appError, describeThrown, type AppError, type ErrorCode } from '../../model/errors.ts';

export type GattStep =
  'request' | 'advertisements' | 'connect' | 'discover' | 'subscribe' | 'read' | 'write' | 'forget';

const BY_MESSAGE: readonly (readonly [RegExp, ErrorCode])[] = [
  [/user cancell?ed/i, 'bluetooth-cancelled'],
  [/adapter not available|no bluetooth adapter/i, 'bluetooth-no-adapter'],
  [/turned off|powered off|not powered/i, 'bluetooth-adapter-off'],
  [/user gesture/i, 'bluetooth-no-gesture'],
  [/optionalServices|no services (found|matching)|no characteristics/i, 'bluetooth-no-services'],
  [/permissions? policy|enterprise policy|user denied|denied the browser|blocklist/i, 'bluetooth-permission'],
  [/not supported on this platform/i, 'bluetooth-unsupported'],
  [/no longer in range|doesn't exist anymore/i, 'bluetooth-out-of-range'],
  [/already in progress|already connected|connection limit/i, 'bluetooth-busy'],
  [/server is disconnected|not connected/i, 'bluetooth-out-of-range'],
  [/timeout|timed out/i, 'bluetooth-timeout'],
];

/**
 * The error for something thrown by Web Bluetooth during `step`. `brave`: there, "globally disabled" is the maker's
 * choice and has a switch; elsewhere it is the owner's or an administrator's.
 */
export function gattError(thrown: unknown, step: GattStep, brave: boolean): AppError {
  const detail = `${step}: ${describeThrown(thrown)}`;
  if (!(thrown instanceof Error)) return appError('unexpected', detail);
  if (/globally disabled/i.test(thrown.message)) {
    return appError(brave ? 'bluetooth-disabled-brave' : 'bluetooth-permission', detail);
  }
  const byMessage = BY_MESSAGE.find(([pattern]) => pattern.test(thrown.message));
  return appError(byMessage?.[1] ?? byName(thrown.name, step), detail);
}

function byName(name: string, step: GattStep): ErrorCode {
  switch (name) {
    case 'AbortError':
      return 'bluetooth-cancelled';
    case 'SecurityError':
    case 'NotAllowedError':
      return 'bluetooth-permission';
    case 'NotFoundError':
      // The chooser also answers so when it closes without a choice.
      if (step === 'request') return 'bluetooth-cancelled';
      return step === 'discover' ? 'bluetooth-no-services' : 'bluetooth-gatt';
    case 'NetworkError':
      // A connect that fails says no more than this; a strap held by another app does not answer either.
      return step === 'connect' ? 'bluetooth-out-of-range' : 'bluetooth-gatt';
    case 'InvalidStateError':
    case 'NotSupportedError':
    case 'InvalidModificationError':
    case 'UnknownError':
      return 'bluetooth-gatt';
    default:
      return 'unexpected';
  }
}

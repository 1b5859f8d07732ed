/**
 * Every way this app can fail, as codes. A code says what happened; `ACTOR` says who must act, so that the sentence on
 * the screen can name one thing to do. The sentences themselves live in `i18n/` (one per code, checked by a test).
 */

/** Who has to do something before it can work again. */
export type Actor = 'wearer' | 'nobody' | 'device' | 'server' | 'browser' | 'developer';

export const ACTOR = {
  // choosing and reaching a Bluetooth device
  'bluetooth-cancelled': 'nobody',
  'bluetooth-unsupported': 'browser',
  'bluetooth-unsupported-ios': 'browser',
  'bluetooth-unsupported-firefox': 'browser',
  'bluetooth-unsupported-safari': 'browser',
  'bluetooth-disabled-brave': 'browser',
  'bluetooth-disabled-linux': 'browser',
  'bluetooth-insecure-context': 'developer',
  'bluetooth-adapter-off': 'wearer',
  'bluetooth-no-adapter': 'wearer',
  'bluetooth-permission': 'wearer',
  'bluetooth-no-gesture': 'developer',
  'bluetooth-out-of-range': 'wearer',
  'bluetooth-busy': 'wearer',
  'bluetooth-timeout': 'wearer',
  'bluetooth-no-services': 'device',
  'bluetooth-gatt': 'device',
  'bluetooth-device-forgotten': 'wearer',
  'bluetooth-other-tab': 'wearer',
  // sources without a radio
  'source-unsupported': 'browser',
  'source-permission': 'wearer',
  'source-insecure': 'developer',
  'source-silent': 'wearer',
  'source-empty': 'wearer',
  'source-busy': 'wearer',
  'source-no-place': 'wearer',
  'source-off': 'wearer',
  'source-input': 'wearer',
  // serial ports
  'serial-unsupported': 'browser',
  'serial-insecure': 'developer',
  'serial-cancelled': 'nobody',
  'serial-permission': 'wearer',
  'serial-busy': 'wearer',
  'serial-disconnected': 'wearer',
  'serial-input': 'wearer',
  'serial-garbage': 'wearer',
  'serial-unknown-format': 'device',
  'serial-overrun': 'nobody',
  'serial-line-noise': 'device',
  // what a person teaches the app
  'uuid-invalid': 'wearer',
  'uuid-missing': 'wearer',
  'mapping-invalid': 'wearer',
  'mapping-duplicate': 'wearer',
  // toys through Intiface
  'toys-address': 'wearer',
  'toys-unreachable': 'wearer',
  'toys-version': 'wearer',
  'toys-refused': 'wearer',
  // the camera
  'camera-unsupported': 'browser',
  'camera-insecure': 'developer',
  'camera-permission': 'wearer',
  'camera-missing': 'wearer',
  'camera-busy': 'wearer',
  'camera-lost': 'wearer',
  'camera-hidden': 'wearer',
  // pose capture
  'pose-runtime': 'server',
  'pose-model-missing': 'wearer',
  'pose-model-corrupt': 'wearer',
  'pose-model-changed': 'wearer',
  'pose-model-address': 'wearer',
  'pose-model-unreachable': 'wearer',
  'pose-model-too-large': 'wearer',
  'pose-unsupported': 'browser',
  'pose-hung': 'nobody',
  'pose-inference': 'nobody',
  'pose-gave-up': 'wearer',
  'pose-frame': 'nobody',
  // commands from the platform
  'command-unsupported': 'nobody',
  'command-invalid': 'developer',
  // bytes
  'decode-truncated': 'device',
  'decode-oversized': 'device',
  'decode-reserved': 'device',
  'decode-not-finite': 'device',
  'decode-checksum': 'device',
  // the wire
  'wire-not-json': 'developer',
  'wire-shape': 'developer',
  'wire-too-large': 'developer',
  'attribute-id-invalid': 'developer',
  // blocks of samples on disk and in binary frames
  'block-corrupt': 'nobody',
  'block-version': 'wearer',
  // the server
  'server-unreachable': 'server',
  'server-unauthorized': 'wearer',
  'server-join-crashed': 'developer',
  'server-refused': 'developer',
  'server-invalid-batch': 'developer',
  'server-rate-limited': 'nobody',
  'server-no-viewer-tokens': 'server',
  'server-no-guests': 'wearer',
  'connector-name-invalid': 'wearer',
  // this device
  'tab-buffer-full': 'nobody',
  'storage-unavailable': 'browser',
  'worker-crashed': 'developer',
  unexpected: 'developer',
} as const satisfies Record<string, Actor>;

export type ErrorCode = keyof typeof ACTOR;

/** A failure as a plain object: it survives structured cloning. `detail` is for the second level of the screen. */
export interface AppError {
  readonly code: ErrorCode;
  readonly detail?: string;
}

/** Makes an AppError; `detail` is free text for the details view (never health values, never tokens). */
export function appError(code: ErrorCode, detail?: string): AppError {
  return detail === undefined ? { code } : { code, detail };
}

/** Who must act on this code. */
export function actorFor(code: ErrorCode): Actor {
  return ACTOR[code];
}

/** Text of anything thrown, for `detail`. */
export function describeThrown(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
}

/** Marks a switch as exhaustive; reaching it is a defect of ours. */
export function unreachable(value: never): never {
  throw new Error(`unreachable case: ${JSON.stringify(value)}`);
}

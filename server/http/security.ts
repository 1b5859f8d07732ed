/** Security headers. They are headers and not meta tags because workers and the service worker obey only headers. */
import { PUBLISHED_MODELS } from '../../src/model/pose-files.ts';

/** Intiface's own addresses: fixed, and on the computer that shows the page. */
const INTIFACE = 'ws://127.0.0.1:12345 ws://localhost:12345';

/**
 * Where a page may fetch pose models beside ourselves, unless the person who runs the gateway says otherwise: only this
 * folder of the publisher, and only after a person has said so on the screen.
 */
export const MODEL_ORIGINS: readonly string[] = [PUBLISHED_MODELS];

/** What a page of ours may use; everything else a browser knows about is refused. */
const ALLOWED_FEATURES = [
  'accelerometer',
  'autoplay',
  'bluetooth',
  'camera',
  'fullscreen',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'screen-wake-lock',
  'serial',
];

const REFUSED_FEATURES = [
  'browsing-topics',
  'captured-surface-control',
  'clipboard-read',
  'compute-pressure',
  'display-capture',
  'encrypted-media',
  'gamepad',
  'hid',
  'identity-credentials-get',
  'idle-detection',
  'keyboard-map',
  'local-fonts',
  'midi',
  'otp-credentials',
  'payment',
  'publickey-credentials-create',
  'publickey-credentials-get',
  'storage-access',
  'sync-xhr',
  'usb',
  'window-management',
  'xr-spatial-tracking',
];

const PERMISSIONS_POLICY = [
  ...ALLOWED_FEATURES.map((feature) => `${feature}=(self)`),
  ...REFUSED_FEATURES.map((feature) => `${feature}=()`),
].join(', ');

/** On every response, as on the real server and a little stricter (no framing at all). */
export const COMMON_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-permitted-cross-domain-policies': 'none',
  'permissions-policy': PERMISSIONS_POLICY,
};

/** For JSON: nothing in it is ever to be run, shown as a page, or kept. Files of the app say otherwise for themselves. */
export const UNLESS_SET: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
};

/**
 * The policy of the app's pages and of its worker scripts: everything from here, nothing from elsewhere.
 * `'wasm-unsafe-eval'` lets WebAssembly compile and nothing else. The socket's address is spelled out because Safari
 * before 15.4 does not count it as `'self'`.
 * @param host the Host header, already checked to be one; undefined leaves the socket to `'self'`
 * @param modelOrigins from where else models may be fetched
 */
export function appPolicy(host: string | undefined, secure: boolean, modelOrigins: readonly string[]): string {
  const socket = host === undefined ? [] : [`${secure ? 'wss' : 'ws'}://${host}`];
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    // Beside ourselves only Intiface, which listens on this computer, for those who connect to it, and models.
    `connect-src ${["'self'", ...socket, INTIFACE, ...modelOrigins].join(' ')}`,
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "style-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** The policy of a page without scripts that carries its own style, named by its hash. */
export function documentPolicy(styleHash: string): string {
  return `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

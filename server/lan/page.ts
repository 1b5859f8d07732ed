/** The page that helps a phone or laptop to trust this machine's authority. No script; it is shown before trust exists. */
import { createHash } from 'node:crypto';

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:65ch;margin:0 auto;padding:24px 16px}
h1{font-size:1.6rem;line-height:1.2}
a.button{display:inline-block;padding:12px 24px;border-radius:12px;background:#0b5c4a;color:#fff;text-decoration:none;font-weight:600}
a.button:focus-visible,summary:focus-visible{outline:3px solid currentColor;outline-offset:3px}
details{border:1px solid;border-radius:12px;padding:12px 16px;margin:12px 0}
summary{font-weight:600;cursor:pointer}
code{overflow-wrap:anywhere;font-variant-numeric:tabular-nums}`;

/** For the page's Content-Security-Policy. */
export const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

export interface LanInfo {
  /** Where the app is, https. */
  readonly url: string;
  /** Where the authority's certificate can be fetched before it is trusted, http. */
  readonly ca_url: string;
  /** SHA-256 of the authority's certificate, `AB:CD:…`. */
  readonly fingerprint: string;
  /** This machine's addresses on the network, best first. */
  readonly addresses: readonly string[];
}

const SYSTEMS: readonly (readonly [name: string, steps: readonly string[]])[] = [
  [
    'Android',
    [
      'Tap “Get the certificate” above. The file sensocto-ca.crt is saved to Downloads.',
      'Open Settings and search for “CA certificate” (Security → More → Encryption and credentials → Install a certificate).',
      'Choose “CA certificate”, then “Install anyway”, and pick sensocto-ca.crt.',
      'Compare the fingerprint under “User” in “Trusted credentials” with the one on this page.',
    ],
  ],
  [
    'iPhone and iPad',
    [
      'Open this page in Safari, tap “Get the certificate”, then “Allow”.',
      'Open Settings. Tap “Profile Downloaded” near the top, then “Install”.',
      'Go to General → About → Certificate Trust Settings and switch on “Sensocto Web …”.',
      'Bluetooth straps do not work in browsers on iPhone and iPad; watching and the phone’s own sensors do.',
    ],
  ],
  [
    'Windows',
    [
      'Click “Get the certificate” and open the file.',
      'Click “Install Certificate…”, choose “Current User”, then “Place all certificates in the following store”.',
      'Choose “Trusted Root Certification Authorities”, finish, and confirm after comparing the fingerprint.',
      'Close all windows of the browser and open it again.',
    ],
  ],
  [
    'macOS',
    [
      'Click “Get the certificate” and open the file: Keychain Access asks where to keep it; choose “login”.',
      'Find “Sensocto Web …” in the list, double-click it, open “Trust”, choose “Always Trust”.',
      'Close the window and enter your password.',
    ],
  ],
  [
    'Linux',
    [
      'Chrome and Chromium: open chrome://certificate-manager → Custom → Installed by you → Import, and pick the file.',
      'Firefox: Settings → Privacy &amp; Security → View Certificates → Authorities → Import, tick “identify websites”.',
    ],
  ],
];

/** The page as HTML. */
export function lanPage(info: LanInfo): string {
  const systems = SYSTEMS.map(
    ([name, steps]) =>
      `<details><summary>${name}</summary><ol>${steps.map((step) => `<li>${step}</li>`).join('')}</ol></details>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Let this device trust Sensocto Web</title><style>${STYLE}</style></head><body><main>
<h1>Let this device trust Sensocto Web</h1>
<p>Browsers let a page use Bluetooth, motion and the camera only over a secure connection. The computer that runs
Sensocto Web here has made its own certificate authority for that. Install it once on this device, then open the app.</p>
<p><a class="button" href="/lan/ca.crt" download="sensocto-ca.crt">Get the certificate</a></p>
<p>Its SHA-256 fingerprint must be the one shown on that computer’s screen:<br><code>${escape(info.fingerprint)}</code></p>
<p>It can vouch only for devices on private networks, not for sites on the internet. You can remove it at any time in
the same place where you install it.</p>
${systems.join('\n')}
<p>Done? <a class="button" href="${escape(info.url)}/">Open the app</a></p>
</main></body></html>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

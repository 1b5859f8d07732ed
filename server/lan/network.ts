/** `--lan` put together: authority, server certificate that follows the addresses, and the facts to show. */
import path from 'node:path';
import { lanAddresses, localNames } from './addresses.ts';
import { openAuthority, type TlsFiles } from './authority.ts';
import type { LanInfo } from './page.ts';

/** Addresses change when a laptop joins another network; looked at this often. */
export const RECHECK_INTERVAL = 30_000;

export interface LanNetwork {
  readonly certificate: Uint8Array;
  /** For the https server at start. */
  readonly files: TlsFiles;
  /** Names and addresses the certificate cannot cover; devices must not be sent there. */
  readonly outside: readonly string[];
  /** @param port of the https server @param installPort of the plain server with the install page */
  info(port: number, installPort: number): LanInfo;
  /** New files if the addresses have changed or the certificate nears its end, else undefined. */
  refresh(now: number): TlsFiles | undefined;
}

/**
 * Opens or makes what `--lan` needs under `dataDir/lan`.
 * @param now Unix ms
 */
export function openLan(dataDir: string, now: number, addresses: () => string[] = lanAddresses): LanNetwork {
  const wanted = (): { dns: string[]; addresses: string[] } => ({
    dns: localNames(),
    addresses: ['127.0.0.1', '::1', ...addresses()],
  });
  const authority = openAuthority(path.join(dataDir, 'lan'), wanted(), now);
  let names = authority.permits(wanted());
  let files = authority.serverFiles(names.inside, now);
  return {
    certificate: authority.der,
    get files() {
      return files;
    },
    get outside() {
      return names.outside;
    },
    info(port, installPort) {
      const reachable = names.inside.addresses.slice(2);
      const host = bracketed(reachable[0] ?? '127.0.0.1');
      return {
        url: `https://${host}:${port}`,
        ca_url: `http://${host}:${installPort}/lan/ca.crt`,
        fingerprint: authority.fingerprint,
        addresses: reachable,
      };
    },
    refresh(at) {
      names = authority.permits(wanted());
      const next = authority.serverFiles(names.inside, at);
      if (next.cert === files.cert) return undefined;
      files = next;
      return next;
    },
  };
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

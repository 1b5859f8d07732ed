/**
 * The local certificate authority in `DATA_DIR/lan` and the server certificate it signs. The authority is made once and
 * kept; the server certificate follows the machine's addresses. Private keys are readable by their owner only.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { issueAuthority, issueLeaf, type Names } from './certificate.ts';
import { isInside, PRIVATE_NETWORKS, type Network } from './ip.ts';

const DAY = 86_400_000;
const AUTHORITY_YEARS = 10;
/** Apple refuses longer ones; 397 is the longest a browser takes anywhere. */
const LEAF_DAYS = 397;
const RENEW_BEFORE_DAYS = 30;
/** Phones' clocks are off now and then. */
const BACKDATE = DAY;
const PRIVATE_DOMAINS = ['localhost', 'local', 'lan', 'home.arpa', 'internal'];

export interface TlsFiles {
  /** Server certificate and authority, PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
}

export interface Authority {
  /** PEM. */
  readonly certificate: string;
  /** SHA-256 of the certificate, `AB:CD:…`. */
  readonly fingerprint: string;
  /** DER, as devices install it. */
  readonly der: Uint8Array;
  /** Splits names into those the authority may vouch for and the others (public addresses it was not made for, say). */
  permits(names: Names): { readonly inside: Names; readonly outside: readonly string[] };
  /** A certificate for exactly these names, from disk if it still fits, else a new one. */
  serverFiles(names: Names, now: number): TlsFiles;
}

/**
 * Opens the authority, making it at first use.
 * @param names this machine's names and addresses now; public addresses among them are permitted one by one
 * @param now Unix ms
 */
export function openAuthority(dir: string, names: Names, now: number): Authority {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const files = { key: path.join(dir, 'ca.key'), cert: path.join(dir, 'ca.crt'), permitted: path.join(dir, 'ca.json') };
  if (!isUsable(files.cert, files.key, now)) createAuthority(files, names, now);
  const pem = readFileSync(files.cert, 'utf8');
  const certificate = new X509Certificate(pem);
  const privateKey = createPrivateKey(readFileSync(files.key, 'utf8'));
  const permitted = v.parse(Permitted, JSON.parse(readFileSync(files.permitted, 'utf8')));
  const commonName = commonNameOf(certificate);
  return {
    certificate: pem,
    fingerprint: certificate.fingerprint256,
    der: new Uint8Array(certificate.raw),
    permits: (names) => permits(permitted, names),
    serverFiles: (names, at) =>
      serverFiles(dir, names, at, pem, { commonName, publicKey: createPublicKey(privateKey), privateKey }),
  };
}

/** What the authority may vouch for, kept beside it so that it need not be parsed out of the certificate. */
const Permitted = v.object({
  dns: v.array(v.string()),
  networks: v.array(v.object({ address: v.string(), prefix: v.number() })),
});
type Permitted = v.InferOutput<typeof Permitted>;

function permits(permitted: Permitted, names: Names): ReturnType<Authority['permits']> {
  const address = (text: string): boolean => isInside(text, permitted.networks);
  const name = (text: string): boolean => permitted.dns.some((root) => text === root || text.endsWith(`.${root}`));
  return {
    inside: { dns: names.dns.filter(name), addresses: names.addresses.filter(address) },
    outside: [...names.dns.filter((text) => !name(text)), ...names.addresses.filter((text) => !address(text))],
  };
}

interface AuthorityFiles {
  readonly key: string;
  readonly cert: string;
  readonly permitted: string;
}

function createAuthority(files: AuthorityFiles, names: Names, now: number): void {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const exceptions = names.addresses
    .filter((address) => !isInside(address, PRIVATE_NETWORKS))
    .map((address): Network => ({ address, prefix: address.includes(':') ? 128 : 32 }));
  const permitted: Permitted = {
    dns: [...new Set([...PRIVATE_DOMAINS, ...names.dns])],
    networks: [...PRIVATE_NETWORKS, ...exceptions],
  };
  const name = names.dns.find((host) => host !== 'localhost') ?? 'this machine';
  const pem = issueAuthority({
    commonName: `Sensocto Web on ${name} (${new Date(now).toISOString().slice(0, 10)})`,
    validity: { from: new Date(now - BACKDATE), to: new Date(now + AUTHORITY_YEARS * 365 * DAY) },
    publicKey,
    privateKey,
    permitted,
  });
  writeSecret(files.key, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  writeWhole(files.permitted, JSON.stringify(permitted), 0o644);
  writeWhole(files.cert, pem, 0o644);
}

function serverFiles(
  dir: string,
  names: Names,
  now: number,
  authorityPem: string,
  issuer: { readonly commonName: string; readonly publicKey: KeyObject; readonly privateKey: KeyObject },
): TlsFiles {
  const files = { key: path.join(dir, 'server.key'), cert: path.join(dir, 'server.crt') };
  if (isUsable(files.cert, files.key, now + RENEW_BEFORE_DAYS * DAY)) {
    const pem = readFileSync(files.cert, 'utf8');
    if (covers(new X509Certificate(pem), names, issuer.publicKey)) {
      return { cert: pem + authorityPem, key: readFileSync(files.key, 'utf8') };
    }
  }
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const from = new Date(now - BACKDATE);
  const validity = { from, to: new Date(from.getTime() + LEAF_DAYS * DAY - 1000) };
  const pem = issueLeaf({ commonName: names.dns[0] ?? 'localhost', validity, publicKey, names, issuer });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  writeSecret(files.key, key);
  writeWhole(files.cert, pem, 0o644);
  return { cert: pem + authorityPem, key };
}

/** Both files are there, belong together, and the certificate is valid at `at` (Unix ms). */
function isUsable(certFile: string, keyFile: string, at: number): boolean {
  if (!existsSync(certFile) || !existsSync(keyFile)) return false;
  const certificate = new X509Certificate(readFileSync(certFile, 'utf8'));
  const key = createPrivateKey(readFileSync(keyFile, 'utf8'));
  return certificate.checkPrivateKey(key) && at < Date.parse(certificate.validTo);
}

function covers(certificate: X509Certificate, names: Names, issuerKey: KeyObject): boolean {
  return (
    certificate.verify(issuerKey) &&
    names.dns.every((name) => certificate.checkHost(name) !== undefined) &&
    names.addresses.every((address) => certificate.checkIP(address) !== undefined)
  );
}

function commonNameOf(certificate: X509Certificate): string {
  return /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? '';
}

function writeSecret(file: string, text: string): void {
  writeWhole(file, text, 0o600);
}

/** Writes beside and renames, so that a crash never leaves half a key. */
function writeWhole(file: string, text: string, mode: number): void {
  const draft = `${file}.new`;
  writeFileSync(draft, text, { mode });
  chmodSync(draft, mode);
  renameSync(draft, file);
}

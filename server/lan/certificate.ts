/**
 * X.509 v3 certificates with P-256 keys (RFC 5280, RFC 5480): an authority that may vouch only for names and addresses of
 * private networks, and the server certificate it signs. Only the encoding is ours; keys and signatures are OpenSSL's.
 */
import { createHash, randomBytes, sign, type KeyObject } from 'node:crypto';
import { bits, boolean, explicit, implicit, integer, octets, oid, sequence, set, time, utf8 } from './der.ts';
import { addressBytes, networkBytes, type Network } from './ip.ts';

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;

export interface Validity {
  readonly from: Date;
  readonly to: Date;
}

export interface Names {
  readonly dns: readonly string[];
  readonly addresses: readonly string[];
}

export interface AuthorityRequest {
  readonly commonName: string;
  readonly validity: Validity;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  /** What the authority may vouch for; a DNS entry includes everything below it. */
  readonly permitted: { readonly dns: readonly string[]; readonly networks: readonly Network[] };
}

export interface LeafRequest {
  readonly commonName: string;
  readonly validity: Validity;
  readonly publicKey: KeyObject;
  readonly names: Names;
  readonly issuer: { readonly commonName: string; readonly publicKey: KeyObject; readonly privateKey: KeyObject };
}

/** A self-signed authority, as PEM. */
export function issueAuthority(request: AuthorityRequest): string {
  const { permitted } = request;
  const subtrees = [
    ...permitted.dns.map((name) => sequence(implicit(2, Buffer.from(name)))),
    ...permitted.networks.map((network) => sequence(implicit(7, networkBytes(network)))),
  ];
  const extensions = [
    extension(EXTENSION.basicConstraints, true, sequence(boolean(true), integer(Uint8Array.of(0)))),
    // keyCertSign and cRLSign.
    extension(EXTENSION.keyUsage, true, bits(Uint8Array.of(0x06), 1)),
    extension(EXTENSION.subjectKeyIdentifier, false, octets(keyIdentifier(request.publicKey))),
    // Not critical on purpose: who understands it obeys it either way, who does not would refuse the whole authority.
    extension(EXTENSION.nameConstraints, false, sequence(explicit(0, ...subtrees))),
  ];
  const name = nameOf(request.commonName);
  return certificate(name, name, request.validity, request.publicKey, extensions, request.privateKey);
}

/** A server certificate signed by `issuer`, as PEM. */
export function issueLeaf(request: LeafRequest): string {
  const { issuer, names } = request;
  const alternatives = [
    ...names.dns.map((name) => implicit(2, Buffer.from(name))),
    ...names.addresses.map((address) => implicit(7, addressBytes(address))),
  ];
  const extensions = [
    extension(EXTENSION.basicConstraints, true, sequence()),
    // digitalSignature.
    extension(EXTENSION.keyUsage, true, bits(Uint8Array.of(0x80), 7)),
    extension(EXTENSION.extendedKeyUsage, false, sequence(oid(SERVER_AUTH))),
    extension(EXTENSION.subjectAltName, false, sequence(...alternatives)),
    extension(EXTENSION.subjectKeyIdentifier, false, octets(keyIdentifier(request.publicKey))),
    extension(EXTENSION.authorityKeyIdentifier, false, sequence(implicit(0, keyIdentifier(issuer.publicKey)))),
  ];
  const subject = nameOf(request.commonName);
  const issuerName = nameOf(issuer.commonName);
  return certificate(subject, issuerName, request.validity, request.publicKey, extensions, issuer.privateKey);
}

function certificate(
  subject: Buffer,
  issuer: Buffer,
  validity: Validity,
  publicKey: KeyObject,
  extensions: readonly Buffer[],
  signingKey: KeyObject,
): string {
  const serial = randomBytes(16);
  // Positive, and never shorter by chance.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const body = sequence(
    explicit(0, integer(Uint8Array.of(2))),
    integer(serial),
    ECDSA_WITH_SHA256,
    issuer,
    sequence(time(validity.from), time(validity.to)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions)),
  );
  const signed = sequence(body, ECDSA_WITH_SHA256, bits(sign('sha256', body, signingKey)));
  const lines = signed.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function nameOf(commonName: string): Buffer {
  const part = (type: string, text: string): Buffer => set(sequence(oid(type), utf8(text)));
  return sequence(part(ORGANIZATION, 'Sensocto Web'), part(COMMON_NAME, commonName));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));
}

/** RFC 5280 §4.2.1.2 method 1 hashes the bits of the key; they are the last 65 bytes of a P-256 SubjectPublicKeyInfo. */
function keyIdentifier(publicKey: KeyObject): Buffer {
  const point = publicKey.export({ type: 'spki', format: 'der' }).subarray(-65);
  return createHash('sha1').update(point).digest();
}

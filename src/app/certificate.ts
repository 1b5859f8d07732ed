/**
 * The delivery certificate: facts → certificate → file. Pure but for the digest that is handed in. A certificate says what
 * waited when a session began or was measured in it, and what became of each sample; its checksum covers everything in it but itself, so that a
 * changed file shows.
 */
import type {
  AttributeProof,
  AttributeReceipt,
  CertificateFacts,
  SensorProof,
  SeqRange,
  Tally,
} from '../model/proof.ts';
import { canonicalJson } from './canonical-json.ts';
import { countSeq, intersectSeq } from './seq-ranges.ts';

export const CERTIFICATE_FORMAT = 'sensocto-delivery-certificate';
const VERSION = 1;
const ALGORITHM = 'SHA-256';

/** Why samples are not with the server. `not-held`: confirmed, but the server's own account lacks them. */
export type ShortfallKind = 'kept' | 'set-aside' | 'evicted' | 'not-held' | 'unaccounted';

export interface Shortfall {
  readonly sensorId: string;
  /** Absent: the count is known for the whole sensor only. */
  readonly attribute?: string;
  readonly kind: ShortfallKind;
  readonly samples: number;
}

export interface Certificate {
  readonly format: typeof CERTIFICATE_FORMAT;
  readonly version: number;
  readonly installation: string;
  /** Origin of the server that confirmed. */
  readonly server: string;
  /** ISO 8601, UTC; `to` is null while the session goes on. */
  readonly session: { readonly from: string; readonly to: string | null };
  readonly takenAt: string;
  readonly totals: Tally;
  /** True: every sample measured is confirmed, and no account of the server says otherwise. */
  readonly complete: boolean;
  readonly missing: readonly Shortfall[];
  readonly sensors: readonly SensorProof[];
}

/** `checksum` is null where the browser has no digest (a page that is not secure). */
export interface SealedCertificate extends Certificate {
  readonly checksum: { readonly algorithm: string; readonly of: string; readonly value: string } | null;
}

/** Takes bytes, answers their SHA-256. */
export type Digest = (bytes: Uint8Array<ArrayBuffer>) => Promise<ArrayBuffer>;

/** @param server origin the samples were sent to */
export function makeCertificate(facts: CertificateFacts, server: string): Certificate {
  const missing = facts.sensors.flatMap(shortfallsOf);
  return {
    format: CERTIFICATE_FORMAT,
    version: VERSION,
    installation: facts.installation,
    server,
    session: { from: iso(facts.from), to: facts.to === undefined ? null : iso(facts.to) },
    takenAt: iso(facts.takenAt),
    totals: sumTallies(facts.sensors),
    complete: missing.length === 0,
    missing,
    sensors: facts.sensors,
  };
}

/** Adds the checksum: SHA-256, in hexadecimal, of the canonical JSON of the certificate without it. */
export async function sealCertificate(
  certificate: Certificate,
  digest: Digest | undefined,
): Promise<SealedCertificate> {
  if (digest === undefined) return { ...certificate, checksum: null };
  const hash = await digest(new TextEncoder().encode(canonicalJson(certificate)));
  const value = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { ...certificate, checksum: { algorithm: ALGORITHM, of: 'canonical JSON without "checksum"', value } };
}

/** A file name without characters that any file system refuses: `sensocto-certificate-2026-11-23T18-09-46Z`. */
export function certificateName(certificate: Certificate): string {
  return `sensocto-certificate-${certificate.takenAt.replace(/\.\d+/, '').replaceAll(':', '-')}`;
}

/** Adds up tallies. */
export function sumTallies(tallies: readonly Tally[]): Tally {
  const sum = (pick: (one: Tally) => number): number => tallies.reduce((total, one) => total + pick(one), 0);
  return {
    measured: sum((one) => one.measured),
    kept: sum((one) => one.kept),
    confirmed: sum((one) => one.confirmed),
    setAside: sum((one) => one.setAside),
    evicted: sum((one) => one.evicted),
  };
}

/** What keeps a sensor from being complete: by attribute where that is known, else for the sensor. */
function shortfallsOf(sensor: SensorProof): Shortfall[] {
  const { sensorId, attributes } = sensor;
  const byAttribute = attributes.flatMap((one) =>
    gapsInTally(one).map((found) => ({ sensorId, attribute: one.attribute, ...found })),
  );
  const notHeld = attributes.flatMap((one): Shortfall[] => {
    const samples = notHeldBy(one);
    return samples > 0 ? [{ sensorId, attribute: one.attribute, kind: 'not-held', samples }] : [];
  });
  // What the attributes do not explain belongs to the sensor: never lose a sample between two ways of counting.
  const rest = subtract(sensor, sumTallies(attributes));
  return [...byAttribute, ...notHeld, ...gapsInTally(rest).map((found) => ({ sensorId, ...found }))];
}

function gapsInTally(tally: Tally): { readonly kind: ShortfallKind; readonly samples: number }[] {
  const { measured, kept, confirmed, setAside, evicted } = tally;
  const found: { readonly kind: ShortfallKind; readonly samples: number }[] = [
    { kind: 'kept', samples: kept },
    { kind: 'set-aside', samples: setAside },
    { kind: 'evicted', samples: evicted },
    { kind: 'unaccounted', samples: measured - kept - confirmed - setAside - evicted },
  ];
  return found.filter(({ samples }) => samples > 0);
}

function subtract(from: Tally, part: Tally): Tally {
  return {
    measured: from.measured - part.measured,
    kept: from.kept - part.kept,
    confirmed: from.confirmed - part.confirmed,
    setAside: from.setAside - part.setAside,
    evicted: from.evicted - part.evicted,
  };
}

/**
 * Confirmed samples that the server's account does not have. Where it lists sequence numbers they decide, as its count may
 * include other sessions; a list that was cut short can prove nothing missing.
 */
function notHeldBy({ seq, receipt, confirmed }: AttributeProof): number {
  if (receipt?.asked !== undefined) return lackedBy(receipt, receipt.asked);
  if (receipt === undefined || receipt.truncated === true) return 0;
  const held = seq.length === 0 ? receipt.count : countSeq(intersectSeq(seq, receipt.ranges));
  return Math.max(0, confirmed - held);
}

/** Where it is known what had been confirmed when the server was asked: exactly that is compared. */
function lackedBy({ ranges, truncated }: AttributeReceipt, asked: readonly SeqRange[]): number {
  // Older than what the account lists is taken on trust.
  const listedFrom = truncated === true ? (ranges[0]?.[0] ?? Infinity) : 0;
  const told = intersectSeq(asked, [[listedFrom, Infinity]]);
  return countSeq(told) - countSeq(intersectSeq(told, ranges));
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

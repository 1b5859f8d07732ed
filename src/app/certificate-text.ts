/** A certificate as text for people: the same facts, line by line. Pure; the words come from the locale. */
import type { AttributeProof, Gap, GapCause, SensorProof, SeqRange, Tally } from '../model/proof.ts';
import type { SealedCertificate, Shortfall, ShortfallKind } from './certificate.ts';

/** Words of one locale. */
export interface CertificateWords {
  readonly heading: string;
  readonly installation: string;
  readonly server: string;
  readonly session: string;
  readonly ongoing: string;
  readonly taken: string;
  readonly complete: (samples: number) => string;
  readonly empty: string;
  readonly incomplete: (confirmed: number, measured: number) => string;
  readonly shortfall: Readonly<Record<ShortfallKind, (samples: number) => string>>;
  readonly demo: string;
  readonly seq: string;
  readonly none: string;
  readonly held: (count: number, durable: number) => string;
  readonly heldOlder: string;
  readonly noReceipt: string;
  readonly noGaps: string;
  readonly gap: (span: string, cause: string) => string;
  readonly checksum: (algorithm: string) => string;
  readonly noChecksum: string;
  /** Labels of the counts, and names of readings and causes as the screens have them. */
  readonly tally: Readonly<Record<keyof Tally, string>>;
  readonly attribute: (id: string) => string;
  readonly cause: Readonly<Record<GapCause, string>>;
  readonly number: (value: number) => string;
}

/** The statement a certificate makes: everything is confirmed, or exactly what is not. One line each. */
export function statement(certificate: SealedCertificate, words: CertificateWords): string[] {
  const { totals, missing, sensors } = certificate;
  if (totals.measured === 0 && missing.length === 0) return [words.empty];
  if (missing.length === 0) return [words.complete(totals.measured)];
  const nameOf = (id: string): string => sensors.find(({ sensorId }) => sensorId === id)?.name ?? id;
  const line = ({ sensorId, attribute, kind, samples }: Shortfall): string => {
    const where = attribute === undefined ? nameOf(sensorId) : `${nameOf(sensorId)}, ${words.attribute(attribute)}`;
    return `- ${where}: ${words.shortfall[kind](samples)}`;
  };
  return [words.incomplete(totals.confirmed, totals.measured), ...missing.map(line)];
}

/** The whole certificate, lines ended by `\n`. Times are UTC, so that two people read the same. */
export function certificateText(certificate: SealedCertificate, words: CertificateWords): string {
  const { session, checksum } = certificate;
  const lines = [
    words.heading,
    '',
    `${words.installation}: ${certificate.installation}`,
    `${words.server}: ${certificate.server}`,
    `${words.session}: ${session.from} – ${session.to ?? words.ongoing}`,
    `${words.taken}: ${certificate.takenAt}`,
    '',
    ...statement(certificate, words),
    '',
    tallyLine(certificate.totals, words),
    ...certificate.sensors.flatMap((sensor) => ['', ...sensorLines(sensor, words)]),
    '',
    checksum === null
      ? `${words.checksum('SHA-256')}: ${words.noChecksum}`
      : `${words.checksum(checksum.algorithm)}: ${checksum.value}`,
  ];
  return `${lines.join('\n')}\n`;
}

function sensorLines(sensor: SensorProof, words: CertificateWords): string[] {
  const demo = sensor.demo ? ` (${words.demo})` : '';
  return [
    `${sensor.name}${demo} · ${sensor.sensorId}`,
    `  ${tallyLine(sensor, words)}`,
    ...sensor.attributes.flatMap((one) => attributeLines(one, words).map((line) => `  ${line}`)),
    ...(sensor.gaps.length === 0 ? [`  ${words.noGaps}`] : sensor.gaps.map((gap) => `  ${gapLine(gap, words)}`)),
  ];
}

function attributeLines(one: AttributeProof, words: CertificateWords): string[] {
  const times =
    one.firstTime === undefined || one.lastTime === undefined ? '' : ` ${iso(one.firstTime)} – ${iso(one.lastTime)}`;
  return [
    `${words.attribute(one.attribute)} (${one.attribute})${times}`,
    `  ${tallyLine(one, words)}`,
    `  ${words.seq}: ${rangesText(one.seq, words)}`,
    `  ${receiptText(one, words)}`,
  ];
}

function receiptText({ receipt }: AttributeProof, words: CertificateWords): string {
  if (receipt === undefined) return words.noReceipt;
  const older = receipt.truncated === true ? `, ${words.heldOlder}` : '';
  return `${words.held(receipt.count, receipt.durable)} (${words.seq}: ${rangesText(receipt.ranges, words)}${older})`;
}

function rangesText(ranges: readonly SeqRange[], words: CertificateWords): string {
  // Sequence numbers name samples: they are not grouped like amounts.
  return ranges.length === 0 ? words.none : ranges.map(([first, last]) => `${first}–${last}`).join(', ');
}

function gapLine(gap: Gap, words: CertificateWords): string {
  const what = gap.attribute === undefined ? '' : ` (${words.attribute(gap.attribute)})`;
  return (
    words.gap(`${iso(gap.from)} – ${gap.to === undefined ? words.ongoing : iso(gap.to)}`, words.cause[gap.cause]) + what
  );
}

function tallyLine(tally: Tally, words: CertificateWords): string {
  const names: readonly (keyof Tally)[] = ['measured', 'kept', 'confirmed', 'setAside', 'evicted'];
  return names.map((name) => `${words.tally[name]} ${words.number(tally[name])}`).join(' · ');
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

/**
 * What a certificate says and what is exported, from the log's own account. Fetched when somebody asks for it; the sums of
 * the status are in `proof.ts`.
 */
import { payloadAt } from '../../src/model/block.ts';
import type {
  AttributeProof,
  AttributeReceipt,
  CertificateFacts,
  Gap,
  SensorProof,
  SetAsideItem,
} from '../../src/model/proof.ts';
import type { SensorDescriptor, SensorId } from '../../src/model/sensor.ts';
import type { AsideEntry, Outbox } from '../../src/outbox/ports.ts';
import { descriptorOf, totalsOf } from './proof.ts';

/** All that is set aside of a sensor, however much. @throws what the database throws */
export async function allAsides(outbox: Outbox, sensorId: SensorId): Promise<readonly AsideEntry[]> {
  const all: AsideEntry[] = [];
  for (let more = true; more;) {
    const page = await outbox.aside(sensorId, all.at(-1)?.id);
    all.push(...page);
    more = page.length > 0;
  }
  return all;
}

/** An open sensor, as far as a certificate needs it. */
export interface OpenFacts {
  readonly descriptor: SensorDescriptor;
  /** Those that go on are in no log yet. */
  readonly gaps: readonly Gap[];
  readonly receipts: ReadonlyMap<string, AttributeReceipt>;
}

/**
 * What each sensor of the session contributes to a certificate: those that are open, and those that are not but had
 * something to deliver in it.
 * @param from when the session began, Unix ms
 * @param only this sensor; undefined: all
 * @throws what the database throws
 */
export async function sessionProofs(
  outbox: Outbox,
  open: ReadonlyMap<SensorId, OpenFacts>,
  from: number,
  only: SensorId | undefined,
): Promise<readonly SensorProof[]> {
  const proofs: SensorProof[] = [];
  for (const sensorId of outbox.sensors()) {
    if (only !== undefined && sensorId !== only) continue;
    const facts = open.get(sensorId);
    const gaps = await outbox.gaps(sensorId);
    // Last, so that all counts of a sensor are of one moment.
    const attributes = await outbox.account(sensorId);
    if (!facts && only === undefined && attributes.every(({ measured }) => measured === 0)) continue;
    const descriptor = facts?.descriptor ?? descriptorOf(outbox, sensorId);
    proofs.push(sensorProof(descriptor, attributes, gapsSince(gaps, attributes, from), facts));
  }
  return proofs;
}

/** Gaps of the session, or of what was waiting when it began. */
function gapsSince(gaps: readonly Gap[], attributes: readonly AttributeProof[], from: number): readonly Gap[] {
  const first = Math.min(from, ...attributes.map(({ firstTime }) => firstTime ?? Infinity));
  return gaps.filter(({ to }) => to === undefined || to >= first);
}

function sensorProof(
  { sensorId, name, sensorType, demo }: SensorDescriptor,
  attributes: readonly AttributeProof[],
  gaps: readonly Gap[],
  facts: OpenFacts | undefined,
): SensorProof {
  const { measured, kept, confirmed, setAside, evicted } = totalsOf(
    attributes.map((one) => ({ ...one, oldestUnsentAt: undefined })),
  );
  const open = facts?.gaps.filter(({ to }) => to === undefined) ?? [];
  return {
    ...{ sensorId, name, sensorType, demo, measured, kept, confirmed, setAside, evicted },
    gaps: [...gaps, ...open].map(({ from, to, cause, attribute, samples }) => ({
      ...{ from, to, cause },
      ...(attribute !== undefined && { attribute }),
      ...(samples !== undefined && { samples }),
    })),
    attributes: attributes.map((one) => {
      const receipt = facts?.receipts.get(one.attribute);
      return { ...one, ...(receipt && { receipt }) };
    }),
  };
}

/** Facts of a session that goes on. Times in Unix ms. */
export function certificateFacts(
  installation: string,
  from: number,
  takenAt: number,
  sensors: readonly SensorProof[],
): CertificateFacts {
  return { installation, from, to: undefined, takenAt, sensors };
}

/** What was set aside, as the window shows and exports it. */
export function setAsideItem({ reason, at, samples, block, firstSeq, raw }: AsideEntry): SetAsideItem {
  if (!block) {
    const bytes = raw instanceof Uint8Array ? raw : new TextEncoder().encode(JSON.stringify(raw) ?? '');
    const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    return { attribute: undefined, reason, at, samples, firstSeq, content: { kind: 'unreadable', base64 } };
  }
  const measurements = Array.from(block.times, (time, i) => ({ time, payload: payloadAt(block, i) }));
  return { attribute: block.attribute, reason, at, samples, firstSeq, content: { kind: 'samples', measurements } };
}

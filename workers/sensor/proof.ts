/** Sums and facts for the proof of delivery, from the log's own account. */
import { payloadAt } from '../../src/model/block.ts';
import type {
  AsideSummary,
  AttributeProof,
  AttributeReceipt,
  CertificateFacts,
  Gap,
  SensorProof,
  SetAsideItem,
  StorageStatus,
  Tally,
  Totals,
} from '../../src/model/proof.ts';
import type { SensorDescriptor, SensorId } from '../../src/model/sensor.ts';
import type { AsideEntry, Outbox, StorageState } from '../../src/outbox/ports.ts';
import type { OutboxDepth } from '../../src/stream/ports.ts';

const sum = <T>(list: readonly T[], pick: (one: T) => number): number =>
  list.reduce((total, one) => total + pick(one), 0);

/** Adds up tallies; the oldest unsent sample of all is the oldest of any. */
export function totalsOf(tallies: readonly (Tally & Pick<Totals, 'oldestUnsentAt'>)[]): Totals {
  const waiting = tallies.flatMap(({ oldestUnsentAt }) => (oldestUnsentAt === undefined ? [] : [oldestUnsentAt]));
  return {
    measured: sum(tallies, (one) => one.measured),
    kept: sum(tallies, (one) => one.kept),
    confirmed: sum(tallies, (one) => one.confirmed),
    setAside: sum(tallies, (one) => one.setAside),
    evicted: sum(tallies, (one) => one.evicted),
    oldestUnsentAt: waiting.length > 0 ? Math.min(...waiting) : undefined,
  };
}

/** What a closed sensor contributes to the totals: only what is still here, as its confirmed samples are another story. */
export function heldTally({ kept, setAside, oldestUnsentAt }: OutboxDepth): Tally & Pick<Totals, 'oldestUnsentAt'> {
  return { measured: kept + setAside, kept, confirmed: 0, setAside, evicted: 0, oldestUnsentAt };
}

/** What the log calls a sensor. */
function descriptorOf(outbox: Outbox, sensorId: SensorId): SensorDescriptor {
  // Without a description the samples count more than what they are called.
  return outbox.descriptor(sensorId) ?? { sensorId, name: sensorId, sensorType: 'unknown', demo: false };
}

/** Where unsent samples are, without what the browser says about it. */
export function storageStatus(storage: StorageState): Pick<StorageStatus, 'kind' | 'reason' | 'full' | 'held'> {
  if (storage.kind === 'durable') return { kind: 'durable' };
  const { error, full, heldBytes: bytes, heldLimit: limit } = storage;
  return {
    kind: 'memory',
    reason: error.detail ?? error.code,
    ...(full && { full: true as const }),
    held: { bytes, limit },
  };
}

/** Every sensor of which something is set aside, whether its device is here or not. */
export function asideSummaries(outbox: Outbox): readonly AsideSummary[] {
  return outbox
    .sensors()
    .map((sensorId) => ({
      sensorId,
      name: descriptorOf(outbox, sensorId).name,
      samples: outbox.depth(sensorId).setAside,
      unknown: outbox.unknownAsides(sensorId),
    }))
    .filter(({ samples, unknown }) => samples + unknown > 0);
}

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

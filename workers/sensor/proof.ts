/** Sums and facts for the proof of delivery. Pure. */
import { payloadAt } from '../../src/model/block.ts';
import type {
  AttributeReceipt,
  CertificateFacts,
  SensorProof,
  SetAsideItem,
  Tally,
  Totals,
} from '../../src/model/proof.ts';
import type { SensorDescriptor } from '../../src/model/sensor.ts';
import type { AsideEntry } from '../../src/outbox/ports.ts';
import type { OutboxDepth } from '../../src/stream/ports.ts';
import type { SensorStatus } from './api.ts';

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

/** What one open sensor contributes to a certificate. */
export function sensorProof(
  descriptor: SensorDescriptor,
  status: SensorStatus,
  receipts: ReadonlyMap<string, AttributeReceipt>,
): SensorProof {
  const { measured, kept, confirmed, setAside, evicted, gaps } = status;
  return {
    ...descriptor,
    ...{ measured, kept, confirmed, setAside, evicted, gaps },
    attributes: status.attributes.map((one) => {
      const receipt = receipts.get(one.attribute);
      return { ...one, firstTime: undefined, lastTime: undefined, seq: [], ...(receipt && { receipt }) };
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

/** Sums for the proof of delivery, as the status shows them. */
import type { AsideSummary, StorageStatus, Tally, Totals } from '../../src/model/proof.ts';
import type { SensorDescriptor, SensorId } from '../../src/model/sensor.ts';
import type { Outbox, StorageState } from '../../src/outbox/ports.ts';
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
export function descriptorOf(outbox: Outbox, sensorId: SensorId): SensorDescriptor {
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

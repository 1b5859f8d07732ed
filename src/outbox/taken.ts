/** What one transaction writes of a sensor, what goes for it, and what that means if it succeeds. */
import type { AttributeId } from '../model/attribute.ts';
import type { RecordFacts } from './handout.ts';
import type { GivenUp } from './ledger.ts';
import type { Pending } from './pending.ts';
import type { Gap, SensorChanges } from './ports.ts';
import type { SensorLog } from './sensor-log.ts';
import type { TailRecord } from './tail-record.ts';

/** Records on disk that are given up so that others fit: both in one transaction, or neither. */
export interface Trade {
  readonly victims: readonly RecordFacts[];
  readonly gaps: readonly Gap[];
  /** Whether samples of this attribute are worth it. */
  readonly takes: (attribute: AttributeId) => boolean;
}

export interface Taken {
  readonly log: SensorLog;
  readonly changes: SensorChanges;
  /** What of the changes was pending; the rest belongs to a trade. */
  readonly pending: ReturnType<Pending['take']>;
  /** `size`: what the record took before. */
  readonly written: readonly { readonly record: TailRecord; readonly samples: number; readonly size: number }[];
  /** What the trade costs, by attribute. */
  readonly given: ReadonlyMap<AttributeId, GivenUp>;
  readonly strict: boolean;
  /** False: more waits to be written. */
  readonly whole: boolean;
}

/** @param liveOf samples of a record that nobody has answered for */
export function costOf(
  victims: readonly RecordFacts[],
  liveOf: (victim: RecordFacts) => number,
): ReadonlyMap<AttributeId, GivenUp> {
  const given = new Map<AttributeId, GivenUp>();
  for (const victim of victims) {
    const { samples, bytes } = given.get(victim.attribute) ?? { samples: 0, bytes: 0 };
    given.set(victim.attribute, { samples: samples + liveOf(victim), bytes: bytes + victim.size });
  }
  return given;
}

/** Logs that tabs share one after the other, with their real disk or with one that tests pull the plug of. */
import { openDurableOutbox } from '../../src/outbox/durable-outbox.ts';
import { openDatabase } from '../../src/outbox/database.ts';
import { parseRecord } from '../../src/outbox/row.ts';
import type { Clock } from '../../src/lib/timers.ts';
import type { Outbox } from '../../src/outbox/ports.ts';
import { mulberry32 } from '../../src/lib/random.ts';
import { Disk } from './disk-log.ts';
import { blockCodec, installIndexedDb, openFaulty } from './outbox-lab.ts';

export interface SharedLog {
  /** Opens the log for one leadership. `onDeath` is told what ends it with its tab. */
  open(clock: Clock, onDeath: (die: () => void) => void): Promise<Outbox>;
  /** Values of one attribute on the disk, in the order they were stored. */
  values(sensorId: string, attribute: string): Promise<readonly number[]>;
}

/** Blocks reach the disk up to 120 ms after they were appended. */
export function slowDisk(): SharedLog {
  const disk = new Disk();
  const random = mulberry32(1);
  return {
    open: (clock) => Promise.resolve(disk.open(clock, () => random() * 120)),
    values: (sensorId, attribute) => Promise.resolve(disk.values(sensorId, attribute)),
  };
}

/** The app's own log, in an IndexedDB of its own. */
export function indexedDbLog(): SharedLog {
  installIndexedDb();
  const reader = openDatabase();
  return {
    async open(clock, onDeath) {
      const db = await openFaulty();
      onDeath(() => (db.dead = true));
      return openDurableOutbox({ db, codec: blockCodec, clock, budgetBytes: 2 ** 30 });
    },
    async values(sensorId, attribute) {
      const database = await reader;
      if (!database.ok) throw new Error(database.error.detail);
      const records = await database.value.log.records(sensorId, { from: 0, to: Number.MAX_SAFE_INTEGER }, 10_000);
      return records.flatMap(({ value }) => {
        const record = parseRecord(value);
        if (record?.attribute !== attribute) return [];
        const decoded = blockCodec.decode(record.bytes);
        return decoded.ok && decoded.value.block.kind === 'numeric' ? [...decoded.value.block.values] : [NaN];
      });
    },
  };
}

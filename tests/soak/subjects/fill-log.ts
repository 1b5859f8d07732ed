/** A browser worker that writes a day of measurements into the app's own log, as the app does while it is offline. */
import { budgetFor, storageFacts } from '../../../src/outbox/quota.ts';
import { openDatabase } from '../../../src/outbox/database.ts';
import { openOutbox } from '../../../src/outbox/open-outbox.ts';
import { systemClock } from '../../../src/lib/timers.ts';
import { decodeBlock, encodeBlock } from '../../../src/protocol/block-codec.ts';
import { DAY_SENSOR, dayOfBlocks, REGISTRATIONS } from './day.ts';

/** Simulated seconds between two waits for the disk: the spool of the app does not run ahead of it either. */
const SPOOL = 10;

export interface FillRequest {
  /** Unix ms, whole seconds. */
  readonly start: number;
  readonly seconds: number;
  /** All unless told. */
  readonly attributes?: readonly string[];
}

/** Fills the log; gives what it kept, and its bytes on disk. */
async function fill({
  start,
  seconds,
  attributes,
}: FillRequest): Promise<{ readonly kept: number; readonly bytes: number }> {
  const outbox = await openOutbox({
    database: await openDatabase(),
    codec: { encode: (block, firstSeq) => encodeBlock(block, { firstSeq }), decode: decodeBlock },
    clock: systemClock,
    budgetBytes: budgetFor(await storageFacts(navigator.storage, false)),
  });
  if (outbox.storage.kind !== 'durable') throw new Error(`not durable: ${outbox.storage.error.detail}`);
  outbox.describe({ sensorId: DAY_SENSOR, name: 'Day recorder', sensorType: 'ecg', demo: true });
  const wanted = (attribute: string): boolean => attributes?.includes(attribute) ?? true;
  for (const registration of REGISTRATIONS)
    if (wanted(registration.attribute)) outbox.register(DAY_SENSOR, registration);
  let second = 0;
  for (const blocks of dayOfBlocks(start, seconds)) {
    for (const block of blocks) if (wanted(block.attribute)) outbox.append(DAY_SENSOR, block);
    second += 1;
    if (second % SPOOL === 0) await outbox.checkpoint();
  }
  await outbox.checkpoint();
  const { kept, bytes } = outbox.depth(DAY_SENSOR);
  await outbox.close();
  return { kept, bytes };
}

addEventListener('message', ({ data }: MessageEvent<FillRequest>) => {
  fill(data).then(
    (filled) => postMessage({ filled }),
    (thrown: unknown) => postMessage({ problem: String(thrown) }),
  );
});

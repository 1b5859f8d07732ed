/** The log of this installation: durable where the browser keeps things, else in memory, which it then says. */
import type { Clock } from '../lib/timers.ts';
import { appError, describeThrown, type AppError } from '../model/errors.ts';
import type { Result } from '../model/result.ts';
import type { Database } from './database.ts';
import { openDurableOutbox } from './durable-outbox.ts';
import type { BlockCodec, Outbox } from './ports.ts';

export interface OpenOutboxDeps {
  /** As `openDatabase` gave it. */
  readonly database: Result<Database>;
  readonly codec: BlockCodec;
  readonly clock: Clock;
  readonly budgetBytes: number;
  /** See DurableOutboxDeps. */
  readonly onChange?: () => void;
}

/** Never throws; `storage` of what it returns says which log it is, and why. */
export async function openOutbox({ database, ...deps }: OpenOutboxDeps): Promise<Outbox> {
  const { clock } = deps;
  // Numbers that no earlier run can have reached.
  const firstSeq = Math.floor(clock.now()) * 1000;
  // Fetched only where it is needed: few browsers refuse storage.
  const inMemory = async (error: AppError): Promise<Outbox> => {
    const { createMemoryOutbox } = await import('./memory-outbox.ts');
    return createMemoryOutbox(firstSeq, error, () => clock.now());
  };
  if (!database.ok) return inMemory(database.error);
  try {
    return await openDurableOutbox({ db: database.value.log, ...deps });
  } catch (thrown) {
    return inMemory(appError('storage-unavailable', describeThrown(thrown)));
  }
}

/** How much the browser lets us keep, and whether it may delete it. Works in windows and workers. */

/** Most that the log takes, bytes: weeks of everything a wearer can carry. */
const MOST = 2 ** 30;
/** Least, where the browser says nothing or next to nothing. */
const LEAST = 32 * 2 ** 20;
/** Share of the quota: the shell of the app and the browser's own bookkeeping need some as well. */
const SHARE = 0.5;

/** What `navigator.storage` offers; `persist` exists on windows only. */
export interface StorageLike {
  estimate?(): Promise<{ readonly usage?: number; readonly quota?: number }>;
  persisted?(): Promise<boolean>;
  persist?(): Promise<boolean>;
}

export interface StorageFacts {
  /** True: the browser deletes nothing by itself. Undefined: it does not say. */
  readonly persisted: boolean | undefined;
  /** Bytes; undefined where the browser does not say. */
  readonly usage: number | undefined;
  readonly quota: number | undefined;
}

/** Asks for storage that is not deleted by itself, where that can be asked for, and tells what there is. Never throws. */
export async function storageFacts(storage: StorageLike | undefined, ask: boolean): Promise<StorageFacts> {
  const persisted =
    (ask ? await attempt(() => storage?.persist?.()) : undefined) ?? (await attempt(() => storage?.persisted?.()));
  const { usage, quota } = (await attempt(() => storage?.estimate?.())) ?? {};
  return { persisted, usage, quota };
}

/** Bytes the log may take under this quota. */
export function budgetFor({ quota }: Pick<StorageFacts, 'quota'>): number {
  return Math.min(MOST, Math.max(LEAST, Math.floor((quota ?? 0) * SHARE)));
}

/** The answer, or undefined where the browser refuses: opaque origins and private modes reject instead of answering. */
async function attempt<T>(ask: () => Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await ask();
  } catch {
    // Not knowing is one of the answers, and the caller shows it as that.
    return undefined;
  }
}

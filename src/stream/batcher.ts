/**
 * Joins blocks of the same attribute into larger ones, so that the log has one record per attribute and spool instead of
 * one per notification. Holds nothing longer than the spool interval: what is still here when a tab is killed is lost.
 */
import { blockLength, canJoin, joinBlocks, type Block } from '../model/block.ts';
import type { Clock } from '../lib/timers.ts';
import { MAX_BATCH_SAMPLES } from './budget.ts';

/**
 * Longest time before a sample is written, ms, whatever the batch window says. A killed page may lose a quarter second,
 * and the writing itself takes a part of that.
 */
export const SPOOL_INTERVAL = 200;

export interface Batcher {
  add(block: Block): void;
  /** Hands over what is held, now, in the order in which attributes first arrived. */
  flush(): void;
  /** Samples held. */
  readonly held: number;
}

/** @param onBlock receives the joined blocks */
export function createBatcher(deps: { readonly clock: Clock; readonly onBlock: (block: Block) => void }): Batcher {
  const parts = new Map<string, Block[]>();
  let held = 0;
  let timer: (() => void) | undefined;

  function flush(): void {
    timer?.();
    timer = undefined;
    const groups = [...parts.values()];
    parts.clear();
    held = 0;
    for (const group of groups) for (const block of joinNeighbours(group)) deps.onBlock(block);
  }

  return {
    add(block) {
      if (blockLength(block) === 0) return;
      const group = parts.get(block.attribute);
      if (group) group.push(block);
      else parts.set(block.attribute, [block]);
      held += blockLength(block);
      timer ??= deps.clock.after(SPOOL_INTERVAL, flush);
    },
    flush,
    get held() {
      return held;
    },
  };
}

/**
 * Joins neighbours of the same kind; an attribute that changes kind (number, then object) yields several blocks. No more
 * than a batch may hold are joined.
 */
function joinNeighbours(group: readonly Block[]): Block[] {
  const out: Block[] = [];
  let run: Block[] = [];
  let samples = 0;
  for (const block of group) {
    const [first] = run;
    if (first && (!canJoin(first, block) || samples + blockLength(block) > MAX_BATCH_SAMPLES)) {
      out.push(joinBlocks(first, ...run.slice(1)));
      run = [];
      samples = 0;
    }
    run.push(block);
    samples += blockLength(block);
  }
  const [first, ...rest] = run;
  if (first) out.push(joinBlocks(first, ...rest));
  return out;
}

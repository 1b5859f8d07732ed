/**
 * Joins blocks of the same attribute into larger ones, so that the log has one record per attribute and spool instead of
 * one per notification. Holds nothing longer than the spool interval: what is still here when a tab is killed is lost.
 */
import { blockLength, type Block, type NumericBlock, type StructuredBlock } from '../model/block.ts';
import type { Clock } from '../lib/timers.ts';
import { MAX_BATCH_SAMPLES } from './budget.ts';

/** Longest time a sample stays out of the log, ms, whatever the batch window says. */
export const SPOOL_INTERVAL = 250;

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
    for (const group of groups) for (const block of joinBlocks(group)) deps.onBlock(block);
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
 * than a batch may hold are joined: a block is sent whole.
 */
function joinBlocks(group: readonly Block[]): Block[] {
  const out: Block[] = [];
  let run: Block[] = [];
  let samples = 0;
  for (const block of group) {
    if (run[0] && (run[0].kind !== block.kind || samples + blockLength(block) > MAX_BATCH_SAMPLES)) {
      out.push(joinRun(run));
      run = [];
      samples = 0;
    }
    run.push(block);
    samples += blockLength(block);
  }
  if (run.length > 0) out.push(joinRun(run));
  return out;
}

function joinRun(run: readonly Block[]): Block {
  const [first] = run;
  if (first && run.length === 1) return first;
  const times = new Float64Array(run.reduce((sum, block) => sum + blockLength(block), 0));
  let at = 0;
  for (const block of run) {
    times.set(block.times, at);
    at += blockLength(block);
  }
  const attribute = first?.attribute ?? '';
  if (first?.kind === 'structured') {
    const payloads = (run as readonly StructuredBlock[]).flatMap((block) => block.payloads);
    return { kind: 'structured', attribute, times, payloads };
  }
  const values = new Float32Array(times.length);
  at = 0;
  for (const block of run as readonly NumericBlock[]) {
    values.set(block.values, at);
    at += block.values.length;
  }
  return { kind: 'numeric', attribute, times, values };
}

/**
 * Compares what the server says it holds with what it is believed to hold. A channel can be joined and answer pings while
 * everything sent to it is lost; where the server gives receipts, this is how that shows.
 */
import { IdRanges } from '../lib/id-ranges.ts';
import type { Clock } from '../lib/timers.ts';
import type { AttributeId } from '../model/attribute.ts';
import type { AttributeReceipt, ReceiptReport } from '../model/proof.ts';
import type { Entries } from './parts.ts';

/** ms between two questions. */
const INTERVAL = 30_000;
/** Not sooner after the last one, when nothing is left to send, ms. */
const SETTLED_INTERVAL = 5000;
/** The channel is restarted for the sake of missing samples at most this often, ms. */
const RESTART_INTERVAL = 60_000;

export type Receipts = Readonly<Record<AttributeId, AttributeReceipt>>;

export interface ReceiptCheckDeps {
  readonly clock: Clock;
  /** False: cannot ask now. */
  readonly ask: (attributes: readonly AttributeId[], onReceipt: (receipts: Receipts) => void) => boolean;
  /** Samples are missing that were not missing before: the channel may be dead although it answers. */
  readonly onLoss: (missing: number) => void;
  readonly onChange: () => void;
}

export interface ReceiptCheck {
  /** @param able the server announced receipts */
  joined(able: boolean): void;
  left(): void;
  /** The server has confirmed these. */
  confirmed(entries: Entries): void;
  /** Nothing is left to send: a good moment to ask. */
  settled(): void;
  /** Undefined: the server never said. */
  report(): ReceiptReport | undefined;
  /** What the server said last, by attribute. */
  latest(): ReadonlyMap<AttributeId, AttributeReceipt>;
}

export function createReceiptCheck(deps: ReceiptCheckDeps): ReceiptCheck {
  const { clock } = deps;
  /** Sequence numbers that were confirmed since this check began. */
  const confirmed = new Map<AttributeId, IdRanges>();
  const latest = new Map<AttributeId, AttributeReceipt>();
  const missing = new Map<AttributeId, number>();
  let able = false;
  /** Counts joins: an answer to an earlier one says nothing any more. */
  let join = 0;
  /** Something was confirmed since the last question. */
  let news = false;
  let askedAt = -Infinity;
  let restartedAt = -Infinity;
  let timer: (() => void) | undefined;

  function wait(ms: number): void {
    timer?.();
    timer = clock.after(ms, ask);
  }

  function ask(): void {
    wait(INTERVAL);
    if (!able || !news) return;
    const asked = join;
    // What is confirmed now was taken before the question: the server answers in order.
    const believed = [...confirmed].map(([attribute, ranges]) => [attribute, new IdRanges(ranges.toPairs())] as const);
    const sent = deps.ask([...confirmed.keys()], (receipts) => {
      if (asked === join) compare(believed, receipts);
    });
    if (!sent) return;
    news = false;
    askedAt = clock.now();
  }

  function compare(believed: readonly (readonly [AttributeId, IdRanges])[], receipts: Receipts): void {
    const before = sum(missing);
    for (const [attribute, ranges] of believed) {
      const receipt = receipts[attribute];
      if (receipt) latest.set(attribute, { ...receipt, asked: ranges.toPairs() });
      missing.set(attribute, countMissing(ranges, receipt));
    }
    deps.onChange();
    const now = sum(missing);
    if (now <= before || clock.now() - restartedAt < RESTART_INTERVAL) return;
    restartedAt = clock.now();
    deps.onLoss(now);
  }

  return {
    joined(canAsk) {
      join += 1;
      able = canAsk;
      // What was confirmed before may have gone with the server.
      news = confirmed.size > 0;
      if (able) wait(INTERVAL);
    },
    left() {
      join += 1;
      able = false;
      timer?.();
    },
    confirmed(entries) {
      for (const { block, firstSeq, samples } of entries) {
        const ranges = confirmed.get(block.attribute) ?? new IdRanges();
        ranges.add(firstSeq, firstSeq + samples - 1);
        confirmed.set(block.attribute, ranges);
      }
      news ||= entries.length > 0;
    },
    settled() {
      if (!able || !news) return;
      const due = askedAt + SETTLED_INTERVAL - clock.now();
      if (due <= 0) ask();
      else wait(due);
    },
    report() {
      if (latest.size === 0) return undefined;
      return { count: [...latest.values()].reduce((total, one) => total + one.count, 0), missing: sum(missing) };
    },
    latest: () => latest,
  };
}

/** Confirmed samples that the receipt does not name; older than what it has room for are taken on trust. */
function countMissing(confirmed: IdRanges, receipt: AttributeReceipt | undefined): number {
  const held = new IdRanges(receipt?.ranges ?? []);
  const knownFrom = receipt?.truncated ? (receipt.ranges[0]?.[0] ?? Infinity) : 0;
  let count = 0;
  for (const [first, last] of confirmed.toPairs()) {
    const from = Math.max(first, knownFrom);
    if (from <= last) count += last - from + 1 - held.count(from, last);
  }
  return count;
}

function sum(counts: ReadonlyMap<AttributeId, number>): number {
  return [...counts.values()].reduce((total, one) => total + one, 0);
}

import { describe, expect, it } from 'vitest';
import type { AttributeReceipt, SeqRange } from '../../../src/model/proof.ts';
import { createReceiptCheck, type Receipts } from '../../../src/stream/receipts.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const held = (...ranges: SeqRange[]): AttributeReceipt => {
  const count = ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  return { count, durable: count, ranges };
};

function setUp() {
  const clock = createManualClock();
  const asked: { readonly attributes: readonly string[]; answer(receipts: Receipts): void }[] = [];
  const losses: number[] = [];
  const check = createReceiptCheck({
    clock,
    ask(attributes, answer) {
      asked.push({ attributes, answer });
      return true;
    },
    onLoss: (missing) => losses.push(missing),
    onChange: () => undefined,
  });
  const confirm = (firstSeq: number, samples: number, attribute = 'ecg'): void => {
    const times = new Float64Array(samples);
    const block = { kind: 'numeric' as const, attribute, times, values: new Float32Array(samples) };
    check.confirmed([{ id: 0, block, firstSeq, samples }]);
  };
  return { clock, asked, losses, check, confirm };
}

describe('receipts', () => {
  it('are not asked for on a server that gives none', async () => {
    const { clock, asked, check, confirm } = setUp();
    check.joined(false);
    confirm(0, 10);
    check.settled();
    await clock.advance(120_000);
    expect(asked).toEqual([]);
    expect(check.report()).toBeUndefined();
  });

  it('are kept with what had been confirmed when they were asked for, not with what came after', () => {
    const { asked, check, confirm } = setUp();
    check.joined(true);
    confirm(0, 10);
    check.settled();
    confirm(10, 5);
    asked[0]?.answer({ ecg: held([0, 9]) });
    expect(check.latest().get('ecg')).toEqual({ ...held([0, 9]), asked: [[0, 9]] });
  });

  it('are asked for when nothing is left to send, and every half minute, as long as there is news', async () => {
    const { clock, asked, check, confirm } = setUp();
    check.joined(true);
    confirm(0, 10);
    check.settled();
    expect(asked).toHaveLength(1);
    confirm(10, 1);
    check.settled();
    expect(asked).toHaveLength(1);
    await clock.advance(5000);
    expect(asked).toHaveLength(2);
    await clock.advance(60_000);
    expect(asked).toHaveLength(2);
    confirm(11, 1, 'heartrate');
    await clock.advance(30_000);
    expect(asked.at(-1)?.attributes).toEqual(['ecg', 'heartrate']);
  });

  it('that hold everything leave nothing missing', () => {
    const { asked, losses, check, confirm } = setUp();
    check.joined(true);
    confirm(100, 50);
    check.settled();
    asked[0]?.answer({ ecg: held([0, 149]) });
    expect(check.report()).toEqual({ count: 150, missing: 0 });
    expect(losses).toEqual([]);
  });

  it('that lack confirmed samples tell how many, once, however often they are asked for', async () => {
    const { clock, asked, losses, check, confirm } = setUp();
    check.joined(true);
    confirm(0, 50);
    check.settled();
    asked[0]?.answer({ ecg: held([0, 9], [20, 29]) });
    expect(check.report()).toEqual({ count: 20, missing: 30 });
    expect(losses).toEqual([30]);
    // The channel was restarted for that; what is lost stays lost.
    check.left();
    check.joined(true);
    confirm(50, 10);
    await clock.advance(90_000);
    asked[1]?.answer({ ecg: held([0, 9], [20, 29], [50, 59]) });
    expect(check.report()).toEqual({ count: 30, missing: 30 });
    expect(losses).toEqual([30]);
    confirm(60, 10);
    await clock.advance(30_000);
    asked[2]?.answer({ ecg: held([0, 9], [20, 29], [50, 59]) });
    expect(losses).toEqual([30, 40]);
  });

  it('say nothing about what was confirmed after they were asked for, nor on an earlier join', () => {
    const { asked, check, confirm } = setUp();
    check.joined(true);
    confirm(0, 10);
    check.settled();
    confirm(10, 10);
    asked[0]?.answer({ ecg: held([0, 9]) });
    expect(check.report()).toEqual({ count: 10, missing: 0 });
    check.left();
    asked[0]?.answer({});
    expect(check.report()).toEqual({ count: 10, missing: 0 });
  });

  it('with older ranges left out are believed about those', () => {
    const { asked, check, confirm } = setUp();
    check.joined(true);
    confirm(0, 100);
    check.settled();
    asked[0]?.answer({
      ecg: {
        count: 95,
        durable: 95,
        ranges: [
          [50, 79],
          [85, 99],
        ],
        truncated: true,
      },
    });
    expect(check.report()).toEqual({ count: 95, missing: 5 });
  });

  it('without a confirmed attribute miss all of it', () => {
    const { asked, losses, check, confirm } = setUp();
    check.joined(true);
    confirm(0, 10);
    confirm(0, 10, 'rr_interval');
    check.settled();
    asked[0]?.answer({ ecg: held([0, 9]) });
    expect(losses).toEqual([10]);
  });
});

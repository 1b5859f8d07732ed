import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backpressureFor, type BackpressureConfig } from '../../../src/model/backpressure.ts';
import {
  BATCH_BURST,
  BATCHES_PER_SECOND,
  decide,
  FIRST_CONFIG_WAIT,
  MAX_BATCHES_IN_FLIGHT,
  paceOf,
  refill,
  type BudgetInput,
} from '../../../src/stream/budget.ts';
import { GATEWAY, STOCK } from './configs.ts';

const NOW = 1_700_000_000_000;
const none = backpressureFor('none', 'normal', false, NOW);
const high = backpressureFor('high', 'normal', false, NOW);
const paused = backpressureFor('none', 'critical', false, NOW);

const MAX_BYTES = 65_536;
const live = { kind: 'send', work: 'live' } as const;

/** Joined long ago, one fresh sample, nothing in flight. */
const input: BudgetInput = {
  now: NOW,
  joinedAt: NOW - 60_000,
  config: none,
  pending: 1,
  oldestPendingAt: NOW,
  urgent: false,
  abilities: STOCK,
  backlog: false,
  suspects: 0,
  batchesInFlight: 0,
  bytesInFlight: 0,
  maxBytesInFlight: MAX_BYTES,
  tokens: BATCH_BURST,
  drainTokens: BATCH_BURST,
};

describe('decide', () => {
  it.each<[string, Partial<BudgetInput>, ReturnType<typeof decide>]>([
    ['not joined', { joinedAt: undefined }, { kind: 'hold', why: 'not-joined' }],
    ['nothing waits', { pending: 0 }, { kind: 'hold', why: 'empty' }],
    ['paused', { config: paused, pending: 1000 }, { kind: 'hold', why: 'paused' }],
    ['paused holds even what is urgent', { config: paused, urgent: true }, { kind: 'hold', why: 'paused' }],
    ['window not over', {}, { kind: 'wait', until: NOW + none.batchWindow }],
    ['window over', { oldestPendingAt: NOW - none.batchWindow }, live],
    ['window over by one short', { oldestPendingAt: NOW - none.batchWindow + 1 }, { kind: 'wait', until: NOW + 1 }],
    ['size reached', { pending: none.batchSize }, live],
    ['one below size', { pending: none.batchSize - 1 }, { kind: 'wait', until: NOW + none.batchWindow }],
    ['high attention: each sample at once', { config: high }, live],
    ['urgent', { urgent: true }, live],
    ['too many batches', { urgent: true, batchesInFlight: MAX_BATCHES_IN_FLIGHT }, { kind: 'hold', why: 'in-flight' }],
    ['too many bytes', { urgent: true, bytesInFlight: MAX_BYTES }, { kind: 'hold', why: 'in-flight' }],
    ['one below both', { urgent: true, batchesInFlight: MAX_BATCHES_IN_FLIGHT - 1 }, live],
    ['no token', { urgent: true, tokens: 0 }, { kind: 'wait', until: NOW + 1000 / BATCHES_PER_SECOND }],
    ['half a token', { urgent: true, tokens: 0.5 }, { kind: 'wait', until: NOW + 500 / BATCHES_PER_SECOND }],
    [
      'no config yet',
      { config: undefined, joinedAt: NOW - 500, urgent: true },
      { kind: 'wait', until: NOW - 500 + FIRST_CONFIG_WAIT },
    ],
    [
      'no config after the wait: none, normal',
      { config: undefined, joinedAt: NOW - FIRST_CONFIG_WAIT },
      { kind: 'wait', until: NOW + 5000 },
    ],
    ['no config after the wait: size 20', { config: undefined, pending: 20 }, live],
    ['a backlog does not wait for the window', { backlog: true, pending: 0 }, { kind: 'send', work: 'old' }],
    ['a backlog comes first', { backlog: true, urgent: true }, { kind: 'send', work: 'old' }],
    [
      'a backlog waits for its own tokens',
      { backlog: true, drainTokens: 0, urgent: true },
      { kind: 'wait', until: NOW + 100 },
    ],
    ['where order does not matter what is new comes first', { backlog: true, urgent: true, abilities: GATEWAY }, live],
    ['and the backlog fills the time between', { backlog: true, abilities: GATEWAY }, { kind: 'send', work: 'old' }],
    ['parts of a refused batch come before all', { suspects: 1, backlog: true }, { kind: 'send', work: 'suspect' }],
  ])('%s', (_name, change, decision) => {
    expect(decide({ ...input, ...change })).toEqual(decision);
  });

  it('obeys every config at any moment', () => {
    fc.assert(
      fc.property(anyInput, (one) => {
        const decision = decide(one);
        if (decision.kind === 'wait') expect(decision.until).toBeGreaterThan(one.now);
        if (decision.kind !== 'send') return;
        expect(one.joinedAt).toBeDefined();
        expect(one.config?.paused ?? false).toBe(false);
        expect(one.config !== undefined || one.now - (one.joinedAt ?? NaN) >= FIRST_CONFIG_WAIT).toBe(true);
        expect(one.batchesInFlight).toBeLessThan(MAX_BATCHES_IN_FLIGHT);
        expect(one.bytesInFlight).toBeLessThan(one.maxBytesInFlight);
        expect(decision.work === 'old' ? one.drainTokens : one.tokens).toBeGreaterThanOrEqual(1);
        if (decision.work === 'old') expect(one.backlog).toBe(true);
        if (decision.work === 'suspect') expect(one.suspects).toBeGreaterThan(0);
        if (decision.work !== 'live') return;
        expect(one.pending).toBeGreaterThan(0);
        expect(one.backlog && !one.abilities.outOfOrder, 'new before old, though the server wants order').toBe(false);
        const { batchSize, batchWindow } = one.config ?? none;
        expect(one.urgent || one.pending >= batchSize || one.now - one.oldestPendingAt >= batchWindow).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('asked again when it said, it sends: no wait is for ever', () => {
    fc.assert(
      fc.property(anyInput, (one) => {
        let at = one;
        for (let asked = 0; asked < 4; asked++) {
          const decision = decide(at);
          if (decision.kind !== 'wait') return;
          const passed = decision.until - at.now;
          const drainTokens = refill(at.drainTokens, passed, paceOf(at.config ?? none, at.abilities).rate);
          at = { ...at, now: decision.until, tokens: refill(at.tokens, passed), drainTokens };
        }
        expect(decide(at).kind).not.toBe('wait');
      }),
    );
  });
});

const anyConfig: fc.Arbitrary<BackpressureConfig> = fc
  .tuple(
    fc.constantFrom('high' as const, 'medium' as const, 'low' as const, 'none' as const),
    fc.constantFrom('normal' as const, 'elevated' as const, 'high' as const, 'critical' as const),
    fc.boolean(),
  )
  .map(([attention, load, protection]) => backpressureFor(attention, load, protection, NOW));

const anyInput: fc.Arbitrary<BudgetInput> = fc.record({
  now: fc.integer({ min: NOW, max: NOW + 200_000 }),
  joinedAt: fc.option(fc.integer({ min: NOW - 10_000, max: NOW }), { nil: undefined }),
  config: fc.option(anyConfig, { nil: undefined }),
  pending: fc.integer({ min: 0, max: 50 }),
  oldestPendingAt: fc.integer({ min: NOW - 10_000, max: NOW }),
  urgent: fc.boolean(),
  batchesInFlight: fc.integer({ min: 0, max: MAX_BATCHES_IN_FLIGHT + 1 }),
  bytesInFlight: fc.integer({ min: 0, max: MAX_BYTES + 1 }),
  abilities: fc.constantFrom(STOCK, GATEWAY),
  backlog: fc.boolean(),
  suspects: fc.integer({ min: 0, max: 3 }),
  maxBytesInFlight: fc.integer({ min: 1, max: MAX_BYTES }),
  tokens: fc.double({ min: 0, max: BATCH_BURST, noNaN: true }),
  drainTokens: fc.double({ min: 0, max: BATCH_BURST, noNaN: true }),
});

describe('the pace of a backlog', () => {
  const under = (attention: 'none' | 'medium', load: 'normal' | 'elevated' | 'high' | 'critical') =>
    paceOf(backpressureFor(attention, load, false, NOW), STOCK).rate;

  it('is ten batches of 200 samples a second, and more where the server takes our block form', () => {
    expect(paceOf(none, STOCK)).toEqual({ rate: 10, samples: 200 });
    expect(paceOf(none, GATEWAY)).toEqual({ rate: 20, samples: 4000 });
  });

  it('yields to the load of the server unless somebody looks', () => {
    expect([under('none', 'elevated'), under('none', 'high'), under('none', 'critical')]).toEqual([7.5, 5, 2.5]);
    expect(under('medium', 'critical')).toBe(10);
  });
});

describe('refill', () => {
  it('fills at the rate, up to the burst, and never drains', () => {
    expect(refill(0, 100)).toBeCloseTo(1);
    expect(refill(BATCH_BURST, 10_000)).toBe(BATCH_BURST);
    expect(refill(2, -5000)).toBe(2);
  });

  it('lets no more through than burst + rate × time', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 200 }), (gaps) => {
        let tokens = BATCH_BURST;
        let sent = 0;
        let elapsed = 0;
        for (const gap of gaps) {
          elapsed += gap;
          tokens = refill(tokens, gap);
          while (tokens >= 1) {
            tokens -= 1;
            sent += 1;
          }
        }
        expect(sent).toBeLessThanOrEqual(BATCH_BURST + (elapsed * BATCHES_PER_SECOND) / 1000);
      }),
    );
  });
});

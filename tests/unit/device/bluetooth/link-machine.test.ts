import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { next, reactionTo, type LinkEvent } from '../../../../src/device/bluetooth/link-machine.ts';
import { ACTOR, appError, type ErrorCode } from '../../../../src/model/errors.ts';
import type { LinkState } from '../../../../src/model/link.ts';

const MOMENT = { now: 1000, random: () => 0 };
const far = appError('bluetooth-out-of-range');
const off = appError('bluetooth-adapter-off');
const denied = appError('bluetooth-permission');
const none = appError('bluetooth-no-services');

/** One of each state. */
const IN = {
  idle: { at: 'idle' },
  seeking: { at: 'seeking', attempt: 2 },
  connecting: { at: 'connecting', attempt: 2 },
  discovering: { at: 'discovering', attempt: 2 },
  subscribing: { at: 'subscribing', attempt: 2 },
  live: { at: 'live' },
  stale: { at: 'stale', since: 500 },
  waiting: { at: 'waiting', attempt: 3, retryAt: 2000, error: far },
  lost: { at: 'lost', error: denied },
  'lost, adapter off': { at: 'lost', error: off },
  forgotten: { at: 'forgotten' },
} as const satisfies Record<string, LinkState>;
type StateName = keyof typeof IN;

/** One of each event that makes a difference. */
const ON = {
  start: { type: 'start', seek: false },
  'start seeking': { type: 'start', seek: true },
  seen: { type: 'seen' },
  connected: { type: 'connected' },
  discovered: { type: 'discovered' },
  subscribed: { type: 'subscribed' },
  packet: { type: 'packet' },
  silence: { type: 'silence', since: 700 },
  dropped: { type: 'dropped' },
  'failed, may heal': { type: 'failed', error: far },
  'failed, needs somebody': { type: 'failed', error: denied },
  'failed, no services': { type: 'failed', error: none },
  'failed, adapter off': { type: 'failed', error: off },
  'retry due': { type: 'retry-due', seek: false },
  'retry due, seeking': { type: 'retry-due', seek: true },
  'adapter on': { type: 'adapter', on: true },
  'adapter off': { type: 'adapter', on: false },
  retry: { type: 'retry' },
  stop: { type: 'stop' },
  forget: { type: 'forget' },
} as const satisfies Record<string, LinkEvent>;
type EventName = keyof typeof ON;

const connecting = (attempt: number): LinkState => ({ at: 'connecting', attempt });
// The shortest delay of each try: half of 500 ms × 2^(attempt − 1).
const waiting = (attempt: number, ms: number): LinkState => ({
  at: 'waiting',
  attempt,
  retryAt: 1000 + ms,
  error: far,
});
const lost = (error: typeof far): LinkState => ({ at: 'lost', error });
const idle: LinkState = { at: 'idle' };
const forgotten: LinkState = { at: 'forgotten' };

/** Every transition there is. What is not listed must change nothing: that is tested too. */
const TABLE: readonly (readonly [StateName, EventName, LinkState, string])[] = [
  ['idle', 'start', connecting(1), 'connect'],
  ['idle', 'start seeking', { at: 'seeking', attempt: 1 }, 'seek'],
  ['idle', 'retry', connecting(1), 'connect'],
  ['idle', 'forget', forgotten, 'forget'],

  ['seeking', 'seen', connecting(2), 'teardown connect'],
  ['seeking', 'retry', connecting(2), 'teardown connect'],
  ['seeking', 'failed, may heal', connecting(2), 'teardown connect'],
  ['seeking', 'failed, needs somebody', lost(denied), 'teardown'],
  ['seeking', 'failed, no services', lost(none), 'teardown'],
  ['seeking', 'failed, adapter off', connecting(2), 'teardown connect'],
  ['seeking', 'adapter off', lost(off), 'teardown'],
  ['seeking', 'stop', idle, 'teardown'],
  ['seeking', 'forget', forgotten, 'teardown forget'],

  ['connecting', 'connected', { at: 'discovering', attempt: 2 }, 'discover'],
  ['connecting', 'failed, may heal', waiting(3, 1000), 'teardown wait:1000'],
  ['connecting', 'failed, needs somebody', lost(denied), 'teardown'],
  ['connecting', 'failed, no services', lost(none), 'teardown'],
  ['connecting', 'failed, adapter off', lost(off), 'teardown'],
  ['connecting', 'adapter off', lost(off), 'teardown'],
  ['connecting', 'stop', idle, 'teardown'],
  ['connecting', 'forget', forgotten, 'teardown forget'],

  ['discovering', 'discovered', { at: 'subscribing', attempt: 2 }, 'subscribe'],
  ['discovering', 'dropped', waiting(3, 1000), 'teardown wait:1000'],
  ['discovering', 'failed, may heal', waiting(3, 1000), 'teardown wait:1000'],
  ['discovering', 'failed, needs somebody', lost(denied), 'teardown'],
  ['discovering', 'failed, no services', lost(none), 'teardown'],
  ['discovering', 'failed, adapter off', lost(off), 'teardown'],
  ['discovering', 'adapter off', lost(off), 'teardown'],
  ['discovering', 'stop', idle, 'teardown'],
  ['discovering', 'forget', forgotten, 'teardown forget'],

  ['subscribing', 'subscribed', { at: 'live' }, 'watch'],
  ['subscribing', 'dropped', waiting(3, 1000), 'teardown link-lost wait:1000'],
  ['subscribing', 'failed, may heal', waiting(3, 1000), 'teardown link-lost wait:1000'],
  ['subscribing', 'failed, needs somebody', lost(denied), 'teardown link-lost'],
  ['subscribing', 'failed, no services', lost(none), 'teardown link-lost'],
  ['subscribing', 'failed, adapter off', lost(off), 'teardown link-lost'],
  ['subscribing', 'adapter off', lost(off), 'teardown link-lost'],
  ['subscribing', 'stop', idle, 'teardown link-lost'],
  ['subscribing', 'forget', forgotten, 'teardown link-lost forget'],

  ['live', 'silence', { at: 'stale', since: 700 }, ''],
  ['live', 'dropped', waiting(1, 250), 'teardown link-lost wait:250'],
  ['live', 'failed, may heal', waiting(1, 250), 'teardown link-lost wait:250'],
  ['live', 'failed, needs somebody', lost(denied), 'teardown link-lost'],
  ['live', 'failed, no services', lost(none), 'teardown link-lost'],
  ['live', 'failed, adapter off', lost(off), 'teardown link-lost'],
  ['live', 'adapter off', lost(off), 'teardown link-lost'],
  ['live', 'stop', idle, 'teardown link-lost'],
  ['live', 'forget', forgotten, 'teardown link-lost forget'],

  ['stale', 'packet', { at: 'live' }, 'watch'],
  ['stale', 'retry', connecting(1), 'teardown link-lost connect'],
  ['stale', 'dropped', waiting(1, 250), 'teardown link-lost wait:250'],
  ['stale', 'failed, may heal', waiting(1, 250), 'teardown link-lost wait:250'],
  ['stale', 'failed, needs somebody', lost(denied), 'teardown link-lost'],
  ['stale', 'failed, no services', lost(none), 'teardown link-lost'],
  ['stale', 'failed, adapter off', lost(off), 'teardown link-lost'],
  ['stale', 'adapter off', lost(off), 'teardown link-lost'],
  ['stale', 'stop', idle, 'teardown link-lost'],
  ['stale', 'forget', forgotten, 'teardown link-lost forget'],

  ['waiting', 'retry due', connecting(3), 'teardown connect'],
  ['waiting', 'retry due, seeking', { at: 'seeking', attempt: 3 }, 'teardown seek'],
  ['waiting', 'retry', connecting(3), 'teardown connect'],
  ['waiting', 'adapter off', lost(off), 'teardown'],
  ['waiting', 'stop', idle, 'teardown'],
  ['waiting', 'forget', forgotten, 'teardown forget'],

  ['lost', 'start', connecting(1), 'connect'],
  ['lost', 'start seeking', { at: 'seeking', attempt: 1 }, 'seek'],
  ['lost', 'retry', connecting(1), 'connect'],
  ['lost', 'stop', idle, ''],
  ['lost', 'forget', forgotten, 'forget'],

  ['lost, adapter off', 'adapter on', connecting(1), 'connect'],
  ['lost, adapter off', 'start', connecting(1), 'connect'],
  ['lost, adapter off', 'start seeking', { at: 'seeking', attempt: 1 }, 'seek'],
  ['lost, adapter off', 'retry', connecting(1), 'connect'],
  ['lost, adapter off', 'stop', idle, ''],
  ['lost, adapter off', 'forget', forgotten, 'forget'],
];

function effectsOf(state: LinkState, event: LinkEvent): string {
  return next(state, event, MOMENT)
    .effects.map((effect) => (effect.do === 'wait' ? `wait:${effect.ms}` : effect.do))
    .join(' ');
}

describe('link machine', () => {
  it.each(TABLE)('%s, %s', (from, on, to, effects) => {
    expect(next(IN[from], ON[on], MOMENT).state).toEqual(to);
    expect(effectsOf(IN[from], ON[on])).toBe(effects);
  });

  it('stays as it is, the same object and without effects, on everything else', () => {
    const listed = new Set(TABLE.map(([from, on]) => `${from}/${on}`));
    let others = 0;
    for (const [from, state] of Object.entries(IN)) {
      for (const [on, event] of Object.entries(ON)) {
        if (listed.has(`${from}/${on}`)) continue;
        const step = next(state, event, MOMENT);
        expect(step.state, `${from}/${on}`).toBe(state);
        expect(step.effects, `${from}/${on}`).toEqual([]);
        others += 1;
      }
    }
    expect(others).toBe(Object.keys(IN).length * Object.keys(ON).length - TABLE.length);
  });

  it('waits longer from try to try, and starts anew after the link was live', () => {
    let state: LinkState = { at: 'connecting', attempt: 1 };
    const delays: number[] = [];
    for (let i = 0; i < 9; i++) {
      state = next(state, ON['failed, may heal'], { now: 0, random: () => 1 }).state;
      if (state.at !== 'waiting') throw new Error(state.at);
      delays.push(state.retryAt);
      state = next(state, ON['retry due'], MOMENT).state;
    }
    expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000]);
  });

  it('gives up exactly where somebody has to act', () => {
    const codes = Object.keys(ACTOR).filter((code): code is ErrorCode => code in ACTOR);
    const heals = codes.filter((code) => code.startsWith('bluetooth-') && reactionTo(code) === 'retry');
    expect(heals).toEqual(['bluetooth-out-of-range', 'bluetooth-busy', 'bluetooth-timeout', 'bluetooth-gatt']);
  });
});

const anyEvent: fc.Arbitrary<LinkEvent> = fc.oneof(
  fc.constantFrom(...Object.values(ON)),
  fc
    .constantFrom<ErrorCode>('bluetooth-gatt', 'bluetooth-busy', 'unexpected', 'bluetooth-no-adapter')
    .map((code): LinkEvent => ({ type: 'failed', error: appError(code) })),
);

describe('link machine, any sequence of events', () => {
  it('never throws, never leaves its states, and forgotten is final', () => {
    const known = new Set(Object.values(IN).map((state) => state.at));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyEvent, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })), { maxLength: 60 }),
        (events) => {
          let state: LinkState = { at: 'idle' };
          let now = 1000;
          for (const [event, luck] of events) {
            const before: LinkState = state;
            const step = next(before, event, { now, random: () => luck });
            state = step.state;
            expect(known.has(state.at)).toBe(true);
            if (before.at === 'forgotten') expect(step).toEqual({ state: before, effects: [] });
            if (event.type === 'forget') expect(state.at).toBe('forgotten');
            if (state.at === 'waiting' && before.at !== 'waiting') expect(state.retryAt).toBeGreaterThan(now);
            now += 100;
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('holds at most one connection, ended before the next is made', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
        let state: LinkState = { at: 'idle' };
        let open = false;
        for (const event of events) {
          const step = next(state, event, MOMENT);
          for (const effect of step.effects) {
            if (effect.do === 'connect') {
              expect(open).toBe(false);
              open = true;
            } else if (effect.do === 'teardown') open = false;
          }
          state = step.state;
          if (['idle', 'waiting', 'lost', 'forgotten'].includes(state.at)) expect(open).toBe(false);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

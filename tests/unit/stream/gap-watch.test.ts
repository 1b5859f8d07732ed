import { describe, expect, it } from 'vitest';
import { createGapWatch } from '../../../src/stream/gap-watch.ts';
import type { RecordedGap } from '../../../src/stream/ports.ts';
import { watchSleep } from '../../../src/stream/sleep-watch.ts';
import { createManualClock } from '../../support/manual-clock.ts';

function setUp() {
  const recorded: RecordedGap[] = [];
  const watch = createGapWatch('s1', { recordGap: (gap) => recorded.push(gap) });
  return { watch, recorded, told: () => recorded.map(({ from, to, cause }) => [from, to, cause]) };
}

describe('gaps', () => {
  it('of a lost link last from the last packet to the next', () => {
    const { watch, told } = setUp();
    watch.sample(1000);
    watch.linkLost();
    expect(watch.gaps()).toEqual([{ from: 1000, to: undefined, cause: 'link-lost' }]);
    expect(told()).toEqual([]);
    watch.linkLost();
    watch.sample(9000);
    watch.sample(10_000);
    expect(told()).toEqual([[1000, 9000, 'link-lost']]);
    expect(watch.gaps()).toEqual([{ from: 1000, to: 9000, cause: 'link-lost' }]);
  });

  it('need a first packet: before it nothing was measured', () => {
    const { watch, told } = setUp();
    watch.linkLost();
    watch.slept('phone-asleep');
    watch.sample(5000);
    watch.close(6000);
    expect(told()).toEqual([]);
  });

  it('of a sleep are none if packets were only late', () => {
    const { watch, told } = setUp();
    watch.sample(1000);
    watch.slept('phone-asleep');
    watch.sample(2000);
    watch.sample(60_000);
    expect(told()).toEqual([]);
  });

  it('of a sleep have its cause, also if the link was lost by it', () => {
    const { watch, told } = setUp();
    watch.sample(1000);
    watch.slept('tab-hidden');
    watch.linkLost();
    watch.sample(50_000);
    expect(told()).toEqual([[1000, 50_000, 'tab-hidden']]);
  });

  it('of a clock that was set back are none', () => {
    const { watch, told } = setUp();
    watch.sample(3_600_000);
    watch.linkLost();
    watch.sample(1000);
    watch.sample(2000);
    expect(told()).toEqual([]);
  });

  it('end when the sensor is stopped', () => {
    const { watch, told } = setUp();
    watch.sample(1000);
    watch.linkLost();
    watch.paused(true, 3000);
    watch.close(4000);
    expect(told()).toEqual([
      [1000, 4000, 'link-lost'],
      [3000, 4000, 'paused'],
    ]);
    expect(watch.gaps().every(({ to }) => to !== undefined)).toBe(true);
  });

  it('of a pause last as long as the server says', () => {
    const { watch, told } = setUp();
    watch.paused(false, 1000);
    watch.paused(true, 2000);
    watch.paused(true, 3000);
    expect(watch.gaps()).toEqual([{ from: 2000, to: undefined, cause: 'paused' }]);
    watch.paused(false, 5000);
    expect(told()).toEqual([[2000, 5000, 'paused']]);
  });

  it('are shown with those from before, the newest twenty', () => {
    const { watch } = setUp();
    watch.sample(1000);
    watch.linkLost();
    watch.sample(2000);
    watch.remember(Array.from({ length: 25 }, (_, i) => ({ from: i, to: i + 1, cause: 'evicted' })));
    expect(watch.gaps()).toHaveLength(20);
    expect(watch.gaps().at(-1)).toEqual({ from: 1000, to: 2000, cause: 'link-lost' });
    expect(watch.gaps()[0]).toEqual({ from: 6, to: 7, cause: 'evicted' });
  });
});

describe('a sleep', () => {
  it('shows in a tick that comes much too late, by the wall clock', async () => {
    const clock = createManualClock();
    let skipped = 0;
    let jumps = 0;
    const stop = watchSleep({ timers: clock, wall: () => clock.now() + skipped, onJump: () => (jumps += 1) });
    await clock.advance(60_000);
    skipped += 4000;
    await clock.advance(2000);
    expect(jumps).toBe(0);
    skipped += 600_000;
    await clock.advance(3000);
    expect(jumps).toBe(1);
    skipped -= 3_600_000;
    await clock.advance(3000);
    expect(jumps).toBe(1);
    stop();
    expect(clock.waiting).toBe(0);
  });
});

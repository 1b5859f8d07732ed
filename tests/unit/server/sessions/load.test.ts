import { describe, expect, it } from 'vitest';
import { CALM, LoadMonitor, nextLoad, type LoadState } from '../../../../server/sessions/load.ts';

function after(delays: readonly number[], memory: readonly number[] = []): LoadState[] {
  const states: LoadState[] = [];
  let state = CALM;
  delays.forEach((eventLoopDelay, i) => {
    state = nextLoad(state, { eventLoopDelay, memoryPressure: memory[i] ?? 0 });
    states.push(state);
  });
  return states;
}

const levels = (delays: readonly number[]) => after(delays).map((state) => state.report.level);

describe('load level', () => {
  it('rises after two bad readings in a row, not after one', () => {
    expect(levels([700, 0, 700, 0])).toEqual(['normal', 'normal', 'normal', 'normal']);
    expect(levels([700, 300])).toEqual(['normal', 'high']);
    expect(levels([700, 700])).toEqual(['normal', 'critical']);
    expect(levels([120, 120])).toEqual(['normal', 'elevated']);
  });

  it('falls one step after three clearly better readings', () => {
    expect(levels([700, 700, 0, 0, 0, 0, 0, 0])).toEqual([
      ...['normal', 'critical', 'critical', 'critical'],
      ...['high', 'high', 'high', 'elevated'],
    ]);
    expect(levels([700, 700, ...Array<number>(9).fill(0)]).at(-1)).toBe('normal');
  });

  it('does not flap around a threshold', () => {
    const wobble = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 95 : 105));
    expect(new Set(levels(wobble))).toEqual(new Set(['normal']));
    const high = [120, 120, ...Array.from({ length: 100 }, (_, i) => (i % 3 === 0 ? 75 : 60))];
    expect(new Set(levels(high).slice(1))).toEqual(new Set(['elevated']));
  });

  it('protects memory from 85 % until below 75 %', () => {
    const memory = [0.8, 0.85, 0.8, 0.76, 0.74, 0.8];
    const flags = after(
      memory.map(() => 0),
      memory,
    ).map((state) => state.report.memoryProtection);
    expect(flags).toEqual([false, true, true, true, false, false]);
  });
});

describe('LoadMonitor', () => {
  it('tells once per change', () => {
    let reading = { eventLoopDelay: 0, memoryPressure: 0 };
    const monitor = new LoadMonitor({ read: () => reading, interval: 1e6 });
    let told = 0;
    const stop = monitor.onChange(() => (told += 1));
    monitor.tick();
    reading = { eventLoopDelay: 300, memoryPressure: 0.9 };
    monitor.tick();
    monitor.tick();
    monitor.tick();
    expect([told, monitor.report().level, monitor.report().memoryProtection]).toEqual([2, 'high', true]);
    stop();
    reading = { eventLoopDelay: 0, memoryPressure: 0 };
    monitor.tick();
    expect(told).toBe(2);
    monitor.stop();
  });

  it('measures this process: a blocked event loop shows, and then it is calm again', { timeout: 15_000 }, async () => {
    const monitor = new LoadMonitor({ interval: 1e6 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (let i = 0; i < 5; i++) {
      const until = performance.now() + 300;
      while (performance.now() < until);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    monitor.tick();
    expect(monitor.report().eventLoopDelay).toBeGreaterThan(150);
    expect(monitor.report().memoryPressure).toBeGreaterThan(0);
    expect(monitor.report().memoryPressure).toBeLessThan(1);
    await expect
      .poll(
        async () => {
          monitor.tick();
          await new Promise((resolve) => setTimeout(resolve, 500));
          monitor.tick();
          return monitor.report().eventLoopDelay;
        },
        { timeout: 10_000 },
      )
      .toBeLessThan(100);
    monitor.stop();
  });
});

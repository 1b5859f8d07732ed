import { describe, expect, it } from 'vitest';
import type { PoseReport } from '../../../../src/model/pose.ts';
import { PoseReports, type Findings } from '../../../../workers/pose/report.ts';
import { createManualClock } from '../../../support/manual-clock.ts';

const FOUND: Findings = { persons: 1, condition: 'good', angles: { leftElbow: 90 }, activity: 'still' };

function rig() {
  const clock = createManualClock();
  const posted: { readonly at: number; readonly report: PoseReport }[] = [];
  const begin = clock.now();
  const reports = new PoseReports(clock, 'CPU', (report) => posted.push({ at: clock.now() - begin, report }));
  const run = async (pictures: number, every: number, work: (i: number) => number = () => 10): Promise<void> => {
    for (let i = 0; i < pictures; i++) {
      reports.add(FOUND, work(i));
      await clock.advance(every);
    }
  };
  return { clock, posted, reports, run, last: () => posted.at(-1)?.report };
}

describe('reports', () => {
  it('come at most four times a second, however many pictures there are', async () => {
    const { posted, run } = rig();
    await run(120, 25);
    const gaps = posted.slice(1).map(({ at }, i) => at - (posted[i]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(250);
    expect(posted.length).toBeGreaterThanOrEqual(10);
    expect(posted.length).toBeLessThanOrEqual(13);
  });

  it('tell pictures a second, to half a one, and the median of work over two seconds', async () => {
    const { run, last } = rig();
    await run(100, 40, (i) => (i % 10 === 0 ? 500 : 12));
    expect(last()).toEqual({
      ...FOUND,
      fps: expect.closeTo(25, -0.1) as number,
      work: 12,
      delegate: 'CPU',
      problems: {},
    });
    // Five a second from here on: what was before is forgotten.
    await run(20, 200, () => 30);
    expect(last()).toMatchObject({ fps: expect.closeTo(5, -0.1) as number, work: 30 });
  });

  it('the last word after the pictures stopped is 0', async () => {
    const { clock, run, last, posted } = rig();
    await run(30, 33);
    await clock.advance(10_000);
    expect(last()).toMatchObject({ fps: 0, work: 0, persons: 1 });
    const silent = posted.length;
    await clock.advance(60_000);
    expect(posted.length).toBe(silent);
    expect(clock.waiting).toBe(0);
  });

  it('count problems by code', async () => {
    const { clock, reports, last } = rig();
    reports.problem('pose-frame');
    expect(last()?.problems).toEqual({ 'pose-frame': 1 });
    reports.problem('pose-inference');
    reports.problem('pose-inference');
    await clock.advance(250);
    expect(last()).toMatchObject({
      problems: { 'pose-frame': 1, 'pose-inference': 2 },
      fps: 0,
      condition: 'no-person',
    });
  });

  it('end when closed', async () => {
    const { clock, reports, posted } = rig();
    reports.add(FOUND, 1);
    reports.add(FOUND, 1);
    reports.close();
    await clock.advance(10_000);
    expect(posted).toHaveLength(1);
    expect(clock.waiting).toBe(0);
  });
});

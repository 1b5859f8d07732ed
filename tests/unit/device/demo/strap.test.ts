/** A scripted strap and the time of day. */
import { expect, test } from 'vitest';
import { createScriptedRadio } from '../../../../src/device/demo/scripted-radio.ts';
import { HEART_RATE_MEASUREMENT, HEART_RATE_SERVICE } from '../../../../src/device/profiles/heart-rate.ts';
import { manualTime } from '../support/time.ts';

const HOUR = 3_600_000;

/** Packets of a strap in ten seconds before and ten after the clock jumped by `jump` ms. */
async function packetsAround(jump: number): Promise<{ readonly before: number; readonly after: readonly number[] }> {
  const time = manualTime();
  let shift = 0;
  const radio = createScriptedRadio({ timers: time.timers, now: () => time.now() + shift });
  const { signal } = new AbortController();
  const chosen = await radio.request({ showAll: true });
  const connected = chosen.ok ? await chosen.value.connect(signal) : chosen;
  if (!connected.ok) throw new Error(connected.error.code);
  const found = await connected.value.services([HEART_RATE_SERVICE], signal);
  const measurement = found.ok ? found.value.find(({ uuid }) => uuid === HEART_RATE_MEASUREMENT) : undefined;
  if (!measurement) throw new Error('no heart rate');
  const arrivals: number[] = [];
  await connected.value.subscribe(measurement, (_, arrival) => arrivals.push(arrival), signal);
  await time.advance(10_000);
  const before = arrivals.length;
  shift = jump;
  await time.advance(10_000);
  const start = time.now() + shift - 10_000;
  return { before, after: arrivals.slice(before).map((arrival) => arrival - start) };
}

test('beats on when the clock is set back or forward, dated by the new time', async () => {
  for (const jump of [-HOUR, HOUR]) {
    const { before, after } = await packetsAround(jump);
    expect(before).toBe(10);
    expect(after.length).toBeGreaterThanOrEqual(9);
    expect(after.length).toBeLessThanOrEqual(11);
    for (const arrival of after) expect(arrival).toBeGreaterThanOrEqual(0);
  }
});

/** An hour of ECG and heart rate waits in the log of the installed app, which is opened without a network. */
import assert from 'node:assert/strict';
import { importBundled } from '../../bench/support/bundle.mjs';
import { compareRecording, fillLog } from '../support/recording.mjs';
import { pause, withSession } from '../support/session.mjs';

export const minutes = 2;
export const says = 'installed, opened offline with an hour of ECG and heart rate waiting: sent whole and identical';

const HOUR = 3600;
const ATTRIBUTES = ['ecg', 'heartrate'];

export async function run({ minutes: wanted, say }) {
  const seconds = Math.max(60, Math.round((HOUR * wanted) / minutes));
  const start = Math.floor(Date.now() / 1000 - seconds - 60) * 1000;
  const day = await importBundled('tests/soak/subjects/day.ts');
  return withSession(
    async (session) => {
      const { context, proxy, gateway } = session;
      await session.page.evaluate(async () => {
        await navigator.serviceWorker.ready;
      });
      // Nobody else may have the log while it is filled.
      await session.killPage();
      const filled = await fillLog(context, proxy.url, { start, seconds, attributes: ATTRIBUTES });
      assert.equal(filled.kept, seconds * 131);
      proxy.refuse(true);
      await context.setOffline(true);
      await session.openPage();
      await pause(3000);
      assert.ok((await session.status()).totals.kept > filled.kept, 'all of it waits');
      proxy.refuse(false);
      await context.setOffline(false);
      const began = Date.now();
      while ((await session.status()).totals.kept > 100) {
        assert.ok(Date.now() - began < 300_000, 'not sent after five minutes');
        await pause(200);
      }
      say(`sent in ${((Date.now() - began) / 1000).toFixed(1)} s`);
      const found = await session.finish();
      const blocks = recorded(day.dayOfBlocks(start, seconds));
      const stored = await compareRecording(gateway.url, { sensorId: day.DAY_SENSOR, blocks });
      assert.equal(stored, filled.kept);
      return `recorded ${filled.kept}, stored ${stored}, repeats 0, lost 0; streamed meanwhile: ${found}`;
    },
    { straps: 2 },
  );
}

function* recorded(blocks) {
  for (const second of blocks) yield second.filter(({ attribute }) => ATTRIBUTES.includes(attribute));
}

/** The network fails in the slow ways: half-open, flapping, far away, narrow. Nothing is lost, nothing comes twice. */
import { pause, withSession } from '../support/session.mjs';

export const minutes = 6;
export const says = 'half-open, flapping, 3 s latency, 5 kB/s: all stored, once';

/** ms of each fault when the run has its full length. */
const FAULTS = {
  'half-open for 60 s': async (proxy) => {
    proxy.stall();
    await pause(60_000);
    proxy.resume();
  },
  'cut every 3 s': async (proxy, scale) => {
    for (let cuts = 0; cuts < 40 * scale; cuts++) {
      proxy.cut();
      await pause(3000);
    }
  },
  '3 s latency': async (proxy, scale) => {
    proxy.latency = 3000;
    proxy.cut();
    await pause(60_000 * scale);
    proxy.latency = 0;
    proxy.cut();
  },
  '5 kB/s, with a backlog of 20 s': async (proxy, scale) => {
    proxy.refuse(true);
    await pause(20_000);
    proxy.bandwidth = 5000;
    proxy.refuse(false);
    await pause(60_000 * scale);
    proxy.bandwidth = Infinity;
  },
};

export async function run({ minutes: wanted, say }) {
  const scale = wanted / minutes;
  for (const [name, fault] of Object.entries(FAULTS)) {
    const told = await withSession(async (session) => {
      await pause(3000);
      await fault(session.proxy, scale);
      await pause(3000);
      return session.finish();
    });
    say(`${name}: ${told}`);
  }
  return 'all stored, once';
}

/** The server fails in every way that is not the network's: nothing is lost, nothing comes twice. */
import assert from 'node:assert/strict';
import { importBundled } from '../../bench/support/bundle.mjs';
import { pause, withSession } from '../support/session.mjs';

export const minutes = 8;
export const says = 'close codes, 403, kill -9, channel crashes, paused, refused samples: all stored, once';

const CODES = [1000, 1001, 1002, 1006, 1011, 1012];
const MINUTE = 60_000;
const KILLS = 10;

/** Runs `step` every `ms` for a minute of the full length. */
async function every(ms, scale, step) {
  const end = Date.now() + MINUTE * scale;
  for (let round = 0; Date.now() < end; round++) {
    await step(round);
    await pause(ms);
  }
}

/** Each gives what else to say of it. */
const FAULTS = {
  'closed with each code, every 3 s': async ({ proxy }, scale) => {
    await every(3000, scale, (round) => proxy.closeAll(CODES[round % CODES.length]));
    return `${proxy.upgrades} sockets`;
  },
  '403 for a minute': async ({ proxy }, scale) => {
    proxy.forbids = true;
    proxy.closeAll(1006);
    await pause(MINUTE * scale);
    proxy.forbids = false;
    return `${proxy.upgrades} tries`;
  },
  'kill -9 right after a confirmation': async (session, scale, { freshConfirmation }) => {
    const kills = Math.ceil(KILLS * scale);
    for (let kill = 0; kill < kills; kill++) {
      await freshConfirmation(session.proxy);
      // Long enough for the app to hear it and to let go of the samples.
      await pause(30);
      await session.gateway.kill();
      await pause(1000);
      await session.gateway.start();
      await session.attend();
    }
    return `${kills} times`;
  },
  'every channel crashes, every 4 s': async ({ proxy }, scale, { Crashes }) => {
    const crashes = new Crashes(proxy);
    let crashed = 0;
    // They are joined anew, as the first ones were not seen.
    proxy.closeAll(1001);
    await every(4000, scale, () => (crashed += crashes.all()));
    assert.ok(crashed > 0, 'no channel has crashed');
    return `${crashed} crashes`;
  },
  'paused and not, every 2 s': async ({ proxy }, scale, { Pauses }) => {
    const pauses = new Pauses(proxy);
    proxy.closeAll(1001);
    await pause(3000);
    await every(2000, scale, (round) => pauses.set(round % 2 === 0));
    pauses.set(false);
    assert.deepEqual(pauses.disobeyed, [], 'sent although paused');
    return 'obeyed';
  },
  'some samples refused for good, with backlogs': async (session, scale, { refuseSamples }) => {
    const { proxy, truth } = session;
    refuseSamples(
      proxy,
      // None that the gateway may have already.
      ({ attribute, seq }) => attribute === 'heartrate' && seq % 5 === 2 && seq > 40,
      ({ sensorId, attribute, seq, value }) => truth.refused(sensorId, attribute, seq, value),
    );
    await every(5000, scale, async () => {
      proxy.forbids = true;
      proxy.closeAll(1001);
      await pause(5000);
      proxy.forbids = false;
    });
    return '';
  },
};

export async function run({ minutes: wanted, say }) {
  const scale = wanted / minutes;
  const tools = await importBundled('tests/e2e/support/faulty-server.ts');
  for (const [name, fault] of Object.entries(FAULTS)) {
    const told = await withSession(
      async (session) => {
        await pause(3000);
        const more = await fault(session, scale, tools);
        await pause(3000);
        const found = await session.finish();
        const { setAside } = (await session.status()).totals;
        assert.equal(setAside, session.truth.refusals, 'set aside as many as were refused');
        return `${more}${more && '; '}${found}, set aside ${setAside}`;
      },
      { proxy: 'ws' },
    );
    say(`${name}: ${told}`);
  }
  return 'all stored, once';
}

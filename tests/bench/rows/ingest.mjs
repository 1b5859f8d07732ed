/**
 * How many samples a second the gateway takes in, and what CPU each costs, against a bare `ws` server that reads the same
 * frames and does nothing. Rounds alternate; medians. Every sample sent has to be in the store afterwards.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startGateway } from '../../support/gateway-process.mjs';
import { importBundled } from '../support/bundle.mjs';
import { cpuOf } from '../support/process.mjs';
import { startSink } from '../support/sink.mjs';
import { median, paired, row } from '../support/stats.mjs';

const FLOOD = fileURLToPath(new URL('../support/flood.mjs', import.meta.url));
const SECONDS = 2;
const ROUNDS = 3;
/** ms after a flood until the last of it is written, so that its cost is counted too. */
const WRITE_DELAY = 800;
const CASES = [50, 1].flatMap((batch) => [1, 10, 100].map((channels) => ({ batch, channels })));

export const names = CASES.map(({ batch, channels }) => `ingest, ${channels} channels, batch ${batch}`);

export async function run({ say, wanted }) {
  const { openStore } = await importBundled('server/store/store.ts');
  const rows = [];
  for (const [i, { batch, channels }] of CASES.entries()) {
    if (!wanted(names[i])) continue;
    const { first: gateway, second: bare, stored, sent } = await measure(openStore, channels, batch);
    say(`${names[i]}: ${stored} of ${sent} samples stored`);
    if (stored !== sent) throw new Error(`${names[i]}: ${stored} of ${sent} samples are in the store`);
    const rate = (floods) => median(floods.map((flood) => flood.rate));
    const cost = (floods) => median(floods.map((flood) => flood.cost));
    rows.push(row(names[i], 'samples/s', rate(gateway), rate(bare)));
    rows.push(row(`${names[i]}, CPU`, 'µs per sample', cost(gateway), cost(bare)));
    rows.push(row(`${names[i]}, stored`, '% of sent', (stored / sent) * 100, 100));
  }
  return rows;
}

async function measure(openStore, channels, batch) {
  const gateway = await startGateway();
  const sink = await startSink();
  const runs = [];
  try {
    const results = await paired(
      ROUNDS,
      async () => {
        const result = await flood(gateway, channels, batch);
        runs.push(result);
        return result;
      },
      () => flood(sink, channels, batch),
    );
    await gateway.stop();
    return {
      ...results,
      stored: countStored(openStore, gateway.dataDir, runs),
      sent: runs.reduce((n, one) => n + one.sent, 0),
    };
  } finally {
    await sink.stop();
    await gateway.dispose();
  }
}

/** One flood from a process of its own: samples a second, and CPU µs of the server per sample. */
async function flood(server, channels, batch) {
  const before = cpuOf(server.pid);
  const url = `${server.url.replace('http', 'ws')}/socket/websocket?vsn=2.0.0`;
  const child = spawn(process.execPath, [FLOOD, url, String(channels), String(batch), String(SECONDS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  const code = await new Promise((done) => child.once('close', done));
  if (code !== 0) throw new Error(`the load generator ended with ${code}`);
  const { sent, samplesPerSecond, errors } = JSON.parse(output);
  if (errors > 0) throw new Error(`${errors} frames were refused`);
  await new Promise((later) => setTimeout(later, WRITE_DELAY));
  const cost = ((cpuOf(server.pid) - before) * 1e6) / sent;
  return { rate: samplesPerSecond, cost, sent, pid: child.pid, channels };
}

/** Samples in the store, read as any reader would, of all floods. */
function countStored(openStore, dataDir, runs) {
  const store = openStore(dataDir, { retentionDays: 36500 });
  let stored = 0;
  for (const { pid, channels } of runs) {
    for (let i = 0; i < channels; i++) stored += store.read(`flood-${pid}-${i}`, 'ecg').length;
  }
  store.close();
  return stored;
}

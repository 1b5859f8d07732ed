/**
 * CPU of the sensor worker for an hour of six devices at once (two ECG straps, motion of 104 Hz, EEG of 4 × 256 Hz, two
 * heart-rate straps; about 1900 samples/s), against the simplest client: one JSON frame per sample, nothing kept.
 */
import { WebSocket } from 'ws';
import { importBundled } from '../support/bundle.mjs';
import { startSink } from '../support/sink.mjs';
import { median, paired, row } from '../support/stats.mjs';

const ROUNDS = 3;
/** Simulated, so many that starting up does not count; the result is for an hour. */
const SECONDS = 180;
const HOUR = 3600;
/** Join replies of our gateway, as far as they decide how batches are sent, and of the stock server. */
const SERVERS = [
  { server: 'our gateway', joined: { binary: 1, out_of_order: true, dedup: true } },
  { server: 'stock server', joined: {} },
];
const caseName = ({ server }) => `CPU per hour, six devices, ${server}`;

export const names = SERVERS.map(caseName);

export async function run({ wanted }) {
  const subject = await importBundled('tests/bench/subjects/six-devices.ts');
  const deliveries = subject.sixDevices(SECONDS);
  const sink = await startSink();
  const socket = new WebSocket(`${sink.url.replace('http', 'ws')}/`, { perMessageDeflate: false });
  await new Promise((open, fail) => socket.once('open', open).once('error', fail));
  const send = (frame) => socket.send(frame);

  /** CPU seconds per hour of streaming; what has been sent has left the process. */
  const cost = async (task, expected) => {
    const before = process.cpuUsage();
    const counts = await task();
    while (socket.bufferedAmount > 0) await new Promise((later) => setTimeout(later, 1));
    const { user, system } = process.cpuUsage(before);
    // The worker's estimates are streamed too, and come on top.
    for (const [stream, samples] of expected ?? []) {
      if (counts.get(stream) !== samples)
        throw new Error(`${stream}: ${counts.get(stream)} of ${samples} came through`);
    }
    return { seconds: ((user + system) / 1e6) * (HOUR / SECONDS), counts };
  };

  const rows = [];
  try {
    const frames = () => cost(() => subject.runFrames(deliveries, send));
    const { counts } = await frames();
    for (const server of SERVERS) {
      const name = caseName(server);
      if (!wanted(name)) continue;
      const sensors = () => cost(() => subject.runSensors(deliveries, 'medium', server.joined, send), counts);
      const { first, second } = await paired(ROUNDS, sensors, frames);
      const secondsOf = (costs) => median(costs.map(({ seconds }) => seconds));
      rows.push(row(name, 's of CPU', secondsOf(first), secondsOf(second)));
    }
  } finally {
    socket.terminate();
    await sink.stop();
  }
  return rows;
}

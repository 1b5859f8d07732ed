/**
 * CPU of the sensor worker for an hour of streaming: decoding, dating, estimates, log, delivery, frames out over a real
 * socket; against
 * the simplest client, which decodes and sends one JSON frame per sample and keeps nothing.
 */
import { WebSocket } from 'ws';
import { importBundled } from '../support/bundle.mjs';
import { startSink } from '../support/sink.mjs';
import { median, paired, row } from '../support/stats.mjs';

const ROUNDS = 3;
const HOUR = 3600;
/** `hours` are simulated, so many that starting up does not count; the result is for one. */
const STREAMS = [
  { what: 'strap, 1 Hz and RR', make: 'heartRate', hours: 2 },
  { what: 'ECG 130 Hz and acceleration 50 Hz', make: 'ecgAndMotion', hours: 0.5 },
];
/** Join replies of our gateway, as far as they decide how batches are sent, and of the stock server. */
const SERVERS = [
  { server: 'our gateway', joined: { binary: 1, out_of_order: true, dedup: true } },
  { server: 'stock server', joined: {} },
];
const caseName = ({ what }, { server }) => `CPU per hour, ${what}, ${server}`;

export const names = STREAMS.flatMap((stream) => SERVERS.map((server) => caseName(stream, server)));

export async function run({ wanted }) {
  const subject = await importBundled('tests/bench/subjects/hour.ts');
  const sink = await startSink();
  const socket = new WebSocket(`${sink.url.replace('http', 'ws')}/`, { perMessageDeflate: false });
  await new Promise((open, fail) => socket.once('open', open).once('error', fail));
  const send = (frame) => socket.send(frame);

  /** CPU seconds per hour of streaming; what has been sent has left the process. */
  const cost = async (hours, task, expected) => {
    const before = process.cpuUsage();
    const samples = await task();
    while (socket.bufferedAmount > 0) await new Promise((later) => setTimeout(later, 1));
    const { user, system } = process.cpuUsage(before);
    if (expected !== undefined && samples !== expected)
      throw new Error(`${samples} of ${expected} samples came through`);
    return { seconds: (user + system) / 1e6 / hours, samples };
  };

  const rows = [];
  try {
    for (const stream of STREAMS) {
      const notifications = subject[stream.make](stream.hours * HOUR);
      const { samples } = await cost(stream.hours, () => subject.runFrames(notifications, send));
      for (const server of SERVERS) {
        const name = caseName(stream, server);
        if (!wanted(name)) continue;
        const { first, second } = await paired(
          ROUNDS,
          () => cost(stream.hours, () => subject.runSensor(notifications, 'medium', server.joined, send), samples),
          () => cost(stream.hours, () => subject.runFrames(notifications, send), samples),
        );
        const secondsOf = (costs) => median(costs.map(({ seconds }) => seconds));
        rows.push(row(name, 's of CPU', secondsOf(first), secondsOf(second)));
      }
    }
  } finally {
    socket.terminate();
    await sink.stop();
  }
  return rows;
}

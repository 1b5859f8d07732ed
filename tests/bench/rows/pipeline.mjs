/** CPU of the worker's pipeline per 1000 samples, sent over a real socket, against one JSON frame per sample. */
import { WebSocket } from 'ws';
import { importBundled } from '../support/bundle.mjs';
import { startSink } from '../support/sink.mjs';
import { median, paired, row } from '../support/stats.mjs';

const NOTIFICATIONS = 20_000;
/** Samples of one run: three per notification of the strap, and as many of the waveform (a multiple of its block). */
const SAMPLES = NOTIFICATIONS * 3;
const WAVEFORM_SAMPLES = 13 * Math.floor(SAMPLES / 13);
const ROUNDS = 5;

const UNIT = 'µs CPU per 1000 samples';

export const names = ['pipeline'];

export async function run() {
  const subject = await importBundled('tests/bench/subjects/pipeline.ts');
  const strap = subject.packets(NOTIFICATIONS);
  const waveform = subject.waveform(WAVEFORM_SAMPLES);
  const sink = await startSink();
  const socket = new WebSocket(`${sink.url.replace('http', 'ws')}/`, { perMessageDeflate: false });
  await new Promise((open, fail) => socket.once('open', open).once('error', fail));
  const send = (text) => socket.send(text);

  /** CPU µs per 1000 samples of one run, frames out of the process included. */
  const cost = async (expected, task) => {
    const before = process.cpuUsage();
    const samples = await task();
    while (socket.bufferedAmount > 0) await new Promise((later) => setTimeout(later, 1));
    const { user, system } = process.cpuUsage(before);
    if (samples !== expected) throw new Error(`${samples} of ${expected} samples came through`);
    return ((user + system) * 1000) / samples;
  };

  const rows = [];
  for (const attention of ['none', 'medium', 'high']) {
    const strapCost = await paired(
      ROUNDS,
      () => cost(SAMPLES, () => subject.runPipeline(strap, attention, send)),
      () => cost(SAMPLES, () => subject.runFramePerSample(strap, send)),
    );
    const waveCost = await paired(
      ROUNDS,
      () => cost(WAVEFORM_SAMPLES, () => subject.runWaveform(waveform, attention, send)),
      () => cost(WAVEFORM_SAMPLES, () => subject.runWaveformPerSample(waveform, send)),
    );
    for (const [what, { first, second }] of [
      ['strap', strapCost],
      ['130 Hz waveform', waveCost],
    ]) {
      rows.push(row(`pipeline, ${what}, attention ${attention}`, UNIT, median(first), median(second)));
    }
  }
  socket.terminate();
  await sink.stop();
  return rows;
}

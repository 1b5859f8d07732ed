/**
 * Floods a gateway with measurements as fast as its sockets take them: raw frames, serialised once, one socket.
 * Usage: node flood.mjs <ws url> <channels> <batch> <seconds> [token] [seq]
 * Batch 1 sends single measurements. `seq` as last word numbers every sample. Prints one line of JSON:
 * {channels, batch, seconds, frames, sent, absorbedMs, samplesPerSecond, senderCpuMs, errors}
 * `absorbedMs`: from the first frame until every channel answered a ping behind its last one.
 */
import { WebSocket } from 'ws';

const [url, channelsText, batchText, secondsText, token = 'missing', seqText = ''] = process.argv.slice(2);
if (!url || !channelsText || !batchText || !secondsText) {
  process.stderr.write('usage: node flood.mjs <ws url> <channels> <batch> <seconds> [token]\n');
  process.exit(2);
}
const channels = Number(channelsText);
const batch = Number(batchText);
const seconds = Number(secondsText);
const numbered = seqText === 'seq';
/** Frames handed over per turn, and how much may wait in the socket: enough to keep it full, little enough to stop soon. */
const BURST = 50;
const BUFFER_MAX = 2 ** 20;
/** Distinct frames per channel, so that values differ without the sender paying for serialisation. */
const VARIANTS = 20;
/** Numbers start here, so that all have the same width and can be written over each other in a serialised frame. */
const FIRST_SEQ = 1_000_000_000;

const ws = new WebSocket(url, { perMessageDeflate: false });
const topics = Array.from({ length: channels }, (_, i) => `sensocto:sensor:flood-${process.pid}-${i}`);
let errors = 0;
/** @type {Map<string, () => void>} */
const waiting = new Map();

ws.on('message', (data) => {
  const [, ref, , event, payload] = JSON.parse(data.toString());
  if (event !== 'phx_reply') return;
  if (payload.status !== 'ok') errors += 1;
  waiting.get(ref)?.();
  waiting.delete(ref);
});

/** Sends one frame and waits for its answer. */
function ask(topic, event, ref, payload) {
  return new Promise((resolve) => {
    waiting.set(ref, () => resolve(undefined));
    ws.send(JSON.stringify(['1', ref, topic, event, payload]));
  });
}

function joinParams(topic) {
  const id = topic.slice('sensocto:sensor:'.length);
  return {
    connector_id: 'flood',
    connector_name: 'Flood',
    sensor_id: id,
    sensor_name: id,
    sensor_type: 'generic',
    attributes: {},
    sampling_rate: 250,
    batch_size: batch,
    bearer_token: token,
  };
}

function prepareFrames(topic) {
  return Array.from({ length: VARIANTS }, (_, v) => {
    const samples = Array.from({ length: batch }, (_, i) => ({
      attribute_id: 'ecg',
      payload: Math.round(Math.sin((v * batch + i) / 9) * 1100) / 1000,
      timestamp: 1_706_000_000_000 + (v * batch + i) * 4,
      ...(numbered && { seq: FIRST_SEQ }),
    }));
    const [event, payload] = batch === 1 ? ['measurement', samples[0]] : ['measurements_batch', samples];
    const bytes = Buffer.from(JSON.stringify(['1', null, topic, event, payload]));
    return { bytes, digits: placesOf(bytes, String(FIRST_SEQ)) };
  });
}

/** Where `text` stands in `bytes`. */
function placesOf(bytes, text) {
  const places = [];
  if (!numbered) return places;
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) places.push(at);
  return places;
}

/** Writes the next numbers into a frame. A client's frame is masked, and thereby copied, as it is sent. */
function number({ bytes, digits }, first) {
  for (const [i, at] of digits.entries()) bytes.latin1Write(String(first + i), at);
  return bytes;
}

await new Promise((resolve, reject) => {
  ws.once('open', resolve);
  ws.once('error', reject);
});
await Promise.all(topics.map((topic, i) => ask(topic, 'phx_join', `join-${i}`, joinParams(topic))));
const frames = topics.map(prepareFrames);
let sentFrames = 0;
const cpu = process.cpuUsage();
const started = performance.now();
const until = started + seconds * 1000;
while (performance.now() < until) {
  for (let i = 0; i < BURST; i++) {
    const channel = sentFrames % channels;
    const round = Math.floor(sentFrames / channels);
    ws.send(number(frames[channel][round % VARIANTS], FIRST_SEQ + round * batch), { binary: false });
    sentFrames += 1;
  }
  while (ws.bufferedAmount > BUFFER_MAX) await new Promise((resolve) => setImmediate(resolve));
}
await Promise.all(topics.map((topic, i) => ask(topic, 'ping', `ping-${i}`, {})));
const absorbedMs = performance.now() - started;
const used = process.cpuUsage(cpu);
process.stdout.write(
  `${JSON.stringify({
    channels,
    batch,
    seconds,
    frames: sentFrames,
    sent: sentFrames * batch,
    absorbedMs: Math.round(absorbedMs),
    samplesPerSecond: Math.round((sentFrames * batch * 1000) / absorbedMs),
    senderCpuMs: Math.round((used.user + used.system) / 1000),
    errors,
  })}\n`,
);
ws.close();

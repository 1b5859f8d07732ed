/** Random and spoiled frames at the gateway for minutes: it stays up, answers others, and its memory stays bounded. */
import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import { memoryOf } from '../../bench/support/process.mjs';
import { importBundled } from '../../bench/support/bundle.mjs';
import { startGateway } from '../../support/gateway-process.mjs';

export const minutes = 5;
export const says = 'random and spoiled frames: the gateway stays up and its memory bounded';

/** Frames sent on one socket before the next is opened; most sockets end earlier, by the gateway's hand. */
const PER_SOCKET = 200;
const AT_LEAST = 100_000;
/** MB of resident memory; the load is small, so this is room and not a need. */
const MEMORY_LIMIT = 400;

export async function run({ minutes: wanted, say }) {
  const { mulberry32 } = await importBundled('src/lib/random.ts');
  const seed = Date.now() % 2 ** 32;
  say(`seed ${seed}`);
  const random = mulberry32(seed);
  const gateway = await startGateway();
  try {
    const end = Date.now() + wanted * 60_000;
    let frames = 0;
    let sockets = 0;
    let highest = 0;
    const bystander = await open(gateway.url);
    while (frames < AT_LEAST || Date.now() < end) {
      frames += await attack(gateway.url, random);
      sockets += 1;
      if (sockets % 100 !== 0) continue;
      await answers(bystander);
      highest = Math.max(highest, memoryOf(gateway.pid) ?? 0);
      assert.ok(highest < MEMORY_LIMIT, `the gateway uses ${highest.toFixed(0)} MB after ${frames} frames`);
    }
    await answers(bystander);
    bystander.terminate();
    const live = await fetch(`${gateway.url}/health/live`);
    assert.equal(live.status, 200);
    return `${frames} frames on ${sockets} sockets, highest memory ${highest.toFixed(0)} MB`;
  } finally {
    await gateway.dispose();
  }
}

async function open(url) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket/websocket?vsn=2.0.0`);
  await new Promise((ready, fail) => socket.once('open', ready).once('error', fail));
  return socket;
}

/** The socket of somebody else still gets its heartbeat answered. */
async function answers(socket) {
  const reply = new Promise((got) => socket.once('message', got));
  socket.send('[null,"1","phoenix","heartbeat",{}]');
  const late = new Promise((_, fail) => setTimeout(() => fail(new Error('no heartbeat answer in 5 s')), 5000).unref());
  assert.match(String(await Promise.race([reply, late])), /"status":"ok"/);
}

/** Sends frames on one socket until it is closed or has had its share. @returns frames sent */
async function attack(url, random) {
  const socket = await open(url);
  // Being thrown out is what is expected here.
  socket.on('error', () => undefined);
  let sent = 0;
  socket.send(joinFrame(random));
  while (sent < PER_SOCKET && socket.readyState === WebSocket.OPEN) {
    socket.send(randomFrame(random));
    sent += 1;
    if (sent % 20 === 0) await new Promise((later) => setImmediate(later));
  }
  socket.terminate();
  return sent;
}

const pick = (random, list) => list[Math.floor(random() * list.length)];

function joinFrame(random) {
  const id = `fuzz-${Math.floor(random() * 20)}`;
  const params = {
    connector_id: 'fuzz',
    connector_name: 'Fuzz',
    sensor_id: id,
    sensor_name: 'Fuzz',
    sensor_type: 'generic',
    attributes: pick(random, [{}, [], null, 7]),
    sampling_rate: 1,
    batch_size: 1,
    bearer_token: 'missing',
  };
  return JSON.stringify(['1', '1', `sensocto:sensor:${id}`, 'phx_join', params]);
}

/** Valid frames, frames with odd parts, frames with flipped bytes, and plain noise. */
function randomFrame(random) {
  const kind = random();
  if (kind < 0.1) return noise(random);
  const text = JSON.stringify([
    pick(random, ['1', '2', null, 1]),
    pick(random, ['9', null, {}]),
    pick(random, [`sensocto:sensor:fuzz-${Math.floor(random() * 20)}`, 'phoenix', 'nowhere', null, 'viewer:data:x']),
    pick(random, ['measurement', 'measurements_batch', 'update_attributes', 'ping', 'shout', 'phx_leave', null, 'x']),
    value(random, 0),
  ]);
  if (kind < 0.9) return text;
  const bytes = Buffer.from(text);
  bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  return kind < 0.95 ? bytes.toString('latin1') : bytes;
}

function noise(random) {
  return Buffer.from(Array.from({ length: Math.floor(random() * 300) }, () => Math.floor(random() * 256)));
}

/** Any JSON, often close to a measurement. */
function value(random, depth) {
  const kind = random();
  if (kind < 0.4) {
    return {
      attribute_id: pick(random, ['ecg', 'heartrate', 'bad id', '', 7, null, '__proto__', 'x'.repeat(70)]),
      payload: depth > 3 ? 1 : value(random, depth + 1),
      timestamp: pick(random, [Date.now(), 'now', null, -1, 1e308]),
      action: pick(random, ['register', 'unregister', 'explode']),
      metadata: pick(random, [{}, [], null, { attribute_type: 'ecg' }]),
    };
  }
  if (kind < 0.6 && depth < 4) return Array.from({ length: Math.floor(random() * 6) }, () => value(random, depth + 1));
  if (kind < 0.7 && depth < 4) return { [pick(random, ['a', '__proto__', 'constructor'])]: value(random, depth + 1) };
  return pick(random, [null, true, 0, -1.5, 1e300, '', 'text', '\u0000', 'x'.repeat(2000)]);
}

/**
 * From a notification on one screen to the number on another, at attention high: one strap, watched alone. The moment of
 * the notification is the sample's own timestamp, read by a third party from the gateway; the moment on the other screen is
 * when its DOM changes to that number. All clocks are this machine's.
 */
import { WebSocket } from 'ws';
import { startGateway } from '../../support/gateway-process.mjs';
import { addDemos, beats, cards, goTo, launch, openApp } from '../support/browser.mjs';
import { percentile, row } from '../support/stats.mjs';

const SECONDS = 60;
/** ms, the 95th percentile to reach on loopback. */
const BUDGET = 100;

export const names = ['latency'];

export async function run() {
  const gateway = await startGateway();
  const browser = await launch();
  try {
    const wearer = await openApp(browser, gateway.url);
    await addDemos(wearer, 1);
    const watcher = await openApp(browser, gateway.url);
    await goTo(watcher, 'Watch');
    const card = cards(watcher).first();
    await beats(card);
    const sent = await listen(gateway.url);
    // The attention of this viewer has to reach the sender before counting starts.
    await new Promise((later) => setTimeout(later, 3000));
    await card.evaluate(recordChanges);
    await new Promise((later) => setTimeout(later, SECONDS * 1000));
    const shown = await watcher.evaluate(() => globalThis.shownNumbers);
    sent.close();
    const delays = match(sent.samples, shown);
    if (delays.length < SECONDS / 4) throw new Error(`only ${delays.length} changes seen in ${SECONDS} s`);
    return [
      row('latency, notification to other screen, p50', 'ms', percentile(delays, 0.5), BUDGET),
      row('latency, notification to other screen, p95', 'ms', percentile(delays, 0.95), BUDGET),
    ];
  } finally {
    await browser.close();
    await gateway.dispose();
  }
}

/** Runs in the page: notes when the card's number changes, and to what. */
function recordChanges(element) {
  const shown = (globalThis.shownNumbers = []);
  const number = () => Number(/(\d{2,3})\s*bpm/.exec(element.innerText.replace(/\s+/g, ' '))?.[1]);
  let last = number();
  new MutationObserver(() => {
    const now = number();
    if (now !== last && now > 0) shown.push({ at: performance.timeOrigin + performance.now(), value: now });
    last = now;
  }).observe(element, { subtree: true, childList: true, characterData: true });
}

/** Delay of each change: since the newest sample of that value before it. */
function match(samples, shown) {
  return shown.flatMap(({ at, value }) => {
    // Timestamps are whole milliseconds, rounded: half a millisecond of grace.
    const source = samples.findLast((sample) => sample.value === value && sample.at <= at + 0.5);
    return source === undefined || at - source.at > 1000 * SECONDS ? [] : [at - source.at];
  });
}

/** Joins as a viewer and collects heart rates with their timestamps. It raises attention less than the other screen does. */
async function listen(url) {
  const post = async (path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const guest = await post('/api/guests', { display_name: 'Bench' });
  const authorization = `Bearer ${guest.bearer_token}`;
  const { token } = await post('/api/viewer-tokens', { sensor_ids: null, quality: 'high' }, { authorization });
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket/websocket?vsn=2.0.0&token=${guest.socket_token}`);
  await new Promise((open, fail) => socket.once('open', open).once('error', fail));
  const samples = [];
  socket.on('message', (data) => {
    const [, , , event, payload] = JSON.parse(data.toString());
    if (event !== 'sensor_batch') return;
    for (const { heartrate } of Object.values(payload.batch)) {
      if (heartrate) samples.push({ at: heartrate.timestamp, value: heartrate.payload });
    }
  });
  socket.send(JSON.stringify(['1', '1', `viewer:data:${token}`, 'phx_join', {}]));
  return { samples, close: () => socket.terminate() };
}

/**
 * What pose capture costs others on the same device: from the moment an ECG sample is measured to the frame in which another
 * screen can draw it, while the camera is off and while it is on and somebody looks at the skeleton closely, in turn. The ECG
 * is in focus on the other screen; the newest sample of each arrival is timed. All clocks are this machine's. Pose computes
 * on the CPU.
 */
import { startGateway } from '../../support/gateway-process.mjs';
import { goTo, launch, openApp } from '../support/browser.mjs';
import { importBundled } from '../support/bundle.mjs';
import { computeOnCpu, filmCamera, giveModel, startPose, stopPose } from '../support/camera.mjs';
import { percentile, row } from '../support/stats.mjs';

const SECONDS = 25;
const ROUNDS = 3;
/** ms until attention and rates have followed a change. */
const SETTLE = 4000;
/** Arrivals a second, at least: the strap notifies about twice a second. */
const LEAST = 1;

export const names = ['pose and ECG'];

export async function run({ say }) {
  const film = await filmCamera();
  const gateway = await startGateway();
  await giveModel(gateway.dataDir);
  const browser = await launch(film.flags);
  try {
    const wearer = await openApp(browser, gateway.url, computeOnCpu);
    await startEcg(wearer);
    const watcher = await openApp(browser, gateway.url, (page) => page.addInitScript(recordArrivals));
    await goTo(watcher, 'Watch');
    await watcher.getByRole('region', { name: /^Demo ECG strap/ }).hover();
    // The first start fetches runtime and model; it is none of what is measured.
    await startPose(wearer);
    const observer = await observe(gateway.url);
    await stopPose(wearer);
    const off = [];
    const on = [];
    for (let round = 0; round < ROUNDS; round++) {
      off.push(...(await arrivals(watcher)));
      await startPose(wearer);
      on.push(...(await arrivals(watcher)));
      say(`round ${round + 1}: ${await rateOf(wearer)} skeletons a second while the camera is on`);
      await stopPose(wearer);
      observer.beat();
    }
    observer.close();
    return [0.5, 0.95].map((share) =>
      row(
        `pose and ECG, ECG to another screen, camera on against off, p${share * 100}`,
        'ms',
        percentile(on, share),
        percentile(off, share),
      ),
    );
  } finally {
    await browser.close();
    await gateway.dispose();
    await film.dispose();
  }
}

async function startEcg(page) {
  await page.getByText('More ways', { exact: true }).click();
  await page.getByRole('button', { name: 'Choose a demo sensor' }).click();
  await page.getByRole('button', { name: 'Start: ECG strap with motion', exact: true }).click();
  await page.getByRole('region', { name: /^Demo ECG strap/ }).waitFor();
}

/** Somebody who looks at the skeleton only, so that it is wanted 30 times a second. */
async function observe(url) {
  const { attend } = await importBundled('tests/support/attend.ts');
  const answer = await fetch(`${url}/api/sensors`, { headers: { authorization: 'Bearer missing' } });
  const { sensors } = await answer.json();
  const camera = sensors.find((sensor) => sensor.sensor_type === 'pose');
  if (!camera) throw new Error('the camera is no sensor');
  const client = await attend(url, [camera.sensor_id]);
  return {
    beat() {
      client.send([null, 'beat', 'phoenix', 'heartbeat', {}]);
      client.inbox.length = 0;
      client.binary.length = 0;
    },
    close: () => client.ws.terminate(),
  };
}

/** Runs in the page before the app: delays of what arrives of somebody's ECG, ms. */
function recordArrivals() {
  globalThis.ecgDelays = [];
  const { set, get } = Object.getOwnPropertyDescriptor(globalThis.MessagePort.prototype, 'onmessage');
  Object.defineProperty(globalThis.MessagePort.prototype, 'onmessage', {
    configurable: true,
    get,
    set(listener) {
      this.addEventListener('message', ({ data }) => {
        if (data?.origin !== 'watched' || data.attribute !== 'ecg') return;
        const newest = data.times.at(-1);
        globalThis.requestAnimationFrame(() =>
          globalThis.ecgDelays.push(performance.timeOrigin + performance.now() - newest),
        );
      });
      set.call(this, listener);
    },
  });
}

/** Delays of some seconds. */
async function arrivals(page) {
  await page.waitForTimeout(SETTLE);
  await page.evaluate(() => (globalThis.ecgDelays.length = 0));
  await page.waitForTimeout(SECONDS * 1000);
  const delays = await page.evaluate(() => globalThis.ecgDelays);
  if (delays.length < SECONDS * LEAST) throw new Error(`only ${delays.length} arrivals in ${SECONDS} s`);
  return delays;
}

/** As the Pose screen says it. */
async function rateOf(page) {
  const text = await page.getByRole('region', { name: 'Pictures a second' }).innerText();
  return /Looked at\s+([\d.]+)/.exec(text)?.[1] ?? text;
}

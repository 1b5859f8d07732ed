/** Composition root of the window: real edges, the sensor worker, the app, the screens. */
import { transfer, wrap } from 'comlink';
import { createApp, type AppInput } from './app/sensocto-app.ts';
import type { LinkParts } from './app/device-origin.ts';
import type { RemoteWorker } from './app/devices.ts';
import type { SerialPorts, SerialPortsDeps } from './app/serial.ts';
import { createBrowserRadio } from './device/bluetooth/gatt.ts';
import { createLaterRadio } from './device/demo/later-radio.ts';
import { serialProblem } from './device/serial/support.ts';
import { systemClock } from './lib/timers.ts';
import { appError, describeThrown } from './model/errors.ts';
import { fail, ok, type Result } from './model/result.ts';
import { mountApp } from './ui/mount.ts';
import type { Live, TabWorkerApi, WorkerStatus } from '../workers/sensor/api.ts';

function main(): void {
  const worker = new Worker(new URL('../workers/sensor/worker.ts', import.meta.url), {
    type: 'module',
    name: 'sensor',
  });
  const remote = wrap<TabWorkerApi>(worker);
  const api: RemoteWorker = remote;
  const { app, input } = createApp({
    radio: createBrowserRadio(),
    demoRadio: createLaterRadio(async () =>
      (await import('./device/demo/scripted-radio.ts')).createScriptedRadio({
        timers: systemClock,
        now: () => systemClock.now(),
      }),
    ),
    loadLink,
    openSocket: (address) => new WebSocket(address),
    loadPhone: async () => (await import('./app/phone.ts')).createPhone(),
    loadSerial: () =>
      loadSerial((sensorId, request, port) => remote.openSerial(sensorId, request, transfer(port, [port]))),
    loadPose: (devices) =>
      import('./app/pose-browser.ts').then((module) =>
        module.createBrowserPose({
          devices,
          feed: (sensorId, port) => remote.feedFrom(sensorId, transfer(port, [port])),
        }),
      ),
    serialProblem: serialProblem(globalThis),
    worker: api,
    ingest: (sensorId, characteristic, bytes, arrival) =>
      void remote.ingest(sensorId, characteristic, transfer(bytes, [bytes]), arrival),
    ingestReadings: (...args) => void remote.ingestReadings(...args),
    clock: systemClock,
    random: () => Math.random(),
    requestPersistence,
    // Firefox asks the person: there it waits for the button.
    persistsQuietly: !navigator.userAgent.includes('Firefox'),
  });
  worker.addEventListener('error', (event) => input.workerCrashed(event.message));
  const live = new MessageChannel();
  const status = new MessageChannel();
  live.port1.onmessage = (event: MessageEvent<Live>) => input.live(event.data);
  status.port1.onmessage = (event: MessageEvent<WorkerStatus>) => input.status(event.data);
  void remote.attach(transfer({ live: live.port2, status: status.port2 }, [live.port2, status.port2]));
  followPage(api, input);
  const target = document.getElementById('app');
  if (target) mountApp(target, app);
  void input.start();
}

/** Nobody needs these before there is a device. */
async function loadLink(): Promise<LinkParts> {
  const [{ createLink }, { PROFILES }, { taughtProfiles }] = await Promise.all([
    import('./device/bluetooth/link.ts'),
    import('./device/profiles/registry.ts'),
    import('./device/profiles/taught.ts'),
  ]);
  return { createLink, profiles: PROFILES, taughtProfiles };
}

/** Nor these before there is a device on a cable. */
async function loadSerial(openInWorker: SerialPortsDeps['openInWorker']): Promise<SerialPorts> {
  const [{ SerialPorts: Ports }, { platformSerial }] = await Promise.all([
    import('./app/serial.ts'),
    import('./device/serial/port.ts'),
  ]);
  return new Ports({ serial: platformSerial(), openInWorker, clock: systemClock, random: () => Math.random() });
}

/** Only windows may ask for this; some browsers ask the person. */
async function requestPersistence(): Promise<Result<boolean>> {
  try {
    return ok(await navigator.storage.persist());
  } catch (thrown) {
    // Pages that are not secure have no storage manager.
    return fail(appError('storage-unavailable', describeThrown(thrown)));
  }
}

/** Tells the worker what happens to the page, for as long as there is one. */
function followPage(worker: RemoteWorker, input: AppInput): void {
  addEventListener('online', () => void worker.pageEvent('online'));
  addEventListener('offline', () => void worker.pageEvent('offline'));
  addEventListener('pagehide', () => void worker.pageEvent('pagehide'));
  document.addEventListener('visibilitychange', () => {
    void worker.pageEvent(document.visibilityState === 'visible' ? 'visible' : 'hidden');
    if (document.visibilityState === 'visible') input.tick();
  });
  setInterval(() => {
    if (document.visibilityState === 'visible') input.tick();
  }, 1000);
}

main();

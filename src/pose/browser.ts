/** The browser's own objects behind pose capture. Nothing is opened or asked for here but the battery's level. */
import { systemClock } from '../lib/timers.ts';
import { KEEP_LATER } from '../model/background.ts';
import type { CameraEdges } from './camera.ts';
import type { WorkerLike } from './client.ts';
import type { FrameEdges, FrameReader, VideoLike } from './frames.ts';
import type { DeviceFacts } from './link.ts';

/** MediaStreamTrack Insertable Media Processing (W3C); not in TypeScript's own types. */
type TrackProcessor = new (init: { readonly track: MediaStreamTrack }) => {
  readonly readable: ReadableStream<VideoFrame>;
};

/** Battery Status API (W3C); Chromium only. */
type Battery = Pick<EventTarget, 'addEventListener'> & { readonly level: number; readonly charging: boolean };

/** Network Information API (WICG); Chromium only. */
type Connection = Pick<EventTarget, 'addEventListener'> & { readonly saveData?: boolean };

type BrowserNavigator = Navigator & {
  readonly getBattery?: () => Promise<Battery>;
  readonly connection?: Connection;
};

export function browserCameraEdges(): CameraEdges {
  // Browsers leave it out at addresses that are not secure.
  const { mediaDevices }: { readonly mediaDevices?: MediaDevices } = navigator;
  return { mediaDevices, secure: isSecureContext };
}

export function browserFrameEdges(): FrameEdges {
  return {
    makeVideo: () => document.createElement('video'),
    makeFrame:
      'VideoFrame' in globalThis ? (video, timestamp) => new VideoFrame(elementOf(video), { timestamp }) : undefined,
    makeBitmap: (video) => createImageBitmap(elementOf(video)),
    openReader: trackReader(globalThis),
    page: { visible: () => document.visibilityState === 'visible', events: document },
    now: () => systemClock.now(),
    timeOrigin: performance.timeOrigin,
  };
}

/** The worker's file is fetched with this call, and kept by the service worker, where there is one. */
export function makePoseWorker(): WorkerLike {
  // Pages that are not secure have none.
  const { serviceWorker }: { readonly serviceWorker?: ServiceWorkerContainer } = navigator;
  void serviceWorker?.ready.then(({ active }) => active?.postMessage(KEEP_LATER));
  return new Worker(new URL('../../workers/pose/worker.ts', import.meta.url), { type: 'module', name: 'pose' });
}

/** Tells what of the device holds the rate down: now, and at each change. */
export function watchDevice(onChange: (facts: DeviceFacts) => void, signal: AbortSignal): void {
  const { connection }: BrowserNavigator = navigator;
  let battery: Battery | undefined;
  const tell = (): void =>
    onChange({
      battery: battery && { level: battery.level, charging: battery.charging },
      saveData: connection?.saveData === true,
    });
  connection?.addEventListener('change', tell, { signal });
  tell();
  void findBattery().then((found) => {
    if (!found || signal.aborted) return;
    battery = found;
    battery.addEventListener('levelchange', tell, { signal });
    battery.addEventListener('chargingchange', tell, { signal });
    tell();
  });
}

async function findBattery(): Promise<Battery | undefined> {
  const { getBattery }: BrowserNavigator = navigator;
  try {
    return await getBattery?.call(navigator);
  } catch {
    // A page that may not know is a page that does not know.
    return undefined;
  }
}

function trackReader(
  scope: typeof globalThis & { readonly MediaStreamTrackProcessor?: TrackProcessor },
): ((track: MediaStreamTrack) => FrameReader) | undefined {
  const Processor = scope.MediaStreamTrackProcessor;
  return Processor && ((track) => new Processor({ track }).readable.getReader());
}

/** What `makeVideo` made. */
function elementOf(video: VideoLike): HTMLVideoElement {
  if (video instanceof HTMLVideoElement) return video;
  throw new TypeError('not a video element');
}

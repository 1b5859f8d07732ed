/**
 * The camera: the only file that opens one. A capture is shared: who asks for a camera that already runs gets the same
 * stream, and its light goes off when the last of them lets go. Exceptions as in Media Capture and Streams (W3C).
 */
import { appError, describeThrown, type AppError } from '../model/errors.ts';
import { fail, ok, type Result } from '../model/result.ts';

export interface CameraRequest {
  /** Undefined or empty: the one that faces the person. */
  readonly id?: string | undefined;
  /** Wished for, pixels; the camera may give another size. */
  readonly width: number;
  readonly height: number;
}

export interface CameraInfo {
  /** Empty until the person allowed a camera. */
  readonly id: string;
  /** Empty until the person allowed a camera. */
  readonly label: string;
}

/** A share of a running capture. */
export interface CameraLease {
  /** The same object for all who share the camera: nobody may stop its tracks. */
  readonly stream: MediaStream;
  /** The system or another app holds the camera's pictures back. */
  isMuted(): boolean;
  /** Lets go; of the last share: the camera is off when this returns. Again: nothing happens. */
  release(): void;
}

/** Tells what is wrong with the camera while it runs (`camera-lost`, `camera-busy`); undefined: it is well again. */
export type OnCameraTrouble = (error: AppError | undefined) => void;

export interface CameraEdges {
  /** Undefined where pages may not use a camera. */
  readonly mediaDevices: Pick<MediaDevices, 'getUserMedia' | 'enumerateDevices' | 'addEventListener'> | undefined;
  readonly secure: boolean;
}

/** Frames a second that are wished for. */
const FRAME_RATE = 30;

interface Share {
  readonly width: number;
  readonly height: number;
  readonly onTrouble: OnCameraTrouble;
}

interface Capture {
  readonly id: string;
  readonly shares: Set<Share>;
  readonly opened: Promise<Result<MediaStream>>;
  /** Aborted once its tracks are stopped. */
  readonly ending: AbortController;
  /** Those that have a share and those that still wait for one. */
  users: number;
  stream: MediaStream | undefined;
  /** Last asked of the track, pixels. */
  size: readonly [width: number, height: number];
}

export class Cameras {
  readonly #edges: CameraEdges;
  readonly #captures = new Set<Capture>();

  constructor(edges: CameraEdges) {
    this.#edges = edges;
  }

  /** The cameras there are. Asks for no permission; without one, names and ids are empty. */
  async list(): Promise<Result<readonly CameraInfo[]>> {
    const { mediaDevices } = this.#edges;
    if (!mediaDevices) return fail(this.#absent());
    try {
      const devices = await mediaDevices.enumerateDevices();
      const cameras = devices.filter(({ kind }) => kind === 'videoinput');
      return ok(cameras.map(({ deviceId, label }) => ({ id: deviceId, label })));
    } catch (thrown) {
      return fail(cameraError(thrown));
    }
  }

  /** Calls `onChange` when a camera is plugged in or out, until `signal` is aborted. */
  watch(onChange: () => void, signal: AbortSignal): void {
    this.#edges.mediaDevices?.addEventListener('devicechange', onChange, { signal });
  }

  /**
   * A share of a camera, opened if it does not run yet; the browser may ask the person. Ends with `release` or `signal`.
   * Errors: `camera-permission`, `camera-missing`, `camera-busy`, `camera-insecure`, `camera-unsupported`; `camera-lost`
   * if `signal` was aborted meanwhile (the camera is off then).
   */
  async open(request: CameraRequest, onTrouble: OnCameraTrouble, signal: AbortSignal): Promise<Result<CameraLease>> {
    const { mediaDevices } = this.#edges;
    if (!mediaDevices) return fail(this.#absent());
    if (signal.aborted) return fail(appError('camera-lost', 'stopped'));
    let capture = this.#running(request.id ?? '') ?? this.#capture(request, mediaDevices);
    capture.users += 1;
    const opened = await capture.opened;
    if (!opened.ok) {
      this.#leave(capture);
      return opened;
    }
    const twin = this.#twin(capture);
    if (twin) {
      twin.users += 1;
      this.#leave(capture);
      capture = twin;
    }
    if (signal.aborted || !capture.stream) {
      this.#leave(capture);
      return fail(appError('camera-lost', signal.aborted ? 'stopped' : 'ended'));
    }
    return ok(this.#lease(capture, capture.stream, { ...request, onTrouble }, signal));
  }

  #absent(): AppError {
    return appError(this.#edges.secure ? 'camera-unsupported' : 'camera-insecure');
  }

  /** A second capture of the same camera would end the first one in some browsers. */
  #running(id: string): Capture | undefined {
    return [...this.#captures].find((one) => {
      if (one.id === id) return true;
      const settings = one.stream?.getVideoTracks()[0]?.getSettings();
      return id === '' ? settings?.facingMode === 'user' : settings?.deviceId === id;
    });
  }

  /** Only once it runs does it show which camera a wish for "the one that faces me" gave. */
  #twin(capture: Capture): Capture | undefined {
    const idOf = ({ stream }: Capture): string | undefined => stream?.getVideoTracks()[0]?.getSettings().deviceId;
    const id = idOf(capture);
    if (id === undefined || id === '') return undefined;
    return [...this.#captures].find((one) => one !== capture && one.shares.size > 0 && idOf(one) === id);
  }

  #capture({ id = '', width, height }: CameraRequest, devices: Pick<MediaDevices, 'getUserMedia'>): Capture {
    const capture: Capture = {
      id,
      shares: new Set(),
      opened: openStream(devices, id, width, height).then((opened) => {
        if (opened.ok) this.#follow(capture, opened.value);
        else this.#captures.delete(capture);
        return opened;
      }),
      ending: new AbortController(),
      users: 0,
      stream: undefined,
      size: [width, height],
    };
    this.#captures.add(capture);
    return capture;
  }

  /** Unplugged or forbidden: `ended`. Held by the system or another app: `mute`. */
  #follow(capture: Capture, stream: MediaStream): void {
    capture.stream = stream;
    const tell = (error: AppError | undefined): void => {
      for (const share of [...capture.shares]) share.onTrouble(error);
    };
    const { signal } = capture.ending;
    for (const track of stream.getVideoTracks()) {
      track.addEventListener('mute', () => tell(appError('camera-busy', 'muted')), { signal });
      track.addEventListener('unmute', () => tell(undefined), { signal });
      track.addEventListener(
        'ended',
        () => {
          this.#end(capture);
          tell(appError('camera-lost', 'ended'));
        },
        { signal },
      );
      void switchTorchOff(track);
    }
  }

  #lease(capture: Capture, stream: MediaStream, share: Share, signal: AbortSignal): CameraLease {
    capture.shares.add(share);
    void this.#fitSize(capture);
    const release = (): void => {
      if (!capture.shares.delete(share)) return;
      signal.removeEventListener('abort', release);
      this.#leave(capture);
      void this.#fitSize(capture);
    };
    signal.addEventListener('abort', release, { once: true });
    return { stream, isMuted: () => stream.getVideoTracks().some(({ muted }) => muted), release };
  }

  #leave(capture: Capture): void {
    capture.users -= 1;
    if (capture.users === 0) this.#end(capture);
  }

  #end(capture: Capture): void {
    this.#captures.delete(capture);
    capture.ending.abort();
    for (const track of capture.stream?.getTracks() ?? []) track.stop();
    capture.stream = undefined;
  }

  /** The largest size that one of the sharers asked for. */
  async #fitSize(capture: Capture): Promise<void> {
    if (capture.shares.size === 0) return;
    const width = Math.max(...[...capture.shares].map((share) => share.width));
    const height = Math.max(...[...capture.shares].map((share) => share.height));
    if (width === capture.size[0] && height === capture.size[1]) return;
    capture.size = [width, height];
    for (const track of capture.stream?.getVideoTracks() ?? []) await tryConstraints(track, sized(width, height));
  }
}

function sized(width: number, height: number): MediaTrackConstraints {
  return { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: FRAME_RATE } };
}

async function openStream(
  devices: Pick<MediaDevices, 'getUserMedia'>,
  id: string,
  width: number,
  height: number,
): Promise<Result<MediaStream>> {
  const which: MediaTrackConstraints = id === '' ? { facingMode: 'user' } : { deviceId: { exact: id } };
  try {
    return ok(await devices.getUserMedia({ audio: false, video: { ...which, ...sized(width, height) } }));
  } catch (thrown) {
    return fail(cameraError(thrown));
  }
}

/** Phones may keep the lamp on that another page switched on. Alone, as browsers refuse it mixed with a size. */
async function switchTorchOff(track: MediaStreamTrack): Promise<void> {
  // Absent in Firefox before version 132.
  const capabilities: MediaTrackCapabilities & { readonly torch?: boolean } = track.getCapabilities?.() ?? {};
  if (capabilities.torch !== true) return;
  const off: MediaTrackConstraintSet & { readonly torch: boolean } = { torch: false };
  await tryConstraints(track, { advanced: [off] });
}

/** False: refused, and the track stays as it was, which is no reason to do without its pictures. */
async function tryConstraints(track: MediaStreamTrack, constraints: MediaTrackConstraints): Promise<boolean> {
  try {
    await track.applyConstraints(constraints);
    return true;
  } catch {
    return false;
  }
}

/** What an exception of getUserMedia means. */
function cameraError(thrown: unknown): AppError {
  const detail = describeThrown(thrown);
  switch (thrown instanceof Error ? thrown.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return appError('camera-permission', detail);
    case 'NotFoundError':
    case 'OverconstrainedError':
      return appError('camera-missing', detail);
    case 'NotReadableError':
    case 'AbortError':
      return appError('camera-busy', detail);
    default:
      return appError('camera-unsupported', detail);
  }
}

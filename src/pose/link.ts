/**
 * Pose capture as one link: a share of the camera, frames of it, and the worker that looks at them. Skeletons do not come
 * back here, they go from worker to worker; what shows here is what it is doing, and why not more. Nothing here throws.
 */
import { createStore, type Readable } from '../lib/store.ts';
import type { AttentionLevel } from '../model/backpressure.ts';
import type { DeviceCommand } from '../model/command.ts';
import { appError, describeThrown, type AppError } from '../model/errors.ts';
import type { LinkState } from '../model/link.ts';
import type { PoseCap, PoseOptions, PoseReport, PoseStage } from '../model/pose.ts';
import { fail, type Result } from '../model/result.ts';
import type { CameraLease, CameraRequest, Cameras } from './camera.ts';
import { PoseClient, type PoseClientDeps, type PoseSetup } from './client.ts';
import { FrameGrabber, type FrameEdges } from './frames.ts';
import { coolAt, heatAfter, type HeatState } from './heat.ts';
import { linkStateOf, SILENCE, stageOf, type SessionFacts } from './link-state.ts';
import { poseRate, type RateFacts } from './rate.ts';

/** What of the server's wishes is followed; a sensor's status has it. */
export interface PoseWish {
  readonly attention: AttentionLevel;
  readonly loadMultiplier: number;
  readonly paused: boolean;
}

/** What of the device itself holds the rate down. */
export type DeviceFacts = Pick<RateFacts, 'battery' | 'saveData'>;

export interface PoseView {
  readonly stage: PoseStage;
  readonly report: PoseReport | undefined;
  /** The camera's own stream, not to be stopped; undefined: the camera is off. */
  readonly preview: MediaStream | undefined;
  readonly wantedFps: number;
  readonly cap: PoseCap | undefined;
  readonly faceError: AppError | undefined;
  /** Grows when the screen has to give a new canvas to draw on. */
  readonly overlaysLost: number;
  /** Pictures of the camera that could not be taken. */
  readonly unusable: number;
}

export interface PoseLinkDeps extends Omit<PoseClientDeps, 'onHurry'> {
  readonly cameras: Pick<Cameras, 'open'>;
  readonly frames: FrameEdges;
  /** Asked at each start: what to look for, and with what. */
  readonly setup: () => Promise<Result<PoseSetup>>;
  /** Asked whenever the camera is opened. */
  readonly camera: () => CameraRequest;
  /** Told now and at each change, until the signal is aborted. */
  readonly watchDevice: (onChange: (facts: DeviceFacts) => void, signal: AbortSignal) => void;
  readonly onState: (state: LinkState) => void;
}

/** One start, until it is stopped or given up. */
interface Session {
  readonly ending: AbortController;
  readonly attempt: number;
  /** Ends the camera only: it can be changed while the worker goes on. */
  camera: AbortController;
  lease: CameraLease | undefined;
  /** The camera is being opened; the browser may ask the person. */
  isOpening: boolean;
  /** Of camera and frames; passes by itself or ends the session. */
  trouble: AppError | undefined;
  /** Unix ms since when frames can be expected. */
  since: number;
}

export class PoseLink {
  readonly subscriptions = 0;
  readonly #deps: PoseLinkDeps;
  readonly #client: PoseClient;
  readonly #grabber: FrameGrabber;
  readonly #view = createStore<PoseView>(EMPTY_VIEW);
  #state: LinkState = { at: 'idle' };
  #session: Session | undefined;
  /** Why the last session was given up. */
  #error: AppError | undefined;
  #wish: PoseWish = { attention: 'none', loadMultiplier: 1, paused: false };
  #device: DeviceFacts = { battery: undefined, saveData: false };
  #isPreviewed = false;
  #heat: HeatState;
  #ended: Promise<void> = Promise.resolve();

  constructor(deps: PoseLinkDeps) {
    this.#deps = deps;
    this.#heat = coolAt(deps.clock.now());
    this.#client = new PoseClient({ ...deps, onHurry: () => this.#grabber.hurry() });
    this.#grabber = new FrameGrabber(deps.frames, {
      onFrame: (grabbed) => {
        // Whatever was wrong, pictures come.
        if (this.#session?.trouble) this.#setTrouble(undefined);
        this.#client.offer(grabbed, this.#view.get().wantedFps);
      },
      onTrouble: (error) => this.#setTrouble(error),
    });
    this.#followClient();
  }

  get state(): LinkState {
    return this.#state;
  }

  get view(): Readable<PoseView> {
    return this.#view;
  }

  /** Resolves when the worker of the last session is gone. The camera is off before `stop` returns. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  start(): void {
    if (!this.#session) this.#begin(1);
  }

  stop(): void {
    this.#error = undefined;
    this.#finish();
    this.#show();
  }

  /** Starts again what was given up or stands still. */
  retry(): void {
    const isWell = this.#state.at === 'live' || this.#state.at === 'connecting';
    if (this.#session && isWell) return;
    const attempt = (this.#session?.attempt ?? 0) + 1;
    this.#finish();
    this.#begin(attempt);
  }

  forget(): Promise<void> {
    this.stop();
    this.#set({ at: 'forgotten' });
    return this.#ended;
  }

  command(_command: DeviceCommand): Promise<Result<void>> {
    return Promise.resolve(fail(appError('command-unsupported')));
  }

  follow({ attention, loadMultiplier, paused }: PoseWish): void {
    this.#wish = { attention, loadMultiplier, paused };
    this.#show();
  }

  /** The Pose screen is open. */
  setPreviewed(on: boolean): void {
    this.#isPreviewed = on;
    this.#show();
  }

  /** What to look for; takes effect at once. */
  setOptions(options: PoseOptions, faceModel?: Blob): void {
    this.#client.setOptions(options, faceModel);
    // Another person or the eyes cost more: what a frame costs is learnt anew.
    this.#heat = coolAt(this.#deps.clock.now());
    this.#show();
  }

  /** Another camera or size was chosen: the one that runs is let go of first, as phones open one at a time. */
  changeCamera(): void {
    const session = this.#session;
    if (!session) return;
    session.camera.abort();
    session.camera = new AbortController();
    session.lease = undefined;
    session.trouble = undefined;
    void this.#openCamera(session);
  }

  showOverlay(canvas: OffscreenCanvas | undefined): void {
    this.#client.showOverlay(canvas);
  }

  /** Device pixels. */
  sizeOverlay(width: number, height: number): void {
    this.#client.sizeOverlay(width, height);
  }

  #begin(attempt: number): void {
    const ending = new AbortController();
    const camera = new AbortController();
    const since = this.#deps.clock.now();
    const nothing = { lease: undefined, isOpening: false, trouble: undefined };
    const session: Session = { ending, attempt, camera, ...nothing, since };
    this.#session = session;
    this.#error = undefined;
    this.#deps.watchDevice((facts) => {
      this.#device = facts;
      this.#show();
    }, ending.signal);
    this.#deps.frames.page.events.addEventListener('visibilitychange', () => this.#show(), { signal: ending.signal });
    this.#watch(session);
    this.#show();
    void this.#run(session);
  }

  /** Nobody is asked for the camera if there is no model to look with. */
  async #run(session: Session): Promise<void> {
    const setup = await this.#setup();
    if (session.ending.signal.aborted) return;
    if (!setup.ok) return this.#giveUp(setup.error);
    // While the person is asked, the model is loaded.
    this.#client.start(setup.value);
    await this.#openCamera(session);
  }

  async #setup(): Promise<Result<PoseSetup>> {
    try {
      return await this.#deps.setup();
    } catch (thrown) {
      return fail(appError('unexpected', describeThrown(thrown)));
    }
  }

  async #openCamera(session: Session): Promise<void> {
    const { signal } = session.camera;
    session.isOpening = true;
    this.#show();
    const onTrouble = (error: AppError | undefined): void => this.#cameraTrouble(error);
    const opened = await this.#deps.cameras.open(this.#deps.camera(), onTrouble, signal);
    if (signal.aborted) return;
    if (!opened.ok) return this.#giveUp(opened.error);
    session.lease = opened.value;
    session.isOpening = false;
    session.since = this.#deps.clock.now();
    this.#grabber.run(opened.value.stream, signal);
    this.#show();
  }

  #cameraTrouble(error: AppError | undefined): void {
    if (error?.code === 'camera-lost') return this.#giveUp(error);
    // Phones take the camera from pages that nobody sees, and give it back.
    const isHidden = error !== undefined && !this.#deps.frames.page.visible();
    this.#setTrouble(isHidden ? appError('camera-hidden') : error);
  }

  #setTrouble(error: AppError | undefined): void {
    if (!this.#session) return;
    // That frames now come another way is no reason to expect them only from now on.
    if (!error && this.#session.trouble) this.#session.since = this.#deps.clock.now();
    this.#session.trouble = error;
    this.#show();
  }

  #giveUp(error: AppError): void {
    // Said first: ending shows what is so meanwhile.
    this.#error = error;
    this.#finish();
    this.#show();
  }

  /** Camera off, frames closed, worker told to end. */
  #finish(): void {
    const session = this.#session;
    if (!session) return;
    this.#session = undefined;
    session.camera.abort();
    session.ending.abort();
    this.#ended = this.#client.stop();
  }

  #followClient(): void {
    const { stage, report, faceError, overlaysLost } = this.#client;
    stage.subscribe(() => {
      const now = stage.get();
      if (now.at === 'running') {
        this.#heat = coolAt(this.#deps.clock.now());
        if (this.#session) this.#session.since = this.#deps.clock.now();
      }
      // Nothing is measured until somebody acts: the camera's light goes off.
      if (now.at === 'trouble' && this.#session) this.#giveUp(now.error);
      else this.#show();
    });
    report.subscribe(() => {
      this.#feel(report.get());
      this.#show();
    });
    faceError.subscribe(() => this.#show());
    overlaysLost.subscribe(() => this.#show());
  }

  #feel(report: PoseReport | undefined): void {
    if (!report) return;
    const { wantedFps } = this.#view.get();
    const sight = { now: this.#deps.clock.now(), wanted: wantedFps, reached: report.fps, work: report.work };
    this.#heat = heatAfter(this.#heat, sight);
  }

  /** Silence makes no event: looked for while a session lasts. */
  #watch(session: Session): void {
    const cancel = this.#deps.clock.after(SILENCE / 3, () => {
      session.ending.signal.removeEventListener('abort', cancel);
      this.#grabber.tick();
      this.#show();
      if (!session.ending.signal.aborted) this.#watch(session);
    });
    session.ending.signal.addEventListener('abort', cancel, { once: true });
  }

  /** Everything that shows follows from what is so now. */
  #show(): void {
    const rate = this.#session ? poseRate(this.#rateFacts()) : { fps: 0, cap: undefined };
    // Frames can be expected from now on.
    if (this.#session && rate.fps > 0 && this.#view.get().wantedFps === 0) this.#session.since = this.#deps.clock.now();
    const facts = this.#facts(rate.fps);
    const stage = stageOf(facts, this.#error);
    this.#grabber.setRate(facts?.worker.at === 'running' ? rate.fps : 0);
    const { report, faceError, overlaysLost } = this.#client;
    this.#publish({
      stage,
      report: report.get(),
      preview: this.#session?.lease?.stream,
      wantedFps: rate.fps,
      cap: rate.cap,
      faceError: faceError.get(),
      overlaysLost: overlaysLost.get(),
      unusable: this.#grabber.unusable,
    });
    const link = linkStateOf(stage, facts);
    if (link.at !== 'idle' || this.#state.at !== 'forgotten') this.#set(link);
  }

  #isBlind(): boolean {
    const isHidden = !this.#deps.frames.page.visible();
    return isHidden && (!this.#grabber.worksHidden || this.#session?.trouble?.code === 'camera-hidden');
  }

  #rateFacts(): RateFacts {
    const isVisible = this.#deps.frames.page.visible();
    return {
      ...this.#wish,
      ...this.#device,
      previewed: this.#isPreviewed && isVisible,
      blind: this.#isBlind(),
      heat: this.#heat.cap,
    };
  }

  #facts(wantedFps: number): SessionFacts | undefined {
    const session = this.#session;
    if (!session) return undefined;
    const { attempt, isOpening, trouble, since, lease } = session;
    return {
      ...{ attempt, isOpening, trouble, since, wantedFps },
      isBlind: this.#isBlind(),
      hasCamera: lease !== undefined,
      isMuted: lease?.isMuted() ?? false,
      worker: this.#client.stage.get(),
      lastDone: this.#client.lastDone,
      now: this.#deps.clock.now(),
    };
  }

  #publish(view: PoseView): void {
    const before = this.#view.get();
    const names = Object.keys(view) as (keyof PoseView)[];
    if (names.some((name) => !isSame(before[name], view[name]))) this.#view.set(view);
  }

  #set(state: LinkState): void {
    if (isSame(this.#state, state)) return;
    this.#state = state;
    this.#deps.onState(state);
  }
}

const EMPTY_VIEW: PoseView = {
  stage: { at: 'off' },
  report: undefined,
  preview: undefined,
  wantedFps: 0,
  cap: undefined,
  faceError: undefined,
  overlaysLost: 0,
  unusable: 0,
};

/** Plain objects by what they hold; streams have nothing of their own to compare. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  const arePlain = [a, b].every((one) => one !== null && typeof one === 'object' && isPlain(one));
  return arePlain && JSON.stringify(a) === JSON.stringify(b);
}

function isPlain(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype;
}

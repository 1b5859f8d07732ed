/** This phone (or laptop) as a device: its own sensors as the sources of one sensor. Fetched when somebody asks for it. */
import { paceFor } from '../device/phone/pace.ts';
import { createPhoneSources, type PhoneParts } from '../device/phone/phone-sources.ts';
import type { ButtonNumber, LocationDetail, Presence } from '../device/phone/phone-types.ts';
import { SourceLink, type SourceLinkDeps } from '../device/source-link.ts';
import { createStore, type Readable } from '../lib/store.ts';
import { systemClock, type Clock } from '../lib/timers.ts';
import { appError } from '../model/errors.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { SensorStatus } from '../../workers/sensor/api.ts';
import type { PhoneOffer, PhoneState } from './api.ts';
import type { DeviceOrigin } from './device-origin.ts';
import { NO_PHONE_STATE, PHONE_ID } from './phone-door.ts';

/** Times are Unix ms, of the moment something was done. */
export interface Phone {
  readonly state: Readable<PhoneState>;
  offers(): Promise<readonly PhoneOffer[]>;
  /** Asks what some browsers answer only while a tap is being handled; call it first. Refusals show when a source starts. */
  ask(kinds: readonly string[]): Promise<void>;
  /** The phone as a device that measures with these sources. */
  origin(kinds: readonly string[]): DeviceOrigin;
  press(button: ButtonNumber, at: number): Result<void>;
  release(button: ButtonNumber, at: number): Result<void>;
  mark(text: string, at: number): Result<void>;
  share(presence: Presence | undefined, at: number): Result<void>;
  /** `source-off` while neither buttons nor markers are on. */
  captureKeys(on: boolean): Result<void>;
  setLocationDetail(detail: LocationDetail): void;
  pinFullRate(on: boolean): void;
}

/** What makes the parts; the browser's own unless a test says otherwise. */
export type MakeParts = (detail: () => LocationDetail, clock: Clock) => PhoneParts;

export function createPhone(
  makeParts: MakeParts = createPhoneSources,
  clock: Clock = systemClock,
  name = 'This phone',
): Phone {
  const state = createStore<PhoneState>(NO_PHONE_STATE);
  const change = (part: Partial<PhoneState>): void => state.set({ ...state.get(), ...part });
  const parts = makeParts(() => state.get().locationDetail, clock);
  const { sources, buttons, markers, presence } = parts;
  buttons.held.subscribe(() => change({ held: buttons.held.get() }));
  presence.shared.subscribe(() => change({ shared: presence.shared.get() }));
  const pace = createPace(parts, () => state.get().fullRate);
  let capture: AbortController | undefined;

  function captureKeys(on: boolean): Result<void> {
    if (on === (capture !== undefined)) return ok(undefined);
    if (on && !buttons.isOn() && !markers.isOn()) return fail(appError('source-off', 'buttons, markers'));
    capture?.abort();
    capture = on ? new AbortController() : undefined;
    if (capture) parts.captureKeys(() => void captureKeys(false), capture.signal);
    else releaseAll();
    change({ capturing: on });
    return ok(undefined);
  }

  /** Keys that are down when nobody looks any more would never be seen going up. */
  function releaseAll(): void {
    buttons.releaseAll(clock.now());
  }

  function stopping(): void {
    void captureKeys(false);
    releaseAll();
  }

  return {
    state,
    offers: () =>
      Promise.all(
        sources.map(async (source) => {
          const supported = await source.support();
          return { kind: source.kind, error: supported.ok ? undefined : supported.error };
        }),
      ),
    async ask(kinds) {
      const wanted = sources.filter(({ kind }) => kinds.includes(kind));
      await Promise.all(wanted.map(async (source) => source.ask?.()));
    },
    origin: (kinds) => ({
      id: PHONE_ID,
      name,
      demo: false,
      kind: 'phone',
      sensorType: 'phone',
      makeLink: ({ onReadings, onState }) => {
        const deps = { sources, on: kinds, onReadings, onState, now: () => clock.now(), timers: clock };
        return Promise.resolve(new PhoneLink(deps, pace, { stopping, releaseAll }));
      },
    }),
    press: (button, at) => buttons.press(button, at),
    release: (button, at) => buttons.release(button, at),
    mark: (text, at) => markers.mark(text, at),
    share: (what, at) => presence.share(what, at),
    captureKeys,
    setLocationDetail: (locationDetail) => change({ locationDetail }),
    pinFullRate(fullRate) {
      change({ fullRate });
      pace.apply();
    },
  };
}

/** Fewer samples while nobody looks or the battery is low, as sensors cost battery. */
interface Pace {
  follow(status: SensorStatus): void;
  apply(): void;
  /** Looks after the battery until `signal` is aborted. */
  begin(signal: AbortSignal): void;
}

function createPace(parts: PhoneParts, fullRate: () => boolean): Pace {
  let status: SensorStatus | undefined;
  let sparing = false;
  function apply(): void {
    // Before the server has said anything, all there is.
    const { attention, loadMultiplier, paused } = status ?? { attention: 'high', loadMultiplier: 1, paused: false };
    const hz = paceFor({ attention, loadMultiplier, paused, sparing, fullRate: fullRate() });
    for (const source of parts.sources) source.setRate?.(hz);
  }
  return {
    apply,
    follow(next) {
      status = next;
      apply();
    },
    begin(signal) {
      parts.watchLowBattery((isLow) => {
        sparing = isLow;
        apply();
      }, signal);
    },
  };
}

/** What is held is released while the sources are still on: every press has its release. */
interface Hands {
  readonly stopping: () => void;
  readonly releaseAll: () => void;
}

class PhoneLink extends SourceLink {
  readonly #pace: Pace;
  readonly #hands: Hands;
  #ending: AbortController | undefined;

  constructor(deps: SourceLinkDeps, pace: Pace, hands: Hands) {
    super(deps);
    this.#pace = pace;
    this.#hands = hands;
  }

  override start(): void {
    if (!this.#ending) this.#pace.begin((this.#ending = new AbortController()).signal);
    super.start();
  }

  override stop(): void {
    this.#ending?.abort();
    this.#ending = undefined;
    this.#hands.stopping();
    super.stop();
  }

  override switch(kind: string, on: boolean): Promise<Result<void>> {
    if (!on && kind === 'buttons') this.#hands.releaseAll();
    return super.switch(kind, on);
  }

  follow(status: SensorStatus): void {
    this.#pace.follow(status);
  }
}

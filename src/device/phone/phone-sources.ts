/** All sources of this phone, with the browser's own objects. Window only; fetched when somebody asks for it. */
import { systemClock, type Clock } from '../../lib/timers.ts';
import type { Source } from '../source.ts';
import { audioTap, type ContextLike, type OpenTap } from './audio-tap.ts';
import { batterySource, watchLowBattery, type BatteryLike } from './battery.ts';
import { createButtons, type Buttons } from './buttons.ts';
import { eventTime, type PhoneClock } from './event-time.ts';
import type { SensorClasses } from './generic-sensor.ts';
import { geolocationSource } from './geolocation.ts';
import { captureKeys, type KeyCaptureDeps } from './keys.ts';
import levelProcessorUrl from './level-processor.ts?worker&url';
import { createMarkers, type Markers } from './markers.ts';
import { microphoneSource } from './microphone.ts';
import type { AskMotion, MotionEdges, PermissionLookup } from './motion-permission.ts';
import { motionSource } from './motion.ts';
import { networkSource, type ConnectionLike } from './network.ts';
import { orientationSource } from './orientation.ts';
import type { LocationDetail } from './phone-types.ts';
import { createPresence, type PresenceSource } from './presence.ts';
import { lightSource, proximitySource } from './scalar-sensors.ts';

/** What of the browser is not in TypeScript's types, or not in every browser. */
interface MaybeNavigator {
  readonly getBattery?: () => Promise<BatteryLike>;
  readonly connection?: ConnectionLike;
  readonly geolocation?: Geolocation;
  readonly mediaDevices?: MediaDevices;
  readonly mediaSession?: MediaSession;
  readonly permissions?: { query(wanted: { readonly name: string }): Promise<{ readonly state: string }> };
}

export interface PhoneParts {
  /** Every source there may be; `support()` of each says whether it can work here. */
  readonly sources: readonly Source[];
  readonly buttons: Buttons;
  readonly markers: Markers;
  readonly presence: PresenceSource;
  /** Keys and pedals as buttons and markers, as far as those sources are on, until `signal` is aborted. */
  captureKeys(onEscape: () => void, signal: AbortSignal): void;
  /** Whether the battery is to be spared: now, and at each change. */
  watchLowBattery(onChange: (isLow: boolean) => void, signal: AbortSignal): void;
}

/** @param detail how exactly places are given away; asked for each */
export function createPhoneSources(detail: () => LocationDetail, clock: Clock = systemClock): PhoneParts {
  const { connection, geolocation, getBattery: battery, mediaDevices } = browserObjects();
  const now = (): number => clock.now();
  const getBattery = battery?.bind(navigator);
  const motion = motionEdges(clock);
  const { permission, secure } = motion;
  const buttons = createButtons(now);
  const markers = createMarkers(now);
  const presence = createPresence(now);
  const time = (stamp: number): number => eventTime(stamp, motion.clock);
  return {
    buttons,
    markers,
    presence,
    captureKeys: (onEscape, signal) => captureKeys(keyDeps(buttons, markers, time, onEscape), signal),
    watchLowBattery: (onChange, signal) => void watchLowBattery(getBattery, onChange, signal),
    sources: [
      motionSource(motion),
      orientationSource(motion),
      geolocationSource({ geolocation, permission, secure, now, detail }),
      microphoneSource({
        ...motion,
        getUserMedia: mediaDevices?.getUserMedia.bind(mediaDevices),
        openTap: tap(),
        now,
      }),
      buttons.source,
      markers.source,
      presence.source,
      batterySource(getBattery, now),
      networkSource({ connection, isOnline: () => navigator.onLine, events: window, now }),
      lightSource(motion),
      proximitySource(motion),
    ],
  };
}

function browserObjects(): MaybeNavigator {
  return navigator;
}

function motionEdges(clock: Clock): MotionEdges {
  const phoneClock: PhoneClock = { now: () => clock.now(), monotonic: () => performance.now() };
  return {
    classes: globalThis as unknown as SensorClasses,
    events: typeof DeviceMotionEvent === 'undefined' ? undefined : window,
    ask: askMotion(),
    permission: lookUp(),
    secure: isSecureContext,
    clock: phoneClock,
    timers: clock,
    visible: () => document.visibilityState === 'visible',
  };
}

/** WebKit on phones has two questions, and asks the person once for both. */
function askMotion(): AskMotion | undefined {
  const named = globalThis as unknown as Record<string, { readonly requestPermission?: AskMotion } | undefined>;
  const askers = ['DeviceMotionEvent', 'DeviceOrientationEvent'].flatMap((name) => {
    const event = named[name];
    return event?.requestPermission ? [event.requestPermission.bind(event)] : [];
  });
  if (askers.length === 0) return undefined;
  return async () => {
    // Both in the tap itself: after the first wait it may be over.
    const answers = await Promise.all(askers.map((ask) => ask()));
    return answers.find((answer) => answer !== 'granted') ?? 'granted';
  };
}

function lookUp(): PermissionLookup {
  const { permissions } = browserObjects();
  return async (name) => {
    try {
      return (await permissions?.query({ name }))?.state;
    } catch {
      // Names a browser does not know throw: it does not tell.
      return undefined;
    }
  };
}

function tap(): OpenTap | undefined {
  if (typeof AudioWorkletNode === 'undefined') return undefined;
  return audioTap({
    makeContext: () => new AudioContext({ latencyHint: 'playback' }),
    makeNode: (context: ContextLike, processor) => new AudioWorkletNode(context as AudioContext, processor),
    processorUrl: levelProcessorUrl,
  });
}

function keyDeps(
  buttons: Buttons,
  markers: Markers,
  time: (stamp: number) => number,
  onEscape: () => void,
): KeyCaptureDeps {
  return {
    keys: window,
    page: document,
    mediaKeys: browserObjects().mediaSession,
    time,
    canPress: () => buttons.isOn(),
    canMark: () => markers.isOn(),
    press: (button, at) => void buttons.press(button, at),
    release: (button, at) => void buttons.release(button, at),
    releaseAll: (at) => buttons.releaseAll(at),
    mark: (text, at) => void markers.mark(text, at),
    onEscape,
  };
}

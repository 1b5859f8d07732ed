/**
 * Notes the times in which a sensor measured nothing, or sent nothing, and why. A time without samples counts as a gap
 * once the next sample shows that there was one, so that what was only late is none.
 */
import type { Gap, GapCause } from '../model/proof.ts';
import type { SensorId } from '../model/sensor.ts';
import type { GapPort } from './ports.ts';

/** Gaps that are shown. */
const SHOWN = 20;
/** What a sleep leaves out at least, ms: less is the device's own rhythm. */
const MIN_SLEEP = 5000;

export interface GapWatch {
  /** A sample arrived at this time, Unix ms. */
  sample(arrival: number): void;
  linkLost(): void;
  /** Nothing ran here for a while. */
  slept(cause: 'tab-hidden' | 'phone-asleep'): void;
  /** The server asks to send nothing, or no longer does; samples are kept meanwhile. */
  paused(on: boolean, now: number): void;
  /** The sensor is stopped. */
  close(now: number): void;
  /** Those that the log remembers from before. */
  remember(gaps: readonly Gap[]): void;
  /** Newest last, with those that go on. */
  gaps(): readonly Gap[];
}

export function createGapWatch(sensorId: SensorId, port: GapPort): GapWatch {
  let recent: readonly Gap[] = [];
  let lastSample: number | undefined;
  /** Why no samples come, if they do not. */
  let cause: GapCause | undefined;
  let pausedSince: number | undefined;

  function record(from: number, to: number, why: GapCause): void {
    recent = [...recent, { from, to, cause: why }].slice(-SHOWN);
    port.recordGap({ sensorId, from, to, cause: why });
  }

  function end(to: number): void {
    const from = lastSample;
    const shortest = cause === 'link-lost' ? 0 : MIN_SLEEP;
    if (cause !== undefined && from !== undefined && to - from > shortest) record(from, to, cause);
    cause = undefined;
  }

  function endPause(now: number): void {
    if (pausedSince !== undefined && now > pausedSince) record(pausedSince, now, 'paused');
    pausedSince = undefined;
  }

  return {
    sample(arrival) {
      end(arrival);
      lastSample = arrival;
    },
    linkLost() {
      if (lastSample !== undefined) cause ??= 'link-lost';
    },
    slept(why) {
      // The link may have been lost because of it.
      if (lastSample !== undefined) cause = why;
    },
    paused(on, now) {
      if (on) pausedSince ??= now;
      else endPause(now);
    },
    close(now) {
      end(now);
      endPause(now);
      lastSample = undefined;
    },
    remember(gaps) {
      recent = [...gaps, ...recent].slice(-SHOWN);
    },
    gaps() {
      const open: Gap[] = [];
      if (cause === 'link-lost' && lastSample !== undefined) open.push({ from: lastSample, to: undefined, cause });
      if (pausedSince !== undefined) open.push({ from: pausedSince, to: undefined, cause: 'paused' });
      return [...recent, ...open].slice(-SHOWN);
    },
  };
}

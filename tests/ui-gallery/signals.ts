/** Believable values for the gallery: a resting heart with breathing in it, and an ECG. */
import type { ScriptedHub } from '../support/scripted-app.ts';

/** Heart rate at a time (Unix ms): slow wander and breathing. */
export function heartRate(time: number, base: number): number {
  return Math.round(base + 6 * Math.sin(time / 17_000) + 3 * Math.sin(time / 4_300));
}

/** One ECG value, mV: P, QRS and T as bumps within a beat of `period` ms. */
export function ecg(time: number, period: number): number {
  const phase = (time % period) / period;
  const bump = (at: number, width: number, height: number): number => height * Math.exp(-(((phase - at) / width) ** 2));
  return (
    bump(0.18, 0.03, 0.12) -
    bump(0.265, 0.01, 0.12) +
    bump(0.29, 0.012, 1.1) -
    bump(0.315, 0.012, 0.22) +
    bump(0.52, 0.05, 0.25)
  );
}

/** Fills the last minute of a strap, with a gap of `gap` seconds in the middle. */
export function fillHeart(
  hub: ScriptedHub,
  origin: 'own' | 'watched',
  id: string,
  now: number,
  base: number,
  gap = 0,
): void {
  for (let ago = 60; ago >= 0; ago--) {
    if (gap > 0 && ago > 24 && ago < 24 + gap) continue;
    hub.push(origin, id, 'heartrate', now - ago * 1000, heartRate(now - ago * 1000, base));
  }
}

export function fillEcg(hub: ScriptedHub, origin: 'own' | 'watched', id: string, now: number): void {
  for (let t = now - 8000; t <= now; t += 1000 / 130) hub.push(origin, id, 'ecg', t, ecg(t, 860));
}

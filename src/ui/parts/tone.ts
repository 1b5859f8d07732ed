/** How good or bad a state is: picks shape and colour together, so that colour never speaks alone. */
import type { IconName } from './icons.ts';

export type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'paused' | 'off';

export const TONE_ICON: Readonly<Record<Tone, IconName>> = {
  ok: 'live',
  busy: 'busy',
  warn: 'warn',
  bad: 'alert',
  paused: 'pause',
  off: 'off',
};

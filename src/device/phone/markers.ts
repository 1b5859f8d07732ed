/** Marks at a moment, in a person's own words or by a key: `marker` {text, number}, counted from 1 while it is on. */
import { appError } from '../../model/errors.ts';
import { fail, type Result } from '../../model/result.ts';
import type { Source } from '../source.ts';
import { handSource } from './hand-source.ts';
import { plainText } from './plain-text.ts';

/** Longer texts are cut, characters. */
export const MARKER_MAX = 500;

export interface Markers {
  readonly source: Source;
  /**
   * `source-input` for a text without words, `source-off` while the source is off.
   * @param at Unix ms
   */
  mark(text: string, at: number): Result<void>;
  readonly isOn: () => boolean;
}

export function createMarkers(now: () => number): Markers {
  let count = 0;
  const hand = handSource('markers', 'marker', now, { onStop: () => (count = 0) });
  return {
    source: hand.source,
    isOn: hand.isOn,
    mark(text, at) {
      const words = plainText(text, MARKER_MAX);
      if (words === '') return fail(appError('source-input', 'no words'));
      const recorded = hand.record({ text: words, number: count + 1 }, at);
      if (recorded.ok) count += 1;
      return recorded;
    },
  };
}

/**
 * What a person says they are doing: `rich_presence` {title, description?, url?, state, source}. Typed or shared by hand; a
 * page cannot see what other apps play or show, and this one does not pretend to.
 */
import { createStore, type Readable } from '../../lib/store.ts';
import { appError } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Source } from '../source.ts';
import { handSource } from './hand-source.ts';
import type { Json } from '../../model/block.ts';
import type { Presence } from './phone-types.ts';
import { plainText } from './plain-text.ts';

const TITLE_MAX = 200;
const DESCRIPTION_MAX = 1000;
const URL_MAX = 2000;

export interface PresenceSource {
  readonly source: Source;
  /** What was shared last, and not taken back. */
  readonly shared: Readable<Presence | undefined>;
  /**
   * Shares, or takes back with undefined. `source-input` without a title or with an address that is none, `source-off`
   * while the source is off.
   * @param at Unix ms
   */
  share(presence: Presence | undefined, at: number): Result<void>;
}

export function createPresence(now: () => number): PresenceSource {
  const shared = createStore<Presence | undefined>(undefined);
  const hand = handSource('presence', 'rich_presence', now, { onStop: () => shared.set(undefined) });

  return {
    source: hand.source,
    shared,
    share(presence, at) {
      const checked = presence === undefined ? ok(undefined) : checkedPresence(presence);
      if (!checked.ok) return checked;
      const recorded = hand.record(payloadOf(checked.value), at);
      if (recorded.ok) shared.set(checked.value);
      return recorded;
    },
  };
}

/** The platform's words: `none` while there is nothing. */
function payloadOf(presence: Presence | undefined): Json {
  return presence === undefined
    ? { title: '', state: 'none', source: 'person' }
    : { ...presence, state: 'active', source: 'person' };
}

function checkedPresence({ title, description = '', url = '' }: Presence): Result<Presence> {
  const shortTitle = plainText(title, TITLE_MAX);
  if (shortTitle === '') return fail(appError('source-input', 'no title'));
  const address = url.trim();
  if (address !== '' && !isWebAddress(address)) return fail(appError('source-input', 'not a web address'));
  const words = plainText(description, DESCRIPTION_MAX);
  return ok({
    title: shortTitle,
    ...(words !== '' && { description: words }),
    ...(address !== '' && { url: address }),
  });
}

/** Others will tap it: nothing but web pages. */
function isWebAddress(text: string): boolean {
  if (text.length > URL_MAX || !URL.canParse(text)) return false;
  const { protocol } = new URL(text);
  return protocol === 'https:' || protocol === 'http:';
}

/**
 * Keys, pedals (which act as keys) and the media keys of headsets as push buttons and markers. Media keys reach a page only
 * while it holds the system's media session, as in a call; some keyboards' media keys arrive as ordinary keys.
 */
import type { ButtonNumber } from './phone-types.ts';

/** The part of a keyboard event that is used. */
export interface KeyLike {
  readonly code: string;
  readonly key: string;
  readonly repeat: boolean;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly isComposing: boolean;
  readonly target: EventTarget | null;
  readonly timeStamp: number;
  preventDefault(): void;
}

/** The part of `MediaSession` that is used. */
export type MediaKeys = Pick<MediaSession, 'setActionHandler'>;

/** What the media keys of a headset are called. */
const MEDIA_ACTIONS: readonly MediaSessionAction[] = ['play', 'pause', 'stop', 'previoustrack', 'nexttrack'];

/** Keys that people need to find their way around, and keys that only change others. */
const LEFT_ALONE: ReadonlySet<string> = new Set([
  'Tab',
  'Shift',
  'Control',
  'Alt',
  'AltGraph',
  'Meta',
  'CapsLock',
  'NumLock',
  'ScrollLock',
  'Fn',
  'Dead',
  'Process',
  'Unidentified',
]);

/** Where text is typed or chosen. */
const TYPING =
  'input:not([type=button], [type=checkbox], [type=radio], [type=submit]), textarea, select, [contenteditable]';
/** What Space, Enter and arrows act on. */
const ACTING = 'a[href], button, summary, input, [role=button], [role=switch], [role=tab], [role=slider]';

export interface KeyCaptureDeps {
  /** Where keys arrive: the window. */
  readonly keys: EventTarget;
  /** Tells when the page is hidden. */
  readonly page: EventTarget & { readonly visibilityState: string };
  readonly mediaKeys: MediaKeys | undefined;
  /** Unix ms of an event time stamp. */
  readonly time: (timeStamp: number) => number;
  /** Whether buttons and markers are on: keys for what is off are left alone. */
  readonly canPress: () => boolean;
  readonly canMark: () => boolean;
  readonly press: (button: ButtonNumber, at: number) => void;
  readonly release: (button: ButtonNumber, at: number) => void;
  /** The hand cannot be seen any more. */
  readonly releaseAll: (at: number) => void;
  readonly mark: (text: string, at: number) => void;
  /** Escape was pressed. */
  readonly onEscape: () => void;
}

/** Captures until `signal` is aborted. Keys held down count once. */
export function captureKeys(deps: KeyCaptureDeps, signal: AbortSignal): void {
  const { keys, page, time } = deps;
  const releaseAll = (event: Event): void => deps.releaseAll(time(event.timeStamp));
  keys.addEventListener('keydown', (event) => keyDown(event as unknown as KeyLike, deps), { signal });
  keys.addEventListener('keyup', (event) => keyUp(event as unknown as KeyLike, deps), { signal });
  // Keys that go up while another window has the focus are never heard of.
  keys.addEventListener('blur', releaseAll, { signal });
  page.addEventListener(
    'visibilitychange',
    (event) => {
      if (page.visibilityState !== 'visible') releaseAll(event);
    },
    { signal },
  );
  captureMedia(deps, signal);
}

function keyDown(event: KeyLike, deps: KeyCaptureDeps): void {
  if (event.key === 'Escape') return deps.onEscape();
  const button = buttonOf(event);
  const isOn = button === undefined ? deps.canMark() : deps.canPress();
  if (!isOn || !isOurs(event)) return;
  event.preventDefault();
  if (event.repeat) return;
  const at = deps.time(event.timeStamp);
  if (button === undefined) deps.mark(nameOf(event), at);
  else deps.press(button, at);
}

/** Also with modifiers, or in a text field: the press was before. */
function keyUp(event: KeyLike, deps: KeyCaptureDeps): void {
  const button = buttonOf(event);
  if (button !== undefined) deps.release(button, deps.time(event.timeStamp));
}

function captureMedia({ mediaKeys, mark, time }: KeyCaptureDeps, signal: AbortSignal): void {
  if (!mediaKeys) return;
  const taken = MEDIA_ACTIONS.filter((action) =>
    handle(mediaKeys, action, () => mark(`headset ${action}`, time(performance.now()))),
  );
  signal.addEventListener('abort', () => taken.forEach((action) => handle(mediaKeys, action, null)), { once: true });
}

/** False where the browser does not know the action. */
function handle(mediaKeys: MediaKeys, action: MediaSessionAction, handler: (() => void) | null): boolean {
  try {
    mediaKeys.setActionHandler(action, handler);
    return true;
  } catch {
    // Unknown actions throw; the others work all the same.
    return false;
  }
}

/** Whether the key means nothing to the page or the browser. */
function isOurs(event: KeyLike): boolean {
  if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing || LEFT_ALONE.has(event.key)) return false;
  if (isIn(event.target, TYPING)) return false;
  const acts = event.key === ' ' || event.key === 'Enter' || event.key.startsWith('Arrow');
  return !(acts && isIn(event.target, ACTING));
}

function isIn(target: EventTarget | null, selector: string): boolean {
  const element = target as Partial<Pick<Element, 'closest'>> | null;
  return typeof element?.closest === 'function' && element.closest(selector) !== null;
}

/** By its place, so that layouts which want Shift for digits work, and the number pad. */
function buttonOf({ code }: KeyLike): ButtonNumber | undefined {
  const digit = /^(?:Digit|Numpad)([1-8])$/.exec(code)?.[1];
  return digit === undefined ? undefined : (Number(digit) as ButtonNumber);
}

function nameOf({ key, code }: KeyLike): string {
  return `key ${key === ' ' ? 'Space' : key || code}`;
}

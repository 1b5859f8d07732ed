/** What a person does by hand: push buttons, markers, presence, and keys for them. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { createButtons } from '../../../../src/device/phone/buttons.ts';
import { captureKeys, type MediaKeys } from '../../../../src/device/phone/keys.ts';
import { createMarkers, MARKER_MAX } from '../../../../src/device/phone/markers.ts';
import type { ButtonNumber } from '../../../../src/device/phone/phone-types.ts';
import { plainText } from '../../../../src/device/phone/plain-text.ts';
import { createPresence } from '../../../../src/device/phone/presence.ts';
import { ok } from '../../../../src/model/result.ts';
import { wireValue } from '../../../../src/protocol/sensor.ts';
import { CountingTarget, hearing } from './support.ts';

const NOW = 1_700_000_000_000;
const now = (): number => NOW;

describe('push buttons', () => {
  it('record one press and one release, when they happened, as the platform sends them', async () => {
    const buttons = createButtons(now);
    const heard = hearing();
    await buttons.source.start(heard, new AbortController().signal);
    expect(buttons.press(3, NOW - 20)).toEqual(ok(undefined));
    buttons.press(3, NOW - 15);
    expect(buttons.held.get()).toEqual([3]);
    buttons.release(3, NOW - 10);
    buttons.release(3, NOW - 5);
    expect(heard.payloads('button')).toEqual([
      { value: 3, event: 'press' },
      { value: 3, event: 'release' },
    ]);
    expect(heard.times('button')).toEqual([NOW - 20, NOW - 10]);
    expect(wireValue('button', { value: 3, event: 'press' })).toEqual({ payload: 3, event: 'press' });
  });

  it('release only what is down when the hand cannot be seen any more', async () => {
    const buttons = createButtons(now);
    const heard = hearing();
    await buttons.source.start(heard, new AbortController().signal);
    buttons.press(1, NOW);
    buttons.press(8, NOW);
    buttons.releaseAll(NOW);
    buttons.releaseAll(NOW);
    expect(heard.payloads('button').filter((one) => (one as { event: string }).event === 'release')).toHaveLength(2);
  });

  it('are off until switched on, and up after they were off', async () => {
    const buttons = createButtons(now);
    expect(buttons.press(1, NOW)).toMatchObject({ error: { code: 'source-off' } });
    expect(buttons.held.get()).toEqual([]);
    const ending = new AbortController();
    await buttons.source.start(hearing(), ending.signal);
    buttons.press(1, NOW);
    ending.abort();
    expect(buttons.held.get()).toEqual([]);
    expect(buttons.isOn()).toBe(false);
  });

  it('have one release for every press, whatever is done', async () => {
    const buttons = createButtons(now);
    const heard = hearing();
    await buttons.source.start(heard, new AbortController().signal);
    const act = fc.record({ button: fc.integer({ min: 1, max: 8 }), down: fc.boolean() });
    fc.assert(
      fc.property(fc.array(act), (acts) => {
        heard.all.length = 0;
        for (const { button, down } of acts) buttons[down ? 'press' : 'release'](button as ButtonNumber, NOW);
        buttons.releaseAll(NOW);
        const events = heard.payloads('button') as { value: number; event: string }[];
        for (let n = 1; n <= 8; n++) {
          const own = events.filter(({ value }) => value === n).map(({ event }) => event);
          expect(own).toEqual(own.map((_, i) => (i % 2 === 0 ? 'press' : 'release')));
          expect(own.length % 2).toBe(0);
        }
      }),
    );
  });
});

describe('markers', () => {
  it('keep words, counted', async () => {
    const markers = createMarkers(now);
    expect(markers.mark('early', NOW)).toMatchObject({ error: { code: 'source-off' } });
    const heard = hearing();
    const ending = new AbortController();
    await markers.source.start(heard, ending.signal);
    markers.mark('  start of\nrun ', NOW - 3);
    expect(markers.mark(' \n ', NOW)).toMatchObject({ error: { code: 'source-input' } });
    markers.mark('second', NOW);
    expect(heard.payloads('marker')).toEqual([
      { text: 'start of run', number: 1 },
      { text: 'second', number: 2 },
    ]);
    expect(heard.times('marker')).toEqual([NOW - 3, NOW]);
    ending.abort();
    expect(markers.isOn()).toBe(false);
  });

  it('are cut between characters', () => {
    expect([...plainText('😀'.repeat(MARKER_MAX + 1), MARKER_MAX)]).toHaveLength(MARKER_MAX);
    expect(plainText('a\u0000b\ud800c', 10)).toBe('a b c');
  });
});

describe('presence', () => {
  it('is what the person shares, and can be taken back', async () => {
    const presence = createPresence(now);
    const heard = hearing();
    const ending = new AbortController();
    await presence.source.start(heard, ending.signal);
    presence.share({ title: ' Bach ', description: '', url: ' https://example.org/bwv ' }, NOW);
    expect(presence.shared.get()).toEqual({ title: 'Bach', url: 'https://example.org/bwv' });
    presence.share(undefined, NOW);
    expect(heard.payloads('rich_presence')).toEqual([
      { title: 'Bach', url: 'https://example.org/bwv', state: 'active', source: 'person' },
      { title: '', state: 'none', source: 'person' },
    ]);
    expect(presence.shared.get()).toBeUndefined();
    presence.share({ title: 'Again' }, NOW);
    ending.abort();
    expect(presence.shared.get()).toBeUndefined();
  });

  it.each([
    [{ title: ' ' }, 'source-input'],
    [{ title: 'x', url: 'javascript:alert(1)' }, 'source-input'],
    [{ title: 'x', url: 'not an address' }, 'source-input'],
    [{ title: 'x' }, 'source-off'],
  ])('is not shared: %o', (what, code) => {
    expect(createPresence(now).share(what, NOW)).toMatchObject({ ok: false, error: { code } });
  });
});

describe('captured keys', () => {
  function rig(on = { buttons: true, markers: true }) {
    const keys = new CountingTarget();
    const page = Object.assign(new CountingTarget(), { visibilityState: 'visible' });
    const did: string[] = [];
    const actions = new Map<string, (() => void) | null>();
    const mediaKeys = {
      setActionHandler(action: string, handler: (() => void) | null) {
        if (action === 'stop') throw new TypeError('unknown action');
        actions.set(action, handler);
      },
    } as unknown as MediaKeys;
    const ending = new AbortController();
    captureKeys(
      {
        keys,
        page,
        mediaKeys,
        time: () => NOW,
        canPress: () => on.buttons,
        canMark: () => on.markers,
        press: (button) => did.push(`press ${button}`),
        release: (button) => did.push(`release ${button}`),
        releaseAll: () => did.push('release all'),
        mark: (text) => did.push(text),
        onEscape: () => did.push('escape'),
      },
      ending.signal,
    );
    let prevented = 0;
    const defaults = { repeat: false, altKey: false, ctrlKey: false, metaKey: false, isComposing: false };
    const key = (type: 'keydown' | 'keyup', code: string, name: string, more: object = {}): void =>
      keys.fire(type, { code, key: name, ...defaults, preventDefault: () => (prevented += 1), ...more });
    /** A fake element that is inside what the selector names, if it names its tag. */
    const inside = (tag: string) => ({
      target: { closest: (selector: string) => (selector.includes(tag) ? {} : null) },
    });
    return { keys, page, did, actions, ending, key, inside, prevented: () => prevented };
  }

  it('1–8 press and release, held ones once', () => {
    const { key, did, prevented } = rig();
    key('keydown', 'Digit3', '3');
    key('keydown', 'Digit3', '3', { repeat: true });
    key('keyup', 'Digit3', '3');
    key('keydown', 'Numpad8', '8');
    expect(did).toEqual(['press 3', 'release 3', 'press 8']);
    expect(prevented()).toBe(3);
  });

  it('pedals and other keys mark', () => {
    const { key, did } = rig();
    key('keydown', 'PageDown', 'PageDown');
    key('keydown', 'Space', ' ');
    key('keydown', 'Digit9', '9');
    key('keydown', 'PageDown', 'PageDown', { repeat: true });
    expect(did).toEqual(['key PageDown', 'key Space', 'key 9']);
  });

  it('leaves alone what means something to the page, the browser or a text', () => {
    const { key, did, inside, prevented } = rig();
    key('keydown', 'Tab', 'Tab');
    key('keydown', 'Digit1', '1', { ctrlKey: true });
    key('keydown', 'KeyR', 'r', { metaKey: true });
    key('keydown', 'Digit1', '1', inside('textarea'));
    key('keydown', 'Enter', 'Enter', inside('button, summary'));
    key('keydown', 'KeyA', 'a', { isComposing: true });
    expect(did).toEqual([]);
    expect(prevented()).toBe(0);
    key('keydown', 'Digit2', '2', inside('button, summary'));
    expect(did).toEqual(['press 2']);
  });

  it('leaves keys alone for what is off', () => {
    const { key, did, prevented } = rig({ buttons: false, markers: true });
    key('keydown', 'Digit1', '1');
    key('keydown', 'KeyA', 'a');
    expect(did).toEqual(['key a']);
    expect(prevented()).toBe(1);
  });

  it('Escape gets out; other windows and hidden pages release', () => {
    const { key, keys, page, did } = rig();
    key('keydown', 'Escape', 'Escape');
    keys.fire('blur');
    page.fire('visibilitychange');
    page.visibilityState = 'hidden';
    page.fire('visibilitychange');
    expect(did).toEqual(['escape', 'release all', 'release all']);
  });

  it('headset keys mark where the browser knows them, and are given back', () => {
    const { actions, did, ending, keys, page } = rig();
    actions.get('nexttrack')?.();
    expect(did).toEqual(['headset nexttrack']);
    ending.abort();
    expect([...actions.values()].every((handler) => handler === null)).toBe(true);
    expect(keys.listeners + page.listeners).toBe(0);
  });
});

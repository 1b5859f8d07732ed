import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RingBuffer } from '../../../../src/lib/ring-buffer.ts';
import { trackArrival } from '../../../../src/ui/state/arrival.ts';
import { isIos } from '../../../../src/ui/state/install.svelte.ts';
import { fetchLan, parseLan } from '../../../../src/ui/state/lan.ts';
import { checkName, MAX_NAME_BYTES } from '../../../../src/ui/state/name-check.ts';
import { makePreferences } from '../../../../src/ui/state/preferences.ts';
import { hrefOf, RouteState, ROUTES, routeOf } from '../../../../src/ui/state/route.svelte.ts';
import { ThemeState } from '../../../../src/ui/state/theme.svelte.ts';

describe('arrival', () => {
  it('counts from when a value got here, whatever time it carries', () => {
    const ring = new RingBuffer(8);
    const arrival = trackArrival(ring, 100_000);
    expect(arrival.age(100_000)).toBeUndefined();
    ring.push(40_000, 72);
    arrival.note(101_000);
    expect(arrival.age(103_000)).toBe(2000);
    arrival.note(104_000);
    expect(arrival.age(104_000), 'a note without a new value changes nothing').toBe(3000);
  });

  it('takes a first value by its own time, but never from the future', () => {
    const ring = new RingBuffer(8);
    ring.push(90_000, 72);
    expect(trackArrival(ring, 100_000).age(100_000)).toBe(10_000);
    ring.push(200_000, 72);
    expect(trackArrival(ring, 100_000).age(101_000)).toBe(1000);
  });
});

describe('names', () => {
  it('are trimmed and counted in bytes', () => {
    expect(checkName('  Lab  ')).toEqual({ kind: 'ok', name: 'Lab', bytesLeft: 97 });
    expect(checkName('   ')).toEqual({ kind: 'empty' });
    expect(checkName('😀'.repeat(26))).toEqual({ kind: 'too-long', bytesOver: 4 });
    expect(checkName('a\u0007b')).toEqual({ kind: 'controls' });
  });

  it('pass exactly when the server would take them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (typed) => {
        const check = checkName(typed);
        const bytes = Buffer.byteLength(typed.trim());
        if (check.kind === 'ok') expect(bytes).toBe(MAX_NAME_BYTES - check.bytesLeft);
        if (check.kind === 'too-long') expect(bytes).toBe(MAX_NAME_BYTES + check.bytesOver);
        if (check.kind === 'empty') expect(bytes).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

describe('routes', () => {
  it('come from the hash, unknown ones open Sense', () => {
    for (const route of ROUTES) expect(routeOf(hrefOf(route))).toBe(route);
    for (const odd of ['', '#', '#/', '#/nowhere', '#watch?x=1/..']) expect(ROUTES).toContain(routeOf(odd));
    expect(routeOf('#/watch/some-sensor')).toBe('watch');
    expect(routeOf('#/nowhere')).toBe('sense');
  });

  it('follow the address until told to stop', () => {
    const ending = new AbortController();
    const route = new RouteState();
    window.location.hash = '#/settings';
    route.follow(window, ending.signal);
    expect(route.current).toBe('settings');
    window.location.hash = '#/watch';
    window.dispatchEvent(new HashChangeEvent('hashchange'));
    expect(route.current).toBe('watch');
    ending.abort();
    window.location.hash = '#/sense';
    window.dispatchEvent(new HashChangeEvent('hashchange'));
    expect(route.current).toBe('watch');
  });
});

describe('the theme', () => {
  it('is remembered, and marks the root element', () => {
    const preferences = makePreferences(() => localStorage);
    const root = document.createElement('html');
    const theme = new ThemeState(preferences, root);
    expect(theme.choice).toBe('system');
    theme.choose('dark');
    expect(root.dataset['theme']).toBe('dark');
    expect(new ThemeState(preferences, document.createElement('html')).choice).toBe('dark');
    theme.choose('system');
    expect(root.dataset['theme']).toBeUndefined();
  });

  it('works for the page’s life where storage is refused', () => {
    const refused = makePreferences(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    expect(refused.read('sensocto.theme')).toBeUndefined();
    expect(refused.write('sensocto.theme', 'dark')).toBe(false);
    const theme = new ThemeState(refused, document.createElement('html'));
    theme.choose('light');
    expect(theme.choice).toBe('light');
  });
});

describe('the address for phones', () => {
  it('is read from what the server says, and only https', () => {
    expect(parseLan({ url: 'https://192.168.1.4:4173', ca_url: 'http://192.168.1.4:4174/lan' })).toEqual({
      url: 'https://192.168.1.4:4173',
      certificateUrl: 'http://192.168.1.4:4174/lan',
    });
    expect(parseLan({ url: 'javascript:alert(1)' })).toBeUndefined();
    fc.assert(fc.property(fc.jsonValue(), (raw) => void parseLan(raw)));
  });

  it('is absent when the server knows none or does not answer', async () => {
    const { signal } = new AbortController();
    expect(await fetchLan(() => Promise.resolve(new Response('no', { status: 404 })), signal)).toBeUndefined();
    expect(await fetchLan(() => Promise.resolve(new Response('<html>')), signal)).toBeUndefined();
    expect(await fetchLan(() => Promise.reject(new TypeError('offline')), signal)).toBeUndefined();
  });
});

describe('iOS', () => {
  it('is seen also on iPads that call themselves Macs', () => {
    expect(isIos('Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)', 5)).toBe(true);
    expect(isIos('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1', 5)).toBe(true);
    expect(isIos('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1', 0)).toBe(false);
    expect(isIos('Mozilla/5.0 (Linux; Android 14)', 5)).toBe(false);
  });
});

/** What surrounds every screen: navigation, status line, delivery, updates. */
import { screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { describe, expect, it } from 'vitest';
import { enErrors } from '../../../../src/i18n/en-errors.ts';
import { en as first } from '../../../../src/i18n/en.ts';
import { appError } from '../../../../src/model/errors.ts';
import type { SignalState, StatusLine } from '../../../../src/app/api.ts';
import { codeText, signalText } from '../../../../src/ui/panels/signal-text.ts';
import { statusText } from '../../../../src/ui/panels/status-text.ts';
import { enSensors } from '../../../../src/i18n/en-sensors.ts';
import { IDLE_STATUS } from '../../../support/scripted-app.ts';
import { show } from '../support/screen.ts';

const en = { ...first, errors: enErrors };
const MEMORY = { ...IDLE_STATUS.storage, kind: 'memory' } as const;

describe('navigation', () => {
  it('has four links and marks the open one', () => {
    show('sense');
    const links = screen
      .getAllByRole('link')
      .map((link) => [link.textContent.trim(), link.getAttribute('aria-current')]);
    expect(links).toEqual([
      ['Sense', 'page'],
      ['Pose', null],
      ['Watch', null],
      ['Settings', null],
    ]);
    expect(document.title).toBe('Sense · Sensocto');
  });
});

const LINES: [StatusLine, RegExp, RegExp | undefined][] = [
  [{ kind: 'starting' }, /^Starting$/, undefined],
  [{ kind: 'connected', sending: 0 }, /^Connected\. Nothing is being sent\.$/, undefined],
  [{ kind: 'connected', sending: 2 }, /^Connected, sending 2 sensors$/, undefined],
  [
    { kind: 'reconnecting', attempt: 3, inSeconds: 5, kept: 1204, reason: 'closed 1006' },
    /^Reconnecting: the connection was closed$/,
    /Try 3, next in 5 s · Keeping 1,204 samples here/,
  ],
  [{ kind: 'offline', kept: 1 }, /^Offline: this device has no network$/, /Keeping 1 sample here/],
  [
    { kind: 'paused', why: 'memory', kept: 0 },
    /^Paused by the server: it is protecting its memory$/,
    /Nothing waiting/,
  ],
  [{ kind: 'paused', why: 'load', kept: 3 }, /^Paused by the server: it has too much to do$/, /3 samples/],
  [
    { kind: 'draining', left: 12_340, secondsLeft: 40 },
    /^Connected, sending what was kept$/,
    /12,340 samples left, about 40 s/,
  ],
  [{ kind: 'draining', left: 1, secondsLeft: undefined }, /^Connected, sending what was kept$/, /1 sample left$/],
  [
    { kind: 'sign-in', kept: 3120, error: appError('server-unauthorized') },
    /^Sign in again to send what is kept here$/,
    /Sign in again to send 3,120 kept samples/,
  ],
  [{ kind: 'sign-in', kept: 0, error: appError('server-unauthorized') }, /^Not sending: sign in again$/, undefined],
  [{ kind: 'failed', error: appError('server-no-guests') }, /^This server takes no guests\.$/, undefined],
];

describe('the status line', () => {
  it.each(LINES)('%o', (line, words, detail) => {
    show('sense', (app) => app.statusLine.set(line));
    const status = screen.getByRole('status');
    expect(status.textContent).toMatch(words);
    expect(status.textContent, 'nothing that changes by the second is spoken').not.toMatch(/next in|Keeping/);
    if (detail !== undefined) expect(status.parentElement?.textContent).toMatch(detail);
  });

  it('follows the app, and can be told to try now', async () => {
    const { app } = show('sense');
    expect(screen.queryByRole('button', { name: 'Try now' })).toBeNull();
    app.statusLine.set({ kind: 'offline', kept: 0 });
    await tick();
    screen.getByRole('button', { name: 'Try now' }).click();
    expect(app.asked).toEqual(['retry']);
  });

  it('says once, where nothing else takes the room, that nothing outlives the tab', async () => {
    const { app } = show('sense', (scripted) => scripted.status.set({ ...IDLE_STATUS, storage: MEMORY }));
    const bar = screen.getByRole('region', { name: 'Connection' });
    expect(bar.textContent).toContain(en.status.memoryOnly);
    app.statusLine.set({ kind: 'offline', kept: 12 });
    await tick();
    expect(bar.textContent).toContain('Keeping 12 samples in memory only');
    app.status.set(IDLE_STATUS);
    await tick();
    expect(bar.textContent).toContain('Keeping 12 samples here');
  });
});

describe('an update', () => {
  it('is not offered while something streams, and not taken if something started since', async () => {
    const { app, reloads } = show('sense', (scripted) => (scripted.streaming = true));
    window.dispatchEvent(new Event('vite:preloadError'));
    await tick();
    expect(screen.queryByRole('button', { name: 'Reload' })).toBeNull();
    app.streaming = false;
    app.now.set(app.now.get() + 1000);
    await tick();
    const reload = screen.getByRole('button', { name: 'Reload' });
    app.streaming = true;
    reload.click();
    expect(reloads.count).toBe(0);
    app.streaming = false;
    reload.click();
    expect(reloads.count).toBe(1);
  });
});

describe('words of a signal', () => {
  const error = appError('bluetooth-timeout');
  const SIGNALS: [SignalState, string, string][] = [
    [{ kind: 'live' }, 'ok', 'Live'],
    [{ kind: 'connecting' }, 'busy', 'Connecting'],
    [{ kind: 'seeking' }, 'busy', 'Looking for it'],
    [{ kind: 'contact-lost' }, 'warn', 'Contact lost'],
    [{ kind: 'stale', seconds: 4 }, 'warn', 'Stale'],
    [{ kind: 'reconnecting', attempt: 1, inSeconds: 0, error }, 'busy', 'Reconnecting'],
    [{ kind: 'lost', error }, 'bad', 'Not connected'],
    [{ kind: 'stopped' }, 'off', 'Stopped'],
  ];
  it.each(SIGNALS)('%o', (signal, tone, words) => {
    expect(signalText(signal, enSensors, 'strap')).toMatchObject({ tone, words });
  });

  it('shows an unknown reason or code as it came', () => {
    const line = { kind: 'reconnecting', attempt: 1, inSeconds: 1, kept: 0, reason: 'moon phase' } as const;
    expect(statusText(line, en).words).toBe('Reconnecting: moon phase');
    expect(codeText('decode-reserved', en)).toBe(enErrors['decode-reserved'].what);
    expect(codeText('something-new', en)).toBe('something-new');
  });
});

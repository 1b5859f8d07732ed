import { screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { describe, expect, it } from 'vitest';
import { enErrors } from '../../../../src/i18n/en-errors.ts';
import { enLater } from '../../../../src/i18n/en-later.ts';
import { enSensors } from '../../../../src/i18n/en-sensors.ts';
import { en } from '../../../../src/i18n/en.ts';
import { appError } from '../../../../src/model/errors.ts';
import type { LinkState } from '../../../../src/model/link.ts';
import { scriptedDevice, scriptedStatus } from '../../../support/scripted-app.ts';
import { NOW, show } from '../support/screen.ts';

const button = (name: string | RegExp): HTMLElement => screen.getByRole('button', { name });
const LIVE = { at: 'live' } as const;

/** The card of a strap in a link state. */
async function card(link: LinkState, change: Parameters<typeof scriptedDevice>[2] = {}) {
  const shown = show('sense', (app) => {
    const device = scriptedDevice('Polar H10', link, change);
    app.live.push('own', device.sensorId, 'heartrate', NOW, 71.6);
    app.devices.set([device]);
  });
  // Cards are loaded with the first sensor.
  return { ...shown, card: await screen.findByRole('region', { name: 'Polar H10' }) };
}

/** Lets dialogs that load later come. */
const later = () => new Promise((resolve) => setTimeout(resolve, 30));

describe('a dialog that is open when the first sensor comes', () => {
  it('stays, with what was typed in it', async () => {
    const { app } = show('sense', () => undefined);
    screen.getByRole('button', { name: 'Use this phone' }).click();
    const dialog = await screen.findByRole('dialog');
    app.devices.set([scriptedDevice('Polar H10', { at: 'live' })]);
    await screen.findByRole('heading', { name: 'Polar H10' });
    expect(document.contains(dialog)).toBe(true);
    expect(screen.getByRole('dialog')).toBe(dialog);
  });
});

describe('Sense without a sensor', () => {
  it('has two doors and says before pairing what leaves the device, and to whom', () => {
    show('sense');
    expect(button('Pair a Bluetooth sensor').hasAttribute('disabled')).toBe(false);
    expect(button('Try a demo sensor').hasAttribute('disabled')).toBe(false);
    expect(document.body.textContent).toContain(en.sense.privacy(location.host));
  });

  it.each([
    'bluetooth-unsupported',
    'bluetooth-unsupported-ios',
    'bluetooth-unsupported-firefox',
    'bluetooth-unsupported-safari',
    'bluetooth-disabled-brave',
    'bluetooth-disabled-linux',
    'bluetooth-insecure-context',
  ] as const)('%s: says so before the tap, with the way that works', (code) => {
    show('sense', (app) => app.bluetooth.set({ at: 'unavailable', error: appError(code) }));
    const pair = button('Pair a Bluetooth sensor');
    expect(pair.hasAttribute('disabled')).toBe(true);
    const help = document.getElementById(pair.getAttribute('aria-describedby') ?? '');
    expect(help?.textContent).toContain(enErrors[code].what);
    expect(help?.textContent).toContain(enErrors[code].todo);
    expect(document.body.textContent.includes('chrome://flags')).toBe(code === 'bluetooth-disabled-linux');
  });

  it('leaves the door open for what a person can mend', () => {
    show('sense', (app) => app.bluetooth.set({ at: 'unavailable', error: appError('bluetooth-adapter-off') }));
    expect(button('Pair a Bluetooth sensor').hasAttribute('disabled')).toBe(false);
    expect(document.body.textContent).toContain(enErrors['bluetooth-adapter-off'].todo);
  });

  it('offers the long list after a cancelled chooser', async () => {
    const { app } = show('sense', (scripted) => (scripted.failNext = appError('bluetooth-cancelled')));
    button('Pair a Bluetooth sensor').click();
    await later();
    expect(screen.getByRole('alert').textContent).toContain(enErrors['bluetooth-cancelled'].todo);
    button('List all Bluetooth devices').click();
    await later();
    expect(app.asked).toEqual(['pair', 'pair all']);
    button('Dismiss').click();
    await tick();
    expect(screen.queryByRole('alert')).toBeNull();
  });
});

describe('a card', () => {
  it('shows number, contact, battery, rate and state of a live strap', async () => {
    const { card: region } = await card(LIVE);
    expect(region.textContent).toMatch(/72\s*bpm/);
    for (const text of ['Live', 'Good', '83 %', '1.0 /s']) expect(region.textContent).toContain(text);
    expect(within(region).getByRole('img').getAttribute('aria-label')).toBe('72 beats per minute, steady');
    expect(within(region).queryByText('Demo')).toBeNull();
  });

  const GONE: [string, LinkState, RegExp][] = [
    ['stale', { at: 'stale', since: NOW - 4000 }, /Stale\s+4 s without data/],
    ['connecting', { at: 'connecting', attempt: 1 }, /Connecting/],
    ['seeking', { at: 'seeking' }, /Looking for it/],
    [
      'waiting',
      { at: 'waiting', attempt: 3, retryAt: NOW + 5000, error: appError('bluetooth-out-of-range') },
      /Reconnecting\s+try 3, next in 5 s/,
    ],
    ['lost', { at: 'lost', error: appError('bluetooth-busy') }, /Not connected/],
    ['stopped', { at: 'idle' }, /Stopped/],
  ];
  it.each(GONE)('%s: words instead of an old number', async (_name, link, words) => {
    const { card: region } = await card(link);
    expect(region.textContent.replaceAll(/\s+/g, ' ')).toMatch(words);
    expect(region.textContent).not.toMatch(/72\s*bpm/);
    expect(region.textContent).toContain(en.common.noValue);
  });

  it('does not trust numbers without skin contact', async () => {
    const { card: region } = await card(LIVE, { status: scriptedStatus('s', { facts: { contact: false } }) });
    expect(region.textContent).toContain('Contact lost');
    expect(region.textContent).not.toMatch(/72\s*bpm/);
  });

  it('says unknown where nothing is known, never 0', async () => {
    const { card: region } = await card(LIVE, { status: scriptedStatus('s', { facts: {} }) });
    expect(region.textContent).toContain(enSensors.device.contactUnknown);
    expect(region.textContent).toContain(en.common.unknown);
  });

  it('says nothing of a battery where there can be none', async () => {
    const { card: camera } = await card(LIVE, {
      kind: 'camera',
      status: scriptedStatus('s', { facts: {}, streams: [] }),
    });
    expect(within(camera).queryByText('Battery')).toBeNull();
    expect(within(camera).getByText('Rate')).toBeTruthy();
  });

  it('counts packets that could not be read, and names them in the details', async () => {
    const badNotifications = { 'decode-truncated': 2, 'decode-oversized': 1 };
    const { card: region } = await card(LIVE, { status: scriptedStatus('s', { badNotifications, setAside: 7 }) });
    expect(region.textContent).toContain('3 packets could not be read');
    within(region).getByText('Details').click();
    await later();
    const details = screen.getByRole('dialog', { name: 'Details of Polar H10' });
    for (const text of [
      enErrors['decode-truncated'].what,
      '3,182',
      '3,178',
      'Polar Electro Oy',
      'Chest',
      enLater.details.setAside,
    ]) {
      expect(details.textContent).toContain(text);
    }
  });

  it('is marked as demo when it is', async () => {
    const { card: region } = await card(LIVE, { demo: true });
    expect(within(region).getByText('Demo')).toBeDefined();
  });

  it('says why the server does not take it', async () => {
    const status = scriptedStatus('s', { channel: { at: 'refused', error: appError('server-refused') }, paused: true });
    const { card: region } = await card(LIVE, { status });
    expect(region.textContent).toContain(enErrors['server-refused'].what);
    expect(region.textContent).toContain(enSensors.device.pausedByServer);
  });
});

describe('what a card can do', () => {
  const names = (region: HTMLElement): string[] =>
    within(region)
      .getAllByRole('button')
      .map((one) => one.textContent.trim())
      .filter((text) => ['Stop', 'Start', 'Forget', 'Reconnect now'].includes(text));

  const CASES: [LinkState, string[]][] = [
    [LIVE, ['Stop', 'Forget']],
    [{ at: 'idle' }, ['Start', 'Forget']],
    [{ at: 'lost', error: appError('bluetooth-timeout') }, ['Reconnect now', 'Forget']],
    [
      { at: 'waiting', attempt: 1, retryAt: NOW, error: appError('bluetooth-timeout') },
      ['Reconnect now', 'Stop', 'Forget'],
    ],
  ];
  it.each(CASES)('%o', async (link, expected) => {
    expect(names((await card(link)).card)).toEqual(expected);
  });

  it('asks the app, and shows what failed', async () => {
    const { app, card: region } = await card({ at: 'idle' });
    app.failNext = appError('bluetooth-adapter-off');
    within(region).getByRole('button', { name: 'Start' }).click();
    await later();
    expect(app.asked).toEqual(['reconnect polar-h10']);
    expect(within(region).getByRole('alert').textContent).toContain(enErrors['bluetooth-adapter-off'].what);
  });

  it('stops everything at once when several run', async () => {
    const { app } = show('sense', (scripted) =>
      scripted.devices.set([
        scriptedDevice('A', LIVE),
        scriptedDevice('B', { at: 'seeking' }),
        scriptedDevice('C', { at: 'idle' }),
      ]),
    );
    button('Stop everything').click();
    await tick();
    expect(app.asked).toEqual(['stop a', 'stop b']);
  });

  it('renames within what the server accepts', async () => {
    const { app, card: region } = await card(LIVE);
    within(region).getByText('Rename').click();
    await later();
    const dialog = screen.getByRole('dialog', { name: 'Rename Polar H10' });
    const input = within(dialog).getByRole<HTMLInputElement>('textbox', { name: 'Name of the sensor' });
    const save = within(dialog).getByRole('button', { name: 'Save' });
    const type = async (text: string): Promise<void> => {
      input.value = text;
      input.dispatchEvent(new Event('input', { bubbles: true }));
      await tick();
    };
    await type('x'.repeat(101));
    expect(save.hasAttribute('disabled')).toBe(true);
    expect(dialog.textContent).toContain('Too long by 1 byte');
    await type(' Runner 2 ');
    save.click();
    await later();
    expect(app.asked).toEqual(['rename polar-h10 Runner 2']);
    expect(screen.queryByRole('dialog')).toBeNull();
  });
});

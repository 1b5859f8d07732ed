import { screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { describe, expect, it } from 'vitest';
import { enErrors } from '../../../../src/i18n/en-errors.ts';
import { enLater } from '../../../../src/i18n/en-later.ts';
import { appError } from '../../../../src/model/errors.ts';
import type { WatchedAttribute, WatchedSensor, WorkerStatus } from '../../../../src/app/api.ts';
import { IDLE_STATUS, scriptedDevice } from '../../../support/scripted-app.ts';
import { show } from '../support/screen.ts';

/** Lets screens that load later come. */
const later = () => new Promise((resolve) => setTimeout(resolve, 60));

async function watch(status: Partial<WorkerStatus>) {
  const shown = show('watch', (app) => {
    app.status.set({ ...IDLE_STATUS, ...status });
    app.devices.set([scriptedDevice('Polar H10', { at: 'live' })]);
  });
  await later();
  return shown;
}

const named = (attribute: string): WatchedAttribute => ({ attribute, attributeType: attribute });

function sensor(sensorId: string, change: Partial<WatchedSensor> = {}): WatchedSensor {
  const attributes = ['battery', 'rr_interval', 'heartrate'].map(named);
  const name = `Strap ${sensorId}`;
  return { sensorId, name, connectorName: 'Lab', sensorType: 'heart_rate_strap', demo: false, attributes, ...change };
}

describe('Watch', () => {
  it('watches only while it is open', async () => {
    const { app } = await watch({ watch: { at: 'live' } });
    expect(app.asked).toEqual(['watch on']);
    window.location.hash = '#/sense';
    window.dispatchEvent(new HashChangeEvent('hashchange'));
    await later();
    expect(app.asked).toEqual(['watch on', 'watch off']);
  });

  it.each([
    [{ watch: { at: 'live' } } as const, enLater.watch.emptyTitle],
    [{ watch: { at: 'joining' } } as const, enLater.watch.loading],
    [{ watch: { at: 'off' }, connection: { at: 'offline', since: 0 } } as const, enLater.watch.waiting],
    [
      { watch: { at: 'unavailable', error: appError('server-no-viewer-tokens') } } as const,
      'This server gives no viewer tokens',
    ],
  ])('%o says what is going on', async (status, words) => {
    await watch(status);
    expect(screen.getByRole('main').textContent).toContain(words);
  });

  it('shows a value live, then as stale, judged by arrival and not by the sender’s clock', async () => {
    const { app } = await watch({ watch: { at: 'live' }, watched: [sensor('a', { demo: true })] });
    const card = screen.getByRole('region', { name: 'Strap a' });
    expect(card.textContent).toContain(enLater.watch.noData);
    const hourAgo = Date.now() - 3_600_000;
    app.live.push('watched', 'a', 'heartrate', hourAgo, 88);
    app.live.tell('watched', 'a');
    app.now.set(Date.now());
    await tick();
    expect(card.textContent).toMatch(/88\s*bpm/);
    expect(card.textContent).toContain('Live');
    expect(within(card).getByText('Demo')).toBeDefined();
    app.now.set(Date.now() + 9_000);
    await tick();
    expect(card.textContent).not.toMatch(/88\s*bpm/);
    expect(card.textContent).toMatch(/Stale/);
  });

  it('starts with the most telling reading and offers the others', async () => {
    await watch({ watch: { at: 'live' }, watched: [sensor('a'), sensor('polar-h10')], unreadable: 3 });
    const card = screen.getByRole('region', { name: 'Strap a' });
    expect(card.textContent).toMatch(/Heart rate.*bpm/s);
    within(card).getByText('All readings (3)').click();
    await later();
    const list = within(card).getByRole('list', { name: 'Readings of Strap a' });
    const rows = within(list).getAllByRole('button');
    expect(rows.map((row) => [row.getAttribute('aria-label'), row.getAttribute('aria-pressed')])).toEqual([
      ['Show Heart rate', 'true'],
      ['Show Beat interval', 'false'],
      ['Show Battery', 'false'],
    ]);
    within(list).getByRole('button', { name: 'Show Beat interval' }).click();
    await tick();
    expect(card.querySelector('.unit')?.textContent).toBe('ms');
    expect(screen.getByRole('region', { name: 'Strap polar-h10' }).textContent).toContain(enLater.watch.own);
    expect(screen.getByRole('main').textContent).toContain('3 readings could not be read');
  });
});

describe('Settings', () => {
  it('names the device within 100 bytes, and says what the server refuses', async () => {
    const { app } = show('settings');
    await later();
    const input = screen.getByRole<HTMLInputElement>('textbox', { name: enLater.settings.name });
    expect(input.value).toBe('Workshop tablet 3');
    app.failNext = appError('connector-name-invalid');
    input.value = 'Tablet 4';
    input.dispatchEvent(new Event('input', { bubbles: true }));
    await tick();
    screen.getByRole('button', { name: 'Save' }).click();
    await later();
    expect(app.asked).toEqual(['connector Tablet 4']);
    expect(screen.getByRole('alert').textContent).toContain(enErrors['connector-name-invalid'].what);
    expect(input.value, 'what was typed stays').toBe('Tablet 4');
  });

  it('changes the theme at once', async () => {
    show('settings');
    await later();
    screen.getByRole('radio', { name: 'Dark' }).click();
    await tick();
    expect(document.documentElement.dataset['theme']).toBe('dark');
    screen.getByRole('radio', { name: 'Like the system' }).click();
  });

  it('says who gets what, and how lasting the storage is', async () => {
    show('settings', (app) => app.status.set({ ...IDLE_STATUS, storage: { ...IDLE_STATUS.storage, kind: 'memory' } }));
    await later();
    for (const sentence of enLater.settings.privacyText) expect(document.body.textContent).toContain(sentence);
    expect(document.body.textContent).toContain(enLater.settings.storageMemory);
    expect(document.body.textContent).toContain(enLater.settings.wakeLockUnsupported);
  });

  it('asks for a token only where guests are not taken', async () => {
    const { app } = show('settings', (scripted) =>
      scripted.statusLine.set({ kind: 'failed', error: appError('server-no-guests') }),
    );
    await later();
    const input = screen.getByLabelText<HTMLInputElement>(enLater.settings.accessLabel);
    input.value = ' secret ';
    input.dispatchEvent(new Event('input', { bubbles: true }));
    await tick();
    screen.getByRole('button', { name: enLater.settings.accessUse }).click();
    await later();
    expect(app.asked).toEqual(['token']);
    expect(input.value, 'the token does not stay on the screen').toBe('');
  });
});

/** This phone as a sensor: what it offers, its switches, its push buttons, markers. */
import { fireEvent, screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { describe, expect, it } from 'vitest';
import { enErrors } from '../../../../src/i18n/en-errors.ts';
import { enSensors } from '../../../../src/i18n/en-sensors.ts';
import type { SourceView } from '../../../../src/app/api.ts';
import { appError } from '../../../../src/model/errors.ts';
import { createHolds } from '../../../../src/ui/panels/button-holds.ts';
import type { ScriptedApp } from '../../../support/scripted-app.ts';
import { scriptedDevice, scriptedStatus } from '../../../support/scripted-app.ts';
import { show } from '../support/screen.ts';

const later = (ms = 30) => new Promise((resolve) => setTimeout(resolve, ms));
const words = enSensors.phone;

async function openDoor(set: (app: ScriptedApp) => void) {
  const shown = show('sense', set);
  screen.getByRole('button', { name: 'Use this phone' }).click();
  await later();
  return { ...shown, dialog: screen.getByRole('dialog', { name: words.title }) };
}

describe('the door', () => {
  it('says what each would send and to whom, chooses nothing by itself, and starts what was chosen', async () => {
    const { app, dialog } = await openDoor((scripted) => {
      scripted.offers = [
        { kind: 'light', error: appError('source-unsupported', 'light') },
        { kind: 'motion', error: undefined },
        { kind: 'microphone', error: undefined },
        { kind: 'antenna', error: undefined },
      ];
    });
    expect(dialog.textContent).toContain(words.toWhom(location.host));
    const boxes = within(dialog).getAllByRole<HTMLInputElement>('checkbox');
    expect(boxes.map(({ checked, disabled }) => [checked, disabled])).toEqual([
      [false, false],
      [false, false],
      [false, false],
      [false, true],
    ]);
    expect(dialog.textContent).toContain(words.kinds['microphone']?.what);
    expect(dialog.textContent).toContain(enErrors['source-unsupported'].what);
    const start = within(dialog).getByRole('button', { name: words.start });
    expect(start.hasAttribute('disabled')).toBe(true);
    within(dialog)
      .getByRole('checkbox', { name: /Sound level/ })
      .click();
    within(dialog)
      .getByRole('checkbox', { name: /antenna/ })
      .click();
    await tick();
    start.click();
    await later();
    expect(app.asked).toEqual(['phone microphone antenna']);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('stays open and says what failed', async () => {
    const { app, dialog } = await openDoor((scripted) => (scripted.offers = [{ kind: 'motion', error: undefined }]));
    within(dialog).getByRole('checkbox').click();
    await tick();
    app.failNext = appError('source-permission');
    within(dialog).getByRole('button', { name: words.start }).click();
    await later();
    expect(within(dialog).getByRole('alert').textContent).toContain(enErrors['source-permission'].what);
  });

  it('says so where there is nothing', async () => {
    expect((await openDoor(() => undefined)).dialog.textContent).toContain(words.nothing);
  });
});

const ON = { at: 'on' } as const;

async function card(given: readonly Omit<SourceView, 'attributes'>[]) {
  const sources = given.map((source) => ({ ...source, attributes: [source.kind] }));
  const shown = show('sense', (app) =>
    app.devices.set([
      scriptedDevice(
        'This phone',
        { at: 'live' },
        { kind: 'phone', sources, status: scriptedStatus('p', { streams: [], facts: {} }) },
      ),
    ]),
  );
  return { ...shown, card: await screen.findByRole('region', { name: 'This phone' }) };
}

describe('the switches', () => {
  it('show what is so, ask the app, and say trouble in words', async () => {
    const error = appError('source-silent');
    const { app, card: region } = await card([
      { kind: 'motion', state: ON },
      { kind: 'light', state: { at: 'off' } },
      { kind: 'geolocation', state: { at: 'trouble', error } },
    ]);
    const switches = within(region).getAllByRole<HTMLInputElement>('switch');
    expect(switches.slice(0, 3).map(({ checked }) => checked)).toEqual([true, false, true]);
    expect(region.textContent).toContain(enErrors['source-silent'].todo);
    switches[1]?.click();
    await later();
    expect(app.asked).toEqual(['switch this-phone light on']);
    expect(switches[1]?.checked, 'not before the app says so').toBe(false);
    switches[0]?.click();
    await later();
    expect(app.asked.at(-1)).toBe('switch this-phone motion off');
  });

  it('say that nothing is on', async () => {
    const { card: region } = await card([{ kind: 'motion', state: { at: 'off' } }]);
    expect(region.textContent).toContain('Nothing is switched on');
  });

  it('say what could not be switched', async () => {
    const { app, card: region } = await card([{ kind: 'motion', state: { at: 'off' } }]);
    app.failNext = appError('source-permission');
    within(region).getAllByRole('switch')[0]?.click();
    await later();
    expect(within(region).getByRole('alert').textContent).toContain(enErrors['source-permission'].todo);
  });

  it('offer how exactly the place is shared, and the full rate', async () => {
    const { app, card: region } = await card([
      { kind: 'motion', state: ON },
      { kind: 'geolocation', state: ON },
    ]);
    await fireEvent.change(within(region).getByRole('combobox', { name: words.detail }), { target: { value: '1 km' } });
    within(region)
      .getByRole('switch', { name: new RegExp(words.fullRate) })
      .click();
    await later();
    expect(app.asked).toEqual(['location 1 km', 'full rate on']);
  });
});

describe('push buttons', () => {
  const buttons = (region: HTMLElement) => within(region).getByRole('group', { name: words.pad });

  it('go down and up by pointer, Space, Enter and digits; repeats count once', async () => {
    HTMLElement.prototype.setPointerCapture = () => undefined;
    const { app, card: region } = await card([{ kind: 'buttons', state: ON }]);
    const button = within(buttons(region)).getByRole('button', { name: 'Button 3' });
    await fireEvent.pointerDown(button, { button: 0, pointerId: 7 });
    await fireEvent.pointerUp(button, { pointerId: 7 });
    await fireEvent.keyDown(button, { key: ' ', code: 'Space' });
    await fireEvent.keyDown(button, { key: ' ', code: 'Space', repeat: true });
    await fireEvent.keyUp(button, { key: ' ', code: 'Space' });
    await fireEvent.keyDown(button, { key: '8', code: 'Digit8' });
    await fireEvent.keyUp(button, { key: '8', code: 'Digit8' });
    await fireEvent.keyDown(button, { key: '9', code: 'Digit9' });
    expect(app.asked).toEqual(['press 3', 'release 3', 'press 3', 'release 3', 'press 8', 'release 8']);
  });

  it('show as down what the app says is down', async () => {
    const { app, card: region } = await card([{ kind: 'buttons', state: ON }]);
    app.phone.set({ ...app.phone.get(), held: [2] });
    await tick();
    const pressed = within(buttons(region))
      .getAllByRole('button')
      .filter((one) => one.getAttribute('aria-pressed') === 'true');
    expect(pressed.map((one) => one.getAttribute('aria-label'))).toEqual(['Button 2']);
  });

  it('are let go when they leave the screen', async () => {
    const { app, card: region } = await card([{ kind: 'buttons', state: ON }]);
    const button = within(buttons(region)).getByRole('button', { name: 'Button 1' });
    await fireEvent.pointerDown(button, { button: 0, pointerId: 1 });
    app.devices.set([]);
    await tick();
    expect(app.asked).toEqual(['press 1', 'release 1']);
  });

  it('held twice are up when both have let go', () => {
    const log: string[] = [];
    const holds = createHolds({
      press: (button) => void log.push(`press ${button}`),
      release: (button) => void log.push(`release ${button}`),
    });
    holds.hold('pointer 1', 4);
    holds.hold('key Digit4', 4);
    holds.free('pointer 1');
    expect(log).toEqual(['press 4']);
    holds.letGo('key');
    holds.free('key Digit4');
    expect(log).toEqual(['press 4', 'release 4']);
  });
});

describe('words', () => {
  it('are marked with their moment, and stay where that failed', async () => {
    const { app, card: region } = await card([{ kind: 'markers', state: ON }]);
    const input = within(region).getByRole<HTMLInputElement>('textbox', { name: words.marker });
    const mark = within(region).getByRole('button', { name: words.mark });
    await fireEvent.input(input, { target: { value: ' Start ' } });
    app.failNext = appError('unexpected');
    mark.click();
    await later();
    expect(input.value).toBe(' Start ');
    app.failNext = undefined;
    mark.click();
    await later();
    expect(app.asked).toEqual(['mark Start', 'mark Start']);
    expect(input.value).toBe('');
    expect(region.textContent).toContain('Marked “Start” at');
  });

  it('about what a person does are shared and taken back', async () => {
    const { app, card: region } = await card([{ kind: 'presence', state: ON }]);
    await fireEvent.input(within(region).getByRole('textbox', { name: words.presence }), {
      target: { value: 'Rowing' },
    });
    within(region).getByRole('button', { name: words.share }).click();
    await later();
    app.phone.set({ ...app.phone.get(), shared: { title: 'Rowing' } });
    await tick();
    expect(region.textContent).toContain('Shared: Rowing');
    within(region).getByRole('button', { name: words.unshare }).click();
    await later();
    expect(app.asked).toEqual(['share Rowing', 'share nothing']);
  });
});

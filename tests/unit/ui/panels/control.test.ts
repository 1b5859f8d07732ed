/** What people who watch want devices here to do: asking, stopping, counting. And doors that say limits before a tap. */
import { screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { describe, expect, it } from 'vitest';
import { enSensors } from '../../../../src/i18n/en-sensors.ts';
import type { CommandState } from '../../../../src/app/api.ts';
import { appError } from '../../../../src/model/errors.ts';
import { DEMO_KINDS } from '../../../../src/ui/panels/demo-kinds.ts';
import { notificationsUsed } from '../../../../src/ui/panels/notification-budget.ts';
import type { ScriptedApp } from '../../../support/scripted-app.ts';
import { scriptedDevice } from '../../../support/scripted-app.ts';
import { NOW, show } from '../support/screen.ts';

const later = (ms = 30) => new Promise((resolve) => setTimeout(resolve, ms));
const words = enSensors.commands;
const LIVE = { at: 'live' } as const;

async function controlled(change: Partial<CommandState>) {
  const shown = show('sense', (app) => {
    app.devices.set([scriptedDevice('Thingy', LIVE), scriptedDevice('Toy', LIVE)]);
    app.commands.set({ ...app.commands.get(), ...change });
  });
  await later(60);
  return shown;
}

const ASKING: CommandState['asking'] = [
  { key: '1', sensorId: 'toy', name: 'Toy', command: { command: 'vibrate', speed: 0.5 }, at: NOW - 12_000 },
  { key: '2', sensorId: 'thingy', name: 'Thingy', command: { command: 'play_sample', sample: 2 }, at: NOW },
];

describe('a wish', () => {
  const dialog = (): HTMLElement => screen.getByRole('dialog', { name: words.title('Toy') });

  it('is named with its device and what it does, one device at a time', async () => {
    await controlled({ asking: ASKING });
    expect(dialog().textContent).toContain('Vibrate at 50 %');
    expect(dialog().textContent).not.toContain('Play its sound');
    expect(dialog().textContent).toContain(words.waits(18));
  });

  it.each([
    [words.once, 'allow toy'],
    [words.always, 'allow toy always'],
    [words.refuse, 'refuse toy'],
    ['Close', 'refuse toy'],
  ])('%s', async (name, asked) => {
    const { app } = await controlled({ asking: ASKING });
    within(dialog()).getByRole('button', { name }).click();
    await tick();
    expect(app.asked).toEqual([asked]);
  });

  it('is gone when nobody answered', async () => {
    const { app } = await controlled({ asking: ASKING });
    app.commands.set({ ...app.commands.get(), asking: [] });
    await tick();
    expect(screen.queryByRole('dialog')).toBeNull();
  });
});

describe('stopping', () => {
  const stop = () => screen.queryAllByRole('button', { name: 'Stop all movement' });

  it('takes one tap while something is allowed or moving, and is not there otherwise', async () => {
    await controlled({});
    expect(stop()).toHaveLength(0);
    const { app } = await controlled({ moving: ['toy'] });
    expect(stop()).toHaveLength(1);
    stop()[0]?.click();
    expect(app.asked).toEqual(['stop commands']);
    await controlled({ allowed: ['toy'] });
    expect(within(screen.getByRole('region', { name: 'Connection' })).getByText('Stop')).toBeDefined();
  });

  it('is in reach above a dialog too', async () => {
    await controlled({ moving: ['toy'], asking: ASKING });
    expect(within(screen.getByRole('dialog')).getByText('Stop')).toBeDefined();
  });
});

describe('the account', () => {
  it('counts, names who is allowed, and says what failed', async () => {
    await controlled({ allowed: ['toy'], done: 3, refused: 2, failure: appError('command-unsupported') });
    const panel = screen.getByRole('region', { name: words.panel });
    expect(panel.textContent).toContain('Allowed without asking: Toy');
    expect(panel.textContent).toContain('3 done · 2 refused');
  });

  it('is not there before anybody wished anything', async () => {
    await controlled({});
    expect(screen.queryByRole('region', { name: words.panel })).toBeNull();
  });
});

describe('the doors', () => {
  const used = (app: ScriptedApp, subscriptions: number): void =>
    app.devices.set([
      scriptedDevice('A', LIVE, { subscriptions }),
      scriptedDevice('B', LIVE, { subscriptions: 4 }),
      scriptedDevice('Demo', LIVE, { subscriptions: 9, demo: true }),
    ]);

  it.each([
    [7, false],
    [8, true],
  ])('%i notifications and four more: a word before one more is paired: %s', async (subscriptions, said) => {
    show('sense', (app) => used(app, subscriptions));
    await later(60);
    expect(document.body.textContent.includes(enSensors.budget.note(subscriptions + 4, 15))).toBe(said);
  });

  it('lead to every scripted sensor, each by a name', async () => {
    const { app } = show('sense');
    screen.getByText('More ways').click();
    await later(60);
    screen.getByRole('button', { name: enSensors.ways.demos }).click();
    await later(60);
    const dialog = screen.getByRole('dialog', { name: enSensors.demo.title });
    for (const kind of DEMO_KINDS) expect(dialog.textContent).toContain(enSensors.demo.kinds[kind]);
    expect(within(dialog).getAllByRole('button')).toHaveLength(DEMO_KINDS.length + 1);
    within(dialog).getByRole('button', { name: 'Start: EEG headband' }).click();
    await later();
    expect(app.asked).toEqual(['demo muse']);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('count what is really open: neither scripted devices nor those without a radio', () => {
    expect(notificationsUsed([])).toBe(0);
    expect(notificationsUsed([scriptedDevice('P', LIVE, { kind: 'phone', subscriptions: 3 })])).toBe(0);
  });
});

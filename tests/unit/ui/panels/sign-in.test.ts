/** Signing in again: what was measured is kept and said to be, and the dialog goes when the server takes us. */
import { screen, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { enErrors } from '../../../../src/i18n/en-errors.ts';
import { enLater } from '../../../../src/i18n/en-later.ts';
import { appError } from '../../../../src/model/errors.ts';
import type { StatusLine } from '../../../../src/app/api.ts';
import { IDLE_STATUS } from '../../../support/scripted-app.ts';
import { show } from '../support/screen.ts';

const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

async function signIn(line: StatusLine) {
  const shown = show('sense', (app) => {
    app.statusLine.set(line);
    app.status.set({ ...IDLE_STATUS, totals: { ...IDLE_STATUS.totals, measured: 4000, kept: 3120, confirmed: 880 } });
  });
  screen.getByRole('button', { name: 'Sign in' }).click();
  const dialog = await screen.findByRole('dialog');
  return { ...shown, dialog };
}

const expired: StatusLine = { kind: 'sign-in', kept: 3120, error: appError('server-unauthorized') };

describe('signing in again', () => {
  it('says what is kept, and offers a new guest', async () => {
    const { app, dialog } = await signIn(expired);
    expect(dialog.textContent).toContain('Keeping 3,120 samples here.');
    expect(dialog.textContent).toContain(enErrors['server-unauthorized'].what);
    within(dialog).getByRole('button', { name: enLater.signIn.guest }).click();
    expect(app.asked).toEqual(['retry']);
    app.statusLine.set({ kind: 'draining', left: 3120, secondsLeft: 11 });
    await soon();
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('takes a token; a bad one is said and nothing is lost', async () => {
    const { app, dialog } = await signIn(expired);
    const input = within(dialog).getByLabelText<HTMLInputElement>(enLater.settings.accessLabel);
    const use = within(dialog).getByRole('button', { name: enLater.settings.accessUse });
    expect(use.hasAttribute('disabled')).toBe(true);
    input.value = 'nonsense';
    input.dispatchEvent(new Event('input', { bubbles: true }));
    await soon();
    app.failNext = appError('server-unauthorized', 'not a token');
    use.click();
    await soon();
    expect(within(dialog).getByRole('alert').textContent).toContain(enErrors['server-unauthorized'].what);
    app.failNext = undefined;
    use.click();
    await soon();
    expect(app.asked).toEqual(['token', 'token']);
    expect(dialog.textContent).toContain(enLater.settings.accessUsed);
    expect(input.value).toBe('');
  });

  it('offers no guest where the server takes none', async () => {
    const { dialog } = await signIn({ kind: 'failed', error: appError('server-no-guests') });
    expect(within(dialog).queryByRole('button', { name: enLater.signIn.guest })).toBeNull();
    expect(within(dialog).getByLabelText(enLater.settings.accessLabel)).toBeDefined();
  });
});

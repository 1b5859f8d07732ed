/** More ways to a sensor: cable, toys; what cannot work here says so. */
import { screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { describe, expect, it } from 'vitest';
import { enErrors } from '../../../../src/i18n/en-errors.ts';
import { enWays } from '../../../../src/i18n/en-ways.ts';
import { appError } from '../../../../src/model/errors.ts';
import { button, field, fill, openWay, openWays, soon } from '../support/ways.ts';

describe('more ways', () => {
  it('says before it is tapped what cannot work here, and the way that does', async () => {
    await openWays((app) => {
      app.serialProblem = appError('serial-unsupported');
      app.bluetooth.set({ at: 'unavailable', error: appError('bluetooth-unsupported-firefox') });
    });
    const why = (name: string): string => {
      const found = screen.getByRole<HTMLButtonElement>('button', { name });
      expect(found.disabled).toBe(true);
      return document.getElementById(found.getAttribute('aria-describedby') ?? '')?.textContent ?? '';
    };
    expect(why(enWays.rows.serial)).toContain(enErrors['serial-unsupported'].todo);
    expect(why(enWays.rows.teach)).toContain(enErrors['bluetooth-unsupported-firefox'].todo);
    expect(why(enWays.rows.mapping)).toContain(enErrors['bluetooth-unsupported-firefox'].what);
    expect(screen.getByRole<HTMLButtonElement>('button', { name: enWays.rows.toys }).disabled).toBe(false);
  });
});

describe('by cable', () => {
  it('asks what it is and how fast it talks, then for its port', async () => {
    const { app, element } = await openWay(enWays.rows.serial);
    expect(within(element).getByLabelText<HTMLInputElement>(enWays.serial.presets.arduino.name).checked).toBe(true);
    expect(field(enWays.serial.baud)).toHaveProperty('value', '115200');
    fill(field(enWays.serial.baud), '9600');
    button(enWays.serial.choose).click();
    await soon();
    expect(app.asked).toEqual(['serial arduino 9600']);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('knows the speed of a preset, and says what went wrong without closing', async () => {
    const { app, element } = await openWay(
      enWays.rows.serial,
      (scripted) => (scripted.failNext = appError('serial-input')),
    );
    fill(field(enWays.serial.baud), 'fast');
    button(enWays.serial.choose).click();
    await soon();
    expect(within(element).getByRole('alert').textContent).toContain(enErrors['serial-input'].todo);
    within(element).getByLabelText(enWays.serial.presets.cyton.name).click();
    await tick();
    app.failNext = undefined;
    button(enWays.serial.choose).click();
    await soon();
    expect(app.asked).toEqual(['serial arduino NaN', 'serial cyton 115200']);
  });
});

describe('toys', () => {
  it('connects only when asked, to the address of this computer', async () => {
    const { app, element } = await openWay(enWays.rows.toys);
    expect(app.asked).toEqual([]);
    expect(field(enWays.toys.address)).toHaveProperty('value', 'ws://127.0.0.1:12345');
    button(enWays.toys.connect).click();
    await soon();
    expect(app.asked).toEqual(['toys ws://127.0.0.1:12345']);
    expect(within(element).getByRole('status').textContent).toContain(enWays.toys.connected);
    button(enWays.toys.done).click();
    await soon();
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('says that Intiface does not answer, and can be tried again', async () => {
    const { element } = await openWay(enWays.rows.toys, (app) => (app.failNext = appError('toys-unreachable')));
    button(enWays.toys.connect).click();
    await soon();
    expect(within(element).getByRole('alert').textContent).toContain(enErrors['toys-unreachable'].todo);
    expect(button(enWays.toys.connect).disabled).toBe(false);
  });
});

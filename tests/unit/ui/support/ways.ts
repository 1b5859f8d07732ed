/** Opening the further ways to a sensor, and what is done in their dialogs. */
import { screen, within } from '@testing-library/svelte';
import { vi } from 'vitest';
import { enWays } from '../../../../src/i18n/en-ways.ts';
import { makeMapping, type Mapping } from '../../../../src/model/mapping.ts';
// What the app loads later is loaded here before, so that tests need not guess how long compiling takes.
import '../../../../src/ui/panels/serial/SerialDialog.svelte';
import '../../../../src/ui/panels/teach/MappingDialog.svelte';
import '../../../../src/ui/panels/teach/TeachDialog.svelte';
import '../../../../src/ui/panels/toys/ToysDialog.svelte';
import type { ScriptedApp } from '../../../support/scripted-app.ts';
import { show, type Shown } from './screen.ts';

export const SERVICE = '0000fff0-0000-1000-8000-00805f9b34fb';
export const VALUE = '0000fff1-0000-1000-8000-00805f9b34fb';

/** Lets what was started come to an end. */
export const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

/** As a person does: types, or chooses. */
export function fill(field: HTMLElement, value: string): void {
  if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement)) throw new Error('not a field');
  field.value = value;
  field.dispatchEvent(new Event(field instanceof HTMLSelectElement ? 'change' : 'input', { bubbles: true }));
}

export async function openWays(set?: (app: ScriptedApp) => void): Promise<Shown> {
  const shown = show('sense', set);
  screen.getByText('More ways').click();
  await screen.findByRole('button', { name: enWays.rows.toys });
  return shown;
}

/** Opens one of them: `element` is its dialog. */
export async function openWay(
  name: string,
  set?: (app: ScriptedApp) => void,
): Promise<Shown & { readonly element: HTMLElement }> {
  const shown = await openWays(set);
  screen.getByRole('button', { name }).click();
  return { ...shown, element: await screen.findByRole('dialog') };
}

/** A button of the open dialog. */
export const button = (name: string | RegExp): HTMLButtonElement =>
  within(screen.getByRole('dialog')).getByRole<HTMLButtonElement>('button', { name });

/** A field of the open dialog, by its label. */
export const field = (name: string): HTMLElement => within(screen.getByRole('dialog')).getByLabelText(name);

export const plant = (): Mapping => {
  const made = makeMapping({
    name: 'Plant sensor',
    characteristics: [
      {
        service: SERVICE,
        characteristic: VALUE,
        readings: [{ attribute: 'soil_moisture', attributeType: 'generic', unit: '%', offset: 2, type: 'uint16' }],
      },
    ],
  });
  if (!made.ok) throw new Error(made.error.detail);
  return made.value;
};

/** Files that are handed to the person from now on; `vi.restoreAllMocks()` ends it. */
export function catchFiles(): Blob[] {
  const files: Blob[] = [];
  vi.stubGlobal(
    'URL',
    Object.assign(URL, { createObjectURL: (blob: Blob) => `blob:${files.push(blob)}`, revokeObjectURL: vi.fn() }),
  );
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
  return files;
}

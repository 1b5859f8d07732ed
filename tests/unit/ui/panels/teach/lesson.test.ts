/** Teaching the app a device that nobody knows, and the file that comes of it. */
import { screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { enErrors } from '../../../../../src/i18n/en-errors.ts';
import { enWays } from '../../../../../src/i18n/en-ways.ts';
import { appError } from '../../../../../src/model/errors.ts';
import { readMapping, writeMapping } from '../../../../../src/model/mapping.ts';
import { scriptedDevice } from '../../../../support/scripted-app.ts';
import { createScriptedLesson, scriptedValue, type ScriptedLesson } from '../../../../support/scripted-lesson.ts';
import { show } from '../../support/screen.ts';
import { button, catchFiles, field, fill, openWay, plant, SERVICE, soon, VALUE } from '../../support/ways.ts';

const BATTERY = '0000180f-0000-1000-8000-00805f9b34fb';
const COMMANDS = '0000fff2-0000-1000-8000-00805f9b34fb';
const LEVEL = '00002a19-0000-1000-8000-00805f9b34fb';
const t = enWays.teach;

afterEach(() => {
  vi.restoreAllMocks();
});

/** To the device's bytes: its service typed, the device chosen and open. */
async function look(lesson: ScriptedLesson = createScriptedLesson()) {
  const shown = await openWay(enWays.rows.teach, (app) => (app.lesson = lesson));
  fill(field(t.number), 'FFF0');
  await tick();
  button(t.choose).click();
  await soon();
  lesson.open([
    scriptedValue(SERVICE, COMMANDS, undefined, { can: { read: false, notify: false, write: true } }),
    scriptedValue(SERVICE, VALUE, [0x1f, 0, 0x10, 0x27]),
    scriptedValue(BATTERY, LEVEL, undefined, { error: appError('bluetooth-gatt') }),
  ]);
  await tick();
  return { ...shown, lesson };
}

describe('teaching: which services', () => {
  it('takes numbers as people type them, and the usual ones by a tap', async () => {
    const { app } = await openWay(enWays.rows.teach);
    expect(button(t.choose).disabled).toBe(true);
    fill(field(t.number), '18');
    await tick();
    button(t.add).click();
    await tick();
    expect(field(t.number).getAttribute('aria-invalid')).toBe('true');
    const help = document.getElementById(field(t.number).getAttribute('aria-describedby') ?? '');
    expect(help?.textContent).toContain(enErrors['uuid-invalid'].what);
    fill(field(t.number), '0x1815');
    await tick();
    button(t.add).click();
    await tick();
    const battery = button(String(t.names['180f']));
    battery.click();
    await tick();
    expect(battery.disabled, 'named once').toBe(true);
    button(t.remove('1815')).click();
    await tick();
    app.failNext = appError('bluetooth-cancelled');
    button(t.choose).click();
    await soon();
    expect(app.asked).toEqual([`lesson ${BATTERY}`]);
    expect(within(screen.getByRole('dialog')).getByRole('alert').textContent).toContain(
      enErrors['bluetooth-cancelled'].what,
    );
  });
});

describe('teaching: bytes', () => {
  it('shows them as they come, each with a name for screen readers', async () => {
    const { app, lesson, element } = await look();
    expect(app.asked).toEqual([`lesson ${SERVICE}`]);
    const names = within(element)
      .getAllByRole('button', { name: /^byte/ })
      .map((one) => one.getAttribute('aria-label'));
    expect(names).toEqual(['byte 0, 0x1f, 31', 'byte 1, 0x00, 0', 'byte 2, 0x10, 16', 'byte 3, 0x27, 39']);
    expect(element.textContent).toContain('4 bytes, came once');
    expect(element.textContent).toContain(t.writeOnly);
    expect(element.textContent).toContain(enErrors['bluetooth-gatt'].what);
    lesson.send(1, [0x1f, 1, 0x10, 0x27]);
    await tick();
    expect(element.textContent).toContain('came 2 times');
    expect(button('byte 1, 0x01, 1').classList.contains('changed')).toBe(true);
    expect(button('byte 0, 0x1f, 31').classList.contains('changed')).toBe(false);
  });

  it('is one stop for the keyboard, and arrows go from byte to byte', async () => {
    const { element } = await look();
    const tabStops = () =>
      within(element)
        .getAllByRole('button', { name: /^byte/ })
        .filter((one) => one.tabIndex === 0);
    expect(tabStops()).toHaveLength(1);
    const press = (key: string) =>
      document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    tabStops()[0]?.focus();
    for (const [key, at] of [
      ['ArrowRight', 1],
      ['End', 3],
      ['ArrowRight', 3],
      ['ArrowLeft', 2],
      ['Home', 0],
    ] as const) {
      press(key);
      await tick();
      expect(document.activeElement?.getAttribute('aria-label')).toContain(`byte ${at},`);
      expect(tabStops()).toEqual([document.activeElement]);
    }
  });

  it('a tap begins a reading, whose value is shown as it will be measured', async () => {
    const { lesson, element } = await look();
    expect(button(t.next).disabled).toBe(true);
    button(/^byte 2,/).click();
    await soon();
    expect(document.activeElement).toBe(field(t.name));
    fill(field(t.name), 'Soil moisture');
    fill(field(t.type), 'uint16');
    await tick();
    expect(element.textContent).toContain(t.nameHint('soil_moisture'));
    fill(field(t.scale), '0,01');
    fill(field(t.unit), '%');
    await tick();
    const live = () => element.querySelector('details .live')?.textContent.replaceAll(/\s+/g, ' ').trim();
    expect(live()).toBe('100.00 %');
    lesson.send(1, [0x1f, 0, 0x20, 0x03]);
    await tick();
    expect(live()).toBe('8.00 %');
    expect(button(/^byte 3, 0x03, 3, part of Soil moisture$/)).toBeDefined();
    lesson.send(1, [0x1f, 0, 0x20]);
    await tick();
    expect(live()).toBe(t.beyond(3));
    expect(button(t.next).disabled).toBe(false);
    fill(field(t.scale), '0');
    field(t.scale).dispatchEvent(new FocusEvent('blur'));
    await tick();
    expect(element.textContent).toContain(t.problems.zero);
    expect(button(t.next).disabled).toBe(true);
    button(t.removeReading('Soil moisture')).click();
    await soon();
    expect(element.querySelector('details')).toBeNull();
    expect(document.activeElement?.getAttribute('aria-label'), 'the focus is not lost').toMatch(/^byte/);
  });

  it('the same byte opens its reading again; several may be made', async () => {
    const { element } = await look();
    button(/^byte 0,/).click();
    await soon();
    fill(field(t.name), 'First');
    await tick();
    button(/^byte 1,/).click();
    await soon();
    const details = () => [...element.querySelectorAll('details')].map((one) => one.open);
    expect(details()).toEqual([false, true]);
    button(/^byte 0,/).click();
    await soon();
    expect(details()).toEqual([true, false]);
  });

  it('says that the device went, keeps what was entered, and lets it be chosen again', async () => {
    const { app, lesson, element } = await look();
    button(/^byte 0,/).click();
    await soon();
    fill(field(t.name), 'Light');
    lesson.lose('bluetooth-out-of-range');
    await tick();
    expect(within(element).getByRole('alert').textContent).toContain(enErrors['bluetooth-out-of-range'].what);
    const again = createScriptedLesson();
    app.lesson = again;
    button(t.chooseAgain).click();
    await soon();
    expect(element.textContent).toContain(t.connecting);
    again.open([scriptedValue(SERVICE, VALUE, [7])]);
    await tick();
    expect(element.querySelector('details')?.textContent).toContain('Light');
    expect(lesson.ended).toBeGreaterThan(0);
  });
});

describe('teaching: keeping', () => {
  async function taught() {
    const shown = await look();
    button(/^byte 2,/).click();
    await soon();
    fill(field(t.what), 'temperature');
    fill(field(t.type), 'int16');
    await tick();
    fill(field(t.scale), '0.01');
    await tick();
    button(t.next).click();
    await tick();
    return shown;
  }

  it('learns under a name, and lets go of the device', async () => {
    const { app, lesson, element } = await taught();
    expect(element.textContent).toContain('Temperature');
    expect(element.querySelector('.live')?.textContent.replaceAll(/\s+/g, ' ').trim()).toBe('100.0 °C');
    expect(field(t.deviceName)).toHaveProperty('value', 'FS-Plant 12');
    fill(field(t.deviceName), ' ');
    await tick();
    expect(button(t.keep).disabled).toBe(true);
    fill(field(t.deviceName), 'Plant sensor');
    await tick();
    app.failNext = appError('unexpected', 'full');
    button(t.keep).click();
    await soon();
    expect(within(element).getByRole('alert')).toBeDefined();
    app.failNext = undefined;
    button(t.keep).click();
    await soon();
    expect(app.asked.slice(1)).toEqual(['learn Plant sensor', 'learn Plant sensor']);
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(lesson.ended).toBeGreaterThan(0);
    screen.getByRole('button', { name: enWays.rows.teach }).click();
    await screen.findByRole('dialog');
    expect(button(t.choose).disabled, 'the next device begins anew').toBe(true);
  });

  it('gives a file that others can use', async () => {
    const files = catchFiles();
    await taught();
    button(t.exportFile).click();
    await soon();
    const text = await files[0]?.text();
    const read = readMapping(text ?? '');
    if (!read.ok) throw new Error(read.error.detail);
    expect(read.value.characteristics).toEqual([
      {
        ...{ service: SERVICE, characteristic: VALUE },
        readings: [
          {
            ...{ attribute: 'temperature', attributeType: 'temperature', unit: '°C', offset: 2, type: 'int16' },
            ...{ endian: 'little', scale: 0.01, add: 0, samplingRate: 0 },
          },
        ],
      },
    ]);
  });

  it('loses nothing if the dialog is closed', async () => {
    const { app, element, lesson } = await taught();
    within(element).getByRole('button', { name: 'Close' }).click();
    await soon();
    expect(lesson.ended).toBeGreaterThan(0);
    const again = createScriptedLesson();
    app.lesson = again;
    screen.getByRole('button', { name: enWays.rows.teach }).click();
    const dialog = await screen.findByRole('dialog');
    expect(dialog.textContent).toContain('fff0');
    button(t.choose).click();
    await soon();
    again.open([scriptedValue(SERVICE, VALUE, [0, 0, 0, 1])]);
    await tick();
    expect(dialog.querySelector('details')?.textContent).toContain('Temperature');
  });

  it('lets go of a device that is chosen after the dialog was closed', async () => {
    const lesson = createScriptedLesson();
    let choose: () => void = () => undefined;
    const { app } = await openWay(enWays.rows.teach);
    Object.assign(app, {
      startLesson: () => new Promise((resolve) => (choose = () => resolve({ ok: true, value: lesson }))),
    });
    fill(field(t.number), 'fff0');
    await tick();
    button(t.choose).click();
    await tick();
    button('Close').click();
    await soon();
    choose();
    await soon();
    expect(lesson.ended).toBe(1);
  });
});

describe('a device file', () => {
  async function choose(text: string) {
    const shown = await openWay(enWays.rows.mapping);
    const input = field(enWays.mapping.choose);
    Object.defineProperty(input, 'files', { value: [new File([text], 'plant.json')], configurable: true });
    input.dispatchEvent(new Event('change', { bubbles: true }));
    await soon();
    return shown;
  }

  it('shows what it reads before a device is chosen', async () => {
    const { app, element } = await choose(writeMapping(plant()));
    expect(element.textContent).toContain('For Plant sensor');
    expect(element.textContent).toContain('Soil moisture');
    button(enWays.mapping.then).click();
    await soon();
    expect(app.asked).toEqual(['use Plant sensor']);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('that is none is refused, with the place that is wrong', async () => {
    const { element } = await choose(writeMapping(plant()).replace('"uint16"', '"text"'));
    const alert = within(element).getByRole('alert');
    expect(alert.textContent).toContain(enErrors['mapping-invalid'].what);
    expect(alert.textContent).toContain('characteristics.0.readings.0.type');
    expect(button(enWays.mapping.then).disabled).toBe(true);
  });

  it('of a device that was taught is in its details', async () => {
    const files = catchFiles();
    show('sense', (app) => app.devices.set([scriptedDevice('Plant 3', { at: 'live' }, { mappings: [plant()] })]));
    (await screen.findByRole('button', { name: 'More about Plant 3' })).click();
    screen.getByRole('button', { name: 'Details', hidden: true }).click();
    const dialog = within(await screen.findByRole('dialog'));
    expect(dialog.getByText(enWays.taught.text('Plant sensor', 1))).toBeDefined();
    dialog.getByRole('button', { name: enWays.taught.exportFile('Plant sensor') }).click();
    expect(readMapping((await files[0]?.text()) ?? '')).toEqual({ ok: true, value: plant() });
  });

  it('is not offered for devices that nobody taught', async () => {
    show('sense', (app) => app.devices.set([scriptedDevice('Strap', { at: 'live' })]));
    (await screen.findByRole('button', { name: 'More about Strap' })).click();
    screen.getByRole('button', { name: 'Details', hidden: true }).click();
    expect((await screen.findByRole('dialog')).textContent).not.toContain(enWays.taught.title);
  });
});

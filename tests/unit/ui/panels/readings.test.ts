/** Cards of any sensor: the reading that is shown large, the list of all, rates, losses, estimates. */
import { screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { describe, expect, it } from 'vitest';
import { enSensors } from '../../../../src/i18n/en-sensors.ts';
import { enLater } from '../../../../src/i18n/en-later.ts';
import { en } from '../../../../src/i18n/en.ts';
import type { SourceView, StreamStatus, WatchedAttribute } from '../../../../src/app/api.ts';
import { appError } from '../../../../src/model/errors.ts';
import type { ScriptedApp } from '../../../support/scripted-app.ts';
import { IDLE_STATUS, scriptedDevice, scriptedStatus, scriptedStream } from '../../../support/scripted-app.ts';
import { skeletonShape, type SkeletonShape } from '../../../../src/model/payloads.ts';
import { skeletonMotion } from '../../../support/skeleton-motion.ts';
import { NOW, show } from '../support/screen.ts';

function walker(): SkeletonShape {
  const shape = skeletonShape(skeletonMotion(1).payloads[0] ?? null);
  if (!shape) throw new Error('no skeleton');
  return shape;
}
const later = (ms = 30) => new Promise((resolve) => setTimeout(resolve, ms));
const squeezed = (element: Element): string => element.textContent.replaceAll(/\s+/g, ' ').trim();

async function own(streams: readonly StreamStatus[], fill: (app: ScriptedApp) => void = () => undefined, facts = {}) {
  const shown = show('sense', (app) => {
    app.devices.set([
      scriptedDevice('Sensor', { at: 'live' }, { status: scriptedStatus('sensor', { streams, facts }) }),
    ]);
    fill(app);
  });
  const card = await screen.findByRole('region', { name: 'Sensor' });
  return { ...shown, card };
}

async function openList(card: HTMLElement): Promise<HTMLElement> {
  within(card)
    .getByText(/^All readings/)
    .click();
  await later();
  return within(card).getByRole('list', { name: /^Readings of/ });
}

const push = (app: ScriptedApp, attribute: string, value: number): void =>
  app.live.push('own', 'sensor', attribute, NOW, value);

describe('an own card', () => {
  it('shows what the sensor reads, not heart rate', async () => {
    const { card } = await own([scriptedStream('body_temperature')], (app) => push(app, 'body_temperature', 36.64));
    expect(squeezed(card)).toMatch(/Body temperature.*36\.6 °C/);
    expect(squeezed(card)).not.toContain('bpm');
    expect(within(card).getByRole('img').getAttribute('aria-label')).toBe('Body temperature 36.6 °C, steady');
  });

  it('keeps the room and says nothing before anything is known', async () => {
    const { card } = await own([]);
    expect(card.querySelector('.value')?.textContent).toBe(en.common.noValue);
    expect(squeezed(card)).toContain(enSensors.trace.none);
  });

  it('shows several numbers by name, letter and value', async () => {
    const { card } = await own([scriptedStream('accelerometer')], (app) => {
      push(app, 'accelerometer/x', 0.12);
      push(app, 'accelerometer/y', -3);
      push(app, 'accelerometer/z', 9.81);
    });
    const cells = [...card.querySelectorAll('.body dl > div')].map(squeezed);
    expect(cells).toEqual(['x 0.1 m/s²', 'y -3.0 m/s²', 'z 9.8 m/s²']);
    const label = within(card).getByRole('img').getAttribute('aria-label');
    expect(label).toBe('Acceleration: x 0.1 m/s², y -3.0 m/s², z 9.8 m/s²');
  });

  it('shows a place as numbers with their own units, and draws no line', async () => {
    const { card } = await own([scriptedStream('geolocation')], (app) => {
      push(app, 'geolocation/latitude', 47.25);
      push(app, 'geolocation/longitude', 8.5);
      push(app, 'geolocation/accuracy', 12.2);
    });
    expect([...card.querySelectorAll('.body dl > div')].map(squeezed)).toEqual([
      'Latitude 47.25000 °',
      'Longitude 8.50000 °',
      'Within 12 m',
    ]);
    expect(within(card).queryByRole('img')).toBeNull();
  });

  it('shows what happened in words, with its time', async () => {
    const at = new Date(2026, 0, 2, 9, 5, 7).getTime();
    const { card } = await own([scriptedStream('button', { latest: { value: 2, event: 'press' }, lastAt: at })]);
    expect(squeezed(card)).toMatch(/Button 2 pressed at 9:05:07.AM/);
  });

  it('draws what nobody knows as a number', async () => {
    const { card } = await own([scriptedStream('soil_moisture', { attributeType: 'soil' })], (app) =>
      push(app, 'soil_moisture', 0.00123),
    );
    expect(squeezed(card)).toMatch(/Soil moisture.*0\.00123/);
  });

  it('follows a value that arrives, at a pace that can be read', async () => {
    const { app, card } = await own([scriptedStream('power')]);
    const value = (): string | undefined => card.querySelector('.value')?.textContent;
    push(app, 'power', 200);
    app.live.tell('own', 'sensor');
    await tick();
    expect(value()).toBe('200');
    push(app, 'power', 210);
    app.live.tell('own', 'sensor');
    await tick();
    expect(value(), 'not yet').toBe('200');
    await later(300);
    expect(value(), 'and not for ever').toBe('210');
  });

  it('lists every reading with rate, losses and what is only computed', async () => {
    const streams = [
      scriptedStream('battery', { requestedRate: 0, rate: 0, latest: 83 }),
      scriptedStream('ecg', { requestedRate: 130, rate: 128.94, samples: 975, lost: 25 }),
      scriptedStream('respiration_rate', { requestedRate: 0.2, rate: 0.2, estimated: true }),
    ];
    const { card } = await own(streams);
    const rows = within(await openList(card))
      .getAllByRole('listitem')
      .map(squeezed);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatch(/^ECG.*128\.9 of 130 a second · 2\.5 % lost$/);
    expect(rows[1]).toMatch(/^Breaths, computed ?Estimated/);
    expect(rows[2]).toMatch(/^Battery.*When it changes$/);
    expect(rows[2]).not.toContain('lost');
  });

  it('shows another reading when its row is tapped, and keeps it while others come', async () => {
    const { app, card } = await own([scriptedStream('heartrate'), scriptedStream('temperature')], (a) =>
      push(a, 'temperature', 21.5),
    );
    within(await openList(card))
      .getByRole('button', { name: 'Show Temperature' })
      .click();
    await tick();
    expect(card.querySelector('.unit')?.textContent).toBe('°C');
    const more = ['heartrate', 'temperature', 'ecg'].map((attribute) => scriptedStream(attribute));
    app.devices.set(app.devices.get().map((one) => ({ ...one, status: scriptedStatus('sensor', { streams: more }) })));
    await tick();
    expect(card.querySelector('.unit')?.textContent).toBe('°C');
  });

  it('without skin contact goes on showing what is not measured on skin', async () => {
    const { card } = await own(
      [scriptedStream('heartrate'), scriptedStream('temperature')],
      (app) => {
        push(app, 'heartrate', 72);
        push(app, 'temperature', 21.5);
      },
      { contact: false },
    );
    expect(card.querySelector('.value')?.textContent).toBe(en.common.noValue);
    expect(squeezed(await openList(card))).toContain('21.5');
  });

  it('keeps several numbers apart in the list, also for those who hear or copy them', async () => {
    const { card } = await own([scriptedStream('geolocation')], (app) => {
      push(app, 'geolocation/latitude', 48.13715);
      push(app, 'geolocation/longitude', 11.57612);
      push(app, 'geolocation/accuracy', 12);
    });
    expect(squeezed(await openList(card))).toMatch(/^Place ?48\.13715 11\.57612 12\b/);
  });

  it('shows no value of a source that is switched off or in trouble, as the last one is not what is now', async () => {
    const { app, card } = await own([scriptedStream('light'), scriptedStream('heading')], (scripted) => {
      push(scripted, 'light', 350);
      push(scripted, 'heading', 240);
    });
    const list = await openList(card);
    const switchLight = async (state: SourceView['state']): Promise<readonly string[]> => {
      const sources: readonly SourceView[] = [
        { kind: 'orientation', attributes: ['quaternion', 'heading'], state: { at: 'on' } },
        { kind: 'light', attributes: ['light'], state },
      ];
      app.devices.set(app.devices.get().map((one) => ({ ...one, sources })));
      await tick();
      return within(list).getAllByRole('listitem').map(squeezed);
    };
    expect(await switchLight({ at: 'on' })).toEqual([
      expect.stringMatching(/^Heading ?240 °/),
      expect.stringMatching(/^Light ?350 lux/),
    ]);
    for (const state of [{ at: 'off' }, { at: 'trouble', error: appError('source-silent') }] as const)
      expect(await switchLight(state), state.at).toEqual([
        expect.stringMatching(/^Heading ?240 °/),
        expect.stringMatching(new RegExp(`^Light ?${en.common.noValue} lux`)),
      ]);
  });

  it('draws a skeleton, and says what is seen of whom', async () => {
    const { app, card } = await own([scriptedStream('skeleton')], (scripted) => {
      scripted.live.pushSkeleton('own', 'sensor', 'skeleton', Date.now(), walker());
      scripted.now.set(Date.now());
    });
    const picture = await within(card).findByRole('img');
    await later();
    expect(picture.getAttribute('aria-label')).toBe('A person, upright: 33 of 33 body points in sight');
    expect(squeezed(await openList(card))).toContain('33 of 33 body points in sight');
    app.now.set(Date.now() + 4000);
    await tick();
    expect(picture.getAttribute('aria-label')).toBe(enSensors.reading.figureStale);
    expect(squeezed(card)).toContain(enSensors.reading.figureStale);
  });

  it('speaks of skin contact only where there is some', async () => {
    expect(squeezed((await own([scriptedStream('temperature')])).card)).not.toContain(enSensors.device.contact);
    expect(squeezed((await own([scriptedStream('heartrate')])).card)).toContain(enSensors.device.contact);
  });
});

describe('the details', () => {
  it('have a row per stream, with how well its times are known', async () => {
    const streams = [
      scriptedStream('ecg', {
        requestedRate: 130,
        rate: 129.9,
        uncertainty: 3.24,
        driftPpm: 41.3,
        lost: 25,
        samples: 975,
      }),
      scriptedStream('heartrate_ecg', { attributeType: 'heartrate_estimate', estimated: true }),
    ];
    const { card } = await own(streams, () => undefined, { calendarOffset: -120_000 });
    within(card).getByText('Details').click();
    await later();
    const dialog = screen.getByRole('dialog', { name: 'Details of Sensor' });
    const rows = [...dialog.querySelectorAll('tbody tr')].map((row) =>
      [...row.querySelectorAll('th, td')].map(squeezed),
    );
    expect(rows).toEqual([
      ['ECG', '129.9', '130', '25 (2.5 %)', '± 3.2 ms', '+41.3 ppm'],
      ['Heart rate from ECG Estimated', '1.0', '1', '0', '–', '–'],
    ]);
    expect(dialog.textContent).toContain(enSensors.streams.subscriptions);
    expect(dialog.textContent).toContain('2 min 0 s behind');
  });
});

describe('a watched card', () => {
  async function watched(attributes: readonly WatchedAttribute[], fill: (app: ScriptedApp) => void = () => undefined) {
    const sensor = { sensorId: 'w', name: 'Neon', connectorName: 'Lab', sensorType: 'eye', demo: true, attributes };
    const shown = show('watch', (app) => {
      app.status.set({ ...IDLE_STATUS, watch: { at: 'live' }, watched: [sensor] });
      fill(app);
    });
    return { ...shown, card: await screen.findByRole('region', { name: 'Neon' }) };
  }

  it('knows a skeleton by its arrival: live at once, stale after three seconds', async () => {
    const { app, card } = await watched([{ attribute: 'skeleton', attributeType: 'skeleton' }]);
    await later();
    expect(squeezed(card)).toContain(enSensors.trace.none);
    // Another clock: only when it came here counts.
    app.live.pushSkeleton('watched', 'w', 'skeleton', 5, walker());
    app.live.tell('watched', 'w');
    const at = Date.now();
    app.now.set(at);
    await later();
    expect(within(card).getByRole('img').getAttribute('aria-label')).toMatch(/^A person, upright/);
    expect(squeezed(card)).toContain(enLater.watch.live);
    app.now.set(at + 3500);
    await tick();
    expect(squeezed(card)).toContain(enLater.watch.stale);
    expect(within(card).getByRole('img').getAttribute('aria-label')).toBe(enSensors.reading.figureStale);
    app.live.pushSkeleton('watched', 'w', 'skeleton', 6, walker());
    app.live.tell('watched', 'w');
    app.now.set(Date.now());
    await tick();
    expect(squeezed(card)).not.toContain(enLater.watch.stale);
  });

  it('shows fields, words, computed numbers and the demo badge', async () => {
    const attributes = [
      { attribute: 'eye_worn', attributeType: 'eye_worn', latest: true },
      { attribute: 'eye_gaze', attributeType: 'eye_gaze' },
      { attribute: 'hrv', attributeType: 'hrv' },
    ];
    const { app, card } = await watched(attributes);
    app.live.push('watched', 'w', 'eye_gaze/x', Date.now(), 0.5);
    app.live.push('watched', 'w', 'eye_gaze/y', Date.now(), 0.25);
    app.live.tell('watched', 'w');
    app.now.set(Date.now());
    await tick();
    expect([...card.querySelectorAll('.body dl > div')].map(squeezed)).toEqual(['x 0.50', 'y 0.25']);
    expect(within(card).getByText('Demo')).toBeDefined();
    const rows = within(await openList(card))
      .getAllByRole('listitem')
      .map(squeezed);
    expect(rows[1]).toMatch(/^Worn ?Yes/);
    expect(rows[2]).toMatch(/Heart rate variability ?Estimated/);
  });

  it('is live by words alone, and does not call a slow stream stale', async () => {
    const { card } = await watched([{ attribute: 'status', attributeType: 'status', latest: 'Running' }]);
    expect(squeezed(card)).toMatch(/Live.*Running/);
    const slow = await watched([{ attribute: 'temperature', attributeType: 'temperature' }], (app) => {
      for (const ago of [180, 120, 60]) app.live.push('watched', 'w', 'temperature', Date.now() - ago * 1000, 20);
    });
    slow.app.now.set(Date.now());
    await tick();
    expect(squeezed(slow.card)).toContain('20.0 °C');
  });
});

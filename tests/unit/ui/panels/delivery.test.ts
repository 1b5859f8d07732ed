/** The delivery sheet: what became of every sample, and the proof to take away. */
import { screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { enErrors } from '../../../../src/i18n/en-errors.ts';
import { enLater } from '../../../../src/i18n/en-later.ts';
import { appError } from '../../../../src/model/errors.ts';
import type { Gap, Tally } from '../../../../src/model/proof.ts';
import { gapText } from '../../../../src/ui/panels/delivery/words.ts';
import { en } from '../../../../src/i18n/en.ts';
import { IDLE_STATUS, scriptedDevice, scriptedStatus } from '../../../support/scripted-app.ts';
import type { ScriptedApp } from '../../../support/scripted-app.ts';
import { NOW, show } from '../support/screen.ts';

const words = enLater.delivery;
const button = (name: string | RegExp): HTMLElement => within(screen.getByRole('dialog')).getByRole('button', { name });
/** Lets what the dialog asked for come. */
const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

const COUNTS: Tally = { measured: 1_204_300, kept: 4_000, confirmed: 1_200_000, setAside: 100, evicted: 200 };

function fill(app: ScriptedApp, counts: Tally = COUNTS, change: Parameters<typeof scriptedStatus>[1] = {}): void {
  const device = scriptedDevice('Polar H10', { at: 'live' });
  const oldestUnsentAt = counts.kept > 0 ? NOW - 65_000 : undefined;
  const status = scriptedStatus(device.sensorId, { ...counts, oldestUnsentAt, ...change });
  app.devices.set([{ ...device, status }]);
  app.status.set({ ...IDLE_STATUS, sensors: [status], totals: { ...counts, oldestUnsentAt } });
}

async function sheet(set: (app: ScriptedApp) => void = fill) {
  const shown = show('sense', set);
  screen.getByRole('button', { name: 'Delivery' }).click();
  const dialog = await screen.findByRole('dialog', { name: 'Delivery' });
  const facts = (): Record<string, string> =>
    Object.fromEntries(
      [...dialog.querySelectorAll('dl')].flatMap((list) =>
        [...list.children].map((row) => [row.children[0]?.textContent ?? '', row.children[1]?.textContent ?? '']),
      ),
    );
  return { ...shown, dialog, facts };
}

describe('the counts', () => {
  it('say where every sample is, and how old the oldest unsent one is', async () => {
    const { facts, dialog } = await sheet();
    expect(facts()).toMatchObject({
      ...{ Measured: '1,204,300', 'Stored here': '4,000', Confirmed: '1,200,000' },
      ...{ 'Set aside': '100', 'Given up': '200' },
    });
    expect(facts()['Oldest unsent']).toMatch(/, 1 min 5 s ago$/);
    expect(dialog.textContent).toContain('300 samples of 1,204,300 will not arrive by themselves.');
    expect(dialog.textContent).toContain('4,000 samples of 1,204,300 not confirmed yet.');
    expect(dialog.textContent).toContain(words.keptDurable);
    expect(dialog.textContent).toContain('1,200,000 of 1,204,300 confirmed');
  });

  it('say that all arrived, or that nothing was measured', async () => {
    const all = { measured: 3182, kept: 0, confirmed: 3182, setAside: 0, evicted: 0 };
    const { dialog, facts } = await sheet((app) => fill(app, all));
    expect(dialog.textContent).toContain('All 3,182 samples measured are confirmed by the server.');
    expect(facts()['Oldest unsent']).toBe(words.oldestNone);
    expect((await sheet(() => undefined)).dialog.textContent).toContain(words.none);
  });

  it('mark what was computed from other readings', async () => {
    const one = { measured: 1, kept: 0, confirmed: 1, setAside: 0, evicted: 0 };
    const attributes = [
      { attribute: 'rr_interval', ...one },
      { attribute: 'hrv', ...one },
    ];
    const stream = { attributeType: 'hrv', requestedRate: 0.2, rate: 0.2, samples: 1, lost: 0, lastAt: NOW };
    const streams = [
      { ...stream, attribute: 'hrv', estimated: true },
      { ...stream, attribute: 'rr_interval', estimated: false },
    ];
    const { dialog } = await sheet((app) => fill(app, COUNTS, { attributes, streams }));
    const heads = [...dialog.querySelectorAll('tbody th')].map((cell) => cell.textContent);
    expect(heads.map((text) => text?.includes('Estimated'))).toEqual([false, true]);
  });

  it('say how far the server is, and what its clock shows, once that is known', async () => {
    const { facts, app } = await sheet();
    expect(facts()).not.toHaveProperty(words.roundTrip);
    app.status.set({ ...app.status.get(), server: { roundTrip: 41.7, offset: -1203.4, uncertainty: 20.2 } });
    await tick();
    expect(facts()).toMatchObject({ 'There and back': '42 ms', 'Its clock': '1,203 ms behind, ± 21 ms' });
  });

  it('by reading, where the log counts so', async () => {
    const attributes = [
      { attribute: 'ecg', ...COUNTS },
      { attribute: 'spo2', measured: 1, kept: 0, confirmed: 1, setAside: 0, evicted: 0 },
    ];
    const { dialog } = await sheet((app) => fill(app, COUNTS, { attributes }));
    const rows = [...dialog.querySelectorAll('tr')].map((row) => [...row.cells].map((cell) => cell.textContent));
    expect(rows).toEqual([
      ['Reading', 'Measured', 'Stored here', 'Confirmed', 'Set aside', 'Given up'],
      ['ECG', '1,204,300', '4,000', '1,200,000', '100', '200'],
      ['Blood oxygen', '1', '0', '1', '0', '0'],
    ]);
  });

  it('of sensors that are not here stand apart', async () => {
    const { dialog } = await sheet((app) =>
      app.status.set({ ...IDLE_STATUS, waiting: [{ sensorId: 'x', name: 'Left at home', kept: 412 }] }),
    );
    expect(dialog.textContent).toContain('Left at home: 412 samples');
  });
});

describe('a backlog', () => {
  it('shows samples and time left, on a bar that never runs backwards', async () => {
    const drain = (left: number, secondsLeft: number | undefined) => (app: ScriptedApp) =>
      fill(app, COUNTS, { drain: { left, secondsLeft } });
    const { app, dialog } = await sheet(drain(4000, 100));
    const bar = within(dialog).getAllByRole<HTMLProgressElement>('progressbar', { name: words.draining })[0];
    expect(dialog.textContent).toContain('4,000 samples left, about 2 min');
    expect(bar?.value).toBe(0);
    drain(1000, undefined)(app);
    await tick();
    expect(dialog.textContent).toContain('1,000 samples left, time not known yet');
    expect(bar?.value).toBe(0.75);
    drain(8000, 9)(app);
    await tick();
    expect(bar?.value).toBe(0);
  });
});

describe('gaps', () => {
  const at = (hour: number, minute = 0): number => new Date(2026, 10, 23, hour, minute, 7).getTime();
  const now = at(15);
  const GAPS: [Gap, RegExp, string][] = [
    [
      { from: at(14), to: at(14, 2), cause: 'link-lost' },
      /^2:00:07\s(PM\s)?–\s2:02:07\sPM, 2 min 0 s$/,
      words.cause['link-lost'],
    ],
    [{ from: at(14, 59), to: undefined, cause: 'phone-asleep' }, /^since 2:59:07\sPM$/, words.cause['phone-asleep']],
    [
      { from: at(-10), to: at(-9), cause: 'evicted', attribute: 'ecg', samples: 1300 },
      /^Nov 22, 2026, 2:00:07\s(PM\s)?–\s3:00:07\sPM, 1 h 0 min$/,
      `${words.cause.evicted} · ECG · 1,300 samples`,
    ],
  ];
  it.each(GAPS)('%o', (gap, when, why) => {
    const told = gapText(gap, now, en);
    expect(told.when).toMatch(when);
    expect(told.why).toBe(why);
  });

  it('stand newest first', async () => {
    const gaps: Gap[] = [
      { from: NOW - 9000, to: NOW - 8000, cause: 'paused' },
      { from: NOW - 3000, to: undefined, cause: 'stopped' },
    ];
    const { dialog } = await sheet((app) => fill(app, COUNTS, { gaps }));
    const lines = within(dialog)
      .getAllByRole('listitem', { hidden: true })
      .map((line) => line.textContent);
    expect(lines[0]).toContain(words.cause.stopped);
    expect(lines[1]).toContain(words.cause.paused);
  });
});

describe('storage', () => {
  it('in memory says so, and why', async () => {
    const storage = { ...IDLE_STATUS.storage, kind: 'memory', reason: 'private window' } as const;
    const { dialog } = await sheet((app) => {
      fill(app);
      app.status.set({ ...app.status.get(), storage });
    });
    expect(dialog.textContent).toContain(words.memory);
    expect(dialog.textContent).toContain('Reason: private window');
    expect(dialog.textContent).toContain(words.keptMemory);
  });

  it('that is full says what is safe and what is not, how much is held, and what would go first', async () => {
    const held = { bytes: 1_200_000, limit: 33_554_432 };
    const storage = { ...IDLE_STATUS.storage, kind: 'memory', full: true, reason: 'QuotaExceededError', held } as const;
    const { dialog } = await sheet((app) => {
      fill(app);
      app.status.set({ ...app.status.get(), storage });
    });
    expect(dialog.textContent).toContain(words.full);
    expect(dialog.textContent).not.toContain(words.memory);
    expect(dialog.textContent).toContain(words.keptFull);
    expect(dialog.textContent).toContain(
      '1.2 MB of samples in memory. Above 33.6 MB the least important are given up.',
    );
    expect(dialog.textContent).toContain(words.evictionOrder);
    expect(within(dialog).getByRole<HTMLMeterElement>('meter').value).toBe(12_400_000);
  });

  it('on disk shows what is used of what there is', async () => {
    const { dialog } = await sheet();
    expect(dialog.textContent).toContain('12.4 MB used of 2.1 GB');
    expect(dialog.textContent).toContain(words.persisted);
    expect(within(dialog).getByRole<HTMLMeterElement>('meter').value).toBe(12_400_000);
  });

  it.each([
    [true, words.persisted],
    [false, words.persistRefused],
  ])('can be asked for: %s', async (persists, answer) => {
    const { app, dialog } = await sheet((scripted) => {
      scripted.persists = persists;
      scripted.status.set({ ...IDLE_STATUS, storage: { ...IDLE_STATUS.storage, persisted: false } });
    });
    expect(dialog.textContent).toContain(words.notPersisted);
    button(words.persist).click();
    await soon();
    expect(app.asked).toEqual(['persist']);
    expect(dialog.textContent).toContain(answer);
    expect(within(dialog).queryByRole('button', { name: words.persist })).toBeNull();
  });
});

describe('to take away', () => {
  const saved: { name: string; text: Promise<string> }[] = [];
  beforeEach(() => {
    saved.length = 0;
    const files = new Map<string, Blob>();
    URL.createObjectURL = (blob: Blob) => {
      files.set(`blob:${files.size}`, blob);
      return `blob:${files.size - 1}`;
    };
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      saved.push({ name: this.download, text: files.get(this.href)?.text() ?? Promise.resolve('') });
    });
  });
  afterEach(() => vi.restoreAllMocks());

  it('a certificate of the session, as JSON and as text', async () => {
    const { app, dialog } = await sheet((scripted) => {
      fill(scripted);
      const sensor = { sensorId: 's1', name: 'Polar H10', sensorType: 'x', demo: false, attributes: [], gaps: [] };
      scripted.facts = { ...scripted.facts, sensors: [{ ...sensor, ...COUNTS }] };
    });
    button(enLater.certificate.make).click();
    await vi.waitFor(() =>
      expect(dialog.textContent).toContain('1,200,000 of 1,204,300 samples measured are confirmed'),
    );
    expect(dialog.textContent).toContain('- Polar H10: 200 samples given up');
    button(enLater.certificate.saveJson).click();
    button(enLater.certificate.saveText).click();
    expect(app.asked).toEqual(['certificate']);
    expect(saved.map(({ name }) => name.replace(/.*\./, ''))).toEqual(['json', 'txt']);
    const certificate: unknown = JSON.parse((await saved[0]?.text) ?? '');
    expect(certificate).toMatchObject({
      ...{ format: 'sensocto-delivery-certificate', version: 1, installation: 'a1b2c3d4e5f60718' },
      ...{ server: location.origin, complete: false, totals: COUNTS },
      checksum: { algorithm: 'SHA-256', value: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    });
    expect(await saved[1]?.text).toMatch(/^Delivery certificate\n[^]*Checksum \(SHA-256\): [0-9a-f]{64}\n$/);
  });

  it('a certificate of one sensor; a failure is said', async () => {
    const { app, dialog } = await sheet();
    app.failNext = appError('worker-crashed');
    within(dialog).getByText(enLater.certificate.makeFor('Polar H10')).click();
    await soon();
    expect(app.asked).toEqual(['certificate polar-h10']);
    expect(within(dialog).getByRole('alert', { hidden: true }).textContent).toContain(enErrors['worker-crashed'].what);
  });

  it('what was set aside of sensors that are not here, also where nobody knows how much it was', async () => {
    const { app, dialog } = await sheet((scripted) => {
      const aside = [
        { sensorId: 'left', name: 'Left at home', samples: 12, unknown: 0 },
        { sensorId: 'broken', name: 'Broken', samples: 0, unknown: 2 },
      ];
      scripted.status.set({ ...IDLE_STATUS, aside });
    });
    expect(dialog.textContent).toContain(words.asideElsewhere);
    const content = { kind: 'unreadable', base64: 'AAEC' } as const;
    const junk = { attribute: undefined, reason: 'block-corrupt', at: NOW, samples: 0, firstSeq: undefined, content };
    app.aside = [junk, junk];
    within(dialog).getByText('Show 12 samples set aside');
    within(dialog).getByText('Show 2 unreadable records set aside').click();
    await soon();
    expect(app.asked).toEqual(['set aside broken']);
    expect(dialog.textContent).toContain(`2 records: ${enErrors['block-corrupt'].what}`);
    within(dialog).getByText(words.asideExport).click();
    expect(saved[0]?.name).toBe('sensocto-set-aside-broken.json');
    expect(JSON.parse((await saved[0]?.text) ?? '')).toMatchObject({
      sensorId: 'broken',
      items: [{ content }, { content }],
    });
  });

  it('what was set aside, with its reason', async () => {
    const { app, dialog } = await sheet();
    const content = { kind: 'samples', measurements: [{ time: NOW, payload: 61 }] } as const;
    app.aside = [
      { attribute: 'heartrate', reason: 'invalid_batch', at: NOW, samples: 1, firstSeq: 7, content },
      { attribute: undefined, reason: 'block-corrupt', at: NOW, samples: 99, firstSeq: undefined, content },
    ];
    within(dialog).getByText('Show 100 samples set aside').click();
    await soon();
    expect(dialog.textContent).toMatch(/Heart rate\s*1 sample: invalid_batch/);
    expect(dialog.textContent).toContain(`99 samples: ${enErrors['block-corrupt'].what}`);
    within(dialog).getByText(words.asideExport).click();
    expect(saved[0]?.name).toBe('sensocto-set-aside-polar-h10.json');
    expect(JSON.parse((await saved[0]?.text) ?? '')).toEqual({
      sensorId: 'polar-h10',
      items: JSON.parse(JSON.stringify(app.aside)) as unknown,
    });
  });
});

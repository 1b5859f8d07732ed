/** The Pose screen: from a first visit to a running camera, and what can go wrong. */
import { fireEvent, screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { enErrors } from '../../../../src/i18n/en-errors.ts';
import { enPose } from '../../../../src/i18n/en-pose.ts';
import { appError } from '../../../../src/model/errors.ts';
import { fail, ok } from '../../../../src/model/result.ts';
// What the app loads later is loaded here before, so that tests need not guess how long compiling takes.
import '../../../../src/ui/views/Pose.svelte';
import { scriptedDevice, scriptedStatus, type ScriptedApp } from '../../../support/scripted-app.ts';
import { FIRST_POSE, keptModel, READY_POSE, scriptedModel, scriptedReport } from '../../../support/scripted-pose.ts';
import { show } from '../support/screen.ts';

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

async function open(set: (app: ScriptedApp) => void = () => undefined) {
  const shown = show('pose', set);
  await soon();
  const { app } = shown;
  return { ...shown, pose: app.scriptedPose, asked: (): string[] => app.asked.filter((what) => what !== 'open pose') };
}

const button = (name: string | RegExp): HTMLButtonElement => screen.getByRole<HTMLButtonElement>('button', { name });
const page = (): string => document.querySelector('main')?.textContent.replace(/\s+/g, ' ') ?? '';
const stream = (): MediaStream => ({}) as MediaStream;

beforeEach(() => {
  // jsdom has no media.
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', { configurable: true, writable: true, value: null });
});

describe('a first visit', () => {
  it('says what leaves the device, what is needed, from where, and how large it is; nothing is fetched', async () => {
    const { asked } = await open();
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Pose');
    expect(page()).toContain(enPose.toWhom(location.host));
    expect(page()).toContain(enPose.pictures);
    expect(page()).toContain('which then sees this device’s internet address. Licence: Apache-2.0 by its model card.');
    expect(screen.getAllByRole('listitem')).toHaveLength(3);
    expect(screen.getAllByRole('radio').map((one) => (one as HTMLInputElement).checked)).toEqual([true, false, false]);
    expect(button('Fetch 17.0 MB and start').disabled).toBe(false);
    expect(asked()).toEqual([]);
  });

  it('fetches what is missing, in order, and starts with one tap', async () => {
    const { app, pose, asked } = await open();
    Object.assign(pose, {
      fetchRuntime() {
        app.asked.push('fetch runtime');
        pose.change({ runtime: 11_153_641 });
        return Promise.resolve(ok(undefined));
      },
      fetchModel(kind: string) {
        app.asked.push(`fetch ${kind}`);
        pose.change({ models: READY_POSE.models });
        return Promise.resolve(ok(undefined));
      },
    });
    button(/^Fetch/).click();
    await soon();
    expect(asked()).toEqual(['fetch runtime', 'fetch lite', 'start camera']);
    expect(document.activeElement, 'the focus was on what is gone').toBe(button('Start camera'));
  });

  it('goes no further than a cancelled download', async () => {
    const { asked } = await open();
    // Nothing came, which is no failure.
    button(/^Fetch/).click();
    await soon();
    expect(asked()).toEqual(['fetch runtime']);
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('shows how far a download is, and can cancel it', async () => {
    const { pose, asked } = await open((app) =>
      app.scriptedPose.change({ download: { what: 'runtime', received: 4_210_000, total: 11_153_641 } }),
    );
    expect(page()).toContain('4.2 MB of 11.2 MB');
    expect(screen.getByRole<HTMLProgressElement>('progressbar').value).toBe(4_210_000);
    button('Cancel').click();
    expect(asked()).toEqual(['cancel download']);
    pose.change({ download: { what: 'lite', received: 10, total: undefined } });
    await tick();
    expect(screen.getByRole('progressbar').hasAttribute('value')).toBe(false);
    expect(page()).toContain(enPose.download.what.lite);
  });

  it('says what could not be fetched, and tries again by the same button', async () => {
    const { app } = await open();
    app.failNext = appError('pose-runtime');
    button(/^Fetch/).click();
    await soon();
    expect(screen.getByRole('alert').textContent).toContain(enErrors['pose-runtime'].what);
    app.failNext = undefined;
    button(/^Fetch/).click();
    await soon();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('leads to the choice of models where another one may help', async () => {
    const { app } = await open((scripted) => scripted.scriptedPose.change({ runtime: 11_153_641 }));
    app.failNext = appError('pose-model-too-large');
    button(/^Fetch/).click();
    await soon();
    button(enPose.camera.chooseModel).click();
    await soon();
    expect(screen.queryByRole('alert')).toBeNull();
    expect(document.activeElement).toBe(screen.getByRole('radio', { name: /^Lite/ }));
  });

  it('takes another size, another address, or a file', async () => {
    const { asked } = await open();
    screen.getByRole('radio', { name: /^Heavy/ }).click();
    await soon();
    const address = screen.getByLabelText<HTMLInputElement>(enPose.models.address);
    const use = button(enPose.models.useAddress);
    expect(use.disabled).toBe(true);
    await fireEvent.input(address, { target: { value: ' /models/mine.task ' } });
    use.click();
    await soon();
    const chooser = screen.getByLabelText<HTMLInputElement>(enPose.models.file);
    const file = new File(['x'], 'mine.task');
    Object.defineProperty(chooser, 'files', { value: [file] });
    Object.defineProperty(chooser, 'value', { writable: true, value: 'mine.task' });
    await fireEvent.change(chooser);
    await soon();
    const addresses = { ...FIRST_POSE.settings.addresses, lite: '/models/mine.task' };
    expect(asked()).toEqual(['set {"model":"heavy"}', `set ${JSON.stringify({ addresses })}`, 'file lite mine.task']);
  });

  it('says that a model of the server tells nobody else', async () => {
    await open((app) =>
      app.scriptedPose.change({ models: [scriptedModel('lite', { onServer: 5_777_746, stranger: undefined })] }),
    );
    expect(page()).toContain(enPose.models.fromServer(location.host));
    expect(page()).not.toContain('internet address');
  });

  it('asks for nothing where there can be no camera', async () => {
    await open((app) => (app.failNext = appError('camera-insecure')));
    expect(screen.getByRole('alert').textContent).toContain(enErrors['camera-insecure'].todo);
    expect(screen.queryByRole('button', { name: /^Fetch|Start|again/ })).toBeNull();
  });

  it('says when its own code could not be loaded, and tries again', async () => {
    const { app } = await open((scripted) =>
      Object.assign(scripted, { loadPose: () => Promise.resolve(fail(appError('unexpected'))) }),
    );
    Object.assign(app, { loadPose: () => Promise.resolve(ok(app.scriptedPose)) });
    button(enPose.retry).click();
    await soon();
    expect(button(/^Fetch/)).toBeDefined();
  });
});

describe('the camera', () => {
  const ready = (app: ScriptedApp): void => app.scriptedPose.pose.set(READY_POSE);

  it('says what the browser will ask and what would be sent, before it is started', async () => {
    const { asked } = await open(ready);
    expect(page()).toContain(enPose.camera.before(location.host));
    expect(page()).toContain(enPose.sending.none);
    button('Start camera').click();
    await soon();
    expect(asked()).toEqual(['start camera']);
  });

  it('shows rate, reason, angles and who looks while it runs, and stops with one tap', async () => {
    const { asked } = await open((app) => {
      const status = scriptedStatus('camera', { attention: 'none' });
      app.status.set({ ...app.status.get(), sensors: [status] });
      app.devices.set([scriptedDevice('Camera', { at: 'live' }, { kind: 'camera', status })]);
      app.scriptedPose.pose.set({
        ...READY_POSE,
        ...{ stage: { at: 'running' }, preview: stream(), wantedFps: 15, cap: 'attention', sensorId: 'camera' },
        report: scriptedReport({ fps: 14.8, problems: { 'pose-frame': 2 } }),
      });
    });
    const text = page();
    const rate = within(screen.getByRole('region', { name: enPose.rate.title }));
    expect(rate.getAllByRole('definition').map((one) => one.textContent)).toEqual([
      ...['14.8', '15', '12 ms', 'Graphics processor'],
    ]);
    expect(text).toContain(enPose.rate.caps.attention);
    expect(text).toContain('2 pictures could not be used');
    expect(text).toContain(enPose.sending.now(location.host));
    expect(text).toContain('Nobody is watching');
    const rows = within(screen.getByRole('table'))
      .getAllByRole('row')
      .map((row) => row.textContent.replace(/\s+/g, ''));
    expect(rows).toEqual([
      'JointLeftRight',
      'Elbow163°93°',
      'Shoulder24°71°',
      'Hip174°—notinsight',
      'Knee178°—notinsight',
    ]);
    expect(text).toContain(enPose.picture.activities.slight);
    expect(document.querySelector('video')?.className).toContain('mirror');
    button('Stop camera').click();
    await soon();
    expect(asked()).toEqual(['stop camera']);
  });

  it('speaks changes of what is seen, not numbers', async () => {
    const { pose } = await open((app) =>
      app.scriptedPose.pose.set({
        ...READY_POSE,
        stage: { at: 'running' },
        preview: stream(),
        report: scriptedReport(),
      }),
    );
    const box = screen.getByRole('group', { name: enPose.camera.box });
    const spoken = within(box).getByRole('status');
    const changes = vi.fn();
    new MutationObserver(changes).observe(spoken, { subtree: true, childList: true, characterData: true });
    expect(spoken.textContent).toBe('One person in sight');
    pose.change({ report: scriptedReport({ fps: 11, angles: {} }) });
    await soon();
    expect(changes).not.toHaveBeenCalled();
    pose.change({ report: scriptedReport({ persons: 0, condition: 'no-person' }) });
    await soon();
    expect(spoken.textContent).toBe('Nobody in sight');
    expect(page()).toContain(enPose.picture.help['no-person']);
  });

  it('says what becomes of skeletons without a connection', async () => {
    const { app, pose } = await open((scripted) => {
      scripted.status.set({ ...scripted.status.get(), connection: { at: 'offline', since: 0 } });
      scripted.scriptedPose.pose.set({ ...READY_POSE, stage: { at: 'running' } });
    });
    expect(page()).toContain(enPose.sending.latest);
    pose.change({ settings: { ...READY_POSE.settings, record: true } });
    await tick();
    expect(page()).toContain(enPose.sending.keeping);
    expect(app.status.get().connection.at).toBe('offline');
  });

  it('gives the worker a canvas, another one when that is gone, and takes it back', async () => {
    const given = vi.fn(() => ({}) as OffscreenCanvas);
    Object.assign(HTMLCanvasElement.prototype, { transferControlToOffscreen: given });
    const { pose, asked } = await open((app) =>
      app.scriptedPose.pose.set({ ...READY_POSE, stage: { at: 'running' }, preview: stream() }),
    );
    expect(asked()).toEqual(['canvas']);
    pose.change({ canvas: 1 });
    await soon();
    expect(given).toHaveBeenCalledTimes(2);
    expect(asked().at(-1), 'the new one is not taken back with the old one').toBe('canvas');
    pose.change({ stage: { at: 'off' }, preview: undefined });
    await soon();
    expect(asked().at(-1)).toBe('no canvas');
    Reflect.deleteProperty(HTMLCanvasElement.prototype, 'transferControlToOffscreen');
  });

  it('says why it restarts', async () => {
    await open((app) =>
      app.scriptedPose.pose.set({ ...READY_POSE, stage: { at: 'restarting', error: appError('pose-hung') } }),
    );
    expect(page()).toContain(enPose.camera.stage.restarting);
    expect(page()).toContain(enErrors['pose-hung'].what);
    expect(button('Stop camera')).toBeDefined();
  });

  it.each(['camera-permission', 'camera-busy', 'camera-lost'] as const)(
    '%s: is started again by its button',
    async (code) => {
      const { asked } = await open((app) =>
        app.scriptedPose.pose.set({ ...READY_POSE, stage: { at: 'trouble', error: appError(code) } }),
      );
      expect(page()).toContain(enErrors[code].todo);
      button('Start camera').click();
      await soon();
      expect(asked()).toEqual(['start camera']);
    },
  );

  it('camera-missing: leads to the choice of cameras', async () => {
    const { asked } = await open((app) =>
      app.scriptedPose.pose.set({ ...READY_POSE, stage: { at: 'trouble', error: appError('camera-missing') } }),
    );
    button(enPose.camera.chooseAnother).click();
    await soon();
    const cameras = screen.getByLabelText<HTMLSelectElement>(enPose.settings.camera);
    expect([...cameras.options].map(({ text }) => text)).toEqual([
      enPose.settings.facing,
      'Front camera',
      'Back camera',
    ]);
    await fireEvent.change(cameras, { target: { value: 'back' } });
    expect(asked()).toEqual(['set {"cameraId":"back"}']);
  });

  it('pose-model-corrupt: removes the file and fetches it again', async () => {
    const { app, pose, asked } = await open((scripted) =>
      scripted.scriptedPose.pose.set({
        ...READY_POSE,
        stage: { at: 'trouble', error: appError('pose-model-corrupt') },
      }),
    );
    Object.assign(pose, {
      removeModel(kind: string) {
        app.asked.push(`remove ${kind}`);
        pose.change({ models: FIRST_POSE.models });
        return Promise.resolve(ok(undefined));
      },
    });
    button(enPose.camera.removeModel).click();
    await soon();
    expect(asked()).toEqual(['remove lite', 'fetch lite']);
  });
});

describe('its settings', () => {
  async function openSettings(set: (app: ScriptedApp) => void = () => undefined) {
    const shown = await open((app) => {
      app.scriptedPose.pose.set(READY_POSE);
      set(app);
    });
    const details = [...document.querySelectorAll('details')].find(
      (one) => one.querySelector('summary')?.textContent === enPose.settings.title,
    );
    if (details) details.open = true;
    await soon();
    return shown;
  }

  it('take effect at once', async () => {
    const { asked } = await openSettings();
    for (const name of [
      enPose.settings.mirror,
      enPose.settings.record,
      enPose.settings.world,
      enPose.settings.smoothing,
    ]) {
      screen.getByRole('switch', { name: new RegExp(`^${name}`) }).click();
    }
    await fireEvent.change(screen.getByLabelText(enPose.settings.persons), { target: { value: '3' } });
    await fireEvent.change(screen.getByLabelText(enPose.settings.size), { target: { value: 'large' } });
    await fireEvent.change(screen.getByRole('slider'), { target: { value: '0.7' } });
    expect(asked()).toEqual([
      'set {"mirror":false}',
      'set {"record":true}',
      'set {"world":true}',
      'set {"smoothing":true}',
      'set {"persons":3}',
      'set {"size":"large"}',
      'set {"confidence":0.7}',
    ]);
  });

  it('smooth one person only', async () => {
    await openSettings((app) =>
      app.scriptedPose.change({ settings: { ...READY_POSE.settings, persons: 2, smoothing: true } }),
    );
    const smoothing = screen.getByRole<HTMLInputElement>('switch', { name: new RegExp(enPose.settings.smoothing) });
    expect([smoothing.checked, smoothing.disabled]).toEqual([false, true]);
    expect(page()).toContain(enPose.settings.smoothingMany);
  });

  it('fetch the model of the face before eyes are looked at', async () => {
    const { pose, asked } = await openSettings();
    screen.getByRole('switch', { name: new RegExp(`^${enPose.settings.face}`) }).click();
    await soon();
    expect(asked()).toEqual([]);
    expect(page()).toContain(enPose.settings.faceNeeded);
    button('Fetch 3.8 MB').click();
    await soon();
    pose.change({ models: [...READY_POSE.models.slice(0, 3), keptModel('face')] });
    await soon();
    expect(asked()).toEqual(['fetch face', 'set {"face":true}']);
  });

  it('change the model only once the other one is here', async () => {
    const { pose, asked } = await openSettings();
    screen.getByRole('radio', { name: /^Full/ }).click();
    await soon();
    expect(asked()).toEqual([]);
    button('Fetch 9.4 MB').click();
    await soon();
    pose.change({ models: [keptModel('lite'), keptModel('full'), scriptedModel('heavy'), scriptedModel('face')] });
    await soon();
    expect(asked()).toEqual(['fetch full', 'set {"model":"full"}']);
  });

  it('say what is kept, and remove it', async () => {
    const { asked } = await openSettings();
    expect(page()).toContain('SHA-256 0d9bb4bf');
    button(enPose.models.remove).click();
    await soon();
    expect(asked()).toEqual(['remove lite']);
  });

  it('say what could not be set', async () => {
    const { app } = await openSettings();
    app.failNext = appError('pose-model-address');
    screen.getByRole('switch', { name: new RegExp(`^${enPose.settings.record}`) }).click();
    await soon();
    expect(screen.getByRole('alert').textContent).toContain(enErrors['pose-model-address'].what);
  });
});

it('is one tap away on Sense, where this phone is used', async () => {
  show('sense');
  button(/Use this phone/).click();
  await soon();
  const way = await screen.findByRole('link', { name: 'Movement by camera' });
  expect(way.getAttribute('href')).toBe('#/pose');
});

/**
 * Movement by camera from end to end: a film in Chromium's camera, the real app, the real MediaPipe runtime, the real gateway,
 * and somebody else's screen. What is simulated: the film, a video that starves, and a site's permission that is changed over
 * the browser's own protocol instead of in its settings. Pages are really hidden, workers really hang and crash.
 */
import { chromium, type BrowserContext, type Locator } from '@playwright/test';
import * as v from 'valibot';
import { attend } from '../support/attend.ts';
import { bodyModel } from '../support/pose-model/body.ts';
import { expectedBody, white } from '../support/pose-model/figure.ts';
import { circlingFilm, CYAN, stillFilm, WHITE } from '../support/pose-model/film.ts';
import { AppPage, waitForBpm } from './support/app.ts';
import { GroundTruth } from './support/ground-truth.ts';
import {
  forbidCamera,
  gaps,
  middleOfHips,
  PosePage,
  poseTest,
  starvable,
  tabsTest,
  watchRequests,
  Wishes,
  worst,
  type HeldSkeleton,
} from './support/pose.ts';
import { expect } from './support/test.ts';
import { WsProxy } from './support/ws-proxy.ts';

/** In a lit room without anything bright the models see nobody. */
const ROOM = 0.18;

const STANDING = { size: { width: 640, height: 480 }, at: { x: 300, y: 230 } };
const still = poseTest(
  stillFilm([{ ...STANDING.at, radius: 45, colour: WHITE }], { size: STANDING.size, background: ROOM }),
);

/** Goes round, with a light in the corner that holds both hands and closes the eyes of a face. */
const WALK = {
  size: { width: 320, height: 240 },
  centre: { x: 160, y: 130 },
  around: 40,
  radius: 25,
  corner: { x: 290, y: 30, radius: 22 },
};
const moving = tabsTest(
  circlingFilm(
    WALK,
    { radius: WALK.radius, seconds: 2, besides: [{ ...WALK.corner, colour: CYAN }] },
    { size: WALK.size, background: ROOM },
  ),
);

const Aperture = v.object({ left: v.number(), right: v.number() });
const Gaze = v.object({ x: v.number(), y: v.number(), confidence: v.number() });

/** Where all of the body has to be when the middle of the hips is where it is. */
function expectWalk(skeletons: readonly HeldSkeleton[]): void {
  const { size, centre, around, radius, corner } = WALK;
  const [ofDisc, ofCorner] = [radius ** 2, corner.radius ** 2];
  const mixed = (disc: number, other: number): number => (ofDisc * disc + ofCorner * other) / (ofDisc + ofCorner);
  for (const skeleton of skeletons) {
    const hips = middleOfHips(skeleton, size);
    const turn = Math.atan2(hips.y - centre.y, hips.x - centre.x);
    const red = { x: centre.x + around * Math.cos(turn), y: centre.y + around * Math.sin(turn) };
    const hands = { x: mixed(red.x, corner.x), y: mixed(red.y, corner.y) };
    expect(worst(skeleton, expectedBody({ red, green: hands, blue: hands }, size), size)).toBeLessThan(0.02);
  }
}

still('a first visit: fetch, start, a person on somebody else’s screen, stop', async ({ pose, gateway, browser }) => {
  const requests = watchRequests(pose.page.context());
  await pose.open();
  await expect(pose.page.getByText(/^The model comes from your server/)).toBeVisible();
  expect(
    requests.filter((url) => /wasm|\.task/.test(url)),
    'nothing before it is asked for',
  ).toEqual([]);
  await pose.begin();
  await expect(pose.control).toContainText('One person in sight');
  await expect(pose.sending).toContainText(`Skeleton points go to the server at 127.0.0.1:${gateway.port}.`);
  expect(await pose.tracks()).toEqual(['live']);

  const elsewhere = await browser.newContext();
  const theirs = watchRequests(elsewhere);
  const watcher = new AppPage(await elsewhere.newPage());
  await watcher.open(gateway.url);
  await watcher.go('Watch');
  const card = watcher.card(/^Camera/);
  await expect(card.getByRole('img', { name: 'A person, upright: 33 of 33 body points in sight' })).toBeVisible();
  await expect(card).toContainText('Live');
  await expect(pose.sending, 'somebody looks at this one').toContainText('High');
  await expect.poll(() => pose.rate('Wanted')).toBe('30');

  const expected = expectedBody(white(STANDING.at), STANDING.size);
  for (const skeleton of await pose.fresh(10)) {
    expect(worst(skeleton, expected, STANDING.size)).toBeLessThan(0.004);
    expect(skeleton.aspect).toBe(1.333);
    expect(skeleton.landmarks.map((one) => one.v)).toEqual(Array.from({ length: 33 }, () => 0.982));
  }
  await expect.poll(() => pose.measuredRate()).toBeGreaterThan(8);
  expect(await pose.rate('Done by'), 'SwiftShader, where there is none').toBe('Graphics processor');
  // In space: seen from the front the knees are stretched, but the ankles are a little behind them.
  await expect(pose.angles('Knee')).toHaveText([/^17[123]°$/, /^17[123]°$/]);
  await expect(pose.angles('Elbow')).toHaveText([/^14[789]°$/, /^14[789]°$/]);

  const worker = pose.worker();
  await worker.evaluate(() => fetch('/health?asked-by=the-pose-worker').then(() => undefined));
  const gone = worker.waitForEvent('close');
  await pose.stop.click();
  await expect(pose.control).toContainText('Camera off');
  expect(await pose.tracks(), 'the light is off').toEqual(['ended']);
  await gone;
  await expect(card, 'who has stopped is not there any more').toBeHidden();
  await pose.app.go('Sense');
  await expect(pose.app.card('Camera')).toContainText('Stopped');

  const asked = requests
    .filter((url) => /pose-worker.*\.js|\.wasm|\.task|asked-by/.test(url))
    .map((url) => new URL(url));
  // The service worker may ask for the pose worker once more, to keep it.
  const files = new Set(asked.map(({ pathname }) => pathname.replace(/-[\w-]{8}\./, '.')));
  expect([...files].toSorted(), 'requests are seen').toEqual([
    '/assets/pose-worker.js',
    '/assets/vision_wasm_module_internal.wasm',
    '/health',
    '/models/pose_landmarker_lite.task',
  ]);
  expect([...requests, ...theirs].filter((url) => new URL(url).host !== `127.0.0.1:${gateway.port}`)).toEqual([]);
  expect([...pose.app.errors, ...watcher.errors]).toEqual([]);
  await elsewhere.close();
});

moving(
  'a worker that hangs or crashes: said, started again, given up at the third time; a strap streams on',
  async ({ pose, gateway, context }) => {
    const truth = await GroundTruth.watch(context);
    const somebody = await attend(gateway.url);
    await pose.open();
    await pose.app.go('Sense');
    await waitForBpm(await pose.app.addDemo());
    await pose.app.go('Pose');
    await pose.begin();
    expectWalk(await pose.fresh(5));

    const hung = pose.worker();
    const ended = hung.waitForEvent('close');
    // Not in the call itself: Chromium does not end a worker that is caught in a call of the debugger.
    await hung.evaluate(() => {
      setTimeout(() => {
        for (;;);
      });
    });
    const hungAt = Date.now();
    const before = (await truth.compare(gateway.url)).stored;
    await expect
      .poll(async () => (await truth.compare(gateway.url)).stored, { message: 'samples of the strap meanwhile' })
      .toBeGreaterThan(before + 2);
    expect(Date.now() - hungAt, 'the worker hangs still').toBeLessThan(5000);
    await pose.said('Recognising bodies stood still for five seconds and was started again.');
    await pose.isOn();
    const [again] = await pose.fresh(1);
    expect((again?.time ?? Infinity) - hungAt, 'ms without skeletons').toBeLessThan(8000);
    await ended;
    expectWalk(await pose.fresh(5));
    await expect.poll(() => pose.rate('Done by'), 'not on the graphics processor again').toBe('Main processor');

    const crash = async (): Promise<void> => {
      await pose.worker().evaluate(() => {
        setTimeout(() => {
          throw new Error('broken on purpose');
        });
      });
    };
    const said = pose.said('Recognising bodies failed and was started again.');
    await crash();
    await said;
    await pose.isOn();
    await pose.fresh(1);

    await crash();
    await expect(pose.control).toContainText('Not measuring');
    await expect(pose.picture).toContainText('Recognising bodies failed');
    expect(await pose.tracks(), 'nothing is measured: the light is off').toEqual(['ended']);
    await pose.start.click();
    await pose.isOn();
    expectWalk(await pose.fresh(2));
    await pose.stop.click();
    await pose.app.go('Sense');
    await waitForBpm(pose.app.cards.first());
    await pose.app.cards.getByRole('button', { name: 'Stop' }).click();
    const found = await truth.settled(gateway.url);
    expect(found.problems, 'all of the strap is stored').toEqual([]);
    expect(found.repeats).toBe(0);
    await somebody.close();
  },
);

moving('a page that is hidden goes on, and so it does when it is shown again', async ({ door, gateway, pose: _ }) => {
  const browser = await chromium.connectOverCDP(door, { noDefaults: true });
  const [context] = browser.contexts();
  if (!context) throw new Error('no context');
  await context.grantPermissions(['camera']);
  const pose = await PosePage.prepare(new AppPage(await context.newPage()), gateway.url);
  const visibility = (): Promise<string> => pose.page.evaluate(() => document.visibilityState);
  await pose.open();
  await pose.begin();
  const since = Date.now();
  await pose.fresh(3);

  const other = await context.newPage();
  await other.bringToFront();
  await expect.poll(visibility).toBe('hidden');
  const hidden = await pose.fresh(25);
  expectWalk(hidden);
  expect(await visibility()).toBe('hidden');
  expect(await pose.tracks()).toEqual(['live']);

  await pose.page.bringToFront();
  await expect.poll(visibility).toBe('visible');
  expectWalk(await pose.fresh(5));
  await expect(pose.control).toContainText('Camera on');
  const all = await pose.skeletons(since);
  expect(Math.max(...gaps(all)), 'ms between two pictures, also where the way they come changes').toBeLessThan(1500);
  expect(Math.min(...gaps(all)), 'in order').toBeGreaterThan(0);
  await pose.stop.click();
  await expect(pose.control).toContainText('Camera off');
  expect(pose.app.errors).toEqual([]);
  for (const page of context.pages()) await page.close();
  await browser.close();
});

moving('a video that starves on a page that is visible: pictures come from the camera itself', async ({ pose }) => {
  await pose.page.addInitScript(starvable);
  await pose.open();
  await pose.begin();
  await pose.fresh(3);
  await pose.page.evaluate(() => (window as unknown as { starve(on: boolean): void }).starve(true));
  const since = Date.now();
  // So few are no camera's; then as many come as before.
  await pose.page.waitForTimeout(5000);
  const found = await pose.fresh(25);
  expectWalk(found);
  expect(await pose.page.evaluate(() => document.visibilityState)).toBe('visible');
  expect(Math.max(...gaps(found)), 'ms between two pictures').toBeLessThan(900);
  expect(Math.max(...gaps(await pose.skeletons(since))), 'while it starved').toBeLessThan(1500);
  expect(Math.min(...gaps(await pose.skeletons(since))), 'in order').toBeGreaterThan(0);
  await expect(pose.control).toContainText('Camera on');
});

moving(
  'bad files, then a camera that is forbidden while it runs: said, a strap goes on, both are mended',
  async ({ pose, context }) => {
    await pose.open();
    await pose.app.go('Sense');
    const strap = await pose.app.addDemo();
    await pose.app.go('Pose');

    await context.route('**/*.wasm', (route) => route.fulfill({ status: 404, body: 'not here' }));
    await pose.fetchAll.click();
    await expect(pose.page.getByRole('alert')).toContainText('The part that recognises bodies could not be fetched.');
    await context.unroute('**/*.wasm');

    const pick = async (name: string, content: Uint8Array): Promise<void> => {
      await pose.page.getByLabel('Or a file on this device').setInputFiles({
        name,
        mimeType: 'application/octet-stream',
        buffer: Buffer.from(content),
      });
    };
    const unusable = 'This file is not a model that can be used, or it is damaged.';
    await pose.page.getByText('Another source').click();
    await pick('cut-short.task', bodyModel().subarray(0, 50_000));
    await expect(pose.page.getByRole('alert')).toContainText(unusable);
    // An archive as it should be, with networks that are none: only the runtime can tell.
    await pick('overwritten.task', overwritten());
    await expect(pose.page.getByText(/^On this device/)).toBeVisible();
    await pose.fetchAll.click();
    await expect(pose.control).toContainText('Not measuring', { timeout: 20_000 });
    await expect(pose.picture).toContainText(unusable);
    expect(await pose.tracks(), 'no light without a model').not.toContain('live');
    await pose.app.go('Sense');
    await waitForBpm(strap);
    await pose.app.go('Pose');

    await pose.page.getByRole('button', { name: 'Fetch it again' }).click();
    await pose.isOn();
    expectWalk(await pose.fresh(2));

    await forbidCamera(pose.page);
    await expect(pose.control).toContainText('Not measuring');
    await expect(pose.picture).toContainText('The camera was taken away while it ran.');
    expect(await pose.tracks()).not.toContain('live');
    await pose.start.click();
    const forbidden = 'The browser does not allow this page to use the camera.';
    await expect(pose.picture).toContainText(forbidden);
    await pose.app.go('Sense');
    await expect(pose.app.card('Camera')).toContainText(forbidden);
    await waitForBpm(strap);
    await pose.app.go('Pose');
    await context.grantPermissions(['camera']);
    await pose.start.click();
    await pose.isOn();
    expectWalk(await pose.fresh(2));
  },
);

/** The bytes of the first network, spoilt. */
function overwritten(): Uint8Array {
  return bodyModel().fill(0, 200, 20_000);
}

moving('kept on the device: starts without a server, and the server hears of it later', async ({ pose, gateway }) => {
  await pose.open();
  await pose.page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await pose.begin();
  await pose.fresh(1);
  await gateway.kill();
  await pose.page.reload();
  await expect(pose.app.status).toContainText(/offline|reconnecting/i);
  await pose.start.click();
  await pose.isOn();
  const startedAt = Date.now();
  await expect.poll(() => pose.measuredRate()).toBeGreaterThan(1);
  await expect(pose.sending).toContainText('No connection');
  await gateway.start();
  await expect.poll(() => pose.skeletons(startedAt), { timeout: 20_000 }).not.toEqual([]);
  expectWalk((await pose.skeletons(startedAt)).slice(0, 3));
});

moving(
  'as many pictures as are wanted: by attention, by who looks here, none while paused; then eyes as well',
  async ({ pose, gateway, browser }) => {
    const proxy = await WsProxy.open(gateway.port);
    const wishes = new Wishes(proxy);
    wishes.set({ attention_level: 'none' });
    await pose.open(proxy.url);
    await pose.begin();
    await expect(pose.sending).toContainText('Nobody is watching');
    await expect.poll(() => pose.rate('Wanted'), 'the person looks').toBe('15');
    wishes.set({ attention_level: 'high' });
    await expect.poll(() => pose.rate('Wanted')).toBe('30');
    await expect.poll(() => pose.measuredRate(), { timeout: 15_000 }).toBeGreaterThan(17);
    wishes.set({ attention_level: 'none' });

    // Nobody looks, here neither.
    await pose.app.go('Sense');
    await pose.fresh(1);
    const slow = gaps(await pose.fresh(3));
    expect(Math.min(...slow), 'two a second').toBeGreaterThan(350);
    expect(Math.max(...slow)).toBeLessThan(1500);

    await pose.app.go('Pose');
    wishes.set({ attention_level: 'none', paused: true });
    await expect.poll(() => pose.rate('Wanted')).toBe('None now');
    const pausedAt = Date.now();
    await expect.poll(() => pose.rate('Looked at')).toBe('0.0');
    const goesOnAt = Date.now();
    wishes.set({ attention_level: 'none' });
    await pose.fresh(3);
    const meanwhile = (await pose.skeletons(pausedAt)).filter(({ time }) => time < goesOnAt);
    expect(meanwhile, 'pictures that were looked at while paused').toEqual([]);
    await expectEyes(pose, await browser.newContext(), gateway.url);
    await proxy.close();
  },
);

/** Asks for the eyes and looks what comes: here, at the gateway and on somebody else's screen. */
async function expectEyes(pose: PosePage, elsewhere: BrowserContext, url: string): Promise<void> {
  expect(await pose.samples('eye_blink', 0), 'unasked').toEqual([]);
  await pose.openSettings();
  await pose.page.getByRole('switch', { name: /^Eyes/ }).click();
  const model = pose.page.getByRole('region', { name: 'Model of the face' });
  await model.getByRole('button', { name: /^Fetch/ }).click();
  await expect.poll(() => pose.samples('eye_gaze', 0), { timeout: 20_000 }).not.toEqual([]);
  await expect(pose.sending).toContainText('Estimates of the eyes go there too.');
  for (const { payload } of await pose.samples('eye_blink', 0)) expect(payload, 'both eyes are shut').toBe(1);
  for (const { payload } of await pose.samples('eye_aperture', 0)) {
    const { left, right } = v.parse(Aperture, payload);
    expect(Math.max(left, right)).toBeLessThan(1);
  }
  const { size, centre, around } = WALK;
  for (const { payload } of await pose.samples('eye_gaze', 0)) {
    const { x, y, confidence } = v.parse(Gaze, payload);
    // From the person's own view: what is on the right of the picture is on their left.
    const [right, down] = [size.width * (0.5 - x), size.width * (y - 0.5)];
    const away = Math.hypot(right - (centre.x - size.width / 2), down - (centre.y - size.height / 2));
    expect(Math.abs(away - around) / size.width).toBeLessThan(0.02);
    expect(confidence, 'through closed lids').toBeLessThan(0.03);
  }
  expectWalk(await pose.fresh(2));

  const watcher = new AppPage(await elsewhere.newPage());
  await watcher.open(url);
  await watcher.go('Watch');
  const card = watcher.card(/^Camera/);
  await card.getByText(/^All readings/).click();
  const row = (name: string): Locator =>
    card.getByRole('listitem').filter({ has: watcher.page.getByRole('button', { name: `Show ${name}`, exact: true }) });
  for (const name of ['Blink', 'Eye opening', 'Gaze']) await expect(row(name)).toContainText('Estimated');
  await elsewhere.close();
}

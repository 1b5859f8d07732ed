/**
 * The Pose screen as a person uses it, and what the gateway holds of the skeletons. The camera plays a film, models are the
 * synthetic ones, which know their answer; everything else is the real thing.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { mergeTests, type BrowserContext, type Locator, type Page, type Worker } from '@playwright/test';
import * as v from 'valibot';
import { MODEL_FILE } from '../../../src/model/pose-files.ts';
import { LANDMARK } from '../../../src/model/skeleton.ts';
import { parseBackpressure } from '../../../src/protocol/backpressure.ts';
import type { RawFrame } from '../../../src/protocol/frame.ts';
import { historyPath, HistoryPage } from '../../../src/protocol/history.ts';
import { PATH, SensorList } from '../../../src/protocol/rest.ts';
import { EVENT } from '../../../src/protocol/sensor.ts';
import { bodyModel } from '../../support/pose-model/body.ts';
import { faceModel } from '../../support/pose-model/face.ts';
import type { ExpectedBody, Size } from '../../support/pose-model/figure.ts';
import type { Film } from '../../support/pose-model/film.ts';
import type { AppPage } from './app.ts';
import { filmTest } from './film.ts';
import { expect, test as base } from './test.ts';
import type { ProxiedSocket, WsProxy } from './ws-proxy.ts';

/** What the app calls the sensor. */
const NAME = 'Camera';

/** Of Playwright's flags, those that keep hidden pages as fast as others. */
const NEVER_HIDDEN = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

/** `test` in a browser whose camera plays `film`, with a gateway that has models. Nothing of the app is replaced. */
export function poseTest(film: Film) {
  return mergeTests(base, filmTest(film)).extend<{ models: undefined; pose: PosePage }>({
    models: [
      async ({ gateway }, use) => {
        const folder = join(gateway.dataDir, 'models');
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, MODEL_FILE.lite), bodyModel());
        writeFileSync(join(folder, MODEL_FILE.face), faceModel());
        await use(undefined);
      },
      { auto: true },
    ],
    pose: async ({ app, gateway }, use) => {
      // The camera of the test before has the same name.
      await expect.poll(() => sensorIds(gateway.url)).toEqual([]);
      await use(await PosePage.prepare(app, gateway.url));
    },
  });
}

/** Chromium's answer to every question for a camera, whatever was forbidden. */
const ALWAYS_YES = '--use-fake-ui-for-media-stream';

/**
 * The same where the camera is allowed and can be forbidden, and with a door by which pages can be opened that Chromium
 * hides when another one is brought to the front.
 */
export function tabsTest(film: Film) {
  return poseTest(film).extend<object, { door: string }>({
    permissions: ['camera'],
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the wanted fixtures from this pattern; there are none.
    door: [async ({}, use) => use(`http://127.0.0.1:${await freePort()}`), { scope: 'worker' }],
    launchOptions: [
      async ({ launchOptions, door }, use) => {
        const others = (launchOptions.args ?? []).filter((arg) => arg !== ALWAYS_YES);
        const args = [...others, `--remote-debugging-port=${new URL(door).port}`];
        await use({ ...launchOptions, args, ignoreDefaultArgs: NEVER_HIDDEN });
      },
      { scope: 'worker' },
    ],
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((listening) => probe.listen(0, '127.0.0.1', listening));
  const { port } = probe.address() as AddressInfo;
  await new Promise((closed) => probe.close(closed));
  return port;
}

async function sensorIds(url: string): Promise<readonly string[]> {
  const { sensors } = v.parse(SensorList, await (await fetch(`${url}${PATH.sensors}`)).json());
  return sensors.filter(({ sensor_name }) => sensor_name === NAME).map(({ sensor_id }) => sensor_id);
}

const Skeleton = v.object({
  mode: v.literal('full'),
  aspect: v.number(),
  landmarks: v.pipe(v.array(v.object({ x: v.number(), y: v.number(), z: v.number(), v: v.number() })), v.length(33)),
});

export interface HeldSkeleton extends v.InferOutput<typeof Skeleton> {
  /** When the picture was captured, Unix ms. */
  readonly time: number;
}

interface HeldSample {
  readonly time: number;
  readonly payload: unknown;
}

export class PosePage {
  readonly app: AppPage;
  readonly page: Page;
  /** Of the gateway itself. */
  readonly #url: string;
  #sensorId: string | undefined;

  private constructor(app: AppPage, url: string) {
    this.app = app;
    this.page = app.page;
    this.#url = url;
  }

  /** Before the page is opened. */
  static async prepare(app: AppPage, url: string): Promise<PosePage> {
    await app.page.addInitScript(keepTracks);
    return new PosePage(app, url);
  }

  /** Opens the app and its Pose screen. @param at where, if not at the gateway itself */
  async open(at = this.#url): Promise<void> {
    await this.app.open(at);
    await this.app.go('Pose');
    await expect(this.page.getByRole('heading', { name: 'Pose', exact: true })).toBeVisible();
  }

  /** Everything from a first visit to a running camera. */
  async begin(): Promise<void> {
    await this.fetchAll.click();
    await this.isOn();
  }

  get fetchAll(): Locator {
    return this.page.getByRole('button', { name: /^Fetch .* and start$/ });
  }

  get start(): Locator {
    return this.page.getByRole('button', { name: 'Start camera' });
  }

  get stop(): Locator {
    return this.page.getByRole('button', { name: 'Stop camera' });
  }

  /** State, what is seen, and the button. */
  get control(): Locator {
    return this.#region('Pose');
  }

  get sending(): Locator {
    return this.#region('What leaves this device');
  }

  /** Where the picture is, or why there is none. */
  get picture(): Locator {
    return this.page.getByRole('group', { name: 'Picture of the camera' });
  }

  async isOn(): Promise<void> {
    await expect(this.control).toContainText('Camera on', { timeout: 20_000 });
  }

  /** Text behind one of the facts on pictures a second. */
  async rate(label: 'Looked at' | 'Wanted' | 'Done by'): Promise<string> {
    const text = await this.#region('Pictures a second').innerText();
    return new RegExp(`${label}\\n+(.+)`).exec(text)?.[1] ?? '';
  }

  /** Pictures a second that are looked at, as the screen has it. */
  async measuredRate(): Promise<number> {
    return Number(await this.rate('Looked at'));
  }

  /** Left and right angle of a joint as the table has them. */
  angles(joint: 'Elbow' | 'Knee'): Locator {
    return this.page.getByRole('row').filter({ hasText: joint }).getByRole('cell');
  }

  async openSettings(): Promise<void> {
    await this.page.getByRole('main').getByText('Settings', { exact: true }).click();
  }

  /** Resolves as soon as this is said anywhere on the page, however briefly. Ask before it can be said. */
  async said(text: string, timeout = 15_000): Promise<void> {
    await this.page.waitForFunction((words) => document.body.textContent.includes(words), text, { timeout });
  }

  /** The pose worker that runs. */
  worker(): Worker {
    const [worker, ...more] = this.page.workers().filter((one) => one.url().includes('pose-worker'));
    if (!worker || more.length > 0) throw new Error(`${more.length + (worker ? 1 : 0)} pose workers run`);
    return worker;
  }

  /** Camera tracks this page ever got, and what became of each. */
  tracks(): Promise<readonly string[]> {
    return this.page.evaluate(() => (window as unknown as WithTracks).tracks.map(({ readyState }) => readyState));
  }

  /** What the gateway holds of an attribute of the camera since then (Unix ms), in order of measurement. */
  async samples(attribute: string, since: number): Promise<readonly HeldSample[]> {
    this.#sensorId ??= (await sensorIds(this.#url))[0];
    if (this.#sensorId === undefined) return [];
    const headers = { authorization: 'Bearer missing' };
    const answer = await fetch(`${this.#url}${historyPath(this.#sensorId, { attribute, from: since })}`, { headers });
    if (answer.status === 404) return [];
    const { samples } = v.parse(HistoryPage, await answer.json());
    return samples.map(({ timestamp, payload }) => ({ time: v.parse(v.number(), timestamp), payload }));
  }

  async skeletons(since: number): Promise<readonly HeldSkeleton[]> {
    const samples = await this.samples('skeleton', since);
    return samples.map(({ time, payload }) => ({ time, ...v.parse(Skeleton, payload) }));
  }

  /** Waits until the gateway holds so many skeletons of pictures captured from now on, and gives them. */
  async fresh(count: number): Promise<readonly HeldSkeleton[]> {
    const since = Date.now();
    let found: readonly HeldSkeleton[] = [];
    await expect(async () => {
      found = await this.skeletons(since);
      expect(found.length, 'fresh skeletons at the gateway').toBeGreaterThanOrEqual(count);
    }).toPass({ timeout: 15_000, intervals: [100] });
    return found;
  }

  #region(name: string): Locator {
    return this.page.getByRole('region', { name, exact: true });
  }
}

interface WithTracks {
  tracks: MediaStreamTrack[];
}

/** Runs in the page before the app: keeps hold of what the camera gave, to ask later. Every call goes through. */
function keepTracks(): void {
  const tracks: MediaStreamTrack[] = [];
  Object.assign(window, { tracks });
  const getUserMedia = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = async function (this: MediaDevices, constraints) {
    const stream = await getUserMedia.call(this, constraints);
    tracks.push(...stream.getTracks());
    return stream;
  };
}

/**
 * Runs in the page before the app: `starve(true)` makes videos as slow as Chromium makes those it thinks nobody sees, which it
 * does when it pleases: some pictures in 130 ms, then none for a second. Tracks are as they were.
 */
export function starvable(): void {
  let isStarved = false;
  Object.assign(window, { starve: (on: boolean) => void (isStarved = on) });
  const ask = HTMLVideoElement.prototype.requestVideoFrameCallback;
  HTMLVideoElement.prototype.requestVideoFrameCallback = function (callback) {
    return ask.call(this, (now, metadata) => {
      if (isStarved && now % 1130 > 130) void this.requestVideoFrameCallback(callback);
      else callback(now, metadata);
    });
  };
}

/** The largest distance of a landmark from where it should be, of the picture's longer side. */
export function worst({ landmarks }: HeldSkeleton, expected: ExpectedBody, { width, height }: Size): number {
  const side = Math.max(width, height);
  const away = expected.landmarks.map(({ x, y }, index) => {
    const seen = landmarks[index];
    return Math.hypot(width * ((seen?.x ?? NaN) - x), height * ((seen?.y ?? NaN) - y)) / side;
  });
  return Math.max(...away);
}

/** Pixels. */
export function middleOfHips({ landmarks }: HeldSkeleton, { width, height }: Size): { x: number; y: number } {
  const [left, right] = [landmarks[LANDMARK.leftHip], landmarks[LANDMARK.rightHip]];
  return {
    x: (width * ((left?.x ?? NaN) + (right?.x ?? NaN))) / 2,
    y: (height * ((left?.y ?? NaN) + (right?.y ?? NaN))) / 2,
  };
}

/** ms between each picture and the next. */
export function gaps(skeletons: readonly HeldSkeleton[]): readonly number[] {
  return skeletons.slice(1).map(({ time }, index) => time - (skeletons[index]?.time ?? NaN));
}

/** Addresses asked for by pages and workers of this context, from now on; what stays in the page is left out. */
export function watchRequests(context: BrowserContext): readonly string[] {
  const urls: string[] = [];
  const take = (url: string): void => {
    if (/^(https?|wss?):/.test(url)) urls.push(url);
  };
  context.on('request', (request) => take(request.url()));
  context.on('page', (page) => page.on('websocket', (socket) => take(socket.url())));
  for (const page of context.pages()) page.on('websocket', (socket) => take(socket.url()));
  return urls;
}

/** Forbids the camera to a page's site, as a person does in the browser's own settings while the page runs. */
export async function forbidCamera(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { targetInfo } = await session.send('Target.getTargetInfo');
  const browser = await page.context().browser()?.newBrowserCDPSession();
  if (!browser) throw new Error('no browser');
  await browser.send('Browser.setPermission', {
    permission: { name: 'camera' },
    setting: 'denied',
    origin: new URL(page.url()).origin,
    ...(targetInfo.browserContextId !== undefined && { browserContextId: targetInfo.browserContextId }),
  });
  await browser.detach();
  await session.detach();
}

/** What the server wishes of a sensor, changed on its way. */
export type Wish = Partial<{ attention_level: 'high' | 'medium' | 'low' | 'none'; paused: boolean }>;

/** A server that wishes something else of its sensors than the gateway does. */
export class Wishes {
  readonly #configs = new Map<unknown, { readonly frame: RawFrame; readonly link: ProxiedSocket }>();
  #wish: Wish = {};

  constructor(ws: WsProxy) {
    ws.down = (frame, link) => {
      if (frame.event !== EVENT.backpressure) return frame;
      this.#configs.set(frame.topic, { frame, link });
      return this.#changed(frame);
    };
  }

  /** Tells every channel, now. */
  set(wish: Wish): void {
    this.#wish = wish;
    for (const { frame, link } of this.#configs.values()) link.tellApp(this.#changed(frame));
  }

  #changed({ payload, ...frame }: RawFrame): RawFrame {
    const changed = { ...(payload as object), ...this.#wish };
    const parsed = parseBackpressure(changed);
    if (!parsed.ok) throw new Error(`no configuration: ${JSON.stringify(changed)}`);
    return { ...frame, payload: changed };
  }
}

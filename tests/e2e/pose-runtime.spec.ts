/**
 * Our landmarkers over the real MediaPipe runtime, without the app: what the app's specs of pose rest on. The models are
 * synthetic and know their answer, see tests/support/pose-model.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, type Page } from '@playwright/test';
import { build } from 'vite';
import type { Delegate } from '../../src/model/pose.ts';
import { LANDMARK } from '../../src/model/skeleton.ts';
import { bodyModel } from '../support/pose-model/body.ts';
import { faceModel } from '../support/pose-model/face.ts';
import { closedBy, expectedEyes } from '../support/pose-model/face-figure.ts';
import { expectedBody, white, type ExpectedBody, type Point, type Size } from '../support/pose-model/figure.ts';
import { circlingFilm, CYAN } from '../support/pose-model/film.ts';
import { filmTest } from './support/film.ts';
import type { LabAnswer, LabOrder, PaintedDisc } from './support/pose-runtime-worker.ts';

declare global {
  interface Window {
    worker: Worker;
  }
}

const CIRCLE = { centre: { x: 160, y: 120 }, around: 50 };
const FILM_SIZE = { width: 320, height: 240 };
/** In a lit room, with a light in the corner that closes the eyes of the face. */
const FILM = circlingFilm(
  CIRCLE,
  { radius: 20, seconds: 2, besides: [{ x: 290, y: 30, radius: 22, colour: CYAN }] },
  { size: FILM_SIZE, background: 0.18 },
);
const test = filmTest(FILM);

const PAGE = `<!doctype html><title>Lab</title>
<script type="module">window.worker = new Worker('/worker.js', { type: 'module' });</script>`;
const WASM = '@mediapipe/tasks-vision/vision_wasm_module_internal.wasm';

const DAMAGED: readonly (readonly [name: string, content: Uint8Array])[] = [
  ['cut-short', bodyModel().subarray(0, 50_000)],
  ['no-archive', new TextEncoder().encode('<!doctype html><title>Not found</title>')],
  ['nothing', new Uint8Array()],
  ['overwritten', bodyModel().fill(0, 64, 600)],
  ['of-a-face', faceModel()],
];

let server: Server;
let origin: string;

test.beforeAll(async () => {
  const files = new Map<string, { type: string; content: string | Uint8Array }>([
    ['/', { type: 'text/html', content: PAGE }],
    ['/worker.js', { type: 'text/javascript', content: await bundle() }],
    ['/runtime.wasm', { type: 'application/wasm', content: wasm() }],
    ['/body.task', { type: 'application/octet-stream', content: bodyModel() }],
    ['/face.task', { type: 'application/octet-stream', content: faceModel() }],
    ...DAMAGED.map(([name, content]) => [`/${name}.task`, { type: 'application/octet-stream', content }] as const),
  ]);
  server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    response.statusCode = file ? 200 : 404;
    response.setHeader('content-type', file?.type ?? 'text/plain');
    response.end(file?.content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

test.afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
});

const wasm = (): Uint8Array => readFileSync(createRequire(import.meta.url).resolve(WASM));

/** The worker's script with everything it imports, built in memory. */
async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      rolldownOptions: {
        input: fileURLToPath(new URL('./support/pose-runtime-worker.ts', import.meta.url)),
        output: { codeSplitting: false },
      },
    },
  });
  for (const { output } of [result].flat().filter((one) => 'output' in one)) {
    for (const chunk of output) if (chunk.type === 'chunk') return chunk.code;
  }
  throw new Error('nothing was built');
}

/** Sends the worker an order and waits for its answer. */
async function ask(page: Page, order: LabOrder): Promise<LabAnswer> {
  return page.evaluate(
    (message) =>
      new Promise<LabAnswer>((resolve, reject) => {
        window.worker.onmessage = ({ data }: MessageEvent<LabAnswer>) => resolve(data);
        window.worker.onerror = ({ message }) => reject(new Error(message));
        window.worker.postMessage(message);
      }),
    order,
  );
}

async function open(page: Page, kind: 'body' | 'face', delegate: Delegate): Promise<void> {
  await page.goto(origin);
  expect(await ask(page, { open: kind, model: `/${kind}.task`, delegate })).toEqual({});
}

const look = (page: Page, { width, height }: Size, discs: readonly PaintedDisc[]): Promise<LabAnswer> =>
  ask(page, { look: { width, height, discs } });

/** The largest distance of a landmark from where it should be, of the picture's longer side. */
function worst(answer: LabAnswer, expected: ExpectedBody, { width, height }: Size): number {
  const [body] = answer.bodies ?? [];
  if (!body || body.landmarks.length !== expected.landmarks.length) return Infinity;
  const away = expected.landmarks.map(({ x, y }, index) => {
    const seen = body.landmarks[index];
    return Math.hypot(width * ((seen?.x ?? NaN) - x), height * ((seen?.y ?? NaN) - y)) / Math.max(width, height);
  });
  return Math.max(...away);
}

/** The largest distance in metres. */
function worstWorld(answer: LabAnswer, expected: ExpectedBody): number {
  const [body] = answer.bodies ?? [];
  const away = expected.world.map(({ x, y, z }, index) => {
    const seen = body?.world[index];
    return Math.hypot((seen?.x ?? NaN) - x, (seen?.y ?? NaN) - y, (seen?.z ?? NaN) - z);
  });
  return Math.max(...away);
}

const VGA = { width: 640, height: 480 };
const WHITE = 'white';

const PICTURES: readonly (readonly [Size, Omit<PaintedDisc, 'colour'>])[] = [
  [VGA, { x: 320, y: 240, radius: 40 }],
  [VGA, { x: 210, y: 300, radius: 45 }],
  [VGA, { x: 450, y: 190, radius: 70 }],
  [FILM_SIZE, { x: 100, y: 130, radius: 25 }],
  [
    { width: 640, height: 360 },
    { x: 350, y: 160, radius: 50 },
  ],
];

for (const delegate of ['CPU', 'GPU'] as const) {
  test(`body on the ${delegate}: landmarks of still pictures, nobody in the dark`, async ({ page }) => {
    const requests: string[] = [];
    page.context().on('request', (request) => requests.push(request.url()));
    await open(page, 'body', delegate);
    for (const [size, disc] of PICTURES) {
      const answer = await look(page, size, [{ ...disc, colour: WHITE }]);
      const expected = expectedBody(white(disc), size);
      expect(worst(answer, expected, size), JSON.stringify({ size, disc })).toBeLessThan(0.004);
      expect(worstWorld(answer, expected)).toBeLessThan(0.005);
      expect(answer.bodies?.[0]?.landmarks[LANDMARK.nose]?.v).toBeCloseTo(0.982, 3);
      // Nobody: so the next one is looked for in all of the picture, whose size may be another.
      expect((await look(page, size, [])).bodies).toEqual([]);
    }
    const lights = { red: { x: 320, y: 240 }, green: { x: 450, y: 200 }, blue: { x: 180, y: 220 } };
    const disc = (at: Point, colour: string) => ({ ...at, radius: 30, colour });
    const apart = [disc(lights.red, '#f00'), disc(lights.green, '#0f0'), disc(lights.blue, '#00f')];
    const answer = await look(page, VGA, apart);
    expect(worst(answer, expectedBody(lights, VGA), VGA)).toBeLessThan(0.004);
    expect(worstWorld(answer, expectedBody(lights, VGA))).toBeLessThan(0.005);
    expect(requests).toContain(`${origin}body.task`);
    expect(requests.filter((url) => !url.startsWith(origin))).toEqual([]);
  });

  test(`face on the ${delegate}: gaze and lids`, async ({ page }) => {
    await open(page, 'face', delegate);
    const gaze = { x: 220, y: 340, radius: 40, colour: WHITE };
    const cases: [PaintedDisc[], { left: number; right: number }][] = [
      [[], { left: 0, right: 0 }],
      [[{ x: 500, y: 100, radius: 60, colour: '#0ff' }], { left: 1, right: 1 }],
      [[{ x: 500, y: 100, radius: 60, colour: '#00f' }], { left: 1, right: 0 }],
      [[{ x: 500, y: 100, radius: 20, colour: '#0f0' }], { left: 0, right: closedBy({ x: 0, y: 0, radius: 20 }, VGA) }],
    ];
    for (const [discs, closed] of cases) {
      const { face = {} } = await look(page, VGA, [gaze, ...discs]);
      expect(Object.keys(face)).toHaveLength(52);
      const expected: Readonly<Record<string, number>> = expectedEyes(gaze, VGA, closed);
      for (const [name, value] of Object.entries(face)) {
        expect(Math.abs(value - (expected[name] ?? 0)), `${name} is ${value}`).toBeLessThan(0.03);
      }
    }
    expect((await look(page, VGA, [])).face).toBeUndefined();
  });
}

test('a file that is no model of the wanted kind is said to be damaged', async ({ page }) => {
  await page.goto(origin);
  for (const [name] of DAMAGED) {
    const answer = await ask(page, { open: 'body', model: `/${name}.task`, delegate: 'CPU' });
    expect(answer.error?.code, name).toBe('pose-model-corrupt');
  }
  expect(await ask(page, { open: 'body', model: '/body.task', delegate: 'CPU' }), 'the runtime is whole').toEqual({});
});

test('it goes on for as long as it is asked: times hours apart pass what the runtime counts in 32 bits', async ({
  page,
}) => {
  await open(page, 'body', 'CPU');
  const disc = { x: 100, y: 130, radius: 25, colour: WHITE };
  // 10⁷ ms each: the 215th is past 2³¹.
  for (let picture = 1; picture <= 230; picture++) {
    const { bodies, error } = await look(page, FILM_SIZE, [disc]);
    expect([bodies?.length, error], `picture ${String(picture)}`).toEqual([1, undefined]);
  }
});

/** Plays the film into the landmarker that is open, frame by frame. */
async function watch(page: Page, count: number): Promise<LabAnswer[]> {
  return page.evaluate(
    async ({ frames, size }) => {
      const stream = await navigator.mediaDevices.getUserMedia({ video: size });
      const video = document.createElement('video');
      video.srcObject = stream;
      await video.play();
      const answers: LabAnswer[] = [];
      while (answers.length < frames) {
        await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
        const frame = new VideoFrame(video);
        window.worker.postMessage({ look: frame }, [frame]);
        answers.push(
          await new Promise<LabAnswer>((resolve) => {
            window.worker.onmessage = ({ data }: MessageEvent<LabAnswer>) => resolve(data);
          }),
        );
      }
      for (const track of stream.getTracks()) track.stop();
      return answers;
    },
    { frames: count, size: FILM_SIZE },
  );
}

test('a film of a moving person: camera, VideoFrame, worker, landmarks', async ({ page }) => {
  await open(page, 'body', 'CPU');
  const turns = (await watch(page, 45)).map(({ bodies }) => {
    const { landmarks = [] } = bodies?.[0] ?? {};
    const [left, right] = [landmarks[LANDMARK.leftHip], landmarks[LANDMARK.rightHip]];
    const x = (FILM_SIZE.width * ((left?.x ?? NaN) + (right?.x ?? NaN))) / 2 - CIRCLE.centre.x;
    const y = (FILM_SIZE.height * ((left?.y ?? NaN) + (right?.y ?? NaN))) / 2 - CIRCLE.centre.y;
    expect(Math.abs(Math.hypot(x, y) - CIRCLE.around) / FILM_SIZE.width).toBeLessThan(0.004);
    return Math.atan2(y, x);
  });
  // It goes round, clockwise, and at least half of the way.
  const steps = turns.slice(1).map((turn, index) => (turn - (turns[index] ?? NaN) + 4 * Math.PI) % (2 * Math.PI));
  expect(steps.filter((step) => step > Math.PI)).toEqual([]);
  expect(steps.reduce((sum, step) => sum + step, 0)).toBeGreaterThan(Math.PI);
});

test('a film of a face: its eyes are shut and go round', async ({ page }) => {
  await open(page, 'face', 'CPU');
  for (const { face = {} } of await watch(page, 15)) {
    const share = (name: string): number => face[name] ?? NaN;
    expect(share('eyeBlinkLeft')).toBeGreaterThan(0.97);
    expect(share('eyeBlinkRight')).toBeGreaterThan(0.97);
    const right = share('eyeLookOutLeft') - share('eyeLookInLeft');
    const down = share('eyeLookDownLeft') - share('eyeLookUpLeft');
    expect(Math.abs(Math.hypot(right, down) - (2 * CIRCLE.around) / FILM_SIZE.width)).toBeLessThan(0.02);
  }
});

/** Pose capture for rows and long runs: a camera that plays a film, a model that knows its answer, and the app's own screen. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goTo } from './browser.mjs';
import { importBundled } from './bundle.mjs';

/** 640 × 480 at 30 a second: a person goes round in a lit room, and is in every picture. */
const CIRCLE = { centre: { x: 320, y: 240 }, around: 90 };
const DISC = { radius: 40, seconds: 4 };
const LIT = 0.18;

const files = () => importBundled('tests/bench/subjects/pose-files.ts');

/** A film on disk, and the flags of a browser whose camera plays it and says yes without a question. */
export async function filmCamera() {
  const { circlingFilm, writeFilm } = await files();
  const folder = await mkdtemp(join(tmpdir(), 'film-'));
  const film = writeFilm(circlingFilm(CIRCLE, DISC, { background: LIT }), folder);
  return {
    flags: [
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-video-capture=${film}`,
    ],
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The bytes of the body model. */
export async function bodyModel() {
  return (await files()).bodyModel();
}

/** Puts the body model where a gateway with this data folder serves it from, under the name of the small one. */
export async function giveModel(dataDir) {
  const { bodyModel: make, MODEL_FILE } = await files();
  await mkdir(join(dataDir, 'models'), { recursive: true });
  await writeFile(join(dataDir, 'models', MODEL_FILE.lite), make());
}

/**
 * Before the app is opened: has the pose worker compute on the CPU. Where there is no graphics processor the browser
 * offers one made of software, and the app cannot know that it is the slower of the two.
 */
export async function computeOnCpu(page) {
  await page.addInitScript(() => {
    const post = globalThis.Worker.prototype.postMessage;
    globalThis.Worker.prototype.postMessage = function (message, ...rest) {
      const isStart = message?.type === 'start' && 'delegate' in message;
      return post.call(this, isStart ? { ...message, delegate: 'CPU' } : message, ...rest);
    };
  });
}

/** From a first visit or a stopped camera to one that runs, as a person does it; the Pose screen stays open. */
export async function startPose(page) {
  await goTo(page, 'Pose');
  await page.getByRole('button', { name: /^(Fetch .* and start|Start camera)$/ }).click();
  await page.getByText('Camera on', { exact: true }).waitFor({ timeout: 60_000 });
  await page.getByText('One person in sight').first().waitFor();
}

export async function stopPose(page) {
  await page.getByRole('button', { name: 'Stop camera' }).click();
  await page.getByRole('button', { name: 'Start camera' }).waitFor();
}

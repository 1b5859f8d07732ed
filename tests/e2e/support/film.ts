/** Playwright's `test` in a browser whose camera plays a film. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base } from '@playwright/test';
import { writeFilm, type Film } from '../../support/pose-model/film.ts';
import { browserLaunch } from './browser.ts';

/** The camera says yes without a question. */
export function filmTest(film: Film) {
  return base.extend({
    launchOptions: [
      // eslint-disable-next-line no-empty-pattern -- Playwright reads the wanted fixtures from this pattern; there are none.
      async ({}, use) => {
        const folder = mkdtempSync(join(tmpdir(), 'film-'));
        const options = await browserLaunch();
        const camera = [
          '--use-fake-device-for-media-stream',
          '--use-fake-ui-for-media-stream',
          `--use-file-for-fake-video-capture=${writeFilm(film, folder)}`,
        ];
        await use({ ...options, args: [...(options.args ?? []), ...camera] });
        rmSync(folder, { recursive: true });
      },
      { scope: 'worker' },
    ],
  });
}

/** Model and film for what is measured with a camera. */
export { bodyModel } from '../../support/pose-model/body.ts';
export { circlingFilm, writeFilm } from '../../support/pose-model/film.ts';
export { MODEL_FILE } from '../../../src/model/pose-files.ts';

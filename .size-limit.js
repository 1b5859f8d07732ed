/** The first load's budget. Which files that is, is read from the build itself; lazily loaded parts do not count. */
import { firstLoadFiles } from './tests/support/first-load.mjs';

const scripts = firstLoadFiles().filter((file) => file.endsWith('.js'));
// The page's script and the sensor worker's at least: fewer means that the files were not found.
if (scripts.length < 2) throw new Error(`only ${scripts.length} scripts found for the first load`);

export default [
  {
    name: 'first-load JavaScript, workers included',
    path: scripts.map((file) => `dist/app/${file}`),
    limit: '70 kB',
    gzip: true,
  },
];

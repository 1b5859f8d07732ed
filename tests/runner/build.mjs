/** `npm run build`: installs and builds what is missing or changed, as `npm start` and `npm test` do by themselves. */
import { ensureBuild, ensureInstall } from '../../server/setup.mjs';

try {
  await ensureInstall({ say: console.log });
  const built = await ensureBuild({ say: console.log });
  if (!built) console.log('Nothing has changed since the last build.');
} catch (error) {
  console.error(`${error?.message}\n${error?.output ?? ''}`);
  process.exitCode = 1;
}

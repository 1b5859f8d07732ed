/** Bundles a TypeScript entry for a child process: the tests that kill processes need a real one. */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

/** Root of the repository. */
const ROOT = new URL('../..', import.meta.url).pathname;

/**
 * Builds `entry` (path from the root) into one ES module and returns its path. npm packages stay outside, so the file
 * must lie inside the repository's reach: it goes to `node_modules/.cache`.
 */
export async function bundleForNode(entry: string): Promise<string> {
  const cache = join(ROOT, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const outDir = mkdtempSync(join(cache, 'bundle-'));
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    build: {
      ssr: join(ROOT, entry),
      outDir,
      minify: false,
      emptyOutDir: false,
      rolldownOptions: { output: { entryFileNames: 'entry.mjs' } },
    },
  });
  return join(outDir, 'entry.mjs');
}

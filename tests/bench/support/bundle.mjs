/** Bundles TypeScript of ours as the product's build does, so that Node measures what ships and not a transformer. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Imports a TypeScript module of this repository, bundled. `path` is relative to the root. */
export async function importBundled(path) {
  // Inside the repository, so that packages left outside the bundle are found.
  const outDir = await mkdtemp(join(ROOT, 'node_modules', '.bench-'));
  try {
    await build({
      root: ROOT,
      configFile: false,
      logLevel: 'error',
      build: { ssr: join(ROOT, path), outDir, target: 'node20', minify: false, copyPublicDir: false },
    });
    const [name] = path.split('/').slice(-1);
    return await import(pathToFileURL(join(outDir, name.replace(/\.ts$/, '.js'))).href);
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
}

/** A TypeScript module of this repository with all that it imports, as one script of type module for a page or worker. */
export async function bundleForBrowser(path) {
  const result = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      lib: { entry: join(ROOT, path), formats: ['es'], fileName: 'bundle' },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const [{ output }] = Array.isArray(result) ? result : [result];
  if (output.length !== 1) throw new Error(`${path} became ${output.length} files`);
  return output[0].code;
}

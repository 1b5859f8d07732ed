/** Serves the page of subjects/pose-page.ts with its workers, built as the app is, the runtime and the model. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { bodyModel } from './camera.mjs';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const WASM = '@mediapipe/tasks-vision/vision_wasm_module_internal.wasm';
const PAGE = '<!doctype html><title>Pose</title><script type="module" src="/page.js"></script>';
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };

/** @returns {Promise<{ url: string, stop(): Promise<void> }>} */
export async function startPosePage() {
  const folder = await mkdtemp(join(ROOT, 'node_modules', '.bench-'));
  await buildInto(folder);
  const inMemory = new Map([
    ['/', Buffer.from(PAGE)],
    ['/runtime.wasm', await readFile(createRequire(import.meta.url).resolve(WASM))],
    ['/body.task', Buffer.from(await bodyModel())],
  ]);
  const server = createServer((request, response) => void serve(request, response, inMemory, folder));
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}/`,
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function buildInto(outDir) {
  return build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    worker: { format: 'es', rolldownOptions: { external: ['node:module'] } },
    build: {
      outDir,
      copyPublicDir: false,
      assetsInlineLimit: 0,
      modulePreload: false,
      rolldownOptions: {
        input: join(ROOT, 'tests/bench/subjects/pose-page.ts'),
        external: ['node:module'],
        preserveEntrySignatures: false,
        output: { entryFileNames: 'page.js' },
      },
    },
  });
}

async function serve({ url }, response, inMemory, folder) {
  const { pathname } = new URL(url, 'http://bench');
  const content = inMemory.get(pathname) ?? (await readFile(join(folder, pathname)).catch(() => undefined));
  response.writeHead(content ? 200 : 404, {
    'content-type': TYPES[extname(pathname) || '.html'] ?? 'application/octet-stream',
    // Isolated from other origins: only then do browsers give times to the microsecond.
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
  });
  response.end(content);
}

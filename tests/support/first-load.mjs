/**
 * What a first visit fetches, from the built files: the page, what it names, what those scripts import at once, and the
 * worker scripts they start. What is imported later (`import()`), icons and the service worker's own fetches are not.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const APP = fileURLToPath(new URL('../../dist/app', import.meta.url));

/** Paths of the first load's files below `folder`, e.g. `index.html`, `assets/index-abc.js`. */
export function firstLoadFiles(folder = APP) {
  const known = new Set(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/')),
  );
  const found = new Set(['index.html']);
  for (const file of found) {
    if (!/\.(html|js)$/.test(file)) continue;
    for (const one of named(file, readFileSync(join(folder, file), 'utf8'))) if (known.has(one)) found.add(one);
  }
  return [...found];
}

/** Files that a file makes the browser fetch at once. */
function named(file, text) {
  const patterns = file.endsWith('.html')
    ? [/<script[^>]+src="([^"]+)"/g, /<link[^>]+rel="(?:modulepreload|stylesheet)"[^>]+href="([^"]+)"/g]
    : [
        // import … from "x", import "x", export … from "x"; never import("x")
        /\b(?:import|export)\b[^"'();]*?["'](\.[^"']+)["']/g,
        // new Worker(new URL("x", import.meta.url)), also after vite wrote the address out
        /new (?:Shared)?Worker\(\s*(?:new URL\(\s*)?(?:""\s*\+\s*)?["'`]([^"'`]+\.js)["'`]/g,
      ];
  return patterns
    .flatMap((pattern) => [...text.matchAll(pattern)])
    .map(([, address]) =>
      address.startsWith('/') ? address.slice(1) : posix.normalize(posix.join(posix.dirname(file), address)),
    );
}

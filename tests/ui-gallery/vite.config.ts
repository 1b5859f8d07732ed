/** Builds or serves the gallery of screens: `npx vite --config tests/ui-gallery/vite.config.ts`. */
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  root: path('.'),
  publicDir: path('../../public'),
  plugins: [svelte()],
  // No service worker: the gallery is not the app.
  define: { 'import.meta.env.PROD': 'false' },
  build: { outDir: path('../../.cache/ui-gallery'), emptyOutDir: true, modulePreload: { polyfill: false } },
});

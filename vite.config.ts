/** Builds the app into `dist/app`. The gateway has its own configuration in `server/`. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build, defineConfig, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

/** Where `npm start` listens; the development server hands it everything that is not the app. */
const GATEWAY = 'http://127.0.0.1:4173';

/**
 * One more classic script beside the app's: what the service worker imports when it is installed (see `workers/sw.ts`).
 * Its name carries a hash, and is in the list of files from which the service worker knows it.
 */
function backgroundScript(): Plugin {
  let outDir = '';
  return {
    name: 'background-script',
    apply: 'build',
    configResolved(config) {
      outDir = config.build.outDir;
    },
    async writeBundle() {
      await build({
        configFile: false,
        logLevel: 'warn',
        build: {
          outDir,
          emptyOutDir: false,
          copyPublicDir: false,
          lib: { entry: 'workers/sensor/background.ts', formats: ['iife'], name: 'sensoctoBackground' },
          // A folder of its own: parts of the app may be called anything.
          rolldownOptions: { output: { entryFileNames: 'assets/background/drain-[hash].js' } },
        },
      });
    },
  };
}

/** MediaPipe's loader names one more file, of its makers' own builds, that the package does not have and nobody asks for. */
function unusedRuntime(): Plugin {
  return {
    name: 'unused-runtime',
    transform: {
      filter: { id: /vision_wasm_module_internal\.js$/ },
      handler: (code) => code.replaceAll('"vision_wasm_module_raw_internal.wasm"', '/* @vite-ignore */ $&'),
    },
  };
}

/** Svelte's loops: no screen that is there first has one. */
const LOOPS = /svelte\/src\/internal\/client\/dom\/blocks\/each/;

export default defineConfig({
  plugins: [
    svelte(),
    backgroundScript(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'workers',
      filename: 'sw.ts',
      registerType: 'prompt',
      // Registered by the app itself: no inline script, and not before the first screen is up.
      injectRegister: null,
      // A classic script: modules among service workers are new in some browsers, and cannot import later.
      injectManifest: { rollupFormat: 'iife', globPatterns: ['**/*.{html,js,css,svg,png,webmanifest}'] },
      manifest: {
        id: '/',
        name: 'Sensocto',
        short_name: 'Sensocto',
        description: 'Turn this device into a sensor, and see other people’s sensors live.',
        lang: 'en',
        start_url: '/#/sense',
        scope: '/',
        display: 'standalone',
        orientation: 'any',
        background_color: '#f8f5f0',
        theme_color: '#0b5560',
        categories: ['health', 'fitness', 'utilities'],
        icons: [
          { src: '/icons/icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
          { src: '/icons/icon-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
          { src: '/icons/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
          { src: '/icons/maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
        shortcuts: [
          { name: 'Sense', url: '/#/sense', icons: [{ src: '/icons/icon-192.png', sizes: '192x192' }] },
          { name: 'Watch', url: '/#/watch', icons: [{ src: '/icons/icon-192.png', sizes: '192x192' }] },
        ],
      },
    }),
  ],
  worker: {
    format: 'es',
    plugins: () => [unusedRuntime()],
    rolldownOptions: {
      // MediaPipe's loader asks for it where it runs in Node.
      external: ['node:module'],
      output: {
        // All workers' scripts are called `worker.ts`; the service worker has to know the pose worker's by its name.
        entryFileNames({ facadeModuleId }) {
          const [, folder] = /workers[\\/](\w+)[\\/]worker\.ts/.exec(facadeModuleId ?? '') ?? [];
          return `assets/${folder === undefined ? '[name]' : `${folder}-worker`}-[hash].js`;
        },
      },
    },
  },
  build: {
    outDir: 'dist/app',
    emptyOutDir: true,
    // Import maps of modulepreload need an inline script only in browsers older than ours.
    // Lists of what to fetch early would be a part of the first load; the service worker has all of it anyway.
    modulePreload: {
      polyfill: false,
      resolveDependencies: (_, files) => files.filter((file) => file.endsWith('.css')),
    },
    rolldownOptions: {
      // Nothing happens when this part is loaded, which the bundler cannot know: it would be fetched for that.
      treeshake: { moduleSideEffects: (id) => !LOOPS.test(id) },
      output: {
        codeSplitting: {
          // Parts of Svelte that only later screens use would otherwise come with the rest of it, on the first.
          includeDependenciesRecursively: false,
          groups: [{ name: 'loops', test: LOOPS }],
        },
      },
    },
    // Data addresses would need an exception in the content security policy.
    assetsInlineLimit: 0,
  },
  server: {
    proxy: {
      '/api': { target: GATEWAY },
      '/models': { target: GATEWAY },
      '/socket': { target: GATEWAY, ws: true },
    },
  },
});

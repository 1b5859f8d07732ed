/** Bundles the gateway for Node into `dist/server/main.js`; packages stay in node_modules (libsql is a native module). */
import { defineConfig } from 'vite';

export default defineConfig({
  publicDir: false,
  build: {
    ssr: 'server/main.ts',
    target: 'node20',
    outDir: process.env['SENSOCTO_SERVER_OUT'] ?? 'dist/server',
    emptyOutDir: true,
    sourcemap: true,
    minify: false,
  },
});

/** Three groups: plain logic in Node, screens in jsdom, and contracts against parts that really listen or store. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // A property that fails must say how to see it fail again; fast-check prints seed and path by itself.
    allowOnly: false,
    passWithNoTests: false,
    // Threads start faster than processes.
    pool: 'threads',
    // One for each processor: what waits for a clock leaves room for what computes.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/unit/**/*.test.ts'],
          exclude: ['tests/unit/ui/**'],
          environment: 'node',
          // Modules hold no state (the architecture test sees to that), so files may share a thread's modules.
          isolate: false,
        },
      },
      {
        plugins: [svelte()],
        // Svelte's server build has no mount(): components under test need the browser's.
        resolve: { conditions: ['browser'] },
        test: { name: 'ui', include: ['tests/unit/ui/**/*.test.ts'], environment: 'jsdom' },
      },
      {
        test: {
          name: 'contract',
          include: ['tests/contract/**/*.test.ts'],
          environment: 'node',
          // These start servers, browsers and children, and must be able to fail alone.
          pool: 'forks',
          testTimeout: 30_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});

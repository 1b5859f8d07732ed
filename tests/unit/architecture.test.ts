/** The shape of the source tree: who imports whom, one home per platform API, nothing that outlives its owner. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  danglingImports,
  endlessListeners,
  fileLengths,
  forbiddenImports,
  foreignOrigins,
  functionLengths,
  importCycles,
  lengths,
  moduleState,
  scatteredApis,
} from '../support/architecture-rules.ts';
import { importsOf, readSources, ROOT, type Source } from '../support/sources.ts';

const sources = readSources(['src', 'workers', 'server']);
const client = sources.filter(({ path }) => !path.startsWith('server/'));
const imports = sources.flatMap(importsOf);

describe('the source tree', () => {
  it('is read: files of every kind, and imports between them', () => {
    expect(sources.some(({ path }) => path === 'src/model/sensor.ts')).toBe(true);
    expect(imports.filter(({ ours }) => ours).length).toBeGreaterThan(20);
    expect(danglingImports(imports, (path) => existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('imports only what each folder may', () => {
    expect(forbiddenImports(imports)).toEqual([]);
  });

  it('has no import cycle', () => {
    expect(importCycles(imports)).toEqual([]);
  });

  it('touches each platform API in one file', () => {
    expect(scatteredApis(sources)).toEqual([]);
  });

  it('names no other origin', () => {
    expect(foreignOrigins(client)).toEqual([]);
  });

  it('ends every listener', () => {
    expect(endlessListeners(sources)).toEqual([]);
  });

  it('keeps no state in modules', () => {
    expect(moduleState(sources)).toEqual([]);
  });

  it('keeps files and functions short', () => {
    const files = lengths(fileLengths(sources));
    const functions = lengths(functionLengths(sources));
    expect(files.max, JSON.stringify({ files })).toBeLessThanOrEqual(450);
    expect(files.p95, JSON.stringify({ files })).toBeLessThanOrEqual(300);
    // Their maximum is the linter's to check.
    expect(functions.p95, JSON.stringify({ functions })).toBeLessThanOrEqual(40);
  });
});

/** Files that break rules, made up here: the rules must see them. */
function planted(files: Readonly<Record<string, string>>): Source[] {
  return Object.entries(files).map(([path, text]) => ({ path, text }));
}

describe('the rules themselves', () => {
  const bad = (path: string, text: string): string[] => forbiddenImports(planted({ [path]: text }).flatMap(importsOf));

  it.each([
    ['src/model/a.ts', `import { b } from '../lib/b.ts';`],
    ['src/lib/a.ts', `import type { B } from '../model/b.ts';`],
    ['src/protocol/a.ts', `import { b } from '../stream/b.ts';`],
    ['src/stream/a.ts', `export { b } from '../outbox/b.ts';`],
    ['src/signal/a.ts', `import { b } from '../protocol/b.ts';`],
    ['src/device/a.ts', `import { b } from '../stream/ports.ts';`],
    ['src/device/a.ts', `import { type B } from '../stream/ports.ts';`],
    ['src/device/profiles/a.ts', `import { b } from '../bluetooth/gatt.ts';`],
    ['src/channel/a.ts', `const b = await import('../outbox/b.ts');`],
    ['src/outbox/a.ts', `import type { B } from '../channel/b.ts';`],
    ['src/app/a.ts', `import { b } from '../../workers/sensor/api.ts';`],
    ['src/app/a.ts', `import type { B } from '../../workers/sensor/worker.ts';`],
    ['src/i18n/en.ts', `import { b } from '../model/errors.ts';`],
    ['src/ui/a.ts', `import { b } from '../stream/b.ts';`],
    ['src/ui/parts/A.svelte', `<script lang="ts">\nimport B from '../panels/B.svelte';\n</script>\n<B />`],
    ['src/ui/panels/A.svelte', `<script lang="ts">import B from '../views/B.svelte';</script>`],
    ['workers/sensor/a.ts', `import { b } from '../../src/app/b.ts';`],
    ['workers/sensor/a.ts', `import { b } from '../pose/b.ts';`],
    ['workers/sensor/a.ts', `import { b } from '../../src/device/bluetooth/gatt.ts';`],
    ['server/a.ts', `import type { B } from '../src/stream/b.ts';`],
    ['server/a.ts', `let b: import('../workers/sensor/api.ts').B;`],
    ['other/a.ts', `import { b } from './b.ts';`],
  ])('refuse in %s: %s', (path, text) => {
    expect(bad(path, text)).toHaveLength(1);
  });

  it.each([
    ['src/protocol/a.ts', `import { b } from '../model/b.ts';`],
    ['src/channel/a.ts', `import type { B } from '../stream/ports.ts';`],
    ['src/app/a.ts', `import type { B } from '../../workers/sensor/api.ts';`],
    ['src/ui/views/A.svelte', `<script lang="ts">import B from '../parts/B.svelte';</script>`],
    ['src/ui/parts/A.svelte', `<script lang="ts">import { b } from '../state/b.svelte.ts';</script>`],
    ['workers/sensor/a.ts', `import { b } from './b.ts'; import * as v from 'valibot';`],
    ['server/http/a.ts', `import { b } from '../ports.ts'; import type { C } from '../../src/protocol/rest.ts';`],
  ])('allow in %s: %s', (path, text) => {
    expect(bad(path, text)).toEqual([]);
  });

  it('find a cycle, and none through types', () => {
    const round = planted({
      'src/lib/a.ts': `import { b } from './b.ts';`,
      'src/lib/b.ts': `import { c } from './c.ts';`,
      'src/lib/c.ts': `import { a } from './a.ts';`,
    });
    expect(importCycles(round.flatMap(importsOf)).map((files) => files.length)).toEqual([3]);
    const types = planted({
      'src/lib/a.ts': `import type { B } from './b.ts';`,
      'src/lib/b.ts': `import { a } from './a.ts';`,
    });
    expect(importCycles(types.flatMap(importsOf))).toEqual([]);
  });

  it('find scattered APIs, foreign origins, endless listeners and module state', () => {
    const two = planted({
      'src/a.ts': `if (navigator.bluetooth) go();`,
      'src/b.ts': `const { bluetooth } = navigator;\nawait (navigator as N).bluetooth.getDevices();`,
    });
    expect(scatteredApis(two)).toEqual(['navigator.bluetooth is used in src/a.ts, src/b.ts']);
    const remark = planted({ 'src/a.ts': `navigator.bluetooth;`, 'src/b.ts': `// navigator.bluetooth is elsewhere` });
    expect(scatteredApis(remark)).toEqual([]);
    const origins = planted({ 'src/a.ts': `fetch('https://cdn.example.com/x');\n// see https://example.com` });
    expect(foreignOrigins(origins)).toEqual(['src/a.ts: https://cdn.example.com/x']);
    const listeners = planted({
      'src/a.ts': `x.addEventListener('bad', f);
        x.addEventListener('good', f, { signal });
        x.addEventListener('paired', f); x.removeEventListener('paired', f);`,
    });
    expect(endlessListeners(listeners)).toEqual([`src/a.ts: the listener of 'bad' has no signal`]);
    const state = planted({ 'src/a.ts': `let count = 0; const app = new App(); const ids = new Set([1]);` });
    expect(moduleState(state)).toHaveLength(2);
  });

  it('report an import of a file that is not there', () => {
    const imports = planted({ 'src/lib/a.ts': `import { b } from './missing.ts';` }).flatMap(importsOf);
    expect(danglingImports(imports, () => false)).toHaveLength(1);
  });

  it('measure lengths', () => {
    expect(lengths([1, 2, 3, 100])).toEqual({ median: 3, p95: 100, max: 100 });
    expect(functionLengths(planted({ 'src/a.ts': 'function a() {\n\n // x\n b();\n}\nconst b = () => 1;' }))).toEqual([
      3, 1,
    ]);
  });
});

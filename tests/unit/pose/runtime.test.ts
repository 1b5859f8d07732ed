/** The runtime's WebAssembly on a device. */
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { RUNTIME_BYTES, RuntimeStore } from '../../../src/pose/runtime.ts';
import { memoryCaches } from '../../support/cache-storage.ts';

const URL_NOW = 'https://sensors.example/assets/vision_wasm-2222.wasm';
const URL_BEFORE = 'https://sensors.example/assets/vision_wasm-1111.wasm';
const MODEL = 'https://sensors.example/pose-files/lite';
const WASM = new Uint8Array([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 9, 9]);

function lab(answer: () => Response | Error = () => new Response(WASM), url = URL_NOW) {
  const caches = memoryCaches();
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = (input) => {
    asked.push(new Request(input).url);
    const given = answer();
    return given instanceof Error ? Promise.reject(given) : Promise.resolve(given);
  };
  const open = (): RuntimeStore =>
    new RuntimeStore({ caches: caches.storage, fetch, subtle: crypto.subtle, file: { url, bytes: WASM.length } });
  return { caches, asked, open, runtime: open() };
}

const signal = (): AbortSignal => new AbortController().signal;
const quiet = (): void => undefined;

describe('the runtime', () => {
  it('has the size that is announced', () => {
    const file = createRequire(import.meta.url).resolve('@mediapipe/tasks-vision/vision_wasm_module_internal.wasm');
    expect(statSync(file).size).toBe(RUNTIME_BYTES);
    expect([...readFileSync(file).subarray(0, 4)]).toEqual([...WASM.subarray(0, 4)]);
  });

  it('is fetched once, and says how far it is', async () => {
    const { runtime, asked, open } = lab();
    expect(await runtime.kept()).toBeUndefined();
    expect(await runtime.blob()).toMatchObject({ error: { code: 'pose-runtime' } });
    expect(asked).toEqual([]);
    const told: unknown[] = [];
    const result = await runtime.fetchRuntime((...progress) => void told.push(progress), signal());
    expect(result).toEqual({ ok: true, value: WASM.length });
    expect(told.at(-1)).toEqual([WASM.length, WASM.length]);
    const later = open();
    expect(await later.kept()).toBe(WASM.length);
    await later.fetchRuntime(quiet, signal());
    expect(asked).toEqual([URL_NOW]);
    const blob = await later.blob();
    expect(blob.ok && new Uint8Array(await blob.value.arrayBuffer())).toEqual(WASM);
  });

  it('replaces that of another version, and leaves models alone', async () => {
    const { runtime, caches } = lab();
    const cache = await caches.storage.open('pose-files');
    await cache.put(URL_BEFORE, new Response('old'));
    await cache.put(MODEL, new Response('model'));
    await runtime.fetchRuntime(quiet, signal());
    expect(caches.urls('pose-files').sort()).toEqual([URL_NOW, MODEL].sort());
  });

  it.each([
    ['no network', () => new TypeError('Failed to fetch')],
    ['an error', () => new Response('', { status: 404 })],
    ['a page', () => new Response('<!doctype')],
    ['another size', () => new Response(WASM.subarray(0, 9))],
    ['more', () => new Response(new Uint8Array([...WASM, 1]))],
  ])('is not there with %s', async (_, answer) => {
    const { runtime, caches } = lab(answer);
    expect(await runtime.fetchRuntime(quiet, signal())).toMatchObject({ error: { code: 'pose-runtime' } });
    expect(await runtime.kept()).toBeUndefined();
    expect(caches.urls('pose-files')).toEqual([]);
  });

  it('that was damaged on the device is forgotten', async () => {
    const { runtime, caches, open } = lab();
    await runtime.fetchRuntime(quiet, signal());
    caches.damage('pose-files', URL_NOW, new Uint8Array(WASM.length));
    const later = open();
    expect(await later.blob()).toMatchObject({ error: { code: 'pose-runtime' } });
    expect(await later.kept()).toBeUndefined();
    expect(await later.fetchRuntime(quiet, signal())).toMatchObject({ ok: true });
    expect(await later.blob()).toMatchObject({ ok: true });
  });

  it('is held for the page where nothing can be kept, and ends with the signal', async () => {
    const { runtime, caches } = lab();
    caches.refuse = { at: 'put', error: new DOMException('full', 'QuotaExceededError') };
    expect(await runtime.fetchRuntime(quiet, signal())).toMatchObject({ ok: true });
    expect(runtime.memoryOnly).toBe(true);
    expect(await runtime.blob()).toMatchObject({ ok: true });
    const stopped = AbortSignal.abort();
    const { runtime: other } = lab(() => new DOMException('stopped', 'AbortError'));
    expect(await other.fetchRuntime(quiet, stopped)).toEqual({ ok: true, value: undefined });
  });
});

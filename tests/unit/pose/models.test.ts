/** Model files on a device: where they come from, what is refused, what is kept. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MAX_MODEL_BYTES, ModelStore, type ModelEdges } from '../../../src/pose/models.ts';
import { PUBLISHED } from '../../../src/pose/model-source.ts';
import { memoryCaches, type MemoryCaches } from '../../support/cache-storage.ts';
import { storedZip } from '../../support/pose-model/zip.ts';

const ORIGIN = 'https://sensors.example';
const INDEX = `${ORIGIN}/models/index.json`;
const FILES = 'pose-files';
const LITE_KEY = `${ORIGIN}/pose-files/lite`;

/** A file that passes for a model of the body; its landmarks are these bytes. */
function taskFile(content: string, names = ['pose_detector.tflite', 'pose_landmarks_detector.tflite']) {
  const entries = names.map((name) => ({ name, content: new TextEncoder().encode(`${name} ${content}`) }));
  return new Uint8Array(storedZip(entries));
}

const FIRST = taskFile('first');
const SECOND = taskFile('second');
const FACE = taskFile('face', ['face_detector.tflite', 'face_landmarks_detector.tflite', 'face_blendshapes.tflite']);

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const file = (bytes: Uint8Array<ArrayBuffer>, name = 'my model é.task'): File => new File([bytes], name);
const offering = (models: unknown[], origins: unknown = ['https://storage.googleapis.com/mediapipe-models/']) =>
  JSON.stringify({ models, origins });

type Answer = Response | Error | string | Uint8Array<ArrayBuffer>;

interface Lab {
  readonly store: ModelStore;
  readonly caches: MemoryCaches;
  readonly asked: { readonly url: string; readonly init: RequestInit | undefined }[];
  readonly answers: Map<string, Answer>;
  /** A page loaded anew over the same cache. */
  reload(): ModelStore;
}

/** Answers by URL; what has none is no network. */
function lab(answers: Record<string, Answer> = {}, change: Partial<ModelEdges> = {}): Lab {
  const caches = memoryCaches();
  const asked: Lab['asked'] = [];
  const map = new Map(Object.entries(answers));
  const fetch: typeof globalThis.fetch = (input, init) => {
    const url = new Request(input).url;
    asked.push({ url, init });
    init?.signal?.throwIfAborted();
    const answer = map.get(url) ?? new TypeError('Failed to fetch');
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve(answer instanceof Response ? answer : new Response(answer));
  };
  const edges = { caches: caches.storage, fetch, subtle: crypto.subtle, origin: ORIGIN, ...change };
  return { store: new ModelStore(edges), caches, asked, answers: map, reload: () => new ModelStore(edges) };
}

const never = (): AbortSignal => new AbortController().signal;
const quiet = (): void => undefined;

/** Fetches and answers with the error code, or what is kept. */
async function fetched(store: ModelStore, address: string, kind: 'lite' | 'face' = 'lite') {
  const result = await store.fetchModel(kind, address, quiet, never());
  return result.ok ? result.value : result.error.code;
}

async function bytesOf(store: ModelStore): Promise<Uint8Array | string> {
  const blob = await store.blob('lite');
  return blob.ok ? new Uint8Array(await blob.value.arrayBuffer()) : blob.error.code;
}

describe('a model that is fetched', () => {
  const answers = () => ({ [INDEX]: offering([]), [PUBLISHED.lite]: FIRST });

  it('asks nobody before', async () => {
    const { store, asked } = lab(answers());
    expect(await store.kept('lite')).toBeUndefined();
    expect(await bytesOf(store)).toBe('pose-model-missing');
    expect(asked).toEqual([]);
  });

  it('is kept with its sum and its address, and is there without a network', async () => {
    const { store, caches, answers: map, reload } = lab(answers());
    const facts = { bytes: FIRST.length, sha256: sha(FIRST), from: PUBLISHED.lite };
    expect(await fetched(store, PUBLISHED.lite)).toEqual(facts);
    expect(store.memoryOnly).toBe(false);
    expect(caches.urls(FILES)).toEqual([LITE_KEY]);
    map.clear();
    const later = reload();
    expect(await later.kept('lite')).toEqual(facts);
    expect(await bytesOf(later)).toEqual(FIRST);
    expect(later.problems).toEqual({});
  });

  it('says nothing about who asks', async () => {
    const { store, asked } = lab(answers());
    await fetched(store, PUBLISHED.lite);
    expect(asked.map(({ url }) => url)).toEqual([INDEX, PUBLISHED.lite]);
    expect(asked[1]?.init).toMatchObject({ credentials: 'omit', referrerPolicy: 'no-referrer' });
  });

  it('comes from this server if that has it', async () => {
    const index = offering([{ kind: 'lite', bytes: SECOND.length, sha256: sha(SECOND) }]);
    const path = '/models/pose_landmarker_lite.task';
    const { store, asked } = lab({ [INDEX]: index, [`${ORIGIN}${path}`]: SECOND, [PUBLISHED.lite]: FIRST });
    expect(await fetched(store, PUBLISHED.lite)).toEqual({ bytes: SECOND.length, sha256: sha(SECOND), from: path });
    expect(asked.map(({ url }) => url)).toEqual([INDEX, `${ORIGIN}${path}`]);
  });

  it('is refused when this server promised another file', async () => {
    const index = offering([{ kind: 'lite', bytes: SECOND.length, sha256: sha(SECOND) }]);
    const { store } = lab({ [INDEX]: index, [`${ORIGIN}/models/pose_landmarker_lite.task`]: FIRST });
    expect(await fetched(store, PUBLISHED.lite)).toBe('pose-model-corrupt');
  });

  it('is not asked of a stranger when this server was said to have it, and is there no more', async () => {
    const { store, asked, answers: map } = lab(answers());
    map.set(INDEX, offering([{ kind: 'lite', bytes: 1, sha256: sha(FIRST) }]));
    await store.lookAtServer();
    map.set(INDEX, offering([]));
    expect(await fetched(store, PUBLISHED.lite)).toBe('pose-model-unreachable');
    expect(asked.every(({ url }) => url === INDEX)).toBe(true);
    expect(await fetched(store, PUBLISHED.lite)).toMatchObject({ from: PUBLISHED.lite });
  });

  it('stays what it was when another comes from the same address, until it is removed', async () => {
    const { store, answers: map } = lab(answers());
    await fetched(store, PUBLISHED.lite);
    map.set(PUBLISHED.lite, SECOND);
    expect(await fetched(store, PUBLISHED.lite)).toBe('pose-model-changed');
    expect(await bytesOf(store)).toEqual(FIRST);
    await store.remove('lite');
    expect(await store.kept('lite')).toBeUndefined();
    expect(await fetched(store, PUBLISHED.lite)).toMatchObject({ sha256: sha(SECOND) });
    expect(store.problems).toEqual({ 'pose-model-changed': 1 });
  });

  it('replaces one of another address', async () => {
    const { store, answers: map } = lab(answers());
    await fetched(store, PUBLISHED.lite);
    map.set(`${ORIGIN}/files/mine.task?v=2`, SECOND);
    expect(await fetched(store, '/files/mine.task?v=2')).toMatchObject({ from: '/files/mine.task?v=2' });
    expect(await bytesOf(store)).toEqual(SECOND);
  });

  it('is of its kind', async () => {
    const { store } = lab({ [INDEX]: offering([]), [PUBLISHED.lite]: FACE, [PUBLISHED.face]: FACE });
    expect(await fetched(store, PUBLISHED.lite)).toBe('pose-model-corrupt');
    expect(await fetched(store, PUBLISHED.face, 'face')).toMatchObject({ bytes: FACE.length });
  });
});

describe('progress', () => {
  const streamed = (headers: Record<string, string>, parts = [FIRST.subarray(0, 100), FIRST.subarray(100)]) =>
    new Response(new Blob(parts.map((part) => new Uint8Array(part))).stream(), { headers });

  it.each([
    ['as the answer says', { 'content-length': String(FIRST.length) }, FIRST.length],
    ['unknown when it does not say', {}, undefined],
    ['unknown when it says the compressed length', { 'content-length': '9', 'content-encoding': 'br' }, undefined],
    ['unknown when what comes is more', { 'content-length': '9' }, undefined],
  ])('has a total %s', async (_, headers, total) => {
    const { store } = lab({ [INDEX]: offering([]), [PUBLISHED.lite]: streamed(headers) });
    const told: (readonly [number, number | undefined])[] = [];
    await store.fetchModel('lite', PUBLISHED.lite, (...progress) => void told.push(progress), never());
    expect(told.at(0)?.[0]).toBe(0);
    expect(told.at(-1)).toEqual([FIRST.length, total]);
    expect(told.map(([received]) => received)).toEqual(told.map(([received]) => received).sort((a, b) => a - b));
  });

  it('ends with the signal, and nothing has changed', async () => {
    const { store, asked } = lab({ [INDEX]: offering([]), [PUBLISHED.lite]: streamed({}) });
    const controller = new AbortController();
    const stop = (received: number): void => (received > 0 ? controller.abort() : undefined);
    expect(await store.fetchModel('lite', PUBLISHED.lite, stop, controller.signal)).toEqual({
      ok: true,
      value: undefined,
    });
    expect(await store.kept('lite')).toBeUndefined();
    expect(asked).toHaveLength(2);
    expect(store.problems).toEqual({});
    expect(await store.fetchModel('lite', PUBLISHED.lite, quiet, controller.signal)).toEqual({
      ok: true,
      value: undefined,
    });
  });
});

describe('an address', () => {
  it.each([
    'http://models.example/x.task',
    'https://user:pw@models.example/x.task',
    '//models.example/x.task',
    'models.example/x.task',
    'ftp://models.example/x.task',
    'data:application/octet-stream,x',
    'https://',
    '',
  ])('is refused unasked: %j', async (address) => {
    const { store, asked } = lab({ [INDEX]: offering([], ['https://models.example']) });
    expect(await fetched(store, address)).toBe('pose-model-address');
    expect(asked.map(({ url }) => url)).toEqual([INDEX]);
    expect(store.problems).toEqual({ 'pose-model-address': 1 });
  });

  it.each([
    ['https://models.example/x.task', ['https://models.example'], true],
    ['https://models.example:444/x.task', ['https://models.example'], false],
    [
      'https://storage.googleapis.com/mediapipe-models/x.task',
      ['https://storage.googleapis.com/mediapipe-models/'],
      true,
    ],
    ['https://storage.googleapis.com/other/x.task', ['https://storage.googleapis.com/mediapipe-models/'], false],
    [PUBLISHED.lite, [], false],
    ['/x.task', [], true],
  ])('%s with %j allowed: %j', async (address, origins, allowed) => {
    const { store } = lab({ [INDEX]: offering([], origins), [new URL(address, ORIGIN).href]: FIRST });
    const result = await fetched(store, address);
    if (allowed) expect(result).toMatchObject({ bytes: FIRST.length });
    else expect(result).toBe('pose-model-address');
  });

  it.each([
    ['a page instead of a list', '<!doctype html>'],
    ['nothing', new Response('', { status: 404 })],
    ['a list of something else', '[1]'],
    ['odd models', offering([{ kind: 'lite' }, { kind: 'lite', bytes: '5', sha256: 'x' }, null, 5], 'x')],
    ['nothing at all', new TypeError('Failed to fetch')],
  ])('is tried when the server answers with %s', async (_, index) => {
    const { store } = lab({ [INDEX]: index, [PUBLISHED.lite]: FIRST });
    expect(await fetched(store, PUBLISHED.lite)).toMatchObject({ from: PUBLISHED.lite });
  });

  it.each([
    ['no network', new TypeError('Failed to fetch')],
    ['an error page', new Response('gone', { status: 410 })],
    [
      'a connection that breaks',
      new Response(new ReadableStream({ pull: (to) => to.error(new TypeError('network error')) })),
    ],
  ])('that gives %s is unreachable', async (_, answer) => {
    const { store } = lab({ [INDEX]: offering([]), [PUBLISHED.lite]: answer });
    expect(await fetched(store, PUBLISHED.lite)).toBe('pose-model-unreachable');
    expect(await store.kept('lite')).toBeUndefined();
  });
});

describe('a file', () => {
  it('that a person picked is kept under its name', async () => {
    const { store, asked, reload } = lab();
    expect(await store.useFile('lite', file(FIRST))).toMatchObject({ ok: true, value: { from: 'my model é.task' } });
    expect(await store.useFile('lite', file(SECOND))).toMatchObject({ ok: true, value: { sha256: sha(SECOND) } });
    expect(await reload().kept('lite')).toEqual({ bytes: SECOND.length, sha256: sha(SECOND), from: 'my model é.task' });
    expect(await bytesOf(reload())).toEqual(SECOND);
    expect(asked).toEqual([]);
  });

  it('that is no model is refused, and the old one stays', async () => {
    const { store } = lab();
    await store.useFile('lite', file(FIRST));
    expect(await store.useFile('lite', file(new Uint8Array(100)))).toMatchObject({
      error: { code: 'pose-model-corrupt' },
    });
    expect(await bytesOf(store)).toEqual(FIRST);
  });

  it('that is too large is not read', async () => {
    const { store } = lab();
    const large = file(FIRST);
    Object.defineProperty(large, 'size', { value: MAX_MODEL_BYTES + 1 });
    Object.defineProperty(large, 'arrayBuffer', { value: () => Promise.reject(new Error('was read')) });
    expect(await store.useFile('lite', large)).toMatchObject({ error: { code: 'pose-model-too-large' } });
  });

  it('that is gone when it is read is refused', async () => {
    const { store } = lab();
    const moved = file(FIRST);
    Object.defineProperty(moved, 'arrayBuffer', { value: () => Promise.reject(new DOMException('', 'NotFoundError')) });
    expect(await store.useFile('lite', moved)).toMatchObject({ error: { code: 'pose-model-corrupt' } });
  });

  it.each([
    ['by its length', (pull: ReadableStream) => new Response(pull, { headers: { 'content-length': '67108865' } }), 0],
    ['by what comes', (pull: ReadableStream) => new Response(pull), 65],
  ])('that is too large %s is not fetched to its end', async (_, answer, mostPieces) => {
    let pieces = 0;
    let isCancelled = false;
    const endless = new ReadableStream<Uint8Array>(
      {
        pull: (to) => {
          pieces += 1;
          to.enqueue(new Uint8Array(1024 * 1024));
        },
        cancel: () => void (isCancelled = true),
      },
      { highWaterMark: 0 },
    );
    const { store } = lab({ [INDEX]: offering([]), [PUBLISHED.lite]: answer(endless) });
    expect(await fetched(store, PUBLISHED.lite)).toBe('pose-model-too-large');
    expect(pieces).toBe(mostPieces);
    expect(isCancelled).toBe(true);
  });

  it('that was damaged on the device is found at first reading, counted, and can be fetched again', async () => {
    const { store, caches, reload } = lab({ [INDEX]: offering([]), [PUBLISHED.lite]: FIRST });
    await fetched(store, PUBLISHED.lite);
    caches.damage(FILES, LITE_KEY, SECOND);
    const later = reload();
    expect(await bytesOf(later)).toBe('pose-model-corrupt');
    expect(await bytesOf(later)).toBe('pose-model-corrupt');
    expect(later.problems).toEqual({ 'pose-model-corrupt': 2 });
    expect(await fetched(later, PUBLISHED.lite)).toMatchObject({ sha256: sha(FIRST) });
    expect(await bytesOf(later)).toEqual(FIRST);
  });

  it('that another program put there is no model', async () => {
    const { store, caches } = lab();
    const cache = await caches.storage.open(FILES);
    await cache.put(LITE_KEY, new Response(FIRST, { headers: { 'x-sha256': 'x', 'x-bytes': '5', 'x-from': '%' } }));
    expect(await store.kept('lite')).toBeUndefined();
    expect(await bytesOf(store)).toBe('pose-model-corrupt');
  });
});

describe('a browser that keeps nothing', () => {
  it.each([
    ['has no cache', undefined],
    ['refuses to open it', { at: 'open', error: new DOMException('private', 'SecurityError') } as const],
    ['has a full disk', { at: 'put', error: new DOMException('full', 'QuotaExceededError') } as const],
  ])('%s: the model is there for this page', async (_, refuse) => {
    const caches = memoryCaches();
    caches.refuse = refuse;
    const { store, reload } = lab({}, { caches: refuse && caches.storage });
    expect(store.memoryOnly).toBe(false);
    expect(await store.useFile('lite', file(FIRST))).toMatchObject({ ok: true });
    expect(store.memoryOnly).toBe(true);
    expect(await bytesOf(store)).toEqual(FIRST);
    expect(await reload().kept('lite')).toBeUndefined();
    await store.remove('lite');
    expect(store.memoryOnly).toBe(false);
    expect(await bytesOf(store)).toBe('pose-model-missing');
  });

  it('without sums says that there is no camera either, and fetches nothing', async () => {
    const { store, asked } = lab({ [PUBLISHED.lite]: FIRST }, { subtle: undefined });
    expect(await fetched(store, PUBLISHED.lite)).toBe('camera-insecure');
    expect(asked.map(({ url }) => url)).not.toContain(PUBLISHED.lite);
    expect(await store.useFile('lite', file(FIRST))).toMatchObject({ error: { code: 'camera-insecure' } });
  });
});

/** Models in the data folder, as a listening gateway serves them. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PUBLISHED_MODELS } from '../../src/model/pose-files.ts';
import { bodyModel } from '../support/pose-model/body.ts';
import { rawRequest, startGateway, type TestGateway } from './support/gateway.ts';

const LITE = 'pose_landmarker_lite.task';
const MODEL = Buffer.from(bodyModel());
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let gateway: TestGateway;
let folder: string;

async function start(options: Parameters<typeof startGateway>[0] = {}): Promise<void> {
  gateway = await startGateway(options);
  folder = path.join(gateway.dataDir, 'models');
}
beforeEach(() => start());
afterEach(() => gateway.close());

const get = (where: string, headers: Record<string, string> = {}, method = 'GET') =>
  rawRequest(gateway.url, { path: where, headers, method });

async function put(name: string, bytes: Uint8Array): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, name), bytes);
}

const index = async (): Promise<unknown> => JSON.parse((await get('/models/index.json')).body.toString());

/** What a client without the model is told. */
async function expectNone(where = `/models/${LITE}`): Promise<void> {
  const { status, body } = await get(where);
  expect(status, where).toBe(404);
  expect(JSON.parse(body.toString()), where).toMatchObject({ error: { code: 'not-found' } });
}

describe('the list of models', () => {
  it('is empty without a folder, and says from where else they may come', async () => {
    expect(await index()).toEqual({ models: [], origins: [PUBLISHED_MODELS] });
    await expectNone();
  });

  it('has what is in the folder now, with size and sum', async () => {
    await put(LITE, MODEL);
    await put('face_landmarker.task', Buffer.from('face'));
    await put('other.task', MODEL);
    const entry = (kind: string, bytes: Buffer) => ({ kind, bytes: bytes.length, sha256: sha(bytes) });
    expect(await index()).toMatchObject({ models: [entry('lite', MODEL), entry('face', Buffer.from('face'))] });
    await put('face_landmarker.task', Buffer.from('FACE!'));
    expect(await index()).toMatchObject({ models: [entry('lite', MODEL), entry('face', Buffer.from('FACE!'))] });
    await rm(path.join(folder, LITE));
    expect(await index()).toMatchObject({ models: [entry('face', Buffer.from('FACE!'))] });
    expect((await get('/models/index.json')).headers['cache-control']).toBe('no-store');
  });

  it('says where else as the pages are told', async () => {
    const appDir = await mkdtemp(path.join(tmpdir(), 'app-'));
    await writeFile(path.join(appDir, 'index.html'), '<!doctype html>');
    for (const modelOrigins of [[], [PUBLISHED_MODELS, 'https://models.example']]) {
      await gateway.close();
      await start({ appDir, modelOrigins });
      expect(await index()).toMatchObject({ origins: modelOrigins });
      const policy = String((await get('/')).headers['content-security-policy']);
      const [connect = ''] = /connect-src [^;]*/.exec(policy) ?? [];
      expect(connect.split(' ').filter((source) => source.startsWith('https:'))).toEqual(modelOrigins);
    }
    await rm(appDir, { recursive: true });
  });
});

describe('a model', () => {
  it('is sent as it is', async () => {
    await put(LITE, MODEL);
    const { status, headers, body } = await get(`/models/${LITE}`, { 'accept-encoding': 'br, gzip' });
    expect(status).toBe(200);
    expect(body.equals(MODEL)).toBe(true);
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(MODEL.length),
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      etag: `"${sha(MODEL)}"`,
    });
    expect(headers['content-encoding']).toBeUndefined();
  });

  it('is not sent to those who have it, and HEAD has the headers only', async () => {
    await put(LITE, MODEL);
    const etag = `"${sha(MODEL)}"`;
    const known = await get(`/models/${LITE}`, { 'if-none-match': etag });
    expect([known.status, known.body.length]).toEqual([304, 0]);
    expect((await get(`/models/${LITE}`, { 'if-none-match': '"x"' })).status).toBe(200);
    const head = await get(`/models/${LITE}`, {}, 'HEAD');
    expect([head.status, head.body.length]).toEqual([200, 0]);
    expect(head.headers).toMatchObject({ etag, 'content-length': String(MODEL.length) });
  });

  it('may be empty', async () => {
    await put(LITE, Buffer.alloc(0));
    const { status, body } = await get(`/models/${LITE}`);
    expect([status, body.length]).toEqual([200, 0]);
  });

  it.each([
    '/models/other.task',
    '/models/',
    '/models',
    '/models/index.html',
    '/models/../sensocto.db',
    '/models/%2e%2e/sensocto.db',
    '/models/..%2fsensocto.db',
    `/models/x/${LITE}`,
    `/models/${LITE}/`,
    `/models/${LITE}%00`,
    `/models/${LITE.toUpperCase()}`,
  ])('has one of four names: %s is nothing', async (where) => {
    await put(LITE, MODEL);
    await put('other.task', MODEL);
    const { status, body } = await get(where);
    expect(status).toBe(404);
    expect(body.includes(MODEL.subarray(0, 64))).toBe(false);
  });

  it('is a regular file: neither a link, nor a folder, nor a pipe', async () => {
    const places = ['pose_landmarker_full.task', 'pose_landmarker_heavy.task', 'face_landmarker.task'];
    const [link = '', directory = '', pipe = ''] = places;
    await put(LITE, MODEL);
    await symlink(path.join(folder, LITE), path.join(folder, link));
    await mkdir(path.join(folder, directory));
    execFileSync('mkfifo', [path.join(folder, pipe)]);
    expect(await index()).toMatchObject({ models: [{ kind: 'lite' }] });
    for (const name of places) await expectNone(`/models/${name}`);
    // The folder itself may be a link: to another disk, say.
    await rename(folder, `${folder}-elsewhere`);
    await symlink(`${folder}-elsewhere`, folder);
    expect((await get(`/models/${LITE}`)).status).toBe(200);
  });

  it('cannot be written', async () => {
    await put(LITE, MODEL);
    for (const method of ['POST', 'PUT', 'DELETE']) expect((await get(`/models/${LITE}`, {}, method)).status).toBe(404);
    expect((await get(`/models/${LITE}`)).body.equals(MODEL)).toBe(true);
  });

  it('is read piece by piece, and closed when nobody wants the rest', async () => {
    const large = 200 * 1024 * 1024;
    await put(LITE, Buffer.alloc(0));
    await truncate(path.join(folder, LITE), large);
    await index();
    const before = process.memoryUsage().rss;
    for (let round = 0; round < 5; round += 1) {
      const outgoing = request(`${gateway.url}/models/${LITE}`, { agent: false }).end();
      const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
      await once(answer, 'data');
      answer.destroy();
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
    const open = (): string => execFileSync('ls', ['-l', `/proc/${process.pid}/fd`]).toString();
    await expect.poll(open).not.toContain(LITE);
  });

  it('breaks off when the file becomes shorter meanwhile', async () => {
    await put(LITE, Buffer.alloc(0));
    await truncate(path.join(folder, LITE), 50_000_000);
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const answer = await fetch(`${gateway.url}/models/${LITE}`);
    await truncate(path.join(folder, LITE), 1000);
    await expect(answer.arrayBuffer()).rejects.toThrow();
    expect(String(told.mock.calls)).toContain('the file became shorter');
    told.mockRestore();
    expect((await get(`/models/${LITE}`)).body.length).toBe(1000);
  });
});

describe('in front of a real server', () => {
  it('models come from this gateway', async () => {
    const seen: (string | undefined)[] = [];
    const upstream = createServer((incoming, response) => {
      seen.push(incoming.url);
      response.end('upstream');
    }).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    await gateway.close();
    await start({ upstream: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}` });
    await put(LITE, MODEL);
    expect((await get(`/models/${LITE}`)).body.equals(MODEL)).toBe(true);
    expect(await index()).toMatchObject({ models: [{ kind: 'lite' }] });
    expect(seen).toEqual([]);
    upstream.close();
  });
});

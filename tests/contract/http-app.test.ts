/** The built app as a listening gateway serves it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PUBLISHED_MODELS } from '../../src/model/pose-files.ts';
import { rawRequest, startGateway, type TestGateway } from './support/gateway.ts';

const PAGE = `<!doctype html><title>Sensocto</title>${'<p>text</p>'.repeat(200)}`;
const FILES: Readonly<Record<string, string>> = {
  'index.html': PAGE,
  'sw.js': 'self.addEventListener("fetch", () => {})',
  'manifest.webmanifest': '{"name":"Sensocto"}',
  'assets/main-4f2a.js': `export const a = ${JSON.stringify('x'.repeat(5000))}`,
  'assets/sensor-worker-99.js': 'postMessage(1)',
  'assets/pose-1.wasm': 'not really',
};
let gateway: TestGateway;
let appDir: string;

beforeAll(async () => {
  appDir = await mkdtemp(path.join(tmpdir(), 'app-'));
  for (const [name, text] of Object.entries(FILES)) {
    await mkdir(path.dirname(path.join(appDir, name)), { recursive: true });
    await writeFile(path.join(appDir, name), text);
  }
  gateway = await startGateway({ appDir });
});
afterAll(async () => {
  await gateway.close();
  await rm(appDir, { recursive: true });
});

const get = (where: string, headers: Record<string, string> = {}) => rawRequest(gateway.url, { path: where, headers });

describe('the app', () => {
  it('is at /, as HTML, asked for anew each time', async () => {
    const { status, headers, body } = await get('/');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['cache-control']).toBe('no-cache');
    expect(body.toString()).toBe(PAGE);
    expect((await get('/index.html')).body.toString()).toBe(PAGE);
    expect((await get('/?utm=1')).status).toBe(200);
  });

  it.each([
    ['/sw.js', 'text/javascript; charset=utf-8', 'no-cache'],
    ['/manifest.webmanifest', 'application/manifest+json; charset=utf-8', 'no-cache'],
    ['/assets/main-4f2a.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
    ['/assets/pose-1.wasm', 'application/wasm', 'public, max-age=31536000, immutable'],
  ])('%s has its type and lifetime', async (where, type, lifetime) => {
    const { headers } = await get(where);
    expect(headers['content-type']).toBe(type);
    expect(headers['cache-control']).toBe(lifetime);
  });

  it.each(['/', '/sw.js', '/assets/sensor-worker-99.js'])('%s has a strict policy as a header', async (where) => {
    const { headers } = await get(where);
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
    expect(policy).toContain(
      `connect-src 'self' ws://127.0.0.1:${gateway.port} ws://127.0.0.1:12345 ws://localhost:12345 ${PUBLISHED_MODELS};`,
    );
    expect(policy).toContain("frame-ancestors 'none'");
    const others = policy.replace(PUBLISHED_MODELS, '');
    expect(others).not.toMatch(/unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|\*|https?:/);
    const permissions = String(headers['permissions-policy']);
    for (const feature of [
      'camera',
      'microphone',
      'geolocation',
      'bluetooth',
      'serial',
      'accelerometer',
      'gyroscope',
    ]) {
      expect(permissions).toContain(`${feature}=(self)`);
    }
    expect(permissions).toContain('screen-wake-lock=(self)');
    expect(permissions).toContain('payment=()');
  });

  it('comes in the encoding asked for, with its own tag', async () => {
    const plain = await get('/');
    const brotli = await get('/', { 'accept-encoding': 'gzip, br' });
    const gzip = await get('/', { 'accept-encoding': 'gzip' });
    expect(brotli.headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(brotli.body).toString()).toBe(PAGE);
    expect(gzip.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(gzip.body).toString()).toBe(PAGE);
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(new Set([plain, brotli, gzip].map((answer) => answer.headers.etag)).size).toBe(3);
    for (const answer of [plain, brotli, gzip]) {
      expect(answer.headers.vary).toBe('accept-encoding');
      expect(answer.headers['content-length']).toBe(String(answer.body.length));
    }
  });

  it('is not sent again when the browser has it', async () => {
    const first = await get('/', { 'accept-encoding': 'br' });
    const etag = String(first.headers.etag);
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await get('/', { 'accept-encoding': 'br', 'if-none-match': tag });
      expect(again.status).toBe(304);
      expect(again.body.length).toBe(0);
      expect(again.headers.etag).toBe(etag);
      expect(again.headers['content-security-policy']).toBeDefined();
    }
    expect((await get('/', { 'accept-encoding': 'gzip', 'if-none-match': etag })).status).toBe(200);
  });

  it('answers HEAD with the headers of GET', async () => {
    const whole = await get('/');
    const head = await rawRequest(gateway.url, { path: '/', method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.body.length).toBe(0);
    expect(head.headers['content-length']).toBe(whole.headers['content-length']);
    expect(head.headers.etag).toBe(whole.headers.etag);
  });

  it('never serves anything else', async () => {
    for (const where of [
      '/../../../etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/assets/..%2f..%2findex.html',
      '/assets/',
      '//etc/passwd',
      '/.stamp',
      '/%',
      '/nothing.js',
    ]) {
      const { status, body } = await get(where);
      expect([400, 404], where).toContain(status);
      expect(body.toString()).not.toContain('root:');
    }
    expect((await rawRequest(gateway.url, { path: '/', method: 'POST' })).status).toBe(404);
  });
});

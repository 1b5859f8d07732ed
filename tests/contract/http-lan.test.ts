/** `--lan`: https that a device trusts after installing one certificate. */
import { X509Certificate } from 'node:crypto';
import https from 'node:https';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from './support/gateway.ts';

let gateway: TestGateway;
let authority: string;

beforeAll(async () => {
  gateway = await startGateway({ lan: true, host: '127.0.0.1' });
  const der = await (await fetch(gateway.lan?.ca_url ?? '')).arrayBuffer();
  authority = new X509Certificate(Buffer.from(der)).toString();
});
afterAll(() => gateway.close());

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

function get(where: string, host = '127.0.0.1'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host, port: gateway.port, path: where, ca: authority, agent: false };
    const request = https.get(options, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += String(chunk)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    request.on('error', reject);
  });
}

describe('a gateway for the network', () => {
  it('serves https that a client with only its authority trusts', async () => {
    expect(gateway.url).toBe(`https://127.0.0.1:${gateway.port}`);
    for (const host of ['127.0.0.1', 'localhost']) {
      const answer = await get('/api/lan', host);
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.text)).toEqual(gateway.lan);
    }
    await expect(fetch(`${gateway.url}/api/lan`)).rejects.toThrow();
  });

  it('serves the page and the certificate without https too, and nothing else there', async () => {
    const { origin } = new URL(gateway.lan?.ca_url ?? '');
    const page = await fetch(`${origin}/`);
    expect(page.url).toBe(`${origin}/lan`);
    const html = await page.text();
    expect(html).toContain(gateway.lan?.fingerprint);
    expect(html).toContain(`href="${gateway.url}/"`);
    for (const system of ['Android', 'iPhone', 'Windows', 'macOS', 'Linux']) expect(html).toContain(system);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    const certificate = await fetch(`${origin}/lan/ca.crt`);
    expect(certificate.headers.get('content-type')).toBe('application/x-x509-ca-cert');
    const parsed = new X509Certificate(Buffer.from(await certificate.arrayBuffer()));
    expect(parsed.ca).toBe(true);
    expect(parsed.fingerprint256).toBe(gateway.lan?.fingerprint);
    for (const where of ['/api/sensors', '/api/guests', '/health/live']) {
      expect((await fetch(`${origin}${where}`)).status).toBe(404);
    }
    expect((await get('/lan')).text).toBe(html);
  });

  it('does not take "missing" for a token, wherever it listens', async () => {
    const answer = await get('/api/me');
    expect(answer.status).toBe(401);
    expect(String(answer.headers['content-security-policy'])).toContain("default-src 'none'");
  });

  it('starts nothing when the port for the page is taken', async () => {
    // Below the range the system hands out: the port before it must not go to somebody else meanwhile.
    const port = 20_001 + (process.pid % 5000) * 2;
    const taken = createServer().listen(port, '127.0.0.1');
    await once(taken, 'listening');
    await expect(startGateway({ lan: true, host: '127.0.0.1', port: port - 1 })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      port,
    });
    const free = createServer().listen(port - 1, '127.0.0.1');
    await once(free, 'listening');
    free.close();
    taken.close();
  });
});

describe('a gateway with the proxy and --lan', () => {
  it('tells the app its own address, not the server behind it', async () => {
    const behind = await startGateway();
    const front = await startGateway({ lan: true, host: '127.0.0.1', upstream: behind.url });
    try {
      const { origin } = new URL(front.lan?.ca_url ?? '');
      expect(await (await fetch(`${origin}/api/lan`)).json()).toEqual(front.lan);
    } finally {
      await front.close();
      await behind.close();
    }
  });
});

import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLan } from '../../../../server/lan/network.ts';

const DAY = 86_400_000;
let dir: string;
beforeEach(() => (dir = mkdtempSync(path.join(tmpdir(), 'lan-'))));
afterEach(() => rmSync(dir, { recursive: true }));

const file = (name: string): string => path.join(dir, 'lan', name);
const leafOf = (cert: string): X509Certificate => new X509Certificate(cert);

describe('the local authority', () => {
  it('keeps its keys to their owner', () => {
    openLan(dir, Date.now(), () => ['192.168.1.20']);
    expect(statSync(path.join(dir, 'lan')).mode & 0o777).toBe(0o700);
    for (const key of ['ca.key', 'server.key']) expect(statSync(file(key)).mode & 0o777).toBe(0o600);
  });

  it('signs a chain OpenSSL accepts, for this address and no other', () => {
    openLan(dir, Date.now(), () => ['192.168.1.20', 'fd00::5']);
    const verify = (...extra: string[]): string =>
      execFileSync('openssl', ['verify', '-x509_strict', '-CAfile', file('ca.crt'), ...extra, file('server.crt')], {
        encoding: 'utf8',
        stdio: 'pipe',
      });
    expect(verify('-verify_ip', '192.168.1.20', '-purpose', 'sslserver')).toContain('OK');
    expect(verify('-verify_ip', 'fd00::5')).toContain('OK');
    expect(verify('-verify_hostname', 'localhost')).toContain('OK');
    expect(() => verify('-verify_ip', '192.168.1.21')).toThrow();
    const text = execFileSync('openssl', ['x509', '-in', file('ca.crt'), '-noout', '-text'], { encoding: 'utf8' });
    expect(text).toContain('CA:TRUE, pathlen:0');
    expect(text).toContain('Certificate Sign, CRL Sign');
    expect(text).toContain('IP:192.168.0.0/255.255.0.0');
    expect(text).toContain('DNS:local');
  });

  it('lasts ten years, its server certificate at most 397 days', () => {
    const { files, certificate } = openLan(dir, Date.now(), () => []);
    const life = (cert: X509Certificate): number => (Date.parse(cert.validTo) - Date.parse(cert.validFrom)) / DAY;
    expect(life(leafOf(files.cert))).toBeLessThanOrEqual(397);
    expect(life(new X509Certificate(certificate))).toBeGreaterThan(3640);
  });

  it('stays the same over restarts, and so does the server certificate', () => {
    const first = openLan(dir, Date.now(), () => ['192.168.1.20']);
    const second = openLan(dir, Date.now(), () => ['192.168.1.20']);
    expect(second.info(1, 2)).toEqual(first.info(1, 2));
    expect(second.files).toEqual(first.files);
  });

  it('gives a new server certificate when addresses change or its end is near, under the same authority', () => {
    let addresses = ['192.168.1.20'];
    const start = Date.now();
    const lan = openLan(dir, start, () => addresses);
    expect(lan.refresh(start + DAY)).toBeUndefined();
    addresses = ['10.0.0.7'];
    expect(leafOf(lan.refresh(start + DAY)?.cert ?? '').checkIP('10.0.0.7')).toBe('10.0.0.7');
    expect(lan.info(4173, 4174)).toMatchObject({
      url: 'https://10.0.0.7:4173',
      ca_url: 'http://10.0.0.7:4174/lan/ca.crt',
    });
    const later = lan.refresh(start + 370 * DAY);
    expect(later).toBeDefined();
    const authority = new X509Certificate(readFileSync(file('ca.crt')));
    expect(leafOf(later?.cert ?? '').verify(authority.publicKey)).toBe(true);
  });

  it('vouches for a public address only if it was made with it', () => {
    let addresses = ['203.0.113.9'];
    const lan = openLan(dir, Date.now(), () => addresses);
    expect(lan.outside).toEqual([]);
    addresses = ['203.0.113.10', '192.168.1.20'];
    const cert = leafOf(lan.refresh(Date.now())?.cert ?? '');
    expect(lan.outside).toEqual(['203.0.113.10']);
    expect(cert.checkIP('203.0.113.10')).toBeUndefined();
    expect(lan.info(1, 2).addresses).toEqual(['192.168.1.20']);
  });

  it('is made again after its end, and after a crash between its two files', () => {
    const start = Date.now();
    const first = openLan(dir, start, () => []).info(1, 2).fingerprint;
    const second = openLan(dir, start + 3700 * DAY, () => []).info(1, 2).fingerprint;
    expect(second).not.toBe(first);
    rmSync(file('ca.crt'));
    const third = openLan(dir, start + 3700 * DAY, () => []);
    expect(leafOf(third.files.cert).verify(new X509Certificate(third.certificate).publicKey)).toBe(true);
  });
});

describe('a server with these files', () => {
  it('is trusted by a client that knows only the authority, by address and by name', async () => {
    const lan = openLan(dir, Date.now(), () => []);
    const server = https.createServer(lan.files, (_, response) => response.end('hello'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      for (const servername of ['', 'localhost']) {
        const host = '127.0.0.1';
        const check = servername === '' ? { host, port } : { host, port, servername };
        const socket = connect({ ...check, ca: readFileSync(file('ca.crt')) });
        await once(socket, 'secureConnect');
        expect(socket.authorized).toBe(true);
        socket.destroy();
      }
      const stranger = connect({ host: '127.0.0.1', port });
      const [error] = (await once(stranger, 'error')) as [Error];
      expect(error.message).toMatch(/self-signed certificate in certificate chain|unable to/);
    } finally {
      server.close();
    }
  });
});

/** The gateway as a process: what it prints, how it stops, what it keeps. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openStore } from '../../server/store/store.ts';
import { bundleForNode } from '../support/node-bundle.ts';

let program: string;
let dataDir: string;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  program = await bundleForNode('server/main.ts');
});
afterAll(() => rmSync(path.dirname(program), { recursive: true, force: true }));
beforeEach(() => (dataDir = mkdtempSync(path.join(tmpdir(), 'process-'))));
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  rmSync(dataDir, { recursive: true, force: true });
});

interface Run {
  readonly child: ChildProcess;
  /** All it has printed. */
  out(): string;
  err(): string;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
}

function run(args: readonly string[], env: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, PORT: '0', HOST: '', DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string | null);
  return { child, out: () => out, err: () => err, ended };
}

/** Starts it and waits for the line that says where it is. */
async function start(args: readonly string[] = [], env: Record<string, string> = {}): Promise<Run & { url: string }> {
  const running = run(args, env);
  const deadline = Date.now() + 20_000;
  for (;;) {
    const [, url] = /^ready {2}(\S+\/)$/m.exec(running.out()) ?? [];
    if (url !== undefined) return { ...running, url };
    if (Date.now() > deadline) throw new Error(`not ready: ${running.out()}${running.err()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function openSocket(url: string): Promise<WebSocket> {
  const ws = new WebSocket(`${url.replace('http', 'ws')}socket/websocket?vsn=2.0.0`);
  await once(ws, 'open');
  return ws;
}

const TOPIC = 'sensocto:sensor:s1';
const JOIN = {
  ...{
    connector_id: 'c',
    connector_name: 'C',
    sensor_id: 's1',
    sensor_name: 'S',
    attributes: {},
    sensor_type: 'generic',
  },
  ...{ sampling_rate: 10, batch_size: 5, bearer_token: 'missing' },
};
const frame = (ref: string, event: string, payload: unknown): string =>
  JSON.stringify(['1', ref, TOPIC, event, payload]);

describe('the process', () => {
  it('says ready once, with an address that answers', async () => {
    const { url, out } = await start();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect((await fetch(`${url}health/live`)).status).toBe(200);
    expect(out().match(/ready/g)).toHaveLength(1);
  });

  it.each([['SIGTERM'], ['SIGINT']] as const)('stops cleanly on %s, also when it comes twice', async (signal) => {
    const { url, child, ended, err } = await start();
    const ws = await openSocket(url);
    const closed = once(ws, 'close');
    child.kill(signal);
    child.kill(signal);
    expect((await closed)[0]).toBe(1012);
    expect(await ended).toBe(0);
    expect(err()).toBe('');
    await expect(fetch(`${url}health/live`)).rejects.toThrow();
  });

  it('loses nothing it has confirmed when stopped in the middle of a stream', async () => {
    const { url, child, ended } = await start();
    const ws = await openSocket(url);
    ws.send(frame('1', 'phx_join', JOIN));
    let sent = 0;
    let confirmed = 0;
    ws.on('message', (data: Buffer) => {
      const [, ref, , event] = JSON.parse(data.toString()) as unknown[];
      if (event === 'phx_reply' && typeof ref === 'string' && ref.startsWith('ping')) confirmed = Number(ref.slice(4));
    });
    const batch = (): void => {
      const samples = Array.from({ length: 50 }, () => ({
        attribute_id: 'ecg',
        payload: sent++,
        timestamp: Date.now(),
      }));
      ws.send(frame(`b${sent}`, 'measurements_batch', samples));
      ws.send(frame(`ping${sent}`, 'ping', {}));
    };
    const timer = setInterval(batch, 2);
    while (confirmed <= 1000) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGTERM');
    await once(ws, 'close');
    clearInterval(timer);
    expect(await ended).toBe(0);

    expect(confirmed).toBeGreaterThan(1000);
    const store = openStore(dataDir, { retentionDays: 30 });
    const kept = store.read('s1', 'ecg').map((sample) => sample.payload);
    store.close();
    expect(kept.length).toBeGreaterThanOrEqual(confirmed);
    expect(kept).toEqual(kept.map((_, index) => index));
  });

  it('knows its guests after a restart', async () => {
    const first = await start();
    const body = JSON.stringify({ display_name: 'Ada' });
    const minted = await fetch(`${first.url}api/guests`, { method: 'POST', body });
    const { bearer_token: token } = (await minted.json()) as { bearer_token: string };
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    const second = await start();
    const me = await fetch(`${second.url}api/me`, { headers: { authorization: `Bearer ${token}` } });
    expect(await me.json()).toMatchObject({ ok: true, user: { display_name: 'Ada' } });
  });
});

describe('a start that cannot work', () => {
  it.each([
    [['--port', 'many'], 'The port must be a number from 0 to 65535.\n'],
    [['--server', 'nonsense'], '--server must be an address'],
  ])('with %j ends with 2 and one sentence', async (args, sentence) => {
    const { ended, out, err } = run(args);
    expect(await ended).toBe(2);
    expect(err()).toContain(sentence);
    expect(err().trim().split('\n')).toHaveLength(1);
    expect(out()).toBe('');
  });

  it('on a port in use ends with 1 and one sentence', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { ended, out, err } = run(['--port', String(port)]);
    expect(await ended).toBe(1);
    expect(err()).toBe(`Port ${port} is in use. Stop what uses it, or choose another one with --port.\n`);
    expect(out()).toBe('');
    taken.close();
  });

  it('on a foreign address or with a data folder that cannot be, likewise', async () => {
    const foreign = run(['--host', '203.0.113.1']);
    expect(await foreign.ended).toBe(1);
    expect(foreign.err()).toBe('203.0.113.1 is not an address of this machine. See --host.\n');
    const nowhere = run(['--data-dir', '/dev/null/data']);
    expect(await nowhere.ended).toBe(1);
    expect(nowhere.err().trim().split('\n')).toHaveLength(1);
  });

  it('shows its help', async () => {
    const { ended, out } = run(['--help']);
    expect(await ended).toBe(0);
    expect(out()).toContain('--lan');
  });
});

describe('with --lan', () => {
  it('shows a QR code, where to install the certificate, and its fingerprint', async () => {
    const { url, out, child, ended } = await start(['--lan', '--host', '127.0.0.1']);
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/$/);
    expect(out()).toMatch(/[▀▄█]{5}/);
    expect(out()).toMatch(/http:\/\/127\.0\.0\.1:\d+\/lan$/m);
    expect(out()).toMatch(/([0-9A-F]{2}:){31}[0-9A-F]{2}/);
    expect(out().match(/ready/g)).toHaveLength(1);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});

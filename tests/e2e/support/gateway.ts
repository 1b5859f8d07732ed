/** The built gateway as a process of its own, on a free port, with a data folder that goes away with it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../support/sources.ts';

const PROGRAM = join(ROOT, 'dist', 'server', 'main.js');
const START_LIMIT = 20_000;

export interface GatewayProcess {
  /** e.g. `http://127.0.0.1:41733`; the same after a restart. */
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  /** Process id now. */
  pid(): number;
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>;
  /** Asks it to stop, and waits. */
  stop(): Promise<void>;
  /** Starts it again, same port and data. */
  start(): Promise<void>;
  /** Everything it printed. */
  output(): string;
  /** Stops it and removes its data. */
  dispose(): Promise<void>;
}

/** Starts a gateway. Throws with its output if it does not say `ready` in time. */
export async function startGateway(args: readonly string[] = []): Promise<GatewayProcess> {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: build first (npm run build).`);
  const dataDir = await mkdtemp(join(tmpdir(), 'sensocto-'));
  const port = await freePort();
  let child: ChildProcess | undefined;
  let printed = '';

  async function start(): Promise<void> {
    const env = { ...process.env, PORT: String(port), HOST: '127.0.0.1', DATA_DIR: dataDir };
    const started = spawn(process.execPath, [PROGRAM, ...args], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    await new Promise<void>((ready, fail) => {
      const timer = setTimeout(() => fail(new Error(`the gateway is not ready:\n${printed}`)), START_LIMIT);
      const collect = (chunk: Buffer): void => {
        printed += chunk.toString();
        if (!/\bready\b/.test(printed)) return;
        clearTimeout(timer);
        ready();
      };
      started.stdout.on('data', collect);
      started.stderr.on('data', collect);
      started.once('exit', (code) => {
        clearTimeout(timer);
        fail(new Error(`the gateway ended with ${code}:\n${printed}`));
      });
    });
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((done) => running.once('exit', done));
    running.kill(signal);
    await gone;
  }

  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    dataDir,
    pid: () => child?.pid ?? -1,
    output: () => printed,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    start: () => {
      printed = '';
      return start();
    },
    async dispose() {
      await end('SIGTERM');
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A port nobody listens on now. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((listening) => probe.listen(0, '127.0.0.1', listening));
  const address = probe.address();
  await new Promise((closed) => probe.close(closed));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

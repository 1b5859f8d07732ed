/** The built gateway as a process of its own, on a free port, with a data folder that goes away with it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = join(ROOT, 'dist', 'server', 'main.js');
/** ms until it must have said that it is ready. */
const START_LIMIT = 20_000;

/** One gateway, its address and data folder; the process behind it may come and go. */
export class GatewayProcess {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;
  #printed = '';
  #args;

  /** @param {number} port @param {string} dataDir @param {readonly string[]} args */
  constructor(port, dataDir, args) {
    this.port = port;
    this.dataDir = dataDir;
    this.#args = args;
  }

  /** e.g. `http://127.0.0.1:41733`; the same after a restart. */
  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Process id now; -1 while stopped. */
  get pid() {
    return this.#child?.pid ?? -1;
  }

  /** Everything it printed since its last start. */
  get output() {
    return this.#printed;
  }

  /** Starts it, again with the same port and data. Throws with its output if it does not say `ready` in time. */
  async start() {
    this.#printed = '';
    const env = { ...process.env, PORT: String(this.port), HOST: '127.0.0.1', DATA_DIR: this.dataDir };
    const child = spawn(process.execPath, [PROGRAM, ...this.#args], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    await /** @type {Promise<void>} */ (
      new Promise((ready, fail) => {
        const timer = setTimeout(() => fail(new Error(`the gateway is not ready:\n${this.#printed}`)), START_LIMIT);
        const collect = (/** @type {Buffer} */ chunk) => {
          this.#printed += chunk.toString();
          if (!/\bready\b/.test(this.#printed)) return;
          clearTimeout(timer);
          ready();
        };
        child.stdout.on('data', collect);
        child.stderr.on('data', collect);
        child.once('exit', (code) => {
          clearTimeout(timer);
          fail(new Error(`the gateway ended with ${code}:\n${this.#printed}`));
        });
      })
    );
  }

  /** Ends it at once, as a power cut would. */
  kill() {
    return this.#end('SIGKILL');
  }

  /** Asks it to stop, and waits. */
  stop() {
    return this.#end('SIGTERM');
  }

  /** Stops it and removes its data. */
  async dispose() {
    await this.#end('SIGTERM');
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** @param {NodeJS.Signals} signal */
  async #end(signal) {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await gone;
  }
}

/**
 * Starts a gateway with a fresh data folder.
 * @param {readonly string[]} [args] flags of its command line
 */
export async function startGateway(args = []) {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: build first (npm run build).`);
  const dataDir = await mkdtemp(join(tmpdir(), 'sensocto-'));
  const gateway = new GatewayProcess(await freePort(), dataDir, args);
  await gateway.start();
  return gateway;
}

/** A port nobody listens on now. */
async function freePort() {
  const probe = createServer();
  await /** @type {Promise<void>} */ (new Promise((listening) => probe.listen(0, '127.0.0.1', listening)));
  const address = probe.address();
  await new Promise((closed) => probe.close(closed));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

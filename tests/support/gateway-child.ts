/** The gateway as a process of its own that may be killed and started again on the same data. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface GatewayChild {
  /** e.g. `http://127.0.0.1:41733`. */
  readonly url: string;
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>;
}

/**
 * Starts it on a free port.
 * @param program what `bundleForNode('server/main.ts')` made
 */
export async function startChild(
  program: string,
  dataDir: string,
  args: readonly string[] = [],
): Promise<GatewayChild> {
  const env = { ...process.env, PORT: '0', HOST: '127.0.0.1', DATA_DIR: dataDir };
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  return { url: await readyUrl(child), kill: () => kill(child) };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const collect = (chunk: Buffer): void => {
      printed += chunk.toString();
      const [, url] = /^ready {2}(\S+)\/$/m.exec(printed) ?? [];
      if (url !== undefined) resolve(url);
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.once('exit', (code) => reject(new Error(`the gateway ended with ${code}:\n${printed}`)));
  });
}

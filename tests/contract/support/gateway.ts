/** A real gateway in this process, on a free port, with folders of its own that go away with it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createGateway, type RunningGateway } from '../../../server/gateway.ts';
import { createLog } from '../../../server/log.ts';
import type { GatewayOptions } from '../../../server/ports.ts';

export interface TestGateway extends RunningGateway {
  readonly dataDir: string;
  /** Lines it has logged. */
  readonly logged: readonly string[];
}

/** Starts a gateway; `close` also removes its data. */
export async function startGateway(options: Partial<GatewayOptions> = {}): Promise<TestGateway> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'gateway-'));
  const logged: string[] = [];
  const log = createLog({ write: (line) => void logged.push(line) });
  const gateway = await createGateway({ host: '127.0.0.1', port: 0, dataDir, retentionDays: 30, ...options }, log);
  const close = async (): Promise<void> => {
    await gateway.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { ...gateway, close, dataDir, logged };
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A request with exactly this path and these headers: `fetch` would tidy both up. */
export function rawRequest(
  url: string,
  options: { path?: string; method?: string; headers?: Record<string, string> } = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, agent: false, path: '/', ...options }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
      );
      answer.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** `POST` of a value as JSON. */
export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

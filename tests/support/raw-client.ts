/** A socket that speaks frames as they are on the wire, and waits for what comes back. */
import { once } from 'node:events';
import { WebSocket } from 'ws';

export class RawClient {
  readonly ws: WebSocket;
  /** Frames not taken yet, oldest first. */
  readonly inbox: unknown[] = [];
  /** Binary frames not taken yet. */
  readonly binary: Buffer[] = [];
  closed: number | undefined;

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.binary.push(data);
      else this.inbox.push(JSON.parse(data.toString('utf8')));
    });
    ws.on('close', (code) => (this.closed = code));
    // A cut connection is what some tests are about; `closed` tells it.
    ws.on('error', () => undefined);
  }

  static async open(url: string): Promise<RawClient> {
    const client = new RawClient(new WebSocket(url));
    await once(client.ws, 'open');
    return client;
  }

  send(...frames: readonly unknown[]): void {
    for (const frame of frames) this.ws.send(JSON.stringify(frame));
  }

  /** The next `count` frames; fails after `timeout` ms. */
  async next(count = 1, timeout = 3000): Promise<unknown[]> {
    const deadline = Date.now() + timeout;
    while (this.inbox.length < count) {
      if (Date.now() > deadline) {
        throw new Error(`${this.inbox.length} of ${count} frames came: ${JSON.stringify(this.inbox)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return this.inbox.splice(0, count);
  }

  /** Everything that comes before the answer to a heartbeat sent now: what the server had to say so far. */
  async settled(): Promise<unknown[]> {
    const ref = `settled-${Math.random()}`;
    this.send([null, ref, 'phoenix', 'heartbeat', {}]);
    const deadline = Date.now() + 5000;
    for (;;) {
      const at = this.inbox.findIndex((frame) => Array.isArray(frame) && frame[1] === ref);
      if (at >= 0) return this.inbox.splice(0, at + 1).slice(0, -1);
      if (Date.now() > deadline) throw new Error(`no heartbeat answer: ${JSON.stringify(this.inbox)}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** The close code the server ended the socket with. */
  async closeCode(timeout = 5000): Promise<number> {
    const deadline = Date.now() + timeout;
    while (this.closed === undefined) {
      if (Date.now() > deadline) throw new Error('still open');
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return this.closed;
  }

  /** Joins and takes the answers; returns them. */
  async join(topic: string, params: unknown, joinRef = '1'): Promise<unknown[]> {
    this.send([joinRef, joinRef, topic, 'phx_join', params]);
    return this.settled();
  }

  async close(): Promise<void> {
    if (this.closed !== undefined) return;
    this.ws.close();
    await this.closeCode();
  }
}

/** The nine keys of a sensor join. */
export function sensorParams(sensorId: string, overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    connector_id: 'conn1',
    connector_name: 'My Phone',
    sensor_id: sensorId,
    sensor_name: `Sensor ${sensorId}`,
    attributes: {},
    sensor_type: 'generic',
    sampling_rate: 10,
    batch_size: 5,
    bearer_token: 'missing',
    ...overrides,
  };
}

/** One measurement. */
export function sample(attribute: string, payload: unknown, timestamp: unknown = 1_706_000_000_000, extra = {}) {
  return { attribute_id: attribute, payload, timestamp, ...extra };
}

/** A reply as it is on the wire. */
export function reply(joinRef: unknown, ref: unknown, topic: unknown, status: string, response: unknown) {
  return [joinRef, ref, topic, 'phx_reply', { response, status }];
}

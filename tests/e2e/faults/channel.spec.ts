/** The socket holds, and what runs on it breaks: channels crash, the server pauses, refuses samples. */
import { decodeBlocks } from '../../../src/protocol/block-sequence.ts';
import { blockLength } from '../../../src/model/block.ts';
import type { RawFrame } from '../../../src/protocol/frame.ts';
import { EVENT } from '../../../src/protocol/sensor.ts';
import { SENSOR_TOPIC_PREFIX } from '../../../src/protocol/topics.ts';
import { expect, pause, test as base } from '../support/faults.ts';
import { statusOf } from '../support/ground-truth.ts';
import { WsProxy, type ProxiedSocket } from '../support/ws-proxy.ts';

const test = base.extend<{ ws: WsProxy }>({
  ws: async ({ gateway }, use) => {
    const proxy = await WsProxy.open(gateway.port);
    await use(proxy);
    await proxy.close();
  },
});

const isSensor = ({ topic }: RawFrame): boolean => String(topic).startsWith(SENSOR_TOPIC_PREFIX);
const isBatch = ({ event }: RawFrame): boolean => event === EVENT.batch || event === EVENT.blocks;

/** Ends channels as a crash of theirs does on the real server, while the socket stays. */
class Crashes {
  readonly #joins = new Map<unknown, { readonly joinRef: unknown; readonly link: ProxiedSocket }>();
  readonly #dead = new Set<unknown>();

  constructor(ws: WsProxy) {
    ws.up = (frame, link) => this.#up(frame, link);
    ws.down = (frame) => (frame.ref === 'crash' || this.#dead.has(frame.joinRef) ? undefined : frame);
  }

  /** Crashes every channel of a sensor, and gives how many there were. */
  all(): number {
    for (const [topic, { joinRef, link }] of this.#joins) {
      link.tellGateway({ joinRef, ref: 'crash', topic, event: 'phx_leave', payload: {} });
      this.#dead.add(joinRef);
      link.tellApp({ joinRef, ref: joinRef, topic, event: 'phx_error', payload: {} });
    }
    const count = this.#joins.size;
    this.#joins.clear();
    return count;
  }

  #up(frame: RawFrame, link: ProxiedSocket): RawFrame | undefined {
    const { joinRef, ref, topic, event } = frame;
    if (!isSensor(frame)) return frame;
    if (event === 'phx_join') this.#joins.set(topic, { joinRef, link });
    if (!this.#dead.has(joinRef)) return frame;
    link.tellApp({ joinRef, ref, topic, event: 'phx_reply', payload: UNMATCHED });
    return undefined;
  }
}

const UNMATCHED = { status: 'error', response: { reason: 'unmatched topic' } };

test('every channel crashes, three times', async ({ app, faults, ws }) => {
  const crashes = new Crashes(ws);
  await faults.attend();
  await faults.stream(app, ws.url);
  for (let times = 0; times < 3; times++) {
    await expect
      .poll(() => crashes.all(), { message: 'channels are joined again', intervals: [300] })
      .toBeGreaterThan(0);
    await pause(1700);
  }
  await faults.expectAllStored(app);
});

test('the server pauses and goes on every second: it is obeyed, and nothing is lost', async ({ app, faults, ws }) => {
  const configs = new Map<unknown, { readonly frame: RawFrame; readonly link: ProxiedSocket }>();
  let pausedAt = Infinity;
  const disobeyed: string[] = [];
  const configured = ({ payload, ...frame }: RawFrame): RawFrame => ({
    ...frame,
    payload: { ...(payload as object), paused: pausedAt < Infinity },
  });
  ws.down = (frame, link) => {
    if (frame.event !== EVENT.backpressure) return frame;
    configs.set(frame.topic, { frame, link });
    return configured(frame);
  };
  ws.up = (frame) => {
    // What was on its way when the pause was said is no fault.
    if (isBatch(frame) && Date.now() - pausedAt > 200) disobeyed.push(String(frame.topic));
    return frame;
  };
  await faults.attend();
  await faults.stream(app, ws.url);
  for (let times = 0; times < 6; times++) {
    pausedAt = times % 2 === 0 ? Date.now() : Infinity;
    for (const { frame, link } of configs.values()) link.tellApp(configured(frame));
    await pause(1000);
    if (times === 0) await expect(app.status).toContainText(/paused/i);
  }
  expect(disobeyed).toEqual([]);
  await faults.expectAllStored(app);
});

/** The samples of a batch, in whichever form it travels. */
function samplesIn({ event, payload }: RawFrame): readonly { attribute: string; seq: number; value: unknown }[] {
  if (event === EVENT.batch) {
    const items = payload as readonly { attribute_id: string; seq: number; payload: unknown }[];
    return items.map((item) => ({ attribute: item.attribute_id, seq: item.seq, value: item.payload }));
  }
  if (!(payload instanceof Uint8Array)) return [];
  return decodeBlocks(payload).records.flatMap(({ block, firstSeq }) =>
    Array.from({ length: blockLength(block) }, (_, i) => ({
      attribute: block.attribute,
      seq: firstSeq + i,
      value: block.kind === 'numeric' ? block.values[i] : block.payloads[i],
    })),
  );
}

test('some samples are refused for good: they are set aside, all others arrive', async ({ app, faults, ws }) => {
  const isPoison = (sample: { attribute: string; seq: number }): boolean =>
    sample.attribute === 'heartrate' && sample.seq % 5 === 2;
  ws.up = (frame) => {
    if (!isBatch(frame)) return frame;
    const poison = samplesIn(frame).filter(isPoison);
    if (poison.length === 0) return frame;
    const sensorId = String(frame.topic).slice(SENSOR_TOPIC_PREFIX.length);
    for (const { attribute, seq, value } of poison) faults.truth.refused(sensorId, attribute, seq, value);
    // A batch that the gateway itself refuses, and answers in its turn.
    return { ...frame, event: EVENT.batch, payload: [{ attribute_id: 'not an id', payload: 1, timestamp: 1 }] };
  };
  await faults.attend();
  await faults.stream(app, ws.url);
  // A backlog, so that refused samples travel among others.
  ws.forbids = true;
  ws.closeAll(1001);
  await pause(3500);
  ws.forbids = false;
  await expect(app.status).toContainText(/live|connected|sending/i, { timeout: 15_000 });
  const aside = async (): Promise<number> => (await statusOf(app.page))?.totals.setAside ?? 0;
  await expect.poll(aside, 'some are set aside').toBeGreaterThan(8);
  await faults.expectAllStored(app);
  await expect.poll(aside, 'as many set aside as were refused').toBe(faults.truth.refusals);
});

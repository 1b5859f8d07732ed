/** A server whose socket holds while what runs on it breaks: for the short runs in a browser, and for the long ones. */
import { blockLength } from '../../../src/model/block.ts';
import { decodeBlocks } from '../../../src/protocol/block-sequence.ts';
import type { RawFrame } from '../../../src/protocol/frame.ts';
import { EVENT } from '../../../src/protocol/sensor.ts';
import { SENSOR_TOPIC_PREFIX } from '../../../src/protocol/topics.ts';
import type { ProxiedSocket, WsProxy } from './ws-proxy.ts';

const UNMATCHED = { status: 'error', response: { reason: 'unmatched topic' } };
/** What was on its way when the pause was said is no fault, ms. */
const ON_THE_WAY = 200;

const NO_SAMPLE = { attribute_id: 'not an id', payload: 1, timestamp: 1 };

const isSensor = ({ topic }: RawFrame): boolean => String(topic).startsWith(SENSOR_TOPIC_PREFIX);
const isBatch = ({ event }: RawFrame): boolean => event === EVENT.batch || event === EVENT.blocks;

/** Ends channels as a crash of theirs does on the real server, while the socket stays. */
export class Crashes {
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

/** Says `paused` in every configuration while it is on, and notes who sends all the same. */
export class Pauses {
  readonly #configs = new Map<unknown, { readonly frame: RawFrame; readonly link: ProxiedSocket }>();
  #since = Infinity;
  /** Topics on which a batch came although the server had paused. */
  readonly disobeyed: string[] = [];

  constructor(ws: WsProxy) {
    ws.down = (frame, link) => {
      if (frame.event !== EVENT.backpressure) return frame;
      this.#configs.set(frame.topic, { frame, link });
      return this.#configured(frame);
    };
    ws.up = (frame) => {
      if (isBatch(frame) && Date.now() - this.#since > ON_THE_WAY) this.disobeyed.push(String(frame.topic));
      return frame;
    };
  }

  /** Tells every channel, now. */
  set(on: boolean): void {
    this.#since = on ? Date.now() : Infinity;
    for (const { frame, link } of this.#configs.values()) link.tellApp(this.#configured(frame));
  }

  #configured({ payload, ...frame }: RawFrame): RawFrame {
    return { ...frame, payload: { ...(payload as object), paused: this.#since < Infinity } };
  }
}

export interface RefusedSample {
  readonly sensorId: string;
  readonly attribute: string;
  readonly seq: number;
  readonly value: unknown;
}

/** Refuses every batch that has one of these samples in it, as the real server does: the whole of it. */
export function refuseSamples(
  ws: WsProxy,
  isPoison: (sample: Omit<RefusedSample, 'sensorId'>) => boolean,
  onRefused: (sample: RefusedSample) => void,
): void {
  ws.up = (frame) => {
    if (!isBatch(frame)) return frame;
    const poison = samplesIn(frame).filter(isPoison);
    if (poison.length === 0) return frame;
    const sensorId = String(frame.topic).slice(SENSOR_TOPIC_PREFIX.length);
    for (const sample of poison) onRefused({ sensorId, ...sample });
    // A batch that the gateway itself refuses, in its turn, counting as many bad ones.
    return { ...frame, event: EVENT.batch, payload: poison.map(() => NO_SAMPLE) };
  };
}

/** The samples of a batch, in whichever form it travels. */
function samplesIn({ event, payload }: RawFrame): readonly Omit<RefusedSample, 'sensorId'>[] {
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

/** Resolves when the gateway has confirmed a batch that it got a moment before: what it holds then is hardly on disk. */
export function freshConfirmation(ws: WsProxy): Promise<void> {
  const batches = new Map<unknown, number>();
  const pings = new Set<string>();
  return new Promise((confirmed) => {
    ws.up = (frame) => {
      const { topic, event, ref } = frame;
      if (isBatch(frame)) batches.set(topic, Date.now());
      if (event === EVENT.ping && Date.now() - (batches.get(topic) ?? 0) < 150)
        pings.add(`${String(topic)} ${String(ref)}`);
      return frame;
    };
    ws.down = (frame) => {
      if (frame.event === 'phx_reply' && pings.has(`${String(frame.topic)} ${String(frame.ref)}`)) confirmed();
      return frame;
    };
  });
}

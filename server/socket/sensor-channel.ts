/**
 * `sensocto:sensor:{id}`: takes a sensor's samples. Success is silent; `ping` is the barrier a client confirms by: its
 * answer says that everything before it is on disk, so that a client may forget it even if this process is killed next.
 */
import {
  type AttributeUpdate,
  type ConnectorUpdate,
  parseAttributeUpdate,
  parseBlocks,
  parseConnectorUpdate,
} from '../../src/protocol/ingest.ts';
import { type AttributeReceipt, parseReceiptRequest, RECEIPT_RANGES_MAX } from '../../src/protocol/receipt.ts';
import { EVENT } from '../../src/protocol/sensor.ts';
import type { Archive, Holding } from '../ports.ts';
import type { SensorRegistry, SensorSession } from '../sessions/registry.ts';
import type { BackpressureDesk, Listener } from './backpressure-desk.ts';
import type { Channel, ChannelLink, Push } from './channel.ts';
import type { Hub } from './hub.ts';
import { answerCommon } from './plain-channel.ts';

export interface SensorChannelDeps {
  readonly registry: SensorRegistry;
  readonly desk: BackpressureDesk;
  readonly hub: Hub;
  readonly archive: Pick<Archive, 'holdings' | 'settle'>;
  /** Knows no events beyond those of the stock server. */
  readonly stock: boolean;
}

/** Rough size of a sample as JSON: bounds on memory count those, and a block is many times smaller. */
const SAMPLE_BYTES = 60;

export class SensorChannel implements Channel {
  readonly #link: ChannelLink;
  readonly #session: SensorSession;
  readonly #deps: SensorChannelDeps;
  readonly #listener: Listener;

  constructor(link: ChannelLink, session: SensorSession, deps: SensorChannelDeps) {
    this.#link = link;
    this.#session = session;
    this.#deps = deps;
    this.#listener = {
      sensorId: session.sensor.id,
      tell: (config) => link.push(EVENT.backpressure, config),
    };
    deps.hub.enter(link);
  }

  start(): void {
    this.#session.onCommand = (payload) => this.#link.push(EVENT.deviceCommand, payload);
    this.#deps.desk.add(this.#listener);
  }

  receive(push: Push): void {
    const { event, payload, ref } = push;
    if (event === EVENT.ping && !this.#settled()) return this.#link.reply(ref, 'error', { reason: 'not_stored' });
    if (answerCommon(push, this.#link, this.#deps.hub)) return;
    if (event === EVENT.batch) this.#batch(push);
    else if (event === EVENT.measurement) this.#measurement(push);
    else if (event === EVENT.updateAttributes) this.#updateAttributes(push.ref, parseAttributeUpdate(payload));
    else if (event === EVENT.updateConnector) this.#updateConnector(push.ref, parseConnectorUpdate(payload));
    else if (this.#deps.stock) return;
    else if (event === EVENT.blocks) this.#blocks(push);
    else if (event === EVENT.receipt) this.#receipt(push);
    // Everything else is ignored without an answer, as on the real server.
  }

  end(): void {
    this.#deps.hub.leave(this.#link);
    this.#deps.desk.remove(this.#listener);
    this.#deps.registry.detach(this.#session);
  }

  /** The stock server keeps samples in memory and answers at once. */
  #settled(): boolean {
    return this.#deps.stock || this.#deps.archive.settle(this.#session.sensor.id);
  }

  #measurement({ payload, ref, bytes }: Push): void {
    const intake = this.#session.sensor.takeOne(payload, bytes);
    if (intake !== 'taken' && intake !== 'ignored') this.#link.reply(ref, 'error', { reason: intake });
  }

  #batch({ payload, ref, bytes }: Push): void {
    if (!Array.isArray(payload)) return;
    const failed = this.#session.sensor.takeBatch(payload, bytes);
    if (failed > 0) this.#link.reply(ref, 'error', { reason: 'invalid_batch', failed_count: failed });
  }

  /** All records or none, as with batches, so that the client finds the bad one by halving. */
  #blocks({ payload, ref }: Push): void {
    // JSON in place of bytes is a mistake the client must hear of: it believes its samples sent.
    const { samples, failed } = payload instanceof Uint8Array ? parseBlocks(payload) : { samples: [], failed: 1 };
    const refused = failed > 0 ? failed : this.#session.sensor.takeBatch(samples, samples.length * SAMPLE_BYTES);
    if (refused > 0) this.#link.reply(ref, 'error', { reason: 'invalid_batch', failed_count: refused });
  }

  #receipt({ payload, ref }: Push): void {
    const holdings = this.#deps.archive.holdings(this.#session.sensor.id);
    const wanted = parseReceiptRequest(payload) ?? [...holdings.keys()];
    const attributes = Object.fromEntries(wanted.map((id) => [id, receiptOf(holdings.get(id))]));
    this.#link.reply(ref, 'ok', { attributes });
  }

  #updateAttributes(ref: unknown, update: AttributeUpdate): void {
    const { sensor } = this.#session;
    if (update.action === 'refuse') this.#link.reply(ref, 'error', { reason: update.reason });
    else if (update.action === 'unregister') sensor.unregister(update.attribute);
    else if (update.action === 'register') {
      if (!sensor.register(update.announcement)) this.#link.reply(ref, 'error', { reason: 'too_many_attributes' });
      // Pose needs seconds to settle on a rate: asking for more now spares the first viewer that wait.
      else if (update.announcement.attributeType === 'skeleton') this.#deps.desk.attention.prewarm(sensor.id);
    }
  }

  #updateConnector(ref: unknown, update: ConnectorUpdate): void {
    if (update.action === 'refuse') this.#link.reply(ref, 'error', { reason: update.reason });
    else if (update.action === 'rename') {
      this.#session.sensor.renameConnector(update.name);
      this.#link.reply(ref, 'ok', { connector_name: update.name });
    }
  }
}

function receiptOf(holding: Holding | undefined): AttributeReceipt {
  if (!holding) return { count: 0, durable: 0, ranges: [] };
  const { seqs, durable } = holding;
  const ranges = seqs.toArray(RECEIPT_RANGES_MAX);
  return { count: seqs.count, durable, ranges, ...(ranges.length < seqs.size && { truncated: true as const }) };
}

/** `sensocto:sensor:{id}`: takes a sensor's samples. Success is silent; `ping` is the barrier a client confirms by. */
import {
  type AttributeUpdate,
  type ConnectorUpdate,
  parseAttributeUpdate,
  parseConnectorUpdate,
} from '../../src/protocol/ingest.ts';
import { EVENT } from '../../src/protocol/sensor.ts';
import type { SensorRegistry, SensorSession } from '../sessions/registry.ts';
import type { BackpressureDesk, Listener } from './backpressure-desk.ts';
import type { Channel, ChannelLink, Push } from './channel.ts';
import type { Hub } from './hub.ts';
import { answerCommon } from './plain-channel.ts';

export interface SensorChannelDeps {
  readonly registry: SensorRegistry;
  readonly desk: BackpressureDesk;
  readonly hub: Hub;
}

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
    this.#deps.desk.add(this.#listener);
  }

  receive(push: Push): void {
    const { event, payload } = push;
    if (answerCommon(push, this.#link, this.#deps.hub)) return;
    if (event === EVENT.batch) this.#batch(push);
    else if (event === EVENT.measurement) this.#measurement(push);
    else if (event === EVENT.updateAttributes) this.#updateAttributes(push.ref, parseAttributeUpdate(payload));
    else if (event === EVENT.updateConnector) this.#updateConnector(push.ref, parseConnectorUpdate(payload));
    // Everything else is ignored without an answer, as on the real server.
  }

  end(): void {
    this.#deps.hub.leave(this.#link);
    this.#deps.desk.remove(this.#listener);
    this.#deps.registry.detach(this.#session);
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

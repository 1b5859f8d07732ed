/** A sensor's channel: joins with fresh parameters, replays the attribute registrations, reads backpressure. */
import type { ChannelState } from '../model/connection.ts';
import type { BackpressureConfig } from '../model/backpressure.ts';
import { ok } from '../model/result.ts';
import type { AttributeRegistration, SensorDescriptor } from '../model/sensor.ts';
import { parseBackpressure } from '../protocol/backpressure.ts';
import { EVENT, registerPayload, sensorJoinParams, type Connector } from '../protocol/sensor.ts';
import { sensorTopic } from '../protocol/topics.ts';
import type { ChannelPort } from '../stream/ports.ts';
import type { Connection } from './connection.ts';
import { replyReason } from './wire-socket.ts';

export interface SensorChannel extends ChannelPort {
  /** Announces an attribute now (if joined) and after every later join: the server may have forgotten it. */
  register(registration: AttributeRegistration): void;
  /** Tells the server the connector's new name. */
  renameConnector(name: string): void;
  close(): void;
}

export interface SensorChannelEvents {
  state(state: ChannelState): void;
  joined(): void;
  left(): void;
  configured(config: BackpressureConfig): void;
  /** A push that no parser understood; the last good config stays in force. */
  unreadable(event: string): void;
}

export function openSensorChannel(deps: {
  readonly connection: Connection;
  readonly sensor: SensorDescriptor;
  readonly connector: () => Connector;
  /** The current token; asked for at each join. */
  readonly bearer: () => Promise<string>;
  readonly events: SensorChannelEvents;
}): SensorChannel {
  const { connection, sensor, events } = deps;
  const registered = new Map<string, AttributeRegistration>();

  const channel = connection.channel({
    async prepare() {
      const params = sensorJoinParams(sensor, deps.connector(), await deps.bearer());
      return ok({ topic: sensorTopic(sensor.sensorId), params });
    },
    onMessage(event, payload) {
      if (event !== EVENT.backpressure) return;
      const config = parseBackpressure(payload);
      if (config.ok) events.configured(config.value);
      else events.unreadable(event);
    },
    onJoined() {
      for (const registration of registered.values()) announce(registration);
      events.joined();
    },
    onLeft: () => events.left(),
    onState: (state) => events.state(state),
  });

  function announce(registration: AttributeRegistration): void {
    channel.push(EVENT.updateAttributes, registerPayload(registration));
  }

  return {
    get joined() {
      return channel.state.at === 'joined';
    },
    push: (event, payload, onReply) =>
      channel.push(
        event,
        payload,
        onReply &&
          ((reply) => onReply({ status: reply.status === 'ok' ? 'ok' : 'error', reason: replyReason(reply.response) })),
      ),
    restart: (reason) => channel.restart(reason),
    register(registration) {
      if (registered.has(registration.attribute)) return;
      registered.set(registration.attribute, registration);
      announce(registration);
    },
    renameConnector: (name) => void channel.push(EVENT.updateConnector, { connector_name: name }),
    close: () => channel.close(),
  };
}

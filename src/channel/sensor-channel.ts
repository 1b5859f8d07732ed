/** A sensor's channel: joins with fresh parameters, replays the attribute registrations, reads backpressure. */
import type { ChannelState } from '../model/connection.ts';
import type { BackpressureConfig } from '../model/backpressure.ts';
import type { AttributeId } from '../model/attribute.ts';
import type { DeviceCommand } from '../model/command.ts';
import type { AppError } from '../model/errors.ts';
import { ok } from '../model/result.ts';
import type { AttributeRegistration, SensorDescriptor } from '../model/sensor.ts';
import { parseBackpressure } from '../protocol/backpressure.ts';
import { parseDeviceCommand } from '../protocol/command.ts';
import { NO_CAPABILITIES, parseCapabilities, type Capabilities } from '../protocol/capabilities.ts';
import { parseReceipt, type Receipt } from '../protocol/receipt.ts';
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
  /**
   * Asks what the server holds of these attributes. False: not joined, or the server announced no receipts. An answer that
   * nobody can read is none.
   */
  askReceipt(attributes: readonly AttributeId[], onReceipt: (receipt: Receipt) => void): boolean;
  close(): void;
}

export interface SensorChannelEvents {
  state(state: ChannelState): void;
  /** Joined (again): the server can do this. */
  joined(capabilities: Capabilities): void;
  left(): void;
  configured(config: BackpressureConfig): void;
  /** A viewer wants the device to do something. */
  commanded(command: DeviceCommand): void;
  /** A viewer wants something that makes no sense. */
  refusedCommand(error: AppError): void;
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
  let capabilities = NO_CAPABILITIES;

  const channel = connection.channel({
    async prepare() {
      const params = sensorJoinParams(sensor, deps.connector(), await deps.bearer());
      return ok({ topic: sensorTopic(sensor.sensorId), params });
    },
    onMessage(event, payload) {
      if (event === EVENT.deviceCommand) return commanded(payload);
      if (event !== EVENT.backpressure) return;
      const config = parseBackpressure(payload);
      if (config.ok) events.configured(config.value);
      else events.unreadable(event);
    },
    onJoined(response) {
      capabilities = parseCapabilities(response);
      for (const registration of registered.values()) announce(registration);
      events.joined(capabilities);
    },
    onLeft: () => events.left(),
    onState: (state) => events.state(state),
  });

  function commanded(payload: unknown): void {
    const command = parseDeviceCommand(payload);
    if (command.ok) events.commanded(command.value);
    else events.refusedCommand(command.error);
  }

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
          (({ status, response }) =>
            onReply({
              status: status === 'ok' ? 'ok' : 'error',
              reason: replyReason(response),
              failedCount: failedCount(response),
            })),
      ),
    restart: (reason) => channel.restart(reason),
    register(registration) {
      if (registered.has(registration.attribute)) return;
      registered.set(registration.attribute, registration);
      announce(registration);
    },
    askReceipt(attributes, onReceipt) {
      if (!capabilities.receipt) return false;
      return channel.push(EVENT.receipt, { attributes }, ({ status, response }) => {
        const receipt = status === 'ok' ? parseReceipt(response) : undefined;
        if (receipt?.ok) onReceipt(receipt.value);
        else events.unreadable(EVENT.receipt);
      });
    },
    renameConnector: (name) => void channel.push(EVENT.updateConnector, { connector_name: name }),
    close: () => channel.close(),
  };
}

/** How many samples of a refused batch the server would not take. */
function failedCount(response: unknown): number | undefined {
  if (typeof response !== 'object' || response === null || !('failed_count' in response)) return undefined;
  return typeof response.failed_count === 'number' ? response.failed_count : undefined;
}

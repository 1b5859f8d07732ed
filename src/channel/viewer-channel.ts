/** The window on everybody's sensors: a viewer token for each join, batches of samples, the list of sensors. */
import type { ChannelState } from '../model/connection.ts';
import { ok } from '../model/result.ts';
import { viewerTopic } from '../protocol/topics.ts';
import { createBatchReader, VIEWER_EVENT, type Quality, type ViewerBatch } from '../protocol/viewer.ts';
import type { Connection } from './connection.ts';
import type { RestClient } from './rest-client.ts';

export interface ViewerChannel {
  /** Which sensors are on the screen; the server sends only those (and raises their attention). */
  setVisible(sensorIds: readonly string[]): void;
  /** Which of them somebody looks at closely. */
  setFocus(sensorIds: readonly string[]): void;
  close(): void;
}

export interface ViewerEvents {
  state(state: ChannelState): void;
  batch(batch: ViewerBatch): void;
  /** The server's list of sensors, as sent. */
  sensors(payload: unknown): void;
}

export function openViewerChannel(deps: {
  readonly connection: Connection;
  readonly rest: RestClient;
  readonly bearer: () => Promise<string>;
  readonly quality: Quality;
  readonly events: ViewerEvents;
}): ViewerChannel {
  const { connection, rest, events } = deps;
  const readBatch = createBatchReader();
  let visible: readonly string[] | undefined;
  let focused: readonly string[] = [];

  const channel = connection.channel({
    async prepare() {
      // A token is valid for an hour and checked at join only, so each join gets its own.
      const token = await rest.mintViewerToken(await deps.bearer(), null, deps.quality);
      return token.ok ? ok({ topic: viewerTopic(token.value), params: {} }) : token;
    },
    onMessage(event, payload) {
      if (event === VIEWER_EVENT.batch) events.batch(readBatch(payload));
      else if (event === VIEWER_EVENT.sensorsChanged) events.sensors(payload);
    },
    onJoined() {
      if (visible) channel.push(VIEWER_EVENT.setVisible, { sensor_ids: visible });
      if (focused.length > 0) channel.push(VIEWER_EVENT.focus, { sensor_ids: focused });
    },
    onLeft: () => undefined,
    onState: (state) => events.state(state),
  });

  return {
    setVisible(sensorIds) {
      visible = sensorIds;
      channel.push(VIEWER_EVENT.setVisible, { sensor_ids: sensorIds });
    },
    setFocus(sensorIds) {
      focused = sensorIds;
      channel.push(VIEWER_EVENT.focus, { sensor_ids: sensorIds });
    },
    close: () => channel.close(),
  };
}

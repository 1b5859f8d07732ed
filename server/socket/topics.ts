/** Which channel answers which topic, and who may join it. */
import { capabilitiesToWire, GATEWAY_CAPABILITIES, NO_CAPABILITIES } from '../../src/protocol/capabilities.ts';
import { isConnectorJoin, parseSensorJoin } from '../../src/protocol/ingest.ts';
import {
  CONNECTOR_TOPIC_PREFIX,
  LVNTEST_TOPIC_PREFIX,
  SENSOR_TOPIC_PREFIX,
  VIEWER_TOPIC_PREFIX,
} from '../../src/protocol/topics.ts';
import type { Credentials } from '../ports.ts';
import type { ChannelLink, Joiner, JoinOutcome } from './channel.ts';
import { PlainChannel } from './plain-channel.ts';
import { SensorChannel, type SensorChannelDeps } from './sensor-channel.ts';
import { ViewerChannel, type ViewerChannelDeps } from './viewer-channel.ts';

export interface TopicDeps extends SensorChannelDeps, Omit<ViewerChannelDeps, 'attention'> {
  readonly credentials: Credentials;
}

/** All topics of the user socket start with one of these. */
const SENSOCTO = 'sensocto:';
const VIEWER = 'viewer:';

/** Makes the function that joins topics. Reasons are those of the real server. */
export function createJoiner(deps: TopicDeps): Joiner {
  return (topic, params, link) => {
    if (topic.startsWith(SENSOR_TOPIC_PREFIX)) return joinSensor(deps, topic, params, link);
    if (topic.startsWith(VIEWER)) return joinViewer(deps, topic, link);
    if (topic.startsWith(LVNTEST_TOPIC_PREFIX)) return { ok: true, channel: new PlainChannel(link, deps.hub) };
    if (topic.startsWith(CONNECTOR_TOPIC_PREFIX)) return joinConnector(deps, topic, params, link);
    return topic.startsWith(SENSOCTO) ? refused('join crashed') : undefined;
  };
}

function joinSensor(deps: TopicDeps, topic: string, params: unknown, link: ChannelLink): JoinOutcome {
  const join = parseSensorJoin(topic.slice(SENSOR_TOPIC_PREFIX.length), params);
  if (!join) return refused('join crashed');
  if (!deps.credentials.checkBearer(join.bearerToken)) return refused('unauthorized');
  const channel = new SensorChannel(link, deps.registry.attach(join.metadata), deps);
  return { ok: true, channel, response: capabilitiesToWire(deps.stock ? NO_CAPABILITIES : GATEWAY_CAPABILITIES) };
}

function joinViewer(deps: TopicDeps, topic: string, link: ChannelLink): JoinOutcome {
  if (!topic.startsWith(VIEWER_TOPIC_PREFIX)) return refused('invalid_topic');
  const grant = deps.credentials.checkViewerToken(topic.slice(VIEWER_TOPIC_PREFIX.length));
  if (!grant) return refused('unauthorized');
  return { ok: true, channel: new ViewerChannel(link, grant, { ...deps, attention: deps.desk.attention }) };
}

function joinConnector(deps: TopicDeps, topic: string, params: unknown, link: ChannelLink): JoinOutcome {
  if (!isConnectorJoin(topic.slice(CONNECTOR_TOPIC_PREFIX.length), params)) return refused('join crashed');
  return { ok: true, channel: new PlainChannel(link, deps.hub) };
}

function refused(reason: string): JoinOutcome {
  return { ok: false, reason };
}

/**
 * The wire, pinned: names, shapes and sample frames of everything in `src/protocol`. Other installations, servers and
 * stored data depend on them, so a change here is a decision: make it on purpose, then set the new hash.
 */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { backpressureFor } from '../../../src/model/backpressure.ts';
import { backpressureToWire } from '../../../src/protocol/backpressure.ts';
import * as capabilities from '../../../src/protocol/capabilities.ts';
import { encodeDelta } from '../../../src/protocol/delta.ts';
import { encodeBinaryReply, encodeText } from '../../../src/protocol/frame.ts';
import * as history from '../../../src/protocol/history.ts';
import * as ingest from '../../../src/protocol/ingest.ts';
import * as receipt from '../../../src/protocol/receipt.ts';
import * as rest from '../../../src/protocol/rest.ts';
import * as sensor from '../../../src/protocol/sensor.ts';
import * as topics from '../../../src/protocol/topics.ts';
import * as viewer from '../../../src/protocol/viewer.ts';

const PINNED = '54c0d73a23ed56cc';

/** A module's constants and schemas as plain JSON with sorted keys; functions are left to the samples below. */
function shape(value: unknown): unknown {
  if (typeof value === 'function') return undefined;
  if (value instanceof Set) return shape([...(value as Set<unknown>)].sort());
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !key.startsWith('~') && key !== 'message');
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, shape(inner)]));
}

/** One of everything that is written to the wire. */
function samples(): unknown {
  const descriptor = { sensorId: 's', name: 'n', sensorType: 't', demo: true };
  const block = { kind: 'numeric', attribute: 'a', times: Float64Array.of(1.6), values: Float32Array.of(2) } as const;
  const frame = { joinRef: '1', ref: '2', topic: 't', event: 'e', payload: [] };
  return {
    join: sensor.sensorJoinParams(descriptor, { connectorId: 'c', connectorName: 'd' }, 'b'),
    register: sensor.registerPayload({ attribute: 'a', attributeType: 'b', samplingRate: 1 }),
    measurements: sensor.wireMeasurements(block, 3),
    backpressure: backpressureToWire(backpressureFor('high', 'critical', true, 4)),
    capabilities: capabilities.capabilitiesToWire(capabilities.GATEWAY_CAPABILITIES),
    paths: [history.historyPath('a/b', { attribute: 'ecg', from: 1, limit: 2 }), history.storedPath('ä')],
    topics: [topics.sensorTopic('x'), topics.viewerTopic('y')],
    v1: encodeText(frame, 1),
    v2: encodeText(frame, 2),
    delta: [...encodeDelta(Float64Array.of(1000, 1004, 1008), Float32Array.of(1, 1.01, 9))],
    binary: [...encodeBinaryReply('1', '2', 't', 'ok', Uint8Array.of(9))],
  };
}

it('changes only on purpose', () => {
  const wire = JSON.stringify(
    { constants: shape({ capabilities, history, ingest, receipt, rest, sensor, topics, viewer }), samples: samples() },
    null,
    1,
  );
  const hash = createHash('sha256').update(wire).digest('hex').slice(0, 16);
  expect(hash, `The wire changed. What it is now:\n${wire}`).toBe(PINNED);
});

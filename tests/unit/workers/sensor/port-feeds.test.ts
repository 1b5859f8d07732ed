/** Sensors that another worker of the tab feeds over a port. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { PortReadings } from '../../../../src/model/reading-port.ts';
import { appError } from '../../../../src/model/errors.ts';
import { ok } from '../../../../src/model/result.ts';
import { isPortReadings, PortFeeds } from '../../../../workers/sensor/port-feeds.ts';
import type { TabEdges } from '../../../../workers/sensor/tabs/ports.ts';
import { TabWorker } from '../../../../workers/sensor/tabs/tab-worker.ts';
import { createManualClock } from '../../../support/manual-clock.ts';

const SKELETON: PortReadings = {
  arrival: 1000,
  attributes: [{ attribute: 'skeleton', attributeType: 'skeleton', samplingRate: 30, ring: 900 }],
  readings: [
    {
      kind: 'structured',
      attribute: 'skeleton',
      payloads: [{ mode: 'full', landmarks: [{ x: 0.5, y: 0.5, z: 0, v: 1 }] }],
      timing: { kind: 'host', times: Float64Array.of(990) },
    },
  ],
};
const [READING] = SKELETON.readings;
const [REGISTRATION] = SKELETON.attributes;

function setUp() {
  const fed: { sensorId: string; count: number; arrival: number; problems: unknown }[] = [];
  const feed = {
    ingestReadings: vi.fn<TabWorker['ingestReadings']>((sensorId, readings, _attributes, arrival, notes) => {
      fed.push({ sensorId, count: readings.length, arrival, problems: notes?.problems });
    }),
  };
  return { feed, fed, feeds: new PortFeeds(createManualClock(5000)) };
}

describe('a port of another worker', () => {
  it('feeds its sensor, also with what was posted before', async () => {
    const { feed, fed, feeds } = setUp();
    const { port1, port2 } = new MessageChannel();
    port1.postMessage(SKELETON);
    feeds.plug(feed, 's1', port2);
    port1.postMessage({ ...SKELETON, arrival: 1033, notes: { lost: {}, problems: { 'pose-frame': 2 }, device: {} } });
    await expect
      .poll(() => fed)
      .toEqual([
        { sensorId: 's1', count: 1, arrival: 1000, problems: undefined },
        { sensorId: 's1', count: 1, arrival: 1033, problems: { 'pose-frame': 2 } },
      ]);
    expect(feed.ingestReadings.mock.calls[0]).toEqual(['s1', SKELETON.readings, SKELETON.attributes, 1000, undefined]);
    port1.close();
  });

  it('counts what is no readings, and goes on', async () => {
    const { feed, fed, feeds } = setUp();
    const { port1, port2 } = new MessageChannel();
    feeds.plug(feed, 's1', port2);
    for (const message of ['hello', undefined, { ...SKELETON, arrival: NaN }, SKELETON]) port1.postMessage(message);
    const bad = { sensorId: 's1', count: 0, arrival: 5000, problems: { 'wire-shape': 1 } };
    await expect.poll(() => fed).toEqual([bad, bad, bad, { ...bad, count: 1, arrival: 1000, problems: undefined }]);
    port1.close();
  });

  it('gives way to another one, and ends with the sensor', async () => {
    const { feed, fed, feeds } = setUp();
    const [old, next, other] = [new MessageChannel(), new MessageChannel(), new MessageChannel()];
    feeds.plug(feed, 's1', old.port2);
    feeds.plug(feed, 's2', other.port2);
    const closed = new Promise((resolve) => old.port1.addEventListener('close', resolve, { once: true }));
    feeds.plug(feed, 's1', next.port2);
    await closed;
    old.port1.postMessage({ ...SKELETON, arrival: 1 });
    next.port1.postMessage({ ...SKELETON, arrival: 2 });
    await expect.poll(() => fed.map(({ arrival }) => arrival)).toEqual([2]);
    const gone = new Promise((resolve) => next.port1.addEventListener('close', resolve, { once: true }));
    feeds.plug(feed, 's1', undefined);
    await gone;
    other.port1.postMessage({ ...SKELETON, arrival: 3 });
    await expect.poll(() => fed.map(({ arrival }) => arrival)).toEqual([2, 3]);
    feeds.plug(feed, 's2', undefined);
  });
});

describe('readings over a port', () => {
  it.each<[string, unknown]>([
    ['skeletons', SKELETON],
    ['nothing but notes', { readings: [], attributes: [], arrival: 1, notes: { lost: {}, problems: {}, device: {} } }],
    [
      'numbers with fields',
      {
        ...{ arrival: 1, attributes: [] },
        readings: [
          {
            ...{ kind: 'numeric', attribute: 'eye_gaze', values: Float32Array.of(0.1, 0.2), fields: ['x', 'y'] },
            timing: { kind: 'host', times: Float64Array.of(1) },
          },
        ],
      },
    ],
  ])('are %s', (_name, message) => {
    expect(isPortReadings(message)).toBe(true);
  });

  const withReading = (change: object) => ({ ...SKELETON, readings: [{ ...READING, ...change }] });
  it.each<[string, unknown]>([
    ['no object', null],
    ['without readings', { ...SKELETON, readings: undefined }],
    ['with an arrival that is none', { ...SKELETON, arrival: '1' }],
    ['of no attribute', withReading({ attribute: 'a b' })],
    ['of another kind', withReading({ kind: 'picture' })],
    ['with fewer times than samples', withReading({ timing: { kind: 'host', times: new Float64Array(0) } })],
    ['with a time that is none', withReading({ timing: { kind: 'host', times: Float64Array.of(NaN) } })],
    ['with times that are no numbers', withReading({ timing: { kind: 'host', times: [990] } })],
    ['dated in another way', withReading({ timing: { kind: 'guess' } })],
    ['with values that are no numbers', withReading({ kind: 'numeric', values: [1] })],
    ['with fields that do not fit', withReading({ kind: 'numeric', values: Float32Array.of(1), fields: ['x', 'y'] })],
    ['registered as nothing', { ...SKELETON, attributes: [{ ...REGISTRATION, attributeType: 1 }] }],
    ['with a ring that is none', { ...SKELETON, attributes: [{ ...REGISTRATION, ring: 0.5 }] }],
    ['with notes that are none', { ...SKELETON, notes: 'x' }],
  ])('are not what is %s', (_name, message) => {
    expect(isPortReadings(message)).toBe(false);
  });

  it('are not just anything, and nothing throws', () => {
    fc.assert(fc.property(fc.anything(), (message) => !isPortReadings(message)));
  });
});

describe('the tab', () => {
  const edges = (plug: TabEdges['plug']): TabEdges => ({
    clock: createManualClock(),
    random: () => 0,
    tab: 'a',
    locks: undefined,
    openBroadcast: undefined,
    makeCore: () => Promise.reject(new Error('no core in this test')),
    ...(plug && { plug }),
  });

  it('refuses a port for a sensor that is not open, and unplugs with the sensor', async () => {
    const plug = vi.fn<NonNullable<TabEdges['plug']>>(() => Promise.resolve(ok(undefined)));
    const tab = new TabWorker(edges(plug));
    const { port1 } = new MessageChannel();
    expect(await tab.feedFrom('s1', port1)).toEqual({ ok: false, error: appError('unexpected', 'not open') });
    expect(plug).not.toHaveBeenCalled();
    await tab.closeSensor('s1');
    expect(plug).toHaveBeenCalledExactlyOnceWith(tab, 's1', undefined);
    port1.close();
  });
});

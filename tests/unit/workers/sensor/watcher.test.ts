import { describe, expect, it } from 'vitest';
import type { RestClient } from '../../../../src/channel/rest-client.ts';
import { ok } from '../../../../src/model/result.ts';
import type { LiveFeed } from '../../../../workers/sensor/live-feed.ts';
import { Watcher } from '../../../../workers/sensor/watcher.ts';
import { turns } from '../../../support/manual-clock.ts';
import { setUp } from '../../channel/scripted-connection.ts';

const SENSOR = {
  ...{ sensor_id: 's1', sensor_name: 'Board', sensor_type: 'thingy52', connector_id: 'c1', connector_name: 'Lab' },
  ...{ activity_status: 'unknown', freshness: 'fresh', demo: false },
  attributes: ['heartrate', 'battery', 'accelerometer', 'skeleton', 'skeleton_2'].map((id) => ({
    ...{ id, attribute_type: id.replace('_2', ''), attribute_name: id, last_value: null },
    ...(id === 'heartrate' && { estimated: true }),
  })),
};

async function watching() {
  const { connection, socket } = setUp();
  const live: [string, number][] = [];
  const skeletons: [string, number, ...number[]][] = [];
  const feed: LiveFeed = {
    add: (_, sensorId, attribute, times, values) => {
      for (let i = 0; i < times.length; i++) live.push([`${sensorId} ${attribute}`, values[i] ?? NaN]);
    },
    skeleton: (origin, sensorId, attribute, time, { aspect, points }) =>
      void skeletons.push([`${origin} ${sensorId} ${attribute}`, time, aspect, ...points]),
  };
  let changes = 0;
  const rest: Pick<RestClient, 'mintViewerToken'> = { mintViewerToken: () => Promise.resolve(ok('token')) };
  const watcher = new Watcher({
    connection,
    rest: rest as RestClient,
    bearer: () => Promise.resolve('guest:g:t'),
    live: feed,
    onChange: () => (changes += 1),
  });
  watcher.watch(true, 'high');
  connection.connect();
  socket.open();
  await turns();
  const { handlers, pushed } = socket.lastJoin;
  handlers.ok({});
  handlers.message('sensors_changed', { sensors: [SENSOR] });
  const batch = (attribute: string, payload: unknown): void => {
    const sample = { attribute_id: attribute, payload, timestamp: 1000, sensor_id: 's1' };
    handlers.message('sensor_batch', { batch: { s1: { [attribute]: sample } } });
  };
  return { watcher, live, skeletons, pushed, batch, changes: () => changes };
}

describe('the watcher', () => {
  it('shows numbers of any shape by field, and what is more than a number as it is', async () => {
    const { watcher, live, batch } = await watching();
    batch('heartrate', 72);
    batch('battery', { level: 80, charging: 'no' });
    batch('accelerometer', { x: 1, y: 2, z: 3 });
    expect(live).toEqual([
      ['s1 heartrate', 72],
      ['s1 battery', 80],
      ['s1 accelerometer/x', 1],
      ['s1 accelerometer/y', 2],
      ['s1 accelerometer/z', 3],
    ]);
    const [sensor] = watcher.sensors;
    expect(sensor?.attributes.find(({ attribute }) => attribute === 'battery')).toEqual({
      attribute: 'battery',
      attributeType: 'battery',
      latest: { level: 80, charging: 'no' },
    });
  });

  it('tells nobody of words that stay the same, and does not carry skeletons about', async () => {
    const { batch, changes } = await watching();
    batch('battery', { level: 80 });
    const before = changes();
    batch('battery', { level: 80 });
    batch('skeleton', { landmarks: [{ x: 0, y: 0 }] });
    expect(changes()).toBe(before);
    batch('battery', { level: 79 });
    expect(changes()).toBe(before + 1);
  });

  it('shows skeletons of every shape as points, those of further persons by their type', async () => {
    const { watcher, live, skeletons, batch } = await watching();
    const landmarks = [{ x: 0.5, y: 0.25, z: -0.5, v: 1 }];
    batch('skeleton', { mode: 'full', landmarks });
    batch('skeleton', JSON.stringify({ mode: 'full', aspect: 0.75, landmarks }));
    batch('skeleton_2', { landmarks: [{ x: 0, y: 1, v: 0.5 }] });
    batch('pose_skeleton', JSON.stringify({ landmarks: [{ x: 0, y: 1 }] }));
    expect(skeletons).toEqual([
      ['watched s1 skeleton', 1000, 4 / 3, 0.5, 0.25, -0.5, 1],
      ['watched s1 skeleton', 1000, 0.75, 0.5, 0.25, -0.5, 1],
      ['watched s1 skeleton_2', 1000, 4 / 3, 0, 1, NaN, 0.5],
      ['watched s1 pose_skeleton', 1000, 4 / 3, 0, 1, NaN, NaN],
    ]);
    expect(live).toEqual([]);
    expect(watcher.unreadable).toBe(0);
    batch('skeleton', 'nobody');
    expect(watcher.unreadable).toBe(1);
    expect(watcher.sensors[0]?.attributes.some((one) => 'latest' in one)).toBe(false);
  });

  it('marks what the sender computed', async () => {
    const { watcher } = await watching();
    const marked = watcher.sensors[0]?.attributes.filter(({ estimated }) => estimated).map((one) => one.attribute);
    expect(marked).toEqual(['heartrate']);
  });

  it('says what is on the screen only when that changes: the server answers each time with all it has', async () => {
    const { watcher, pushed } = await watching();
    for (const ids of [['s1'], ['s1'], ['s1', 's2'], ['s1', 's2'], ['s1']]) watcher.setVisible(ids);
    expect(pushed.filter(({ event }) => event === 'set_visible_sensors')).toHaveLength(3);
  });
});

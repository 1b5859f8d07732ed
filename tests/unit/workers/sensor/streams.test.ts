import { describe, expect, it } from 'vitest';
import type { Block } from '../../../../src/model/block.ts';
import { Commands } from '../../../../workers/sensor/commands.ts';
import { Streams } from '../../../../workers/sensor/streams.ts';

const ECG = { attribute: 'ecg', attributeType: 'ecg', samplingRate: 130 };
const BATTERY = { attribute: 'battery', attributeType: 'battery', samplingRate: 0 };

const block = (attribute: string, samples: number): Block => ({
  kind: 'numeric',
  attribute,
  times: new Float64Array(samples),
  values: new Float32Array(samples),
});

describe('streams', () => {
  it('report the measured rate beside the requested one, what was lost, and how well the clock is known', () => {
    const streams = new Streams();
    // A frame that was missing before the first one arrived counts too.
    streams.lost('ecg', 73);
    for (let i = 0; i < 10; i++) streams.took(ECG, i * 1000, block('ecg', 65), 'polar');
    streams.lost('ecg', 2);
    streams.took(BATTERY, 0, {
      kind: 'structured',
      attribute: 'battery',
      times: Float64Array.of(0),
      payloads: [{ level: 80 }],
    });
    const clocks = [{ clock: 'polar', uncertainty: 3.5, driftPpm: 41 }];
    const [ecg, battery] = streams.status(10_000, clocks);
    expect(ecg).toMatchObject({
      requestedRate: 130,
      samples: 650,
      lost: 75,
      lastAt: 9000,
      uncertainty: 3.5,
      driftPpm: 41,
    });
    expect(ecg?.rate).toBeCloseTo(58.5, 1);
    expect(battery).toMatchObject({ samples: 1, lost: 0, requestedRate: 0, latest: { level: 80 } });
    expect(ecg).not.toHaveProperty('latest');
    expect(battery).not.toHaveProperty('uncertainty');
    expect(streams.mainRate(10_000)).toBeCloseTo(58.5, 1);
    streams.clear();
    expect(streams.mainRate(10_000)).toBe(0);
    expect(streams.status(10_000, [])[0]?.samples).toBe(650);
  });

  it('compare with the rate that is asked for now', () => {
    const streams = new Streams();
    streams.took({ attribute: 'gyroscope', attributeType: 'gyroscope', samplingRate: 50 }, 0, block('gyroscope', 1));
    streams.took({ attribute: 'gyroscope', attributeType: 'gyroscope', samplingRate: 10 }, 100, block('gyroscope', 1));
    expect(streams.status(200, [])).toMatchObject([{ requestedRate: 10, samples: 2 }]);
  });

  it('have no main one while nothing regular came', () => {
    const streams = new Streams();
    streams.took(BATTERY, 0, {
      kind: 'structured',
      attribute: 'battery',
      times: Float64Array.of(0),
      payloads: [{ level: 80 }],
    });
    expect(streams.mainRate(1000)).toBe(0);
  });
});

describe('commands on their way', () => {
  it('end after half a minute, and never pile up', () => {
    const commands = new Commands();
    commands.add('a', { command: 'stop' }, 0);
    commands.add('b', { command: 'vibrate', speed: 1 }, 20_000);
    expect(commands.recent(29_999).map(({ id, sensorId }) => [id, sensorId])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
    expect(commands.recent(30_000)).toHaveLength(1);
    for (let i = 0; i < 200; i++) commands.add('c', { command: 'stop' }, 30_000);
    expect(commands.recent(30_000)).toHaveLength(50);
  });
});

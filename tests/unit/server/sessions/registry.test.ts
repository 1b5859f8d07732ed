import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SensorRegistry } from '../../../../server/sessions/registry.ts';
import {
  parseAttributeUpdate,
  parseSensorJoin,
  type SensorMetadata,
  type WireSample,
} from '../../../../src/protocol/ingest.ts';
import { SensorList } from '../../../../src/protocol/rest.ts';
import { registerPayload } from '../../../../src/protocol/sensor.ts';
import * as v from 'valibot';
import { sample, sensorParams } from '../../../support/raw-client.ts';

/** A sink in memory with the interface of the store's, and a clock to turn. */
function setUp(stock = false) {
  let now = 1_000_000;
  const kept = new Map<string, WireSample[]>();
  const store = {
    series(sensorId: string, attribute: string) {
      const key = `${sensorId}/${attribute}`;
      const list = kept.get(key) ?? [];
      kept.set(key, list);
      const seqs = () => list.flatMap((s) => (typeof s['seq'] === 'number' ? [s['seq']] : []));
      return {
        push: (s: WireSample) => void list.push(s),
        holds: (seq: number) => seqs().includes(seq),
        get newestSeq() {
          return Math.max(-1, ...seqs());
        },
      };
    },
    taken: () => undefined,
  };
  const registry = new SensorRegistry({ store, now: () => now, stock });
  return { registry, kept, pass: (ms: number) => (now += ms), now: () => now };
}

function metadata(id: string, overrides: Record<string, unknown> = {}): SensorMetadata {
  const join = parseSensorJoin(id, sensorParams(id, overrides));
  if (!join) throw new Error('no join');
  return join.metadata;
}

describe('lifetime', () => {
  it('is from the first connection to the last; the first one’s words stay', () => {
    const { registry, now } = setUp();
    const a = registry.attach(metadata('s', { connector_name: 'A' }));
    const b = registry.attach(metadata('s', { connector_name: 'B' }));
    expect(b.sensor).toBe(a.sensor);
    registry.detach(a);
    registry.detach(a);
    expect(registry.find('s', now())?.connector_name).toBe('A');
    registry.detach(b);
    expect(registry.find('s', now())).toBeUndefined();
  });

  it('of an old session cannot end a new one', () => {
    const { registry, now } = setUp();
    const old = registry.attach(metadata('s'));
    registry.detach(old);
    registry.attach(metadata('s'));
    registry.detach(old);
    expect(registry.find('s', now())).toBeDefined();
  });

  it('is told to listeners', () => {
    const { registry } = setUp();
    const heard: string[] = [];
    const stop = registry.listen({
      changed: () => heard.push('changed'),
      removed: (id) => heard.push(`removed ${id}`),
      samples: (sensor, { samples }) => heard.push(`${sensor.id} ${samples.length}`),
    });
    const a = registry.attach(metadata('s'));
    registry.attach(metadata('s'));
    a.sensor.takeBatch([sample('x', 1), sample('x', 2)], 100);
    a.sensor.takeBatch([sample('x', 3)], 100);
    stop();
    registry.detach(a);
    expect(heard).toEqual(['changed', 's 2', 'changed', 's 1']);
    expect(registry.taken).toBe(3);
  });
});

describe('freshness', () => {
  it('is stale before the first sample and 10 s after the last', () => {
    const { registry, pass, now } = setUp();
    const { sensor } = registry.attach(metadata('s'));
    const freshness = () => registry.find('s', now())?.freshness;
    expect(freshness()).toBe('stale');
    sensor.takeOne(sample('x', 1), 50);
    pass(10_000);
    expect(freshness()).toBe('fresh');
    pass(1);
    expect(freshness()).toBe('stale');
  });

  it('waits for three usual intervals of a slow sensor, and one long gap does not make it patient', () => {
    const { registry, pass, now } = setUp();
    const { sensor } = registry.attach(metadata('s'));
    for (let i = 0; i < 30; i++) {
      pass(20_000);
      sensor.takeOne(sample('x', 1), 50);
    }
    pass(55_000);
    expect(registry.find('s', now())?.freshness).toBe('fresh');
    pass(3_600_000);
    sensor.takeOne(sample('x', 1), 50);
    pass(120_000);
    expect(registry.find('s', now())?.freshness).toBe('stale');
  });
});

describe('attributes', () => {
  it('are announced by the join, registered, inferred and taken off', () => {
    const { registry, now } = setUp();
    const attributes = { ecg: { attribute_id: 'ecg', attribute_type: 'ecg' }, 'bad id': {}, odd: 5 };
    const { sensor } = registry.attach(metadata('s', { attributes }));
    sensor.register({ attribute: 'eye_blink', attributeType: 'eye_blink' });
    sensor.takeBatch([sample('bpm', 70), sample('where', { latitude: 1 })], 100);
    sensor.register({ attribute: 'ecg', attributeType: 'waveform' });
    sensor.unregister('odd');
    const types = () => registry.find('s', now())?.attributes.map((a) => [a.id, a.attribute_type]);
    expect(types()).toEqual([
      ['ecg', 'waveform'],
      ['eye_blink', 'eye_blink'],
      ['bpm', 'heartrate'],
      ['where', 'geolocation'],
    ]);
    sensor.unregister('bpm');
    sensor.takeOne(sample('bpm', 71), 50);
    expect(types()?.at(-1)).toEqual(['bpm', 'heartrate']);
  });

  it('are marked as computed where their sender says so, in its own words, and no longer when it does not', () => {
    const { registry, now } = setUp();
    const { sensor } = registry.attach(metadata('s'));
    const register = (estimated: boolean): void => {
      const said = parseAttributeUpdate(
        registerPayload({ attribute: 'eye_blink', attributeType: 'eye_blink', samplingRate: 15, estimated }),
      );
      if (said.action === 'register') sensor.register(said.announcement);
    };
    const marks = () => registry.find('s', now())?.attributes.map((one) => [one.id, one.estimated]);
    register(true);
    expect(marks()).toEqual([['eye_blink', true]]);
    register(false);
    expect(marks()).toEqual([['eye_blink', undefined]]);
  });

  it('are no more than 512, however they come', () => {
    const { registry, now } = setUp();
    const many = Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`j${i}`, {}]));
    const { sensor } = registry.attach(metadata('s', { attributes: many }));
    expect(registry.find('s', now())?.attributes).toHaveLength(512);
    expect(sensor.takeOne(sample('new', 1), 50)).toBe('too_many_attributes');
    expect(sensor.takeBatch([sample('new', 1), sample('j1', 1)], 100)).toBe(1);
    expect(sensor.register({ attribute: 'new', attributeType: '' })).toBe(false);
    expect(sensor.takeOne(sample('j5', 1), 50)).toBe('taken');
  });

  it('show the newest value, in stock mode the last that arrived; odd timestamps give way to the arrival', () => {
    for (const stock of [false, true]) {
      const { registry, now } = setUp(stock);
      const { sensor } = registry.attach(metadata('s'));
      sensor.takeBatch([sample('a', 1, 2000), sample('a', 2, 1000), sample('b', 3, 'noon')], 100);
      expect(registry.find('s', now())?.attributes.map((a) => a.last_value)).toEqual([
        stock ? { payload: 2, timestamp: 1000 } : { payload: 1, timestamp: 2000 },
        { payload: 3, timestamp: now() },
      ]);
    }
  });
});

describe('the last value', () => {
  /** Sends samples `[payload, timestamp, seq]`, a frame each, and returns the payload that counts as last. */
  function last(frames: readonly (readonly [number, number, number?])[], gap = 0): unknown {
    const { registry, now, pass } = setUp();
    const { sensor } = registry.attach(metadata('s'));
    for (const [payload, timestamp, seq] of frames) {
      sensor.takeOne(sample('a', payload, timestamp, seq === undefined ? {} : { seq }), 50);
      pass(gap);
    }
    return registry.find('s', now())?.attributes[0]?.last_value?.payload;
  }

  it('is never one from before it, by number or by time', () => {
    expect(
      last([
        [1, 2000, 7],
        [2, 1000, 3],
        [3, 3000, 4],
      ]),
    ).toBe(1);
    expect(
      last([
        [1, 2000, 7],
        [2, 1000, 8],
      ]),
    ).toBe(1);
    expect(
      last([
        [1, 2000],
        [2, 1000],
        [3, 2000],
      ]),
    ).toBe(3);
  });

  it('is not held for ever by a clock that was ahead, nor for long by one that was set back', () => {
    const arrival = 1_000_000;
    expect(
      last([
        [1, arrival + 9e12],
        [2, arrival + 1],
      ]),
    ).toBe(2);
    expect(
      last(
        [
          [1, arrival, 1],
          [2, arrival - 3_600_000, 2],
        ],
        2500,
      ),
    ).toBe(2);
  });
});

describe('repeats', () => {
  it('of a number are dropped wherever they stand; what has no number never is', () => {
    const { registry, kept } = setUp();
    const { sensor } = registry.attach(metadata('s'));
    const heard: unknown[] = [];
    registry.listen({ samples: (_, { samples }) => heard.push(...samples.map(({ payload }) => payload)) });
    const batch = [0, 1, 2].map((seq) => sample('a', seq, seq, { seq }));
    sensor.takeBatch([...batch, sample('b', 'other', 0, { seq: 1 })], 100);
    sensor.takeBatch([batch[1], sample('a', 3, 3, { seq: 3 }), batch[2], sample('a', 'none', 4)], 100);
    sensor.takeBatch(batch, 100);
    sensor.takeBatch(
      [1, 2].map(() => sample('a', 'odd', 5, { seq: -1 })),
      100,
    );
    expect(heard).toEqual([0, 1, 2, 'other', 3, 'none', 'odd', 'odd']);
    expect(kept.get('s/a')?.map((s) => s.payload)).toEqual([0, 1, 2, 3, 'none', 'odd', 'odd']);
    expect([registry.taken, registry.repeats]).toEqual([8, 5]);
  });

  it('are taken again in stock mode', () => {
    const { registry } = setUp(true);
    const { sensor } = registry.attach(metadata('s'));
    for (let i = 0; i < 3; i++) sensor.takeOne(sample('a', 1, 1, { seq: 1 }), 50);
    expect([registry.taken, registry.repeats]).toEqual([3, 0]);
  });
});

describe('intake', () => {
  it('takes a batch whole or not at all, and everything it takes reaches the store in order', () => {
    const item = fc.oneof(
      { weight: 8, arbitrary: fc.tuple(fc.constantFrom('a', 'b'), fc.jsonValue()).map(([id, p]) => sample(id, p)) },
      { weight: 1, arbitrary: fc.constantFrom<unknown>(1, null, [], {}, sample('a b', 1), { attribute_id: 'a' }) },
    );
    fc.assert(
      fc.property(fc.array(fc.array(item, { maxLength: 6 })), (batches) => {
        const { registry, kept } = setUp();
        const { sensor } = registry.attach(metadata('s'));
        const expected: unknown[] = [];
        for (const batch of batches) {
          const valid = batch.filter((s) => typeof s === 'object' && s !== null && 'payload' in s);
          const bad = batch.length - valid.filter((s) => (s as WireSample).attribute_id !== 'a b').length;
          expect(sensor.takeBatch(batch, 100)).toBe(bad);
          if (bad === 0) expected.push(...batch);
        }
        const of = (id: string) => expected.filter((s) => (s as WireSample).attribute_id === id);
        expect(kept.get('s/a') ?? []).toEqual(of('a'));
        expect(kept.get('s/b') ?? []).toEqual(of('b'));
      }),
    );
  });
});

it('lists sensors in the form that clients read, whatever a join said', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...Object.keys(sensorParams('s'))), fc.jsonValue()), (odd) => {
      const { registry, now } = setUp();
      registry.attach(metadata('s', { ...odd, sensor_id: 's' }));
      expect(v.safeParse(SensorList, { sensors: registry.list(now()) }).success).toBe(true);
    }),
  );
});

import { describe, expect, it } from 'vitest';
import { createMemoryOutbox } from '../../src/outbox/memory-outbox.ts';
import { flatten, readAll, samples } from '../support/outbox-lab.ts';
import { outboxContract } from './outbox-contract.ts';

const SENSOR = 'sensor-1';

outboxContract('memory', () => Promise.resolve(createMemoryOutbox(1_700_000_000_000_000)));

describe('outbox: memory at its bound', () => {
  const open = () => createMemoryOutbox(0, undefined, () => 7, 12_000);

  it('says how much it holds of how much it may', async () => {
    const outbox = open();
    outbox.append(SENSOR, samples('ecg', 100));
    expect(outbox.storage).toMatchObject({ kind: 'memory', full: false, heldBytes: 1200, heldLimit: 12_000, since: 7 });
    const all = await readAll(outbox, SENSOR);
    await outbox.confirm(SENSOR, all[49]?.id ?? 0);
    await outbox.setAsideSamples(SENSOR, all[59]?.id ?? 0, 10, 'refused');
    expect(outbox.storage).toMatchObject({ heldBytes: 480 });
  });

  it('gives up what matters least, the oldest of it first; counted, and noted as a gap', async () => {
    const outbox = open();
    outbox.register(SENSOR, { attribute: 'body', attributeType: 'skeleton', samplingRate: 30 });
    for (let i = 0; i < 10; i++) {
      outbox.append(SENSOR, samples('heartrate', 50, 50 * i));
      outbox.append(SENSOR, samples('body', 50, 50 * i));
    }
    expect(outbox.depth(SENSOR).evicted).toBe(0);
    outbox.append(SENSOR, samples('heartrate', 50, 500));
    expect(outbox.depth(SENSOR)).toMatchObject({ measured: 1050, kept: 950, evicted: 100 });
    expect(await outbox.gaps(SENSOR)).toEqual([
      {
        ...{ sensorId: SENSOR, cause: 'evicted', attribute: 'body', samples: 100 },
        ...{ from: 1_700_000_000_000, to: 1_700_000_000_990 },
      },
    ]);
    const left = flatten(await outbox.read(SENSOR, undefined, 2000));
    expect(left.filter(({ attribute }) => attribute === 'body').map(({ value }) => value)).toEqual(
      Array.from({ length: 400 }, (_, i) => 100 + i),
    );
    expect(left.filter(({ attribute }) => attribute === 'heartrate')).toHaveLength(550);
    expect(outbox.attributes(SENSOR)).toMatchObject([
      { attribute: 'heartrate', measured: 550, kept: 550, evicted: 0 },
      { attribute: 'body', measured: 500, kept: 400, evicted: 100 },
    ]);
  });

  it('keeps what is on its way to the server', async () => {
    const outbox = open();
    outbox.append(SENSOR, samples('ecg', 400));
    const flying = flatten(await outbox.read(SENSOR, undefined, 400));
    for (let i = 0; i < 20; i++) outbox.append(SENSOR, samples('ecg', 100, 400 + 100 * i));
    await outbox.confirm(SENSOR, flying.at(-1)?.id ?? 0);
    const { measured, confirmed, kept, evicted } = outbox.depth(SENSOR);
    expect({ measured, confirmed, sum: kept + evicted }).toEqual({ measured: 2400, confirmed: 400, sum: 2000 });
    expect(evicted).toBeGreaterThan(0);
    expect(await readAll(outbox, SENSOR)).toHaveLength(kept);
  });
});

import { describe, expect, it } from 'vitest';
import { singleValue } from '../../../../src/model/block.ts';
import { createMemoryOutbox } from '../../../../src/outbox/memory-outbox.ts';
import { markOutbox } from '../../../../workers/sensor/tabs/feed-marks.ts';

const block = (value: number) => singleValue('heartrate', 1000 + value, value);

describe('a marked log', () => {
  it('knows which bytes of which tab it holds', async () => {
    const { marks, outbox } = markOutbox(createMemoryOutbox(1));
    marks.taken('s', { tab: 'a', number: 1 });
    marks.taken('s', { tab: 'a', number: 2 });
    const first = outbox.append('s', block(60));
    marks.taken('s', { tab: 'a', number: 3 });
    outbox.append('s', block(61));
    // A log in memory ends with its tab: only what needs it no more counts.
    expect(marks.logged('s', 'a')).toBe(0);
    await outbox.read('s', undefined, 1);
    await outbox.confirm('s', first.id);
    expect(marks.logged('s', 'a')).toBe(2);
    expect([marks.logged('s', 'b'), marks.logged('other', 'a')]).toEqual([0, 0]);
    const [second] = await outbox.read('s', first.id, 1);
    await outbox.confirm('s', second?.id ?? 0);
    expect(marks.logged('s', 'a')).toBe(3);
  });

  it('counts what was set aside as dealt with', async () => {
    const { marks, outbox } = markOutbox(createMemoryOutbox(1));
    marks.taken('s', { tab: 'a', number: 1 });
    const entry = outbox.append('s', block(60));
    await outbox.read('s', undefined, 10);
    await outbox.setAside('s', [entry.id], 'refused');
    expect(marks.logged('s', 'a')).toBe(1);
  });

  it('stopped: nothing more is written, sent or removed', async () => {
    const log = createMemoryOutbox(1);
    const { marks, outbox } = markOutbox(log);
    const entry = outbox.append('s', block(60));
    await outbox.read('s', undefined, 10);
    marks.stop();
    outbox.append('s', block(61));
    expect(await outbox.read('s', undefined, 10)).toEqual([]);
    await expect(outbox.confirm('s', entry.id)).rejects.toThrow('does not lead');
    await expect(outbox.setAside('s', [entry.id], 'refused')).rejects.toThrow('does not lead');
    expect(log.depth('s')).toMatchObject({ kept: 1, setAside: 0 });
  });
});

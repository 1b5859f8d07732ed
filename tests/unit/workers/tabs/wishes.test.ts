import { describe, expect, it } from 'vitest';
import { Wishes } from '../../../../workers/sensor/tabs/wishes.ts';

function setUp() {
  const told: string[] = [];
  const say = (line: string): Promise<void> => {
    told.push(line);
    return Promise.resolve();
  };
  const worker = {
    watch: (on: boolean, quality: string) => say(`watch ${on ? quality : 'off'}`),
    setVisibleSensors: (ids: readonly string[]) => say(`visible ${ids.join()}`),
    focusSensors: (ids: readonly string[]) => say(`focus ${ids.join()}`),
  };
  return { told, worker, wishes: new Wishes() };
}

const wish = (visible?: readonly string[], focused: readonly string[] = []) =>
  ({ watch: 'high', visible, focused }) as const;
const NOTHING = { watch: undefined, visible: undefined, focused: [] };

describe('wishes', () => {
  it('watch while any tab does, and look at what any of them shows', async () => {
    const { told, worker, wishes } = setUp();
    wishes.set('a', wish(['s2', 's1']));
    await wishes.tell(worker);
    wishes.set('b', wish(['s3', 's1']));
    await wishes.tell(worker);
    wishes.set('a', NOTHING);
    await wishes.tell(worker);
    wishes.delete('b');
    await wishes.tell(worker);
    expect(told).toEqual(['watch high', 'visible s1,s2', 'visible s1,s2,s3', 'visible s1,s3', 'watch off']);
  });

  it('say nothing twice', async () => {
    const { told, worker, wishes } = setUp();
    wishes.set('a', wish(['s1'], ['s1']));
    await wishes.tell(worker);
    wishes.set('b', wish(['s1'], ['s1']));
    await wishes.tell(worker);
    await wishes.tell(worker);
    expect(told).toEqual(['watch high', 'visible s1', 'focus s1']);
  });

  it('leave everything visible as long as no tab has said what it shows', async () => {
    const { told, worker, wishes } = setUp();
    wishes.set('a', wish());
    await wishes.tell(worker);
    wishes.set('a', wish([]));
    await wishes.tell(worker);
    expect(told).toEqual(['watch high', 'visible ']);
  });

  it('tell the focus again when watching begins anew', async () => {
    const { told, worker, wishes } = setUp();
    wishes.set('a', wish(['s1'], ['s1']));
    await wishes.tell(worker);
    wishes.set('a', { ...NOTHING, focused: ['s1'] });
    await wishes.tell(worker);
    wishes.set('a', wish(['s1'], ['s1']));
    await wishes.tell(worker);
    expect(told.slice(3)).toEqual(['watch off', 'watch high', 'visible s1', 'focus s1']);
  });
});

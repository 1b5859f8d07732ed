import { beforeEach, describe, expect, it } from 'vitest';
import { Lease, PATIENCE } from '../../../../workers/sensor/tabs/lease.ts';
import { LEADER_LOCK } from '../../../../workers/sensor/tabs/ports.ts';
import { createManualClock, turns, type ManualClock } from '../../../support/manual-clock.ts';
import { LockManager, type TabLocks } from '../../../support/lock-manager.ts';

let clock: ManualClock;
let manager: LockManager;
let told: string[];

beforeEach(() => {
  clock = createManualClock(1_000_000);
  manager = new LockManager();
  told = [];
});

interface Tab {
  readonly lease: Lease;
  readonly locks: TabLocks;
  term: number;
}

function tab(name: string): Tab {
  const locks = manager.client();
  const made = { locks, term: 0 } as { lease: Lease; locks: TabLocks; term: number };
  made.lease = new Lease({
    locks,
    clock,
    random: () => 0.5,
    onLead: (term, tookOver) => {
      made.term = term;
      told.push(`${name} leads${tookOver ? ' after another' : ''}`);
    },
    onDeposed: () => told.push(`${name} deposed`),
  });
  return made;
}

/** A leader that is alive, for a while. */
async function beats(leader: Tab, followers: readonly Tab[], ms: number): Promise<void> {
  for (let t = 0; t < ms; t += 500) {
    for (const follower of followers) follower.lease.heard(leader.term);
    await clock.advance(500);
  }
}

describe('the lease', () => {
  it('is given to the first tab at once, to the next when it is closed', async () => {
    const a = tab('a');
    const b = tab('b');
    await turns();
    expect(told).toEqual(['a leads']);
    b.lease.heard(a.term);
    a.lease.close();
    await turns();
    expect(told).toEqual(['a leads', 'b leads after another']);
    expect(b.term).toBeGreaterThan(a.term);
  });

  it('stays where it is while the leader gives signs of life', async () => {
    const a = tab('a');
    const b = tab('b');
    await turns();
    await beats(a, [b], 20_000);
    expect(told).toEqual(['a leads']);
  });

  it('is taken from a silent leader, and not before its patience ends', async () => {
    const a = tab('a');
    const b = tab('b');
    await turns();
    b.lease.heard(a.term);
    await clock.advance(PATIENCE - 100);
    expect(told).toEqual(['a leads']);
    await clock.advance(350);
    expect(told).toEqual(['a leads', 'b leads after another', 'a deposed']);
  });

  it('is taken by one of several followers only', async () => {
    const a = tab('a');
    const others = [tab('b'), tab('c'), tab('d')];
    await turns();
    for (const other of others) other.lease.heard(a.term);
    a.locks.die();
    await turns();
    await clock.advance(400);
    expect(told).toEqual(['a leads', 'b leads after another']);
  });

  it('ends with a later term that is heard, before the browser says so', async () => {
    const a = tab('a');
    await turns();
    a.lease.heard(a.term + 5);
    expect(told).toEqual(['a leads', 'a deposed']);
    expect(manager.isHeld(LEADER_LOCK)).toBe(true);
  });

  it('does not follow a leader of the past', async () => {
    const a = tab('a');
    await turns();
    const b = tab('b');
    expect(b.lease.heard(a.term + 5)).toBe(true);
    expect(b.lease.heard(a.term)).toBe(false);
    expect(b.lease.heard(a.term + 5)).toBe(true);
  });

  it('gives terms that only grow, also when the clock was set back', async () => {
    const a = tab('a');
    await turns();
    a.lease.heard(5e12);
    await turns();
    await clock.advance(3000);
    expect(a.term).toBeGreaterThan(5e12);
  });

  it('is taken more and more patiently from leaders that cannot be heard', async () => {
    tab('a');
    const steals = () => told.filter((line) => line.startsWith('b leads')).length;
    await turns();
    tab('b');
    await clock.advance(60_000);
    // Both take it from each other: 1.5, 3, 6, 12, 24, 24 s each.
    expect(steals()).toBeGreaterThan(0);
    expect(told.filter((line) => line.includes('leads')).length).toBeLessThan(10);
  });

  it('is not taken by a tab that overslept the signs of life itself', async () => {
    const a = tab('a');
    const slow = createManualClock(clock.now());
    const lease = new Lease({
      locks: manager.client(),
      // Its timers stand still while time goes on.
      clock: { now: () => clock.now(), after: slow.after },
      random: () => 0.5,
      onLead: () => told.push('b leads'),
      onDeposed: () => undefined,
    });
    await turns();
    lease.heard(a.term);
    await clock.advance(60_000);
    await slow.advance(100);
    expect(told).toEqual(['a leads']);
    lease.close();
  });

  it('closed, it asks for nothing any more', async () => {
    const a = tab('a');
    const b = tab('b');
    await turns();
    b.lease.close();
    a.lease.close();
    await clock.advance(10_000);
    expect(told).toEqual(['a leads']);
    expect(clock.waiting).toBe(0);
    expect(manager.isHeld(LEADER_LOCK)).toBe(false);
  });
});

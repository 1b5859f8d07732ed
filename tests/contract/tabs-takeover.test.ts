/** Tabs of one origin: one leads, another takes over, and the log holds what was measured, once. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mulberry32 } from '../../src/lib/random.ts';
import { LockManager } from '../support/lock-manager.ts';
import { indexedDbLog, slowDisk, type SharedLog } from '../support/shared-log.ts';
import { createOrigin, TestTab, type Origin } from '../support/test-tab.ts';

const LOGS = { 'a slow disk': slowDisk, 'the log in IndexedDB': indexedDbLog };

let log: SharedLog;
let origin: Origin;
let tabs: TestTab[];

afterEach(() => {
  for (const tab of tabs) tab.kill();
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const until = (check: () => void | Promise<void>, timeout = 5000): Promise<void> =>
  vi.waitFor(check, { timeout, interval: 10 });
/** RR intervals as they leave the decoder, from ticks of 1/1024 s. */
const intervals = (ticks: readonly number[]): number[] => ticks.map((tick) => Math.fround((tick * 1000) / 1024));
const stored = (tab: TestTab): Promise<readonly number[]> => log.values(tab.sensorId, 'rr_interval');

async function open(name: string, sensorId?: string): Promise<TestTab> {
  const tab = new TestTab(origin, name, sensorId);
  tabs.push(tab);
  expect(await tab.open()).toEqual({ ok: true, value: undefined });
  return tab;
}

/** Beats of all tabs for a while, each at its own pace. */
async function beatFor(ms: number): Promise<void> {
  const end = Date.now() + ms;
  while (Date.now() < end) {
    for (const [i, tab] of tabs.entries()) if (Math.random() < 0.9 - i * 0.2) tab.beat();
    await pause(7);
  }
}

const complete = (tab: TestTab): Promise<void> =>
  until(async () => expect(await stored(tab)).toEqual(intervals(tab.ticks)));

describe.each(Object.entries(LOGS))('tabs on %s', (_name, open) => {
  beforeEach(() => {
    log = open();
    origin = createOrigin(new LockManager(), log);
    tabs = [];
  });
  describe('that live', tabsThatLive);
  describe('that end', tabsThatEnd);
  describe('that led', leadersThatEnd);
  describe('that are frozen', frozenLeaders);
});

function tabsThatLive(): void {
  it('share one socket and one log; every window sees the status', async () => {
    const [a, b] = [await open('a'), await open('b')];
    await beatFor(300);
    await complete(a);
    await complete(b);
    expect(origin.leaders).toEqual(['a']);
    await until(() => expect([...origin.sockets]).toEqual(['a']));
    await until(() => {
      const seen = b.statuses.at(-1)?.sensors.map((sensor) => sensor.sensorId);
      expect(seen).toEqual(['sensor-a', 'sensor-b']);
    });
  });

  it('each get live values of their own sensors only', async () => {
    const [a, b] = [await open('a'), await open('b')];
    await beatFor(200);
    await until(() => expect(b.live.length).toBeGreaterThan(0));
    expect(new Set(a.live.map((message) => message.sensorId))).toEqual(new Set(['sensor-a']));
    expect(new Set(b.live.map((message) => message.sensorId))).toEqual(new Set(['sensor-b']));
  });

  it('have the same memory', async () => {
    const [a, b] = [await open('a'), await open('b')];
    const remembered = await b.worker.remember('device-1', 'Strap');
    expect(remembered).toMatchObject({ ok: true, value: { deviceId: 'device-1' } });
    expect(await a.worker.remembered()).toEqual([remembered.ok && remembered.value]);
    expect(await a.worker.setConnectorName('')).toMatchObject({ ok: false, error: { code: 'connector-name-invalid' } });
  });

  it('do not take the same sensor twice', async () => {
    const a = await open('a', 'strap');
    const b = new TestTab(origin, 'b', 'strap');
    tabs.push(b);
    expect(await b.open()).toEqual({ ok: false, error: { code: 'bluetooth-other-tab' } });
    await a.worker.closeSensor('strap');
    expect((await b.open()).ok).toBe(true);
    b.beat();
    await complete(b);
  });
}

function tabsThatEnd(): void {
  it('closes its sensors, flushed, and no others', async () => {
    const [a, b] = [await open('a'), await open('b')];
    await beatFor(100);
    b.beat();
    await pause(20);
    b.kill();
    await until(() => expect(origin.closed).toEqual(['sensor-b']));
    await complete(b);
    a.beat();
    await complete(a);
  });

  it('frees its sensor for another', async () => {
    await open('a');
    const b = await open('b', 'strap');
    b.kill();
    const c = await open('c', 'strap');
    c.beat();
    await complete(c);
  });
}

function leadersThatEnd(): void {
  it('is followed within 2 s, without loss or doubling', async () => {
    const [a, b] = [await open('a'), await open('b')];
    await beatFor(400);
    a.kill();
    const killed = Date.now();
    await beatFor(300);
    await complete(b);
    await until(() => expect([...origin.sockets]).toEqual(['b']));
    expect(Date.now() - killed).toBeLessThan(2000);
    await beatFor(200);
    await complete(b);
    expect(origin.leaders).toEqual(['a', 'b']);
  });

  it('leaves nothing out of what it had taken, but for what only its own window knew', async () => {
    const [a] = [await open('a'), await open('b')];
    await beatFor(500);
    a.kill();
    const kept = await stored(a);
    expect(kept).toEqual(intervals(a.ticks).slice(0, kept.length));
    // 250 ms until it is handed to the log, 120 until that is on the disk; a beat takes at least 7.
    expect(a.ticks.length - kept.length).toBeLessThan(60);
  });

  it('answers calls late, not never', async () => {
    const [a, b] = [await open('a'), await open('b')];
    const asked = b.worker.remember('device-2', 'Other');
    a.kill();
    expect(await asked).toMatchObject({ ok: true });
  });

  it('may take a sensor with it that was just closed: its last beats are stored all the same', async () => {
    const [a, b] = [await open('a'), await open('b')];
    await beatFor(50);
    const closed = b.worker.closeSensor(b.sensorId);
    a.kill();
    expect(await closed).toEqual({ ok: true, value: undefined });
    await complete(b);
  });

  it.each([1, 2, 3, 4, 5, 6])('at random moments, again and again (%i)', { timeout: 60_000 }, async (seed) => {
    const random = mulberry32(seed);
    for (const name of ['a', 'b', 'c']) await open(name);
    const survivor = await open('z');
    const killed: TestTab[] = [];
    for (let round = 0; round < 5; round++) {
      await beatFor(random() * 400);
      const leader = tabs.find((tab) => tab.worker.leads);
      const victim = random() < 0.7 ? leader : tabs[Math.floor(random() * tabs.length)];
      if (victim && victim !== survivor) {
        victim.kill();
        killed.push(victim);
        tabs = tabs.filter((tab) => tab !== victim);
      }
      if (random() < 0.7) void open(`n${round}`);
    }
    await beatFor(200);
    await complete(survivor);
    for (const tab of tabs) await complete(tab);
    for (const tab of killed) {
      const kept = await stored(tab);
      expect(kept).toEqual(intervals(tab.ticks).slice(0, kept.length));
    }
    expect(new Set(origin.leaders).size).toBe(origin.leaders.length);
    await until(() => expect(origin.sockets.size).toBe(1));
  });
}

function frozenLeaders(): void {
  it('loses the lock within 2 s, writes nothing when it wakes, and follows', { timeout: 20_000 }, async () => {
    const [a, b] = [await open('a'), await open('b')];
    await beatFor(300);
    a.freeze();
    const frozen = Date.now();
    await until(() => expect(b.worker.leads).toBe(true));
    expect(Date.now() - frozen).toBeLessThan(2000);
    await beatFor(300);
    await complete(b);
    a.thaw();
    await until(() => expect(a.worker.leads).toBe(false));
    await beatFor(300);
    await complete(a);
    await complete(b);
    expect(origin.leaders).toEqual(['a', 'b']);
    expect([...origin.sockets]).toEqual(['b']);
  });

  it('can lead again later', { timeout: 20_000 }, async () => {
    const [a, b] = [await open('a'), await open('b')];
    a.freeze();
    await until(() => expect(b.worker.leads).toBe(true));
    a.thaw();
    await beatFor(200);
    b.kill();
    await until(() => expect(a.worker.leads).toBe(true));
    await beatFor(200);
    await complete(a);
    expect([...origin.sockets]).toEqual(['a']);
  });
}

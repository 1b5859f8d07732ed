/** What the pose worker of a page did, and what became of its skeletons. */
import assert from 'node:assert/strict';
import { readHistory } from './recording.mjs';

/**
 * Runs in a page before the app: counts pictures that the pose worker finished with (`done`), how often that worker was started,
 * and skeletons of others that arrive. Keeps what the sensor worker last said of the camera.
 */
export function observePose() {
  const seen = {
    done: 0,
    starts: 0,
    watched: 0,
    delegate: undefined,
    work: undefined,
    problems: {},
    tally: undefined,
  };
  globalThis.poseSeen = seen;
  const Native = globalThis.Worker;
  globalThis.Worker = class extends Native {
    constructor(address, options) {
      super(address, options);
      if (options?.name !== 'pose') return;
      seen.starts += 1;
      this.addEventListener('message', ({ data }) => {
        if (data.type === 'done') seen.done += 1;
        if (data.type !== 'report') return;
        const { delegate, work, problems } = data.report;
        Object.assign(seen, { delegate, work: Math.round(work), problems });
      });
    }
  };
  const { set, get } = Object.getOwnPropertyDescriptor(globalThis.MessagePort.prototype, 'onmessage');
  Object.defineProperty(globalThis.MessagePort.prototype, 'onmessage', {
    configurable: true,
    get,
    set(listener) {
      this.addEventListener('message', ({ data }) => {
        if (data?.kind === 'skeleton' && data.origin === 'watched') seen.watched += 1;
        for (const { sensorId, attributes } of data?.sensors ?? []) {
          const tally = attributes.find(({ attribute }) => attribute === 'skeleton');
          if (tally) seen.tally = { sensorId, ...tally };
        }
      });
      set.call(this, listener);
    },
  });
}

/** What was seen so far, and when (Unix ms of the page). */
export function readPose(page) {
  return page.evaluate(() => ({ ...globalThis.poseSeen, at: performance.timeOrigin + performance.now() }));
}

/**
 * Skeletons in the gateway against pictures looked at, after the camera was stopped and nothing is kept: every picture shows
 * a person, so each is a skeleton that is stored, or that the app says it gave up; but for one, which may have been at work
 * when the camera was stopped. Numbers have gaps only where something was given up. The app's own count of the sensor is
 * some moments older: it ends when the sensor is closed.
 */
export async function compareSkeletons(url, { done, starts, problems, tally }) {
  assert.equal(starts, 1, 'the pose worker was started again');
  assert.deepEqual(problems, {}, 'pictures that could not be used');
  assert.ok(tally, 'no skeleton was measured');
  const { sensorId, measured, confirmed, evicted, setAside, kept } = tally;
  const { stored, missing } = await countStored(url, sensorId);
  const told = `skeletons: looked at ${done}, stored ${stored}, given up ${missing}, last count: measured ${measured} = confirmed ${confirmed} + evicted ${evicted} + kept ${kept}`;
  assert.equal(measured, confirmed + evicted + setAside + kept, told);
  assert.equal(setAside, 0, told);
  assert.equal(missing, evicted, told);
  assert.ok(confirmed <= stored && measured <= stored + missing, told);
  assert.ok([0, 1].includes(done - stored - missing), told);
  return told;
}

/** Numbers that are missing between the first and the last one were given up. */
async function countStored(url, sensorId) {
  let [stored, missing, last, time] = [0, 0, undefined, -Infinity];
  for await (const { seq, timestamp, payload } of readHistory(url, sensorId, 'skeleton')) {
    assert.ok(last === undefined || seq > last, `skeletons: number ${seq} after ${last}`);
    assert.ok(timestamp >= time, `skeletons: ${timestamp} after ${time}`);
    assert.equal(payload?.landmarks?.length, 33, `skeletons: number ${seq} is no skeleton`);
    missing += last === undefined ? 0 : seq - last - 1;
    [stored, last, time] = [stored + 1, seq, timestamp];
  }
  return { stored, missing };
}

import { describe, expect, it } from 'vitest';
import { Cameras, type CameraLease } from '../../../src/pose/camera.ts';
import type { AppError } from '../../../src/model/errors.ts';
import type { Result } from '../../../src/model/result.ts';
import { turns } from '../../support/manual-clock.ts';
import { FakeDevices } from './capture-support.ts';

const SMALL = { width: 320, height: 240 };
const MEDIUM = { width: 640, height: 480 };

function rig() {
  const devices = new FakeDevices();
  const cameras = new Cameras(devices.edges());
  const troubles: (AppError | undefined)[] = [];
  const ending = new AbortController();
  const open = (id?: string, size = MEDIUM, signal = ending.signal) =>
    cameras.open({ id, ...size }, (error) => troubles.push(error), signal);
  return { devices, cameras, troubles, ending, open };
}

function given(opened: Result<CameraLease>): CameraLease {
  if (!opened.ok) throw new Error(opened.error.code);
  return opened.value;
}

describe('the camera', () => {
  it('is asked for what faces the person, without sound', async () => {
    const { open, devices } = rig();
    given(await open());
    expect(devices.asked).toEqual([
      {
        audio: false,
        video: {
          facingMode: 'user',
          width: { ideal: 640 },
          height: { ideal: 480 },
          frameRate: { ideal: 30 },
        },
      },
    ]);
  });

  it('is asked for by its id', async () => {
    const { open, devices } = rig();
    given(await open('back'));
    expect(devices.asked[0]?.video).toMatchObject({ deviceId: { exact: 'back' } });
    expect(devices.asked[0]?.video).not.toHaveProperty('facingMode');
  });

  it('is one for two, and off when the second lets go', async () => {
    const { open, devices } = rig();
    const first = given(await open('front'));
    const second = given(await open('front'));
    expect(second.stream).toBe(first.stream);
    expect(devices.asked).toHaveLength(1);
    first.release();
    first.release();
    expect(devices.live).toBe(1);
    second.release();
    expect(devices.live).toBe(0);
    expect(devices.tracks[0]?.stopped).toBe(1);
    // And opens anew.
    given(await open('front'));
    expect(devices.live).toBe(1);
  });

  it('is one for two that ask at the same time', async () => {
    const { open, devices } = rig();
    const [first, second] = await Promise.all([open(), open()]);
    expect(given(first).stream).toBe(given(second).stream);
    expect(devices.asked).toHaveLength(1);
  });

  it('is one also when the choice of the browser turns out to run already', async () => {
    const { open, devices } = rig();
    const named = given(await open('front'));
    const any = given(await open());
    expect(any.stream).toBe(named.stream);
    expect(devices.live).toBe(1);
    named.release();
    any.release();
    expect(devices.live).toBe(0);
  });

  it('that faces the person is not opened a second time', async () => {
    const { open, devices } = rig();
    devices.shape = (track) => (track.settings = { deviceId: 'front', facingMode: 'user' });
    given(await open('front'));
    given(await open());
    expect(devices.asked).toHaveLength(1);
  });

  it('is another one for another id', async () => {
    const { open, devices } = rig();
    const front = given(await open('front'));
    const back = given(await open('back'));
    expect(back.stream).not.toBe(front.stream);
    front.release();
    expect(devices.tracks.map(({ isLive }) => isLive)).toEqual([false, true]);
  });

  it('gives the largest size that is asked for, as long as it is', async () => {
    const { open, devices } = rig();
    given(await open('front', SMALL));
    const large = given(await open('front', MEDIUM));
    expect(devices.tracks[0]?.applied).toMatchObject([{ width: { ideal: 640 }, height: { ideal: 480 } }]);
    large.release();
    await turns();
    expect(devices.tracks[0]?.applied.at(-1)).toMatchObject({ width: { ideal: 320 } });
  });

  it('stays on when it refuses another size', async () => {
    const { open, devices } = rig();
    devices.shape = (track) => (track.refuses = true);
    given(await open('front', SMALL));
    given(await open('front', MEDIUM));
    await turns();
    expect(devices.live).toBe(1);
  });

  it('has its lamp off, where it has one', async () => {
    const { open, devices } = rig();
    devices.shape = (track, id) => (track.capabilities = id === 'back' ? { torch: true } : {});
    given(await open('back'));
    given(await open('front'));
    expect(devices.tracks.map(({ applied }) => applied)).toEqual([[{ advanced: [{ torch: false }] }], []]);
  });

  it('is let go of with the signal', async () => {
    const { open, devices, ending } = rig();
    given(await open());
    ending.abort();
    expect(devices.live).toBe(0);
  });

  it('does not stay on when nobody wants it any more once the person answers', async () => {
    const { open, devices, ending } = rig();
    let answer = (): void => undefined;
    devices.gate = new Promise((resolve) => (answer = resolve));
    const first = open();
    ending.abort();
    answer();
    expect(await first).toMatchObject({ ok: false, error: { code: 'camera-lost' } });
    expect(devices.tracks).toHaveLength(1);
    expect(devices.live).toBe(0);
  });

  it('stays on for the other one when one of two gives up waiting', async () => {
    const { open, devices, ending } = rig();
    let answer = (): void => undefined;
    devices.gate = new Promise((resolve) => (answer = resolve));
    const first = open();
    const second = open(undefined, MEDIUM, new AbortController().signal);
    ending.abort();
    answer();
    await first;
    const lease = given(await second);
    expect(devices.live).toBe(1);
    lease.release();
    expect(devices.live).toBe(0);
  });

  it.each([
    ['NotAllowedError', 'camera-permission'],
    ['SecurityError', 'camera-permission'],
    ['NotFoundError', 'camera-missing'],
    ['OverconstrainedError', 'camera-missing'],
    ['NotReadableError', 'camera-busy'],
    ['AbortError', 'camera-busy'],
    ['TypeError', 'camera-unsupported'],
  ])('%s is %s, and it can be tried again', async (name, code) => {
    const { open, devices } = rig();
    devices.refuse = name;
    expect(await open()).toMatchObject({ ok: false, error: { code } });
    devices.refuse = undefined;
    given(await open());
  });

  it.each([
    [true, 'camera-unsupported'],
    [false, 'camera-insecure'],
  ])('is not there in this browser: secure %s, %s', async (secure, code) => {
    const cameras = new Cameras({ mediaDevices: undefined, secure });
    const { signal } = new AbortController();
    expect(await cameras.open(SMALL, () => undefined, signal)).toMatchObject({ error: { code } });
    expect(await cameras.list()).toMatchObject({ error: { code } });
  });

  it('tells all who share it when it is held back, given back and taken away', async () => {
    const { open, devices, troubles } = rig();
    const first = given(await open());
    given(await open());
    devices.tracks[0]?.fire('mute');
    expect(first.isMuted()).toBe(true);
    devices.tracks[0]?.fire('unmute');
    expect(first.isMuted()).toBe(false);
    devices.tracks[0]?.fire('ended');
    expect(troubles.map((error) => error?.code)).toEqual([
      ...['camera-busy', 'camera-busy', undefined, undefined],
      ...['camera-lost', 'camera-lost'],
    ]);
    first.release();
    // What was taken away is not shared any more.
    given(await open());
    expect(devices.asked).toHaveLength(2);
  });

  it('tells nothing to who let go', async () => {
    const { open, devices, troubles } = rig();
    given(await open()).release();
    devices.tracks[0]?.fire('ended');
    expect(troubles).toEqual([]);
  });
});

describe('the list of cameras', () => {
  it('leaves microphones out, and is without names before a permission', async () => {
    const { cameras, devices } = rig();
    devices.list = [
      { kind: 'audioinput', deviceId: 'm', label: 'M' },
      { kind: 'videoinput', deviceId: '', label: '' },
    ];
    expect(await cameras.list()).toEqual({ ok: true, value: [{ id: '', label: '' }] });
  });

  it('that cannot be read is an error', async () => {
    const { cameras, devices } = rig();
    devices.refuse = 'NotAllowedError';
    expect(await cameras.list()).toMatchObject({ error: { code: 'camera-permission' } });
  });

  it('is told to have changed until nobody listens', () => {
    const { cameras, devices, ending } = rig();
    let changes = 0;
    cameras.watch(() => (changes += 1), ending.signal);
    devices.dispatchEvent(new Event('devicechange'));
    ending.abort();
    devices.dispatchEvent(new Event('devicechange'));
    expect(changes).toBe(1);
  });
});

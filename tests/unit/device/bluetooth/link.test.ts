import { describe, expect, it } from 'vitest';
import { createLink, type Link } from '../../../../src/device/bluetooth/link.ts';
import type { Peripheral } from '../../../../src/device/bluetooth/radio.ts';
import type { StrapScript } from '../../../../src/device/demo/script.ts';
import { createScriptedRadio, type ScriptedRadio } from '../../../../src/device/demo/scripted-radio.ts';
import { BATTERY_LEVEL } from '../../../../src/device/profiles/battery.ts';
import {
  BODY_SENSOR_LOCATION,
  HEART_RATE_MEASUREMENT,
  parseHeartRate,
} from '../../../../src/device/profiles/heart-rate.ts';
import { decoderFor, PROFILES } from '../../../../src/device/profiles/registry.ts';
import type { AppError } from '../../../../src/model/errors.ts';
import type { LinkState } from '../../../../src/model/link.ts';
import { manualTime, settle, type ManualTime } from '../support/time.ts';

interface Packet {
  readonly uuid: string;
  readonly bytes: ArrayBuffer;
  readonly arrival: number;
}

interface Bench {
  readonly time: ManualTime;
  readonly radio: ScriptedRadio;
  readonly link: Link;
  readonly peripheral: Peripheral;
  readonly states: LinkState[];
  readonly packets: Packet[];
  readonly warnings: AppError[];
  lostLinks(): number;
  beats(): number;
}

function attach(time: ManualTime, radio: ScriptedRadio, peripheral: Peripheral): Bench {
  const states: LinkState[] = [];
  const packets: Packet[] = [];
  const warnings: AppError[] = [];
  let lostLinks = 0;
  const link = createLink(peripheral, {
    profiles: PROFILES,
    onBytes: (uuid, bytes, arrival) => packets.push({ uuid, bytes, arrival }),
    onState: (state) => states.push(state),
    onLinkLost: () => (lostLinks += 1),
    onWarning: (error) => warnings.push(error),
    radio,
    now: time.now,
    random: () => 0,
    timers: time.timers,
  });
  const beats = (): number => packets.filter((packet) => packet.uuid === HEART_RATE_MEASUREMENT).length;
  return { time, radio, link, peripheral, states, packets, warnings, lostLinks: () => lostLinks, beats };
}

async function bench(script: StrapScript = {}): Promise<Bench> {
  const time = manualTime();
  const radio = createScriptedRadio({ timers: time.timers, now: time.now, script: () => script });
  const chosen = await radio.request({ showAll: false });
  if (!chosen.ok) throw new Error(chosen.error.code);
  return attach(time, radio, chosen.value);
}

const ats = (states: readonly LinkState[]): string[] => states.map((state) => state.at);

describe('link over a scripted strap', () => {
  it('connects, discovers, reads, subscribes, and bytes flow with their arrival times', async () => {
    const { link, time, states, packets, beats } = await bench();
    link.start();
    await time.advance(0);
    expect(ats(states)).toEqual(['connecting', 'discovering', 'subscribing', 'live']);
    const read = packets.map((packet) => packet.uuid);
    expect(read).toContain(BODY_SENSOR_LOCATION);
    expect(read).toContain(BATTERY_LEVEL);
    const start = time.now();
    await time.advance(20_000);
    expect(beats()).toBe(20);
    const arrivals = packets
      .filter((packet) => packet.uuid === HEART_RATE_MEASUREMENT)
      .map((packet) => packet.arrival - start);
    expect(arrivals).toEqual(Array.from({ length: 20 }, (_, index) => (index + 1) * 1000));
    for (const { uuid, bytes } of packets) expect(decoderFor(uuid)?.(new DataView(bytes)).ok).toBe(true);
    const energies = packets.flatMap(({ uuid, bytes }) => {
      if (uuid !== HEART_RATE_MEASUREMENT) return [];
      const parsed = parseHeartRate(new DataView(bytes));
      return parsed.ok && parsed.value.energy !== undefined ? [parsed.value.energy] : [];
    });
    expect(energies).toHaveLength(2);
  });

  it('comes back by itself after a drop, discovers anew, and says that the link was lost', async () => {
    const { link, time, states, beats, lostLinks } = await bench({ dropAfter: [5, 3] });
    link.start();
    await time.advance(60_000);
    expect(ats(states)).toEqual([
      ...['connecting', 'discovering', 'subscribing', 'live', 'waiting'],
      ...['connecting', 'discovering', 'subscribing', 'live', 'waiting'],
      ...['connecting', 'discovering', 'subscribing', 'live'],
    ]);
    expect(lostLinks()).toBe(2);
    // 5 s, a quarter second, 3 s, a quarter second, then one a second.
    expect(beats()).toBe(5 + 3 + 51);
  });

  it('tries again with growing pauses while the strap is out of range', async () => {
    const { link, time, states } = await bench({ refuseConnect: { times: 4, code: 'bluetooth-out-of-range' } });
    link.start();
    await time.advance(60_000);
    const waits = states.flatMap((state) => (state.at === 'waiting' ? [state.attempt] : []));
    expect(waits).toEqual([2, 3, 4, 5]);
    expect(link.state.at).toBe('live');
  });

  it('does not wait for a connect that hangs: 15 s, then again', async () => {
    const { link, time, states } = await bench({ hangConnect: 1 });
    link.start();
    await time.advance(14_999);
    expect(link.state).toEqual({ at: 'connecting', attempt: 1 });
    await time.advance(1);
    expect(link.state).toMatchObject({ at: 'waiting', attempt: 2, error: { code: 'bluetooth-timeout' } });
    await time.advance(1000);
    expect(link.state.at).toBe('live');
    expect(ats(states).filter((at) => at === 'connecting')).toHaveLength(2);
  });

  it('gives up where a person must act, until asked again', async () => {
    const { link, time } = await bench({ refuseConnect: { times: 1, code: 'bluetooth-permission' } });
    link.start();
    await time.advance(600_000);
    expect(link.state).toMatchObject({ at: 'lost', error: { code: 'bluetooth-permission' } });
    link.retry();
    await time.advance(0);
    expect(link.state.at).toBe('live');
  });

  it('gives up on a device without any known service', async () => {
    const { link, time } = await bench({ noServices: true });
    link.start();
    await time.advance(60_000);
    expect(link.state).toMatchObject({ at: 'lost', error: { code: 'bluetooth-no-services' } });
  });

  it('waits for the adapter and returns with it', async () => {
    const { link, time, radio, lostLinks } = await bench();
    link.start();
    await time.advance(3000);
    radio.setAdapter(false);
    await time.advance(600_000);
    expect(link.state).toMatchObject({ at: 'lost', error: { code: 'bluetooth-adapter-off' } });
    expect(lostLinks()).toBe(1);
    radio.setAdapter(true);
    await time.advance(0);
    expect(link.state.at).toBe('live');
  });

  it('calls the stream stale after three missed packets, and live with the next one', async () => {
    const { link, time, states, lostLinks } = await bench({ silent: { from: 6, to: 16 } });
    link.start();
    await time.advance(5000);
    const last = time.now();
    await time.advance(2999);
    expect(link.state.at).toBe('live');
    await time.advance(1);
    expect(link.state).toEqual({ at: 'stale', since: last });
    await time.advance(20_000);
    expect(ats(states)).toEqual(['connecting', 'discovering', 'subscribing', 'live', 'stale', 'live']);
    expect(lostLinks()).toBe(0);
  });

  it('passes malformed packets on like any other: counting them is the decoder’s business', async () => {
    const { link, time, packets, beats } = await bench({ malformed: { at: [2, 4], kind: 'truncated' } });
    link.start();
    await time.advance(6000);
    expect(beats()).toBe(6);
    const bad = packets.filter(({ uuid, bytes }) => decoderFor(uuid)?.(new DataView(bytes)).ok === false);
    expect(bad).toHaveLength(2);
    expect(link.state.at).toBe('live');
  });

  it('stops at once, whatever is under way, and leaves no timer behind', async () => {
    for (const ms of [0, 250, 5000, 8500]) {
      const { link, time, beats } = await bench({ dropAfter: [8], silent: { from: 3, to: 7 } });
      link.start();
      if (ms > 0) await time.advance(ms);
      link.stop();
      const before = beats();
      await time.advance(60_000);
      expect(link.state).toEqual({ at: 'idle' });
      expect(beats()).toBe(before);
      expect(time.pending()).toBe(0);
      link.start();
      await time.advance(1000);
      expect(link.state.at).toBe('live');
      link.stop();
    }
  });

  it('forgets for good, and gives the permission back', async () => {
    const { link, time, radio, peripheral } = await bench();
    link.start();
    await time.advance(3000);
    await link.forget();
    expect(link.state).toEqual({ at: 'forgotten' });
    expect((await radio.known()).map((known) => known.id)).not.toContain(peripheral.id);
    link.start();
    link.retry();
    radio.setAdapter(false);
    radio.setAdapter(true);
    await time.advance(60_000);
    expect(link.state).toEqual({ at: 'forgotten' });
    expect(time.pending()).toBe(0);
  });

  it('waits for a remembered strap until it is heard', async () => {
    const time = manualTime();
    const radio = createScriptedRadio({ timers: time.timers, now: time.now, remembered: ['demo-strap-3', 'nonsense'] });
    const [peripheral, ...others] = await radio.known();
    if (!peripheral) throw new Error('nothing remembered');
    expect(others).toEqual([]);
    expect(peripheral).toMatchObject({ id: 'demo-strap-3', name: 'Demo strap 3', demo: true, remembered: true });
    const { link, states } = attach(time, radio, peripheral);
    link.start();
    await time.advance(2000);
    expect(ats(states)).toEqual(['seeking', 'connecting', 'discovering', 'subscribing', 'live']);
    // The next new strap takes the next number.
    const chosen = await radio.request({ showAll: false });
    expect(chosen).toMatchObject({ ok: true, value: { id: 'demo-strap-4' } });
  });

  it('keeps several straps apart', async () => {
    const time = manualTime();
    const radio = createScriptedRadio({
      timers: time.timers,
      now: time.now,
      script: (n) => (n === 1 ? { dropAfter: [2] } : {}),
    });
    const benches: Bench[] = [];
    for (let i = 0; i < 4; i++) {
      const chosen = await radio.request({ showAll: false });
      if (!chosen.ok) throw new Error(chosen.error.code);
      benches.push(attach(time, radio, chosen.value));
    }
    for (const { link } of benches) link.start();
    await time.advance(10_000);
    expect(benches.map((one) => one.lostLinks())).toEqual([1, 0, 0, 0]);
    expect(benches.map((one) => one.beats())).toEqual([9, 10, 10, 10]);
    const beats = benches.map((one) =>
      JSON.stringify(one.packets.slice(-8).map((packet) => [...new Uint8Array(packet.bytes)])),
    );
    expect(new Set(beats).size).toBe(4);
    benches[1]?.link.stop();
    await time.advance(5000);
    expect(benches.map((one) => one.link.state.at)).toEqual(['live', 'idle', 'live', 'live']);
  });

  it('closes a connection that comes after its try was given up', async () => {
    const { time, radio, peripheral } = await bench();
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let late = 0;
    const slow: Peripheral = {
      id: peripheral.id,
      name: peripheral.name,
      demo: true,
      remembered: false,
      forget: () => peripheral.forget(),
      // Keeps what every radio promises: once the signal is aborted, a late connection is closed again.
      async connect(signal) {
        await gate;
        const result = await peripheral.connect(new AbortController().signal);
        if (signal.aborted && result.ok) {
          result.value.disconnect();
          late += 1;
        }
        return result;
      },
    };
    const { link, packets } = attach(time, radio, slow);
    link.start();
    await time.advance(1000);
    link.stop();
    release();
    await settle();
    await time.advance(5000);
    expect(late).toBe(1);
    expect(packets).toEqual([]);
    expect(link.state).toEqual({ at: 'idle' });
  });

  it('hears nothing of what an earlier try answers late', async () => {
    const { time, radio, peripheral } = await bench();
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let connects = 0;
    const first: Peripheral = {
      id: peripheral.id,
      name: peripheral.name,
      demo: true,
      remembered: false,
      forget: () => peripheral.forget(),
      async connect(signal) {
        connects += 1;
        const result = await peripheral.connect(signal);
        if (!result.ok || connects > 1) return result;
        const inner = result.value;
        return {
          ok: true,
          value: {
            read: (c, s) => inner.read(c, s),
            write: (c, b, s) => inner.write(c, b, s),
            subscribe: (c, onBytes, s) => inner.subscribe(c, onBytes, s),
            onDisconnected: (l, s) => inner.onDisconnected(l, s),
            disconnect: () => inner.disconnect(),
            services: () => gate.then(() => ({ ok: false, error: { code: 'bluetooth-permission' } })),
          },
        };
      },
    };
    const { link, beats } = attach(time, radio, first);
    link.start();
    await time.advance(1000);
    expect(link.state.at).toBe('discovering');
    link.stop();
    link.start();
    await time.advance(2000);
    release();
    await time.advance(3000);
    expect(link.state).toEqual({ at: 'live' });
    expect(beats()).toBe(5);
  });

  it('passes the battery on when it changes, and does not take it for the stream', async () => {
    const { link, time, packets, beats } = await bench();
    link.start();
    await time.advance(605_000);
    expect(beats()).toBe(605);
    const levels = packets
      .filter(({ uuid }) => uuid === BATTERY_LEVEL)
      .map(({ bytes }) => new Uint8Array(bytes)[0] ?? 0);
    const [full = 0, ...later] = levels;
    expect(later).toEqual([full - 1, full - 2]);
  });

  it('goes on when one value cannot be read or a minor stream not be started', async () => {
    const { time, radio, peripheral } = await bench();
    const picky: Peripheral = {
      id: 'x',
      name: 'x',
      demo: true,
      remembered: false,
      forget: () => peripheral.forget(),
      async connect(signal) {
        const result = await peripheral.connect(signal);
        if (!result.ok) return result;
        const inner = result.value;
        return {
          ok: true,
          value: {
            services: (wanted, s) => inner.services(wanted, s),
            write: (c, b, s) => inner.write(c, b, s),
            onDisconnected: (l, s) => inner.onDisconnected(l, s),
            disconnect: () => inner.disconnect(),
            read: () => Promise.resolve({ ok: false, error: { code: 'bluetooth-gatt', detail: 'read' } }),
            subscribe: (c, onBytes, s) =>
              c.uuid === BATTERY_LEVEL
                ? Promise.resolve({ ok: false, error: { code: 'bluetooth-gatt', detail: 'subscribe' } })
                : inner.subscribe(c, onBytes, s),
          },
        };
      },
    };
    const { link, warnings, beats } = attach(time, radio, picky);
    link.start();
    await time.advance(3000);
    expect(link.state.at).toBe('live');
    expect(beats()).toBe(3);
    expect(warnings.filter((error) => error.detail === 'read').length).toBeGreaterThanOrEqual(4);
    expect(warnings.filter((error) => error.detail === 'subscribe')).toHaveLength(1);
  });
});

/** What scripted devices answer: control points, commands, settings; and what they do after a sleep. */
import { describe, expect, it } from 'vitest';
import type { Connection, FoundCharacteristic } from '../../../../src/device/bluetooth/radio.ts';
import type { RadioDemoKind } from '../../../../src/device/demo/catalogue.ts';
import { createScriptedRadio } from '../../../../src/device/demo/scripted-radio.ts';
import { HEART_RATE_CONTROL_POINT } from '../../../../src/device/profiles/heart-rate.ts';
import { MOVESENSE_COMMAND, MOVESENSE_DATA } from '../../../../src/device/profiles/movesense/gsp.ts';
import { MUSE_CONTROL } from '../../../../src/device/profiles/muse/headband.ts';
import { PMD_CONTROL, PMD_DATA } from '../../../../src/device/profiles/polar/pmd.ts';
import { optionalServices } from '../../../../src/device/profiles/registry.ts';
import { THINGY } from '../../../../src/device/profiles/thingy52/uuids.ts';
import { manualTime } from '../support/time.ts';
import { startDemo, type Run } from './run.ts';

/** A connection to a scripted device without the app's link. */
async function connected(kind: RadioDemoKind) {
  const time = manualTime();
  const radio = createScriptedRadio({ timers: time.timers, now: time.now });
  const { signal } = new AbortController();
  const chosen = await radio.request({ showAll: true, kind });
  if (!chosen.ok) throw new Error(chosen.error.code);
  async function open() {
    const connection = chosen.ok ? await chosen.value.connect(signal) : chosen;
    if (!connection.ok) throw new Error(connection.error.code);
    const found = await connection.value.services(optionalServices(), signal);
    if (!found.ok) throw new Error(found.error.code);
    return { connection: connection.value, found: found.value };
  }
  let session: { connection: Connection; found: readonly FoundCharacteristic[] } = await open();
  const handle = (uuid: string): FoundCharacteristic => {
    const one = session.found.find((candidate) => candidate.uuid === uuid);
    if (!one) throw new Error(`no ${uuid}`);
    return one;
  };
  return {
    time,
    async heard(uuid: string): Promise<number[][]> {
      const packets: number[][] = [];
      const take = (bytes: ArrayBuffer): void => void packets.push([...new Uint8Array(bytes)]);
      const subscribed = await session.connection.subscribe(handle(uuid), take, signal);
      if (!subscribed.ok) throw new Error(subscribed.error.code);
      return packets;
    },
    async write(uuid: string, ...bytes: number[]): Promise<string> {
      const written = await session.connection.write(handle(uuid), Uint8Array.from(bytes).buffer, signal);
      return written.ok ? 'ok' : written.error.code;
    },
    async read(uuid: string): Promise<number[]> {
      const value = await session.connection.read(handle(uuid), signal);
      if (!value.ok) throw new Error(value.error.code);
      return [...new Uint8Array(value.value)];
    },
    async reconnect(): Promise<void> {
      session.connection.disconnect();
      session = await open();
    },
  };
}

const text = (value: string): number[] => [...new TextEncoder().encode(value)];

describe('the ECG strap', () => {
  it('streams nothing before it is told to, and answers its control point as the specification says', async () => {
    const device = await connected('polar-h10');
    const answers = await device.heard(PMD_CONTROL);
    const data = await device.heard(PMD_DATA);
    await device.time.advance(5000);
    expect(data).toEqual([]);
    expect(await device.read(PMD_CONTROL)).toEqual([0x0f, 0b101, ...Array.from({ length: 15 }, () => 0)]);
    await device.write(PMD_CONTROL, 1, 0);
    expect(answers.at(-1)).toEqual([0xf0, 1, 0, 0, 0, 0, 1, 130, 0, 1, 1, 14, 0]);
    await device.write(PMD_CONTROL, 2, 0, 0, 1, 130, 0, 1, 1, 14, 0);
    expect(answers.at(-1)).toEqual([0xf0, 2, 0, 0, 0]);
    await device.write(PMD_CONTROL, 2, 0, 0, 1, 130, 0, 1, 1, 14, 0);
    expect(answers.at(-1)).toEqual([0xf0, 2, 0, 6]);
    await device.time.advance(6000);
    expect(data.length).toBeGreaterThanOrEqual(9);
    expect(data.every((packet) => packet[0] === 0 && packet.length === 10 + 73 * 3)).toBe(true);
    await device.write(PMD_CONTROL, 3, 0);
    const before = data.length;
    await device.time.advance(5000);
    expect(data.length).toBe(before);
  });

  it('refuses what it does not have, and ends what ran when the connection goes', async () => {
    const device = await connected('polar-h10');
    const answers = await device.heard(PMD_CONTROL);
    for (const [bytes, answer] of [
      [
        [1, 1],
        [0xf0, 1, 1, 3],
      ],
      [
        [2, 0, 0, 1, 200, 0, 1, 1, 14, 0],
        [0xf0, 2, 0, 5],
      ],
      [
        [2, 0],
        [0xf0, 2, 0, 5],
      ],
      [
        [3, 0],
        [0xf0, 3, 0, 12],
      ],
      [
        [9, 0],
        [0xf0, 9, 0, 1],
      ],
      [[], [0xf0, 0, 0xff, 3]],
    ] as const) {
      expect(await device.write(PMD_CONTROL, ...bytes)).toBe('ok');
      expect(answers.at(-1)).toEqual(answer);
    }
    await device.write(PMD_CONTROL, 2, 0, 0, 1, 130, 0, 1, 1, 14, 0);
    await device.reconnect();
    const data = await device.heard(PMD_DATA);
    await device.time.advance(5000);
    expect(data).toEqual([]);
  });
});

describe('other control points', () => {
  it('Movesense answers with a status, known paths only', async () => {
    const device = await connected('movesense');
    const packets = await device.heard(MOVESENSE_DATA);
    await device.write(MOVESENSE_COMMAND, 1, 5, ...text('/Meas/ECG/128'), 0);
    expect(packets.at(-1)).toEqual([1, 5, 200, 0]);
    await device.write(MOVESENSE_COMMAND, 1, 9, ...text('/Meas/Nothing'), 0);
    expect(packets.at(-1)).toEqual([1, 9, 404 & 0xff, 404 >> 8]);
    await device.time.advance(2000);
    const ecg = packets.filter(([type, reference]) => type === 2 && reference === 5).length;
    expect(ecg).toBeGreaterThanOrEqual(15);
    await device.write(MOVESENSE_COMMAND, 2, 5);
    expect(packets.at(-1)).toEqual([1, 5, 200, 0]);
    const before = packets.length;
    await device.time.advance(2000);
    expect(packets.length).toBe(before);
    await device.write(MOVESENSE_COMMAND, 7, 5);
    expect(packets.at(-1)).toEqual([1, 5, 400 & 0xff, 400 >> 8]);
  });

  it('the headband answers in JSON, and has no preset with PPG', async () => {
    const device = await connected('muse');
    const pieces = await device.heard(MUSE_CONTROL);
    const said = (): string =>
      pieces
        .splice(0)
        .map((piece) => String.fromCharCode(...piece.slice(1, 1 + (piece[0] ?? 0))))
        .join('');
    await device.write(MUSE_CONTROL, 4, ...text('p50\n'));
    expect(said()).toBe('{"rc":69}');
    await device.write(MUSE_CONTROL, 4, ...text('p21\n'));
    expect(said()).toBe('{"rc":0}');
    await device.write(MUSE_CONTROL, 2, ...text('s\n'));
    expect(JSON.parse(said())).toMatchObject({ fw: '1.2.13', rc: 0 });
  });

  it('the strap sets its energy back, and takes nothing else', async () => {
    const device = await connected('strap');
    expect(await device.write(HEART_RATE_CONTROL_POINT, 1)).toBe('ok');
    expect(await device.write(HEART_RATE_CONTROL_POINT, 2)).toBe('bluetooth-gatt');
  });
});

describe('the sensor board', () => {
  const settled = async (): Promise<Run> => {
    const run = await startDemo('thingy52');
    await run.time.advance(3000);
    return run;
  };

  it('does what commands say: LED, tone, sample', async () => {
    const run = await settled();
    const led = { mode: 'constant', r: 1, g: 2, b: 3, intensity: 50, delay: 1000 } as const;
    expect(await run.command({ command: 'set_led', led })).toMatchObject({ ok: true });
    expect(await run.command({ command: 'play_tone', frequency: 440, duration: 300 })).toMatchObject({ ok: true });
    await run.time.advance(1000);
    const status = run.deliveries.filter(({ reading }) => reading.attribute === 'speaker');
    expect(status.map(({ reading }) => reading)).toMatchObject([{ payloads: [{ status: 'finished' }] }]);
    expect(await run.command({ command: 'vibrate', speed: 1 })).toMatchObject({ ok: false });
    // What the LED shows is read when the device is linked anew.
    run.stop();
    run.start();
    await run.time.advance(1000);
    const shown = run.deliveries.filter(({ reading }) => reading.attribute === 'led').map(({ reading }) => reading);
    expect(shown).toMatchObject([
      { payloads: [{ mode: 'breathe' }] },
      { payloads: [{ mode: 'constant', r: 1, g: 2, b: 3 }] },
    ]);
  });

  it('keeps its LED and its settings when what is written makes no sense', async () => {
    const device = await connected('thingy52');
    for (const [uuid, bytes] of [
      [THINGY.led, [1, 2]],
      [THINGY.led, [9]],
      [THINGY.led, []],
      [THINGY.soundConfig, [1]],
      [THINGY.environmentConfig, [1, 2, 3]],
      [THINGY.environmentConfig, [1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0]],
      [THINGY.motionConfig, [0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ] as const) {
      expect(await device.write(uuid, ...bytes)).toBe('bluetooth-gatt');
    }
    expect(await device.read(THINGY.led)).toEqual([2, 6, 20, 0xac, 0x0d]);
    const status = await device.heard(THINGY.speakerStatus);
    await device.write(THINGY.soundConfig, 3, 1);
    await device.write(THINGY.speakerData, 9);
    expect(status).toEqual([[0x11]]);
  });
});

describe('the toy', () => {
  const last = (run: Run, attribute: string): number => {
    const all = run.deliveries.filter(({ reading }) => reading.attribute === attribute);
    const reading = all.at(-1)?.reading;
    return reading?.kind === 'numeric' ? (reading.values[0] ?? NaN) : NaN;
  };

  it('moves as it is told, takes its time, and stands still when stopped', async () => {
    const run = await startDemo('toy');
    await run.time.advance(2000);
    expect(last(run, 'vibrate')).toBe(0);
    expect(await run.command({ command: 'vibrate', speed: 0.8 })).toMatchObject({ ok: true });
    await run.time.advance(400);
    const rising = last(run, 'vibrate');
    await run.time.advance(4000);
    expect(rising).toBeLessThan(0.8);
    expect(last(run, 'vibrate')).toBeCloseTo(0.8, 2);
    await run.command({ command: 'linear', position: 1, duration: 4000 });
    await run.time.advance(2000);
    expect(last(run, 'linear')).toBeGreaterThan(0.6);
    expect(last(run, 'linear')).toBeLessThan(0.9);
    await run.time.advance(3000);
    expect(last(run, 'linear')).toBe(1);
    await run.command({ command: 'stop' });
    await run.time.advance(4000);
    expect(last(run, 'vibrate')).toBeLessThan(0.01);
    await run.command({ command: 'vibrate', speed: 1 });
    run.stop();
    run.start();
    await run.time.advance(2000);
    expect(last(run, 'vibrate')).toBe(0);
  });

  it('refuses what it cannot do', async () => {
    const run = await startDemo('toy');
    for (const [command, code] of [
      [{ command: 'rotate', speed: 1, clockwise: true }, 'command-unsupported'],
      [{ command: 'vibrate', speed: 1.2 }, 'command-invalid'],
      [{ command: 'vibrate', speed: NaN }, 'command-invalid'],
      [{ command: 'linear', position: -1, duration: 10 }, 'command-invalid'],
      [{ command: 'linear', position: 1, duration: NaN }, 'command-invalid'],
    ] as const) {
      expect(await run.command(command)).toMatchObject({ ok: false, error: { code } });
    }
    const person = await startDemo('person');
    expect(await person.command({ command: 'stop' })).toMatchObject({ error: { code: 'command-unsupported' } });
  });
});

describe('after a sleep', () => {
  it('a minute is made up without a gap, a night is not', async () => {
    for (const [ms, made] of [
      [60_000, 600],
      [8 * 3_600_000, 0],
    ] as const) {
      const run = await startDemo('person');
      await run.time.advance(5000);
      const before = run.deliveries.filter(({ reading }) => reading.attribute === 'ecg').length;
      run.sleep(ms);
      await run.time.advance(1000);
      const after = run.deliveries.filter(({ reading }) => reading.attribute === 'ecg').length;
      expect(Math.abs(after - before - made - 10)).toBeLessThanOrEqual(2);
    }
  });

  it('sensors without a value now and then deliver none then', async () => {
    const run = await startDemo('buoy');
    await run.time.advance(600_000);
    const fish = run.deliveries.filter(({ reading }) => reading.attribute === 'fish_count').length;
    expect(fish).toBeLessThan(60);
    expect(fish).toBeGreaterThan(35);
  });
});

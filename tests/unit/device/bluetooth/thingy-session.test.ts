/** A Thingy:52 at the other end of a real link: discovery by the right services, settings, data, commands. */
import { describe, expect, it } from 'vitest';
import { createLink } from '../../../../src/device/bluetooth/link.ts';
import type { Connection, FoundCharacteristic, OnBytes, Peripheral } from '../../../../src/device/bluetooth/radio.ts';
import { createDecoders, PROFILES } from '../../../../src/device/profiles/registry.ts';
import { THINGY } from '../../../../src/device/profiles/thingy52/uuids.ts';
import { ok, type Result } from '../../../../src/model/result.ts';
import { bytesOf } from '../../../fixtures/golden.ts';
import { manualTime } from '../support/time.ts';

const MICROPHONE = 'ef680504-9b35-4933-9b10-52ffa9740042';
const ENVIRONMENT_CONFIG = 'd0 07 d0 07 d0 07 d0 07 03 67 4e 1d';

/** Characteristics by service as the firmware has them, with what can be done with them. */
const LAYOUT: readonly (readonly [service: string, uuid: string, can: string])[] = [
  [THINGY.configuration, THINGY.firmwareVersion, 'r'],
  [THINGY.environment, THINGY.temperature, 'n'],
  [THINGY.environment, THINGY.pressure, 'n'],
  [THINGY.environment, THINGY.humidity, 'n'],
  [THINGY.environment, THINGY.gas, 'n'],
  [THINGY.environment, THINGY.color, 'n'],
  [THINGY.environment, THINGY.environmentConfig, 'rw'],
  [THINGY.userInterface, THINGY.led, 'rw'],
  [THINGY.userInterface, THINGY.button, 'n'],
  ...[
    THINGY.tap,
    THINGY.orientation,
    THINGY.quaternion,
    THINGY.steps,
    THINGY.rawMotion,
    THINGY.euler,
    THINGY.rotationMatrix,
    THINGY.heading,
    THINGY.gravity,
  ].map((uuid) => [THINGY.motion, uuid, 'n'] as const),
  [THINGY.motion, THINGY.motionConfig, 'rw'],
  [THINGY.sound, THINGY.soundConfig, 'rw'],
  [THINGY.sound, THINGY.speakerData, 'w'],
  [THINGY.sound, THINGY.speakerStatus, 'n'],
  [THINGY.sound, MICROPHONE, 'n'],
];

const HOLDS: ReadonlyMap<string, string> = new Map([
  [THINGY.firmwareVersion, '02 02 00'],
  [THINGY.environmentConfig, ENVIRONMENT_CONFIG],
  [THINGY.led, '02 06 14 ac 0d'],
]);

class Thingy implements Peripheral {
  readonly id = 'thingy';
  readonly name = 'Thingy';
  readonly demo = true;
  readonly remembered = false;
  readonly written: [uuid: string, ...bytes: number[]][] = [];
  readonly listeners = new Map<string, OnBytes>();

  connect(): Promise<Result<Connection>> {
    const found = LAYOUT.map(([service, uuid, can]): FoundCharacteristic => ({
      service,
      uuid,
      can: { read: can.includes('r'), notify: can.includes('n'), write: can.includes('w') },
    }));
    return Promise.resolve(
      ok({
        services: (wanted) => Promise.resolve(ok(found.filter(({ service }) => wanted.includes(service)))),
        subscribe: ({ uuid }, onBytes) => {
          this.listeners.set(uuid, onBytes);
          return Promise.resolve(ok(undefined));
        },
        read: ({ uuid }) => Promise.resolve(ok(bytesOf(HOLDS.get(uuid) ?? '').buffer as ArrayBuffer)),
        write: ({ uuid }, bytes) => {
          this.written.push([uuid, ...new Uint8Array(bytes)]);
          return Promise.resolve(ok(undefined));
        },
        onDisconnected: () => undefined,
        disconnect: () => undefined,
      }),
    );
  }

  forget(): Promise<Result<void>> {
    return Promise.resolve(ok(undefined));
  }
}

async function connected() {
  const device = new Thingy();
  const time = manualTime();
  const decoders = createDecoders();
  const attributes: string[] = [];
  const facts: unknown[] = [];
  const types: string[] = [];
  const link = createLink(device, {
    profiles: PROFILES,
    onBytes: (key, bytes) => {
      const decoded = decoders(key)?.(new DataView(bytes));
      if (!decoded?.ok) return;
      attributes.push(...decoded.value.readings.map(({ attribute }) => attribute));
      facts.push(...decoded.value.facts);
    },
    onDiscovered: (profiles) => {
      types.push(...profiles.map(({ sensorType }) => sensorType));
      return Promise.resolve(ok(undefined));
    },
    onState: () => undefined,
    onLinkLost: () => undefined,
    radio: { onAdapterChange: () => undefined },
    now: time.now,
    random: () => 0,
    timers: time.timers,
  });
  link.start();
  await time.advance(0);
  return { device, link, attributes, facts, types };
}

describe('a Thingy:52 on a link', () => {
  it('is known by its type, read, configured and listened to, its microphone left alone', async () => {
    const { device, link, attributes, facts, types } = await connected();
    expect(types[0]).toBe('thingy52');
    expect(facts).toEqual([{ kind: 'device', label: 'firmware', text: '2.2.0' }]);
    expect(attributes).toEqual(['led']);
    expect(device.written).toEqual([
      [THINGY.environmentConfig, 0xe8, 3, 0xe8, 3, 0xe8, 3, 0xe8, 3, 1, 0x67, 0x4e, 0x1d],
      [THINGY.motionConfig, 0xe8, 3, 0xf4, 1, 0xf4, 1, 25, 0, 1],
    ]);
    expect(link.subscriptions).toBe(16);
    expect(device.listeners.has(MICROPHONE)).toBe(false);
    // Phones that allow 15 notifications lose the speaker's status first.
    expect([...device.listeners.keys()].at(-1)).toBe(THINGY.speakerStatus);
  });

  it('streams, and carries out commands', async () => {
    const { device, link, attributes } = await connected();
    device.listeners.get(THINGY.button)?.(bytesOf('01').buffer as ArrayBuffer, 0);
    device.listeners.get(THINGY.temperature)?.(bytesOf('15 2a').buffer as ArrayBuffer, 0);
    expect(attributes.slice(-2)).toEqual(['button', 'temperature']);
    device.written.length = 0;
    const led = { mode: 'constant', r: 1, g: 2, b: 3, intensity: 50, delay: 1000 } as const;
    expect(await link.command({ command: 'set_led', led })).toMatchObject({ ok: true });
    expect(await link.command({ command: 'play_tone', frequency: 1000, duration: 250 })).toMatchObject({ ok: true });
    expect(device.written).toEqual([
      [THINGY.led, 1, 1, 2, 3],
      [THINGY.soundConfig, 1, 1],
      [THINGY.speakerData, 0xe8, 3, 250, 0, 60],
    ]);
    expect(await link.command({ command: 'vibrate', speed: 1 })).toMatchObject({
      error: { code: 'command-unsupported' },
    });
  });
});

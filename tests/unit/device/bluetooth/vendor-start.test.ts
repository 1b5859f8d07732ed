/** Vendors' devices on a real link: what they are asked, what the decoders make of what they say, and what goes on after. */
import { describe, expect, it } from 'vitest';
import { createLink } from '../../../../src/device/bluetooth/link.ts';
import type { Connection, FoundCharacteristic, OnBytes, Peripheral } from '../../../../src/device/bluetooth/radio.ts';
import { encodeAnswer as encodeMuseAnswer, encodeEeg } from '../../../../src/device/demo/muse-packets.ts';
import {
  encodeAnswer,
  encodeDeltaFrame,
  encodeFeatures,
  encodeSettings,
} from '../../../../src/device/demo/polar-frames.ts';
import { MUSE_CONTROL, MUSE_EEG, MUSE_SERVICE } from '../../../../src/device/profiles/muse/headband.ts';
import { PMD_CONTROL, PMD_DATA, PMD_SERVICE } from '../../../../src/device/profiles/polar/pmd.ts';
import { createDecoders, PROFILES } from '../../../../src/device/profiles/registry.ts';
import type { Uuid } from '../../../../src/device/profiles/profile.ts';
import { appError } from '../../../../src/model/errors.ts';
import type { Reading } from '../../../../src/model/reading.ts';
import { fail, ok, type Result } from '../../../../src/model/result.ts';
import { manualTime } from '../support/time.ts';

interface Script {
  readonly service: Uuid;
  readonly characteristics: readonly Uuid[];
  readonly reads?: ReadonlyMap<Uuid, Uint8Array>;
  /** Notifications of the characteristic written to. */
  readonly answer: (bytes: Uint8Array) => readonly Uint8Array[];
}

function attach({ service, characteristics, reads, answer }: Script) {
  const written: Uint8Array[] = [];
  const listeners = new Map<Uuid, OnBytes>();
  const notify = (uuid: Uuid, bytes: Uint8Array): void => listeners.get(uuid)?.(bytes.slice().buffer, 0);
  const found = characteristics.map((uuid): FoundCharacteristic => ({
    service,
    uuid,
    can: { read: reads?.has(uuid) ?? false, notify: true, write: true },
  }));
  const connection: Connection = {
    services: () => Promise.resolve(ok(found)),
    subscribe(target, onBytes) {
      listeners.set(target.uuid, onBytes);
      return Promise.resolve(ok(undefined));
    },
    read(target) {
      const value = reads?.get(target.uuid);
      return Promise.resolve(value ? ok(value.slice().buffer) : fail(appError('bluetooth-gatt')));
    },
    write(target, bytes): Promise<Result<void>> {
      written.push(new Uint8Array(bytes));
      for (const one of answer(new Uint8Array(bytes))) notify(target.uuid, one);
      return Promise.resolve(ok(undefined));
    },
    onDisconnected: () => undefined,
    disconnect: () => undefined,
  };
  const peripheral: Peripheral = {
    id: 'd1',
    name: 'Scripted',
    demo: true,
    remembered: false,
    connect: () => Promise.resolve(ok(connection)),
    forget: () => Promise.resolve(ok(undefined)),
  };
  const time = manualTime();
  const decoders = createDecoders();
  const readings: Reading[] = [];
  const link = createLink(peripheral, {
    profiles: PROFILES,
    onBytes(key, bytes) {
      const decoded = decoders(key)?.(new DataView(bytes));
      if (decoded?.ok) readings.push(...decoded.value.readings);
    },
    onState: () => undefined,
    onLinkLost: () => undefined,
    radio: { onAdapterChange: () => undefined },
    now: time.now,
    random: () => 0,
    timers: time.timers,
  });
  return { link, time, written, readings, notify };
}

describe('a Verity Sense on a link', () => {
  it('is read, asked and started; its frames are decoded with the factor it answered', async () => {
    const { link, time, written, readings, notify } = attach({
      service: PMD_SERVICE,
      characteristics: [PMD_CONTROL, PMD_DATA],
      reads: new Map([[PMD_CONTROL, encodeFeatures(['acceleration'])]]),
      answer: ([operation]) =>
        operation === 1
          ? [encodeSettings('acceleration', { rates: [52], resolutions: [16], ranges: [8], channels: 3 })]
          : [encodeAnswer('start', 'acceleration', 0, 0.000244)],
    });
    link.start();
    await time.advance(0);
    expect(link.state.at).toBe('live');
    expect(written.map((bytes) => [...bytes])).toEqual([
      [1, 2],
      [2, 2, 0, 1, 52, 0, 1, 1, 16, 0, 2, 1, 8, 0, 4, 1, 3],
    ]);
    notify(PMD_DATA, encodeDeltaFrame('acceleration', 0, 2_000_000_000n, 2, [[4096, 0, -4096]]));
    expect(readings).toHaveLength(1);
    const [reading] = readings;
    expect(reading?.kind === 'numeric' && reading.values[0]).toBeCloseTo(4096 * 0.000244 * 9.80665, 4);
  });
});

describe('a Muse on a link', () => {
  it('is started, told to keep alive every ten seconds while connected, and not after', async () => {
    const { link, time, written, readings, notify } = attach({
      service: MUSE_SERVICE,
      characteristics: [MUSE_CONTROL, MUSE_EEG[0].uuid],
      answer: () => encodeMuseAnswer('{"rc":0}'),
    });
    const commands = (): string[] => written.map((bytes) => new TextDecoder().decode(bytes.subarray(1, -1)));
    link.start();
    await time.advance(0);
    expect(link.state.at).toBe('live');
    expect(commands()).toEqual(['h', 'p21', 's', 'd', 'k']);
    for (let second = 0; second < 25; second++) {
      notify(
        MUSE_EEG[0].uuid,
        encodeEeg(
          second,
          Array.from({ length: 12 }, () => 0),
        ),
      );
      await time.advance(1000);
    }
    expect(readings).toHaveLength(25);
    expect(commands().slice(4)).toEqual(['k', 'k', 'k']);
    link.stop();
    await time.advance(60_000);
    expect(commands().slice(4)).toEqual(['k', 'k', 'k']);
    expect(time.pending()).toBe(0);
  });
});

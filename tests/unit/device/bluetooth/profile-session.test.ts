/** Profiles that talk to their device: start, answers, commands, several characteristics of one kind. */
import { describe, expect, it } from 'vitest';
import { createLink, type Link } from '../../../../src/device/bluetooth/link.ts';
import type { Connection, FoundCharacteristic, OnBytes, Peripheral } from '../../../../src/device/bluetooth/radio.ts';
import { NOTHING } from '../../../../src/device/profiles/bytes.ts';
import { assigned, type DeviceIo, type Profile } from '../../../../src/device/profiles/profile.ts';
import { appError } from '../../../../src/model/errors.ts';
import type { LinkState } from '../../../../src/model/link.ts';
import { fail, ok, type Result } from '../../../../src/model/result.ts';
import { manualTime, type ManualTime } from '../support/time.ts';

const SERVICE = assigned(0xfff0);
const CONTROL = assigned(0xfff1);
const DATA = assigned(0xfff2);

function profile(start?: Profile['start'], command?: Profile['command']): Profile {
  const attributes = [{ attribute: 'light', attributeType: 'light', samplingRate: 1 }];
  const decoder = { onFull: 'keep', makeDecoder: () => () => ok(NOTHING) } as const;
  return {
    service: SERVICE,
    name: 'Scripted',
    advertised: true,
    sensorType: 'scripted',
    characteristics: [
      { uuid: CONTROL, name: 'control', use: 'control', attributes: [], ...decoder },
      { uuid: DATA, name: 'data', use: 'notify', attributes, ...decoder },
    ],
    ...(start && { start }),
    ...(command && { command }),
  };
}

/** A device whose control point answers what the test wants. */
class Device implements Peripheral {
  readonly id = 'd1';
  readonly name = 'Scripted';
  readonly demo = true;
  readonly remembered = false;
  readonly written: number[][] = [];
  answer: ((bytes: readonly number[]) => readonly number[] | undefined) | undefined;
  readonly #listeners = new Map<FoundCharacteristic, OnBytes>();

  connect(): Promise<Result<Connection>> {
    const can = { read: false, notify: true, write: true };
    const found = [CONTROL, DATA, DATA].map((uuid) => ({ service: SERVICE, uuid, can: { ...can } }));
    return Promise.resolve(
      ok({
        services: () => Promise.resolve(ok(found)),
        subscribe: (target, onBytes) => {
          this.#listeners.set(target, onBytes);
          return Promise.resolve(ok(undefined));
        },
        read: () => Promise.resolve(fail(appError('bluetooth-gatt'))),
        write: (target, bytes) => {
          const sent = [...new Uint8Array(bytes)];
          this.written.push(sent);
          const answer = this.answer?.(sent);
          if (answer) this.#listeners.get(target)?.(Uint8Array.from(answer).buffer, 0);
          return Promise.resolve(ok(undefined));
        },
        onDisconnected: () => undefined,
        disconnect: () => undefined,
      }),
    );
  }

  /** A notification of the characteristic that was subscribed to as number `index`. */
  notify(index: number, bytes: readonly number[]): void {
    [...this.#listeners.values()][index]?.(Uint8Array.from(bytes).buffer, 0);
  }

  forget(): Promise<Result<void>> {
    return Promise.resolve(ok(undefined));
  }
}

function attach(
  given: Profile,
  device: Device,
): { time: ManualTime; link: Link; bytes: string[]; states: LinkState[] } {
  const time = manualTime();
  const bytes: string[] = [];
  const states: LinkState[] = [];
  const link = createLink(device, {
    profiles: [given],
    onBytes: (key, buffer) => bytes.push(`${key.slice(4, 8)}${key.slice(36)} ${buffer.byteLength}`),
    onState: (state) => states.push(state),
    onLinkLost: () => undefined,
    radio: { onAdapterChange: () => undefined },
    now: time.now,
    random: () => 0,
    timers: time.timers,
  });
  return { time, link, bytes, states };
}

const ask = (io: DeviceIo): Promise<Result<DataView>> =>
  io.ask({
    to: CONTROL,
    bytes: Uint8Array.of(2),
    answerOn: CONTROL,
    isAnswer: (answer) => answer.getUint8(0) === 0xf0,
  });

describe('a profile that starts its device', () => {
  it('writes, hears the answer, and the decoders get it too', async () => {
    const device = new Device();
    device.answer = ([first]) => (first === 2 ? [0xf0, 0] : undefined);
    const answers: Result<DataView>[] = [];
    const { time, link, bytes } = attach(
      profile(async (io) => {
        const answer = await ask(io);
        answers.push(answer);
        return answer.ok ? io.write(CONTROL, Uint8Array.of(3)) : answer;
      }),
      device,
    );
    link.start();
    await time.advance(0);
    expect(link.state.at).toBe('live');
    expect(device.written).toEqual([[2], [3]]);
    expect(answers[0]?.ok).toBe(true);
    expect(bytes).toEqual(['fff1 2']);
    expect(link.subscriptions).toBe(3);
  });

  it('that gets no answer ends the try, which is made again', async () => {
    const device = new Device();
    const { time, link, states } = attach(
      profile(async (io) => {
        const answer = await ask(io);
        return answer.ok ? ok(undefined) : answer;
      }),
      device,
    );
    link.start();
    await time.advance(5000);
    expect(states.at(-1)).toMatchObject({ at: 'waiting', error: { code: 'bluetooth-timeout' } });
    device.answer = () => [0xf0];
    await time.advance(1000);
    expect(link.state.at).toBe('live');
  });

  it('carries out commands while it is linked, and says when nobody can', async () => {
    const device = new Device();
    const able = profile(undefined, (io) => io.write(CONTROL, Uint8Array.of(9)));
    const { time, link } = attach(able, device);
    expect(await link.command({ command: 'stop' })).toMatchObject({ error: { code: 'command-unsupported' } });
    link.start();
    await time.advance(0);
    expect(await link.command({ command: 'stop' })).toEqual(ok(undefined));
    expect(device.written).toEqual([[9]]);
  });

  it('has two characteristics of one kind under two keys', async () => {
    const device = new Device();
    const { time, link, bytes } = attach(profile(), device);
    link.start();
    await time.advance(0);
    device.notify(1, [1, 2, 3]);
    device.notify(2, [1, 2, 3, 4]);
    expect(bytes).toEqual(['fff2 3', 'fff2#2 4']);
  });
});

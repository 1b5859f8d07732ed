/**
 * What every radio must do, as cases without a test framework: the same ones run in Node over the scripted radio and in
 * a browser page over the real Web Bluetooth stack.
 */
import type { Connection, FoundCharacteristic, Peripheral, Radio } from '../../src/device/bluetooth/radio.ts';
import { BATTERY_LEVEL, BATTERY_SERVICE } from '../../src/device/profiles/battery.ts';
import { HEART_RATE_MEASUREMENT, HEART_RATE_SERVICE, parseHeartRate } from '../../src/device/profiles/heart-rate.ts';
import { assigned } from '../../src/device/profiles/profile.ts';
import { optionalServices } from '../../src/device/profiles/registry.ts';
import type { Result } from '../../src/model/result.ts';

/** A radio with one strap near it, and hands to make things happen to that strap. */
export interface RadioBench {
  readonly radio: Radio;
  /** Opens the chooser and picks the strap (in a browser: with a gesture). */
  choose(): Promise<Result<Peripheral>>;
  /** Makes the strap send `count` heart rate packets (if anybody subscribed) and waits until they should be there. */
  send(count: number): Promise<void>;
  /** Drops the link as if the strap went out of range. */
  drop(): Promise<void>;
  /** Unix ms. */
  now(): number;
}

export interface RadioCase {
  readonly name: string;
  run(bench: RadioBench): Promise<void>;
}

function check(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.detail ?? ''}`);
  return result.value;
}

function code(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.error.code;
}

const alive = (): AbortSignal => new AbortController().signal;

interface Session {
  readonly connection: Connection;
  readonly found: readonly FoundCharacteristic[];
  find(uuid: string): FoundCharacteristic;
}

async function connect(peripheral: Peripheral): Promise<Session> {
  const connection = value(await peripheral.connect(alive()));
  const found = value(await connection.services(optionalServices(), alive()));
  const find = (uuid: string): FoundCharacteristic => {
    const characteristic = found.find((candidate) => candidate.uuid === uuid);
    if (!characteristic) throw new Error(`${uuid} not found`);
    return characteristic;
  };
  return { connection, found, find };
}

interface Arrived {
  readonly bytes: ArrayBuffer;
  readonly arrival: number;
}

async function subscribe({ connection, find }: Session, signal = alive()): Promise<Arrived[]> {
  const arrived: Arrived[] = [];
  const onBytes = (bytes: ArrayBuffer, arrival: number): void => void arrived.push({ bytes, arrival });
  value(await connection.subscribe(find(HEART_RATE_MEASUREMENT), onBytes, signal));
  return arrived;
}

export const RADIO_CASES: readonly RadioCase[] = [
  {
    name: 'can say that it works',
    async run({ radio }) {
      check(typeof value(await radio.capability()).canReturn === 'boolean', 'canReturn');
    },
  },
  {
    name: 'hands out a device with an id and a name, known from then on',
    async run({ radio, choose }) {
      const peripheral = value(await choose());
      check(peripheral.id !== '' && peripheral.name !== '' && !peripheral.remembered, 'a chosen device');
      const known = await radio.known();
      check(
        known.some((other) => other.id === peripheral.id && other.name === peripheral.name),
        'known',
      );
    },
  },
  {
    name: 'finds the wanted services only, with what can be done',
    async run({ choose }) {
      const { connection, found } = await connect(value(await choose()));
      const measurement = found.find((one) => one.uuid === HEART_RATE_MEASUREMENT);
      check(measurement?.service === HEART_RATE_SERVICE && measurement.can.notify, 'heart rate notifies');
      const battery = found.find((one) => one.uuid === BATTERY_LEVEL);
      check(
        battery?.service === BATTERY_SERVICE && battery.can.read && battery.can.notify,
        'battery reads and notifies',
      );
      const narrow = value(await connection.services([BATTERY_SERVICE], alive()));
      check(narrow.length > 0 && narrow.every((one) => one.service === BATTERY_SERVICE), 'only what was asked for');
      const none = await connection.services([assigned(0x1809)], alive());
      check(code(none) === 'bluetooth-no-services', `thermometer: ${code(none)}`);
    },
  },
  {
    name: 'reads a value into a buffer of its own',
    async run({ choose }) {
      const session = await connect(value(await choose()));
      const first = value(await session.connection.read(session.find(BATTERY_LEVEL), alive()));
      const second = value(await session.connection.read(session.find(BATTERY_LEVEL), alive()));
      const [percent] = new Uint8Array(first);
      check(first.byteLength === 1 && percent !== undefined && percent <= 100, `battery ${percent}`);
      check(first !== second, 'not the same buffer twice');
    },
  },
  {
    name: 'delivers each packet once, in order, whole, dated when it came',
    async run({ choose, send, now }) {
      const arrived = await subscribe(await connect(value(await choose())));
      const before = now();
      await send(10);
      const after = now();
      check(arrived.length === 10, `${arrived.length} of 10 packets`);
      check(new Set(arrived.map((one) => one.bytes)).size === 10, 'a buffer each');
      let last = before - 50;
      for (const { bytes, arrival } of arrived) {
        const parsed = parseHeartRate(new DataView(bytes));
        check(parsed.ok && parsed.value.rate > 0, 'a heart rate');
        check(arrival >= last && arrival <= after + 50, `arrival ${arrival} between ${last} and ${after}`);
        last = arrival;
      }
    },
  },
  {
    name: 'is silent after the subscription was ended',
    async run({ choose, send }) {
      const abort = new AbortController();
      const arrived = await subscribe(await connect(value(await choose())), abort.signal);
      await send(2);
      abort.abort();
      await send(2);
      check(arrived.length === 2, `${arrived.length} packets, not 2`);
    },
  },
  {
    name: 'answers concurrent operations one after the other, all of them',
    async run({ choose }) {
      const session = await connect(value(await choose()));
      const battery = session.find(BATTERY_LEVEL);
      const all = await Promise.all(Array.from({ length: 8 }, () => session.connection.read(battery, alive())));
      check(
        all.every((one) => one.ok),
        all.map(code).join(' '),
      );
    },
  },
  {
    name: 'says once that the link dropped, and refuses work afterwards without throwing',
    async run({ choose, drop }) {
      const session = await connect(value(await choose()));
      let told = 0;
      const heard = new Promise<void>((resolve) => {
        session.connection.onDisconnected(() => {
          told += 1;
          resolve();
        }, alive());
      });
      await drop();
      await heard;
      check(told === 1, `told ${told} times`);
      const read = await session.connection.read(session.find(BATTERY_LEVEL), alive());
      check(code(read) === 'bluetooth-out-of-range', `read after drop: ${code(read)}`);
      await new Promise<void>((resolve) => session.connection.onDisconnected(resolve, alive()));
    },
  },
  {
    name: 'comes back after a drop with fresh services; what was found before is refused',
    async run({ choose, drop, send }) {
      const peripheral = value(await choose());
      const old = await connect(peripheral);
      const stale = await subscribe(old);
      await send(3);
      await drop();
      const session = await connect(peripheral);
      const refused = await session.connection.read(old.find(BATTERY_LEVEL), alive());
      check(code(refused) === 'bluetooth-gatt', `old handle: ${code(refused)}`);
      const arrived = await subscribe(session);
      await send(3);
      check(stale.length === 3 && arrived.length === 3, `${stale.length} and ${arrived.length} packets`);
      check(
        arrived.every((one) => parseHeartRate(new DataView(one.bytes)).ok),
        'heart rates',
      );
    },
  },
  {
    name: 'ends a connection when asked',
    async run({ choose }) {
      const session = await connect(value(await choose()));
      session.connection.disconnect();
      const read = await session.connection.read(session.find(BATTERY_LEVEL), alive());
      check(code(read) === 'bluetooth-out-of-range', code(read));
    },
  },
  {
    name: 'does nothing for a signal that is aborted already',
    async run({ choose }) {
      const peripheral = value(await choose());
      const given = AbortSignal.abort();
      check(code(await peripheral.connect(given)) === 'bluetooth-cancelled', 'connect');
      const session = await connect(peripheral);
      const read = await session.connection.read(session.find(BATTERY_LEVEL), given);
      check(code(read) === 'bluetooth-cancelled', code(read));
    },
  },
  {
    name: 'forgets: the device is not known any more',
    async run({ radio, choose }) {
      const peripheral = value(await choose());
      value(await peripheral.forget());
      const known = await radio.known();
      check(
        known.every((other) => other.id !== peripheral.id),
        'still known',
      );
    },
  },
];

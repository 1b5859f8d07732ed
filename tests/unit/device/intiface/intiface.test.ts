/** Intiface against a scripted server that speaks its protocol as its specification shows it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Toys } from '../../../../src/app/toys.ts';
import type { DeviceLink, DeviceOrigin } from '../../../../src/app/device-origin.ts';
import { INTIFACE_ADDRESS, type SocketLike } from '../../../../src/device/intiface/client.ts';
import { commandFrame, readFrame, type Toy } from '../../../../src/device/intiface/messages.ts';
import { ok } from '../../../../src/model/result.ts';
import type { Reading } from '../../../../src/model/reading.ts';
import { createManualClock } from '../../../support/manual-clock.ts';

/** The device of the specification's examples, with more motors. */
const HUSH = {
  DeviceIndex: 3,
  DeviceName: 'Lovense Hush',
  DeviceMessages: {
    ScalarCmd: [
      { StepCount: 20, FeatureDescriptor: 'Clitoral', ActuatorType: 'Vibrate' },
      { StepCount: 3, FeatureDescriptor: 'Air', ActuatorType: 'Inflate' },
      { StepCount: 20, FeatureDescriptor: 'Shaft', ActuatorType: 'Vibrate' },
    ],
    SensorReadCmd: [{ FeatureDescriptor: '', SensorType: 'Battery', SensorRange: [[0, 100]] }],
    StopDeviceCmd: {},
  },
};

/** A socket whose other end the test writes. */
class Server extends EventTarget {
  readonly heard: [string, Record<string, unknown>][] = [];
  closed = false;
  refuse = false;
  ping = 0;

  get socket(): SocketLike {
    return {
      addEventListener: this.addEventListener.bind(this),
      send: (text: string) => this.#take(text),
      close: () => (this.closed = true),
    } as SocketLike;
  }

  say(name: string, body: object): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify([{ [name]: body }]) }));
  }

  #take(text: string): void {
    for (const message of JSON.parse(text) as Record<string, Record<string, unknown>>[]) {
      for (const [name, body] of Object.entries(message)) {
        this.heard.push([name, body]);
        queueMicrotask(() => this.#answer(name, body));
      }
    }
  }

  #answer(name: string, { Id }: Record<string, unknown>): void {
    if (name === 'RequestServerInfo') {
      return this.say('ServerInfo', { Id, ServerName: 'Intiface', MessageVersion: 3, MaxPingTime: this.ping });
    }
    if (name === 'RequestDeviceList') return this.say('DeviceList', { Id, Devices: [HUSH] });
    if (name === 'SensorReadCmd') {
      return this.say('SensorReading', { Id, DeviceIndex: 3, SensorIndex: 0, SensorType: 'Battery', Data: [81] });
    }
    if (this.refuse) return this.say('Error', { Id, ErrorMessage: 'Device does not accept', ErrorCode: 4 });
    return this.say('Ok', { Id });
  }
}

async function setUp(change: (server: Server) => void = () => undefined) {
  const clock = createManualClock();
  const server = new Server();
  change(server);
  const readings: Reading[] = [];
  const links: DeviceLink[] = [];
  const origins: DeviceOrigin[] = [];
  const toys = new Toys({
    open: () => server.socket,
    clock,
    add: async (origin) => {
      origins.push(origin);
      const link = await origin.makeLink({
        sensorId: 'toy-1',
        onBytes: () => undefined,
        onReadings: (all) => readings.push(...all),
        onSensorType: () => Promise.resolve(ok(undefined)),
        mappings: [],
        notes: new Map<string, number>(),
        onState: () => undefined,
        onLinkLost: () => undefined,
      });
      links.push(link);
      link.start();
      return ok(undefined);
    },
  });
  const connecting = toys.connect(INTIFACE_ADDRESS);
  server.dispatchEvent(new Event('open'));
  const connected = await connecting;
  await clock.advance(10);
  const [link] = links;
  if (!link) throw new Error('no toy came');
  return { clock, server, toys, link, origins, readings, connected };
}

const names = (server: Server): string[] => server.heard.map(([name]) => name);

describe('toys through Intiface', () => {
  it('are greeted, listed, and devices of their own with their battery', async () => {
    const { server, link, origins, readings, connected } = await setUp();
    expect(connected).toEqual(ok(undefined));
    expect(names(server)).toEqual(['RequestServerInfo', 'RequestDeviceList', 'StartScanning', 'SensorReadCmd']);
    expect(server.heard[0]?.[1]).toMatchObject({ MessageVersion: 3 });
    expect(origins).toMatchObject([{ name: 'Lovense Hush', kind: 'toy', sensorType: 'buttplug', demo: false }]);
    expect(link.state).toEqual({ at: 'live' });
    expect(readings).toMatchObject([{ attribute: 'battery', payloads: [{ level: 81 }] }]);
  });

  it('move as they are told, all motors of the kind, and what they do is measured', async () => {
    const { server, link, readings } = await setUp();
    expect(await link.command({ command: 'vibrate', speed: 0.25 })).toEqual(ok(undefined));
    expect(server.heard.at(-1)).toMatchObject([
      'ScalarCmd',
      {
        DeviceIndex: 3,
        Scalars: [
          { Index: 0, Scalar: 0.25, ActuatorType: 'Vibrate' },
          { Index: 2, Scalar: 0.25, ActuatorType: 'Vibrate' },
        ],
      },
    ]);
    expect(await link.command({ command: 'stop' })).toEqual(ok(undefined));
    expect(names(server).at(-1)).toBe('StopDeviceCmd');
    const moves = readings.filter(({ attribute }) => attribute === 'vibrate');
    expect(moves.map((one) => one.kind === 'numeric' && one.values[0])).toEqual([0.25, 0]);
  });

  it('say what they cannot do, and what Intiface refuses', async () => {
    const { server, link } = await setUp();
    expect(await link.command({ command: 'rotate', speed: 1, clockwise: true })).toMatchObject({
      error: { code: 'command-unsupported' },
    });
    expect(await link.command({ command: 'play_sample', sample: 1 })).toMatchObject({
      error: { code: 'command-unsupported' },
    });
    server.refuse = true;
    expect(await link.command({ command: 'vibrate', speed: 1 })).toMatchObject({ error: { code: 'toys-refused' } });
  });

  it('stop when their device is stopped', async () => {
    const { server, link } = await setUp();
    link.stop();
    expect(names(server).at(-1)).toBe('StopDeviceCmd');
    expect(link.state).toEqual({ at: 'idle' });
  });

  it('are lost with Intiface, and back with it', async () => {
    const { server, link, clock } = await setUp();
    server.say('DeviceRemoved', { DeviceIndex: 3 });
    expect(link.state).toMatchObject({ at: 'lost', error: { code: 'toys-unreachable' } });
    server.say('DeviceAdded', { ...HUSH, DeviceIndex: 5 });
    await clock.advance(10);
    expect(link.state).toEqual({ at: 'live' });
    await link.command({ command: 'vibrate', speed: 1 });
    expect(server.heard.at(-1)?.[1]).toMatchObject({ DeviceIndex: 5 });
    server.dispatchEvent(new Event('close'));
    expect(link.state).toMatchObject({ at: 'lost' });
    expect(await link.command({ command: 'stop' })).toMatchObject({ error: { code: 'toys-unreachable' } });
  });

  it('keep their leash: pings go out twice as often as they must', async () => {
    const { server, clock } = await setUp((one) => (one.ping = 1000));
    await clock.advance(2000);
    expect(names(server).filter((name) => name === 'Ping').length).toBeGreaterThanOrEqual(3);
  });
});

describe('Intiface', () => {
  const connect = async (address: string, server: Server, silent = false) => {
    const clock = createManualClock();
    const toys = new Toys({ open: () => server.socket, clock, add: () => Promise.resolve(ok(undefined)) });
    const connecting = toys.connect(address);
    if (!silent) server.dispatchEvent(new Event('error'));
    await clock.advance(6000);
    return connecting;
  };

  it('is on this computer or nowhere', async () => {
    for (const address of ['ws://192.168.0.7:12345', 'wss://127.0.0.1:12345', 'ws://127.0.0.1:80', 'x']) {
      expect(await connect(address, new Server())).toMatchObject({ error: { code: 'toys-address' } });
    }
  });

  it('that is not there, or says nothing, is said', async () => {
    expect(await connect(INTIFACE_ADDRESS, new Server())).toMatchObject({ error: { code: 'toys-unreachable' } });
    expect(await connect(INTIFACE_ADDRESS, new Server(), true)).toMatchObject({ error: { code: 'toys-unreachable' } });
  });
});

describe('frames of Intiface', () => {
  it('are read whatever they are', () => {
    fc.assert(fc.property(fc.json(), (text) => typeof readFrame(text).ok === 'boolean'));
    expect(readFrame('{}')).toMatchObject({ error: { code: 'wire-shape' } });
    expect(readFrame('nope')).toMatchObject({ error: { code: 'wire-not-json' } });
    expect(readFrame('[{"DeviceAdded":{"DeviceIndex":-1}},{"Future":{}}]')).toEqual(
      ok([{ is: 'other' }, { is: 'other' }]),
    );
  });

  it('move strokers and rotators as their specification says', () => {
    const toy: Toy = { index: 1, name: 'x', vibrators: [], rotators: [0], strokers: [0, 1], battery: undefined };
    expect(JSON.parse(commandFrame(9, toy, { command: 'linear', position: 0.3, duration: 500 }) ?? '')).toEqual([
      {
        LinearCmd: {
          Id: 9,
          DeviceIndex: 1,
          Vectors: [
            { Index: 0, Duration: 500, Position: 0.3 },
            { Index: 1, Duration: 500, Position: 0.3 },
          ],
        },
      },
    ]);
    expect(JSON.parse(commandFrame(9, toy, { command: 'rotate', speed: 0.5, clockwise: false }) ?? '')).toEqual([
      { RotateCmd: { Id: 9, DeviceIndex: 1, Rotations: [{ Index: 0, Speed: 0.5, Clockwise: false }] } },
    ]);
  });
});

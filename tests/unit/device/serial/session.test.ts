/** One port from start to stop, with a port that is a fake. */
import { expect, test } from 'vitest';
import { SerialSession } from '../../../../src/device/serial/session.ts';
import type { SerialRequest } from '../../../../src/device/serial/request.ts';
import type { LinkState } from '../../../../src/model/link.ts';
import { ARDUINO, FakePort, FakeSerial } from '../../../support/fake-serial.ts';
import { createManualClock, turns, type ManualClock } from '../../../support/manual-clock.ts';
import { cytonPacket, joined } from '../../../support/serial-bytes.ts';

interface Bench {
  readonly clock: ManualClock;
  readonly serial: FakeSerial;
  readonly port: FakePort;
  readonly session: SerialSession;
  readonly states: LinkState[];
  /** `attribute value` of each sample. */
  readonly samples: string[];
  readonly problems: string[];
  readonly device: Record<string, string>;
  lost: number;
}

function bench(request: Partial<SerialRequest> = {}, port = new FakePort()): Bench {
  const clock = createManualClock(1_000_000);
  const serial = new FakeSerial(port);
  const states: LinkState[] = [];
  const samples: string[] = [];
  const problems: string[] = [];
  const device: Record<string, string> = {};
  const session = new SerialSession({
    serial,
    request: { identity: ARDUINO, baud: 115_200, ...request },
    timers: clock,
    now: () => clock.now(),
    random: () => 0.5,
    onBatch: ({ readings }, notes) => {
      for (const one of readings) {
        if (one.kind === 'numeric') samples.push(...Array.from(one.values, (value) => `${one.attribute} ${value}`));
      }
      problems.push(...Object.keys(notes.problems));
      Object.assign(device, notes.device);
    },
    onState: (state) => states.push(state),
    onLost: () => (made.lost += 1),
  });
  const made: Bench = { clock, serial, port, session, states, samples, problems, device, lost: 0 };
  return made;
}

const at = (states: readonly LinkState[]): string[] => states.map((state) => state.at);
const LINES = 'x:1\nx:2\nx:3\nx:4\nx:5\n';

test('opened with its speed, read, and closed again', async () => {
  const { session, port, states, samples, device } = bench({ baud: 57_600 });
  session.start();
  await turns();
  port.send(LINES);
  await turns();
  expect(samples).toEqual(['x 2', 'x 3', 'x 4', 'x 5']);
  expect(device).toEqual({ format: 'name:value lines', baud: '57600' });
  await session.end();
  expect(at(states)).toEqual(['connecting', 'subscribing', 'live', 'idle']);
  expect(port.log).toEqual(['open 57600', 'close']);
});

test('pulled and plugged in again: it waits, comes back at once, and looks for the form anew', async () => {
  const { session, serial, port, states, samples, clock } = bench();
  session.start();
  await turns();
  port.send(LINES);
  await turns();
  serial.plugOut(port);
  await turns();
  expect(session.state).toMatchObject({ at: 'waiting', attempt: 1, error: { code: 'serial-disconnected' } });
  await clock.advance(4000);
  expect(session.state).toMatchObject({ at: 'waiting', error: { code: 'serial-disconnected' } });
  const again = new FakePort();
  serial.plugIn(again);
  await turns();
  again.send('{"y":1}\n{"y":2}\n{"y":3}\n{"y":4}\n');
  await turns();
  expect(session.state.at).toBe('live');
  expect(samples.slice(4)).toEqual(['y 1', 'y 2', 'y 3', 'y 4']);
  expect(at(states).filter((state) => state === 'live')).toHaveLength(2);
});

test('the clocks of the connection end with it', async () => {
  const made = bench();
  made.session.start();
  await turns();
  made.serial.plugOut(made.port);
  await turns();
  expect(made.lost).toBe(1);
});

test('busy in another program: said, and tried again until it is free', async () => {
  const port = new FakePort();
  port.refusals = [1, 2].map(() => new DOMException('Failed to open serial port.', 'NetworkError'));
  const { session, clock, states } = bench({}, port);
  session.start();
  await turns();
  expect(session.state).toMatchObject({ at: 'waiting', error: { code: 'serial-busy' }, retryAt: clock.now() + 375 });
  await clock.advance(3000);
  expect(session.state.at).toBe('subscribing');
  expect(at(states)).toEqual(['connecting', 'waiting', 'connecting', 'waiting', 'connecting', 'subscribing']);
});

test('an impossible speed or a permission taken back ends it until somebody tries again', async () => {
  const port = new FakePort();
  port.refusals = [new TypeError('baudRate'), new DOMException('no', 'SecurityError')];
  const { session, clock } = bench({}, port);
  session.start();
  await clock.advance(20_000);
  expect(session.state).toMatchObject({ at: 'lost', error: { code: 'serial-input' } });
  session.retry();
  await clock.advance(20_000);
  expect(session.state).toMatchObject({ at: 'lost', error: { code: 'serial-permission' } });
  session.retry();
  await turns();
  expect(session.state.at).toBe('subscribing');
});

test('overruns and damaged bytes are counted, and reading goes on', async () => {
  const { session, port, samples, problems } = bench();
  session.start();
  await turns();
  for (const name of ['BufferOverrunError', 'FramingError', 'ParityError', 'BreakError']) {
    port.stumble(name);
    await turns();
  }
  port.send(LINES);
  await turns();
  expect(problems).toEqual(['serial-overrun', 'serial-line-noise', 'serial-line-noise', 'serial-line-noise']);
  expect(samples).toHaveLength(4);
  expect(session.state.at).toBe('live');
});

test('the wrong speed is told; trying again closes and opens', async () => {
  const { session, port, clock, problems } = bench();
  session.start();
  await turns();
  port.send(new Uint8Array(200).fill(0xfe));
  await clock.advance(3000);
  expect(session.state).toMatchObject({ at: 'lost', error: { code: 'serial-garbage' } });
  expect(problems).toEqual(['serial-garbage']);
  session.retry();
  await turns();
  expect(port.log).toEqual(['open 115200', 'close', 'open 115200']);
  port.send(LINES);
  await turns();
  expect(session.state.at).toBe('live');
});

test('silence is told with the time of the last bytes; a board that prints rarely has more time', async () => {
  const { session, port, clock } = bench();
  session.start();
  await turns();
  await clock.advance(4000);
  port.send(LINES);
  await turns();
  const since = clock.now();
  await clock.advance(11_000);
  expect(session.state.at).toBe('live');
  await clock.advance(3000);
  expect(session.state).toEqual({ at: 'stale', since });
  port.send('x:6\n');
  await turns();
  expect(session.state.at).toBe('live');
});

test('a Cyton is told to start, again while it is silent, and to stop', async () => {
  const { session, port, clock, samples } = bench({ format: 'cyton' });
  session.start();
  await turns();
  await clock.advance(5500);
  port.send(joined(cytonPacket(0, [1, 0, 0, 0, 0, 0, 0, 0]), cytonPacket(1, [2, 0, 0, 0, 0, 0, 0, 0])));
  port.send(cytonPacket(2, [3, 0, 0, 0, 0, 0, 0, 0]));
  await turns();
  expect(samples.filter((sample) => sample.startsWith('eeg_1 '))).toHaveLength(3);
  await session.end();
  expect(port.log).toEqual(['open 115200', 'write b', 'write b', 'write s', 'close']);
});

test('stopped while it is being opened: closed again', async () => {
  const { session, port } = bench();
  session.start();
  session.stop();
  await session.end();
  expect(session.state.at).toBe('idle');
  expect(port.readable).toBeNull();
  session.start();
  await turns();
  expect(session.state.at).toBe('subscribing');
});

test('the second of two equal boards is another one, and nobody reads the wrong one', async () => {
  const first = new FakePort();
  const second = new FakePort();
  const { session, serial, samples } = bench({ identity: { ...ARDUINO, index: 1 } }, first);
  serial.plugIn(second);
  session.start();
  await turns();
  second.send(LINES);
  await turns();
  expect(samples).toHaveLength(4);
  expect(first.log).toEqual([]);
  serial.plugOut(second);
  await turns();
  expect(session.state).toMatchObject({ at: 'waiting', error: { code: 'serial-disconnected' } });
  expect(first.log).toEqual([]);
});

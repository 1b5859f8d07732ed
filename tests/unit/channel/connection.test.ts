import { describe, expect, it } from 'vitest';
import { createConnection } from '../../../src/channel/connection.ts';
import type { ChannelSpec, Renewal } from '../../../src/channel/managed-channel.ts';
import type { ChannelState, ConnectionState } from '../../../src/model/connection.ts';
import { appError, type ErrorCode } from '../../../src/model/errors.ts';
import { fail, ok } from '../../../src/model/result.ts';
import { createManualClock, turns } from '../../support/manual-clock.ts';
import { ScriptedSocket } from './scripted-socket.ts';

function setUp() {
  const clock = createManualClock();
  const states: ConnectionState[] = [];
  const sockets: ScriptedSocket[] = [];
  const renewal = { answer: false as Renewal | Promise<Renewal>, asked: 0 };
  const connection = createConnection({
    makeSocket(handlers) {
      const made = new ScriptedSocket(handlers, () => clock.now());
      sockets.push(made);
      return made;
    },
    clock,
    random: () => 0,
    onState: (state) => states.push(state),
    renewCredential() {
      renewal.asked += 1;
      return Promise.resolve(renewal.answer);
    },
  });
  const [socket] = sockets;
  if (!socket) throw new Error('no socket was made');

  function channel(topic: string, change: Partial<ChannelSpec> = {}) {
    const log: string[] = [];
    const seen: ChannelState[] = [];
    const managed = connection.channel({
      prepare: () => Promise.resolve(ok({ topic, params: { prepared: log.push('prepare') } })),
      onMessage: (event) => log.push(event),
      onJoined: () => log.push('joined'),
      onLeft: () => log.push('left'),
      onState: (state) => seen.push(state),
      ...change,
    });
    return { managed, log, seen };
  }

  return { clock, states, socket, connection, renewal, channel };
}

/** Connected, with one channel joined. */
async function joined() {
  const world = setUp();
  world.connection.connect();
  const one = world.channel('topic:a');
  world.socket.open();
  await turns();
  world.socket.lastJoin.handlers.ok({});
  return { ...world, ...one };
}

const topics = (socket: ScriptedSocket): string[] => socket.joins.map((join) => join.topic);

describe('connecting', () => {
  it('tells each state, and connects once', () => {
    const { connection, socket, states } = setUp();
    connection.connect();
    connection.connect();
    socket.open();
    expect(states).toEqual([{ at: 'connecting' }, { at: 'connected' }]);
    expect(socket.calls).toHaveLength(1);
  });

  it('says when the next try is and why the last one ended', () => {
    const { connection, socket, clock, states } = setUp();
    connection.connect();
    socket.open();
    const delay = socket.drop();
    expect(delay).toBeGreaterThanOrEqual(250);
    expect(states.at(-1)).toEqual({
      at: 'reconnecting',
      attempt: 1,
      retryAt: clock.now() + delay,
      reason: 'closed 1006',
    });
    const second = socket.drop(2);
    expect(states.at(-1)).toMatchObject({ attempt: 2, retryAt: clock.now() + second });
  });

  it('waits longer each time, never more than 15 s, never less than a quarter second', () => {
    const { connection, socket } = setUp();
    connection.connect();
    const delays = [1, 2, 3, 4, 5, 6, 30, 2000].map((tries) => socket.drop(tries));
    expect(delays).toEqual([250, 500, 1000, 2000, 4000, 7500, 7500, 7500]);
  });
});

describe('waking up', () => {
  it('reconnects at once, but not sooner than a quarter second after the drop', async () => {
    const { connection, socket, clock } = await joined();
    const droppedAt = clock.now();
    socket.drop();
    connection.wake();
    await clock.advance(249);
    expect(socket.calls.map((one) => one.call)).toEqual(['connect']);
    await clock.advance(1);
    expect(socket.calls.at(-1)).toEqual({ call: 'reconnect', at: droppedAt + 250 });
    expect(connection.state).toEqual({ at: 'connecting' });
  });

  it('leaves a young attempt alone, and gives up an old one', async () => {
    const { connection, socket, clock } = setUp();
    connection.connect();
    await clock.advance(2000);
    connection.wake();
    await clock.advance(0);
    expect(socket.calls).toHaveLength(1);
    await clock.advance(1500);
    connection.wake();
    await clock.advance(0);
    expect(socket.calls.at(-1)?.call).toBe('reconnect');
  });

  it('does not disturb a connection that the library made meanwhile', async () => {
    const { connection, socket, clock } = await joined();
    socket.drop();
    connection.wake();
    socket.open();
    await clock.advance(1000);
    expect(socket.calls.map((one) => one.call)).toEqual(['connect']);
  });

  it('keeps a connection that answers', async () => {
    const { connection, socket, clock, states } = await joined();
    connection.wake();
    socket.probes[0]?.(true);
    await clock.advance(1000);
    expect(socket.calls).toHaveLength(1);
    expect(states.at(-1)).toEqual({ at: 'connected' });
  });

  it('replaces one that does not answer, a quarter second after ending it', async () => {
    const { connection, socket, clock, managed } = await joined();
    connection.wake();
    await clock.advance(5000);
    const endedAt = clock.now();
    socket.probes[0]?.(false);
    await clock.advance(1000);
    expect(socket.calls.slice(1)).toEqual([
      { call: 'disconnect', at: endedAt },
      { call: 'reconnect', at: endedAt + 250 },
    ]);
    expect(managed.state.at).toBe('waiting');
  });

  it('an answer about an earlier connection changes nothing', async () => {
    const { connection, socket, clock } = await joined();
    connection.wake();
    socket.drop();
    socket.open();
    socket.probes[0]?.(false);
    await clock.advance(1000);
    expect(socket.calls).toHaveLength(1);
  });

  it('does nothing before connect and after a refusal', async () => {
    const { connection, socket, clock } = setUp();
    connection.wake();
    connection.retry();
    await clock.advance(1000);
    expect(socket.calls).toEqual([]);
  });
});

describe('a network that is lost', () => {
  it('is told, and found again', async () => {
    const { connection, socket, clock, states } = await joined();
    connection.networkLost();
    expect(states.at(-1)).toEqual({ at: 'offline', since: clock.now() });
    socket.drop();
    expect(connection.state.at).toBe('offline');
    await clock.advance(60_000);
    connection.wake();
    await clock.advance(0);
    expect(socket.calls.at(-1)?.call).toBe('reconnect');
    socket.open();
    expect(connection.state).toEqual({ at: 'connected' });
  });

  it('but whose server still answers is none', async () => {
    const { connection, socket } = await joined();
    connection.networkLost();
    socket.probes[0]?.(true);
    await turns();
    expect(connection.state).toEqual({ at: 'connected' });
  });

  it('that comes back without a drop leaves nobody offline', async () => {
    const { connection, socket } = await joined();
    connection.networkLost();
    connection.wake();
    socket.probes.forEach((answer) => answer(true));
    await turns();
    expect(connection.state).toEqual({ at: 'connected' });
    expect(socket.calls).toHaveLength(1);
  });
});

describe('joining', () => {
  it('joins one channel after the other', async () => {
    const { connection, socket, channel } = setUp();
    connection.connect();
    ['a', 'b', 'c'].forEach((topic) => channel(topic));
    socket.open();
    await turns();
    expect(topics(socket)).toEqual(['a']);
    socket.lastJoin.handlers.ok({});
    await turns();
    expect(topics(socket)).toEqual(['a', 'b']);
    socket.lastJoin.handlers.refused('unmatched topic');
    await turns();
    expect(topics(socket)).toEqual(['a', 'b', 'c']);
  });

  it('asks for parameters at each join, and joins again after a drop', async () => {
    const { socket, log } = await joined();
    socket.drop();
    socket.open();
    await turns();
    socket.lastJoin.handlers.ok({});
    expect(log).toEqual(['prepare', 'joined', 'left', 'prepare', 'joined']);
    expect(socket.joins.map((join) => join.params)).toEqual([{ prepared: 1 }, { prepared: 4 }]);
  });

  it('a drop during a join does not block the queue', async () => {
    const { connection, socket, channel } = setUp();
    connection.connect();
    channel('a');
    channel('b');
    socket.open();
    await turns();
    socket.drop();
    socket.open();
    await turns();
    expect(topics(socket)).toEqual(['a', 'b']);
    socket.lastJoin.handlers.ok({});
    await turns();
    expect(topics(socket)).toEqual(['a', 'b', 'a']);
  });

  it('a drop while parameters are prepared does not either, and their late answer joins nothing', async () => {
    const { connection, socket, channel } = setUp();
    const prepared: (() => void)[] = [];
    connection.connect();
    channel('a', {
      prepare: () => new Promise((resolve) => prepared.push(() => resolve(ok({ topic: 'a', params: {} })))),
    });
    channel('b');
    socket.open();
    await turns();
    socket.drop();
    socket.open();
    await turns();
    prepared[0]?.();
    await turns();
    expect(topics(socket)).toEqual(['b']);
    socket.lastJoin.handlers.ok({});
    await turns();
    prepared[1]?.();
    await turns();
    expect(topics(socket)).toEqual(['b', 'a']);
  });

  it('a channel closed while it waits in the queue is not joined', async () => {
    const { connection, socket, channel } = setUp();
    connection.connect();
    channel('a');
    const second = channel('b');
    socket.open();
    await turns();
    second.managed.close();
    socket.lastJoin.handlers.ok({});
    await turns();
    expect(topics(socket)).toEqual(['a']);
  });

  it('pushes only while joined', async () => {
    const { socket, managed } = await joined();
    expect(managed.push('ping', {})).toBe(true);
    socket.drop();
    expect(managed.push('ping', {})).toBe(false);
    expect(socket.lastJoin.pushed).toHaveLength(1);
  });

  it('joins a topic again not sooner than half a second after it was left', async () => {
    const { socket, clock, managed, channel } = await joined();
    managed.close();
    const leftAt = clock.now();
    channel('topic:a');
    channel('topic:b');
    await clock.advance(499);
    expect(topics(socket)).toEqual(['topic:a', 'topic:b']);
    socket.lastJoin.handlers.ok({});
    await clock.advance(2);
    expect(socket.lastJoin).toMatchObject({ topic: 'topic:a', at: leftAt + 500 });
  });

  it('stop leaves everything and stays away', async () => {
    const { connection, socket, clock, managed } = await joined();
    connection.stop();
    await clock.advance(60_000);
    expect(socket.lastJoin.discarded).toBe(true);
    expect(socket.calls.map((one) => one.call)).toEqual(['connect', 'disconnect']);
    expect(managed.push('ping', {})).toBe(false);
    expect(connection.state).toEqual({ at: 'idle' });
  });
});

describe('a join that fails', () => {
  it('by crashing is tried twice more, then refused until somebody acts', async () => {
    const { connection, socket, clock, channel } = setUp();
    connection.connect();
    const { managed } = channel('a');
    socket.open();
    for (let i = 0; i < 5; i++) {
      await clock.advance(20_000);
      if (managed.state.at === 'joining') socket.lastJoin.handlers.refused('join crashed');
    }
    expect(socket.joins).toHaveLength(3);
    expect(managed.state).toEqual({ at: 'refused', error: appError('server-join-crashed', 'join crashed') });
    connection.retry();
    await turns();
    socket.lastJoin.handlers.ok({});
    expect(managed.state.at).toBe('joined');
  });

  it('by not being answered is tried again, later each time', async () => {
    const { connection, socket, clock, channel } = setUp();
    connection.connect();
    const { managed } = channel('a');
    socket.open();
    for (let i = 0; i < 4; i++) {
      await clock.advance(20_000);
      socket.lastJoin.handlers.timeout();
      expect(managed.state.at).toBe('waiting');
    }
    const waits = [500, 1000, 2000, 4000];
    await clock.advance((waits[3] ?? 0) - 1);
    expect(socket.joins).toHaveLength(4);
    await clock.advance(1);
    expect(socket.joins).toHaveLength(5);
  });

  it('by a crash of the channel is tried again after half a second or more', async () => {
    const { socket, clock, managed, log } = await joined();
    socket.lastJoin.handlers.ended('crashed');
    expect(managed.state.at).toBe('waiting');
    expect(log.at(-1)).toBe('left');
    await clock.advance(499);
    expect(socket.joins).toHaveLength(1);
    await clock.advance(1);
    expect(socket.joins).toHaveLength(2);
  });

  it('for another reason is refused', async () => {
    const { socket, managed } = await refusedWith('unmatched topic');
    expect(managed.state).toEqual({ at: 'refused', error: appError('server-refused', 'unmatched topic') });
    socket.drop();
    expect(managed.state.at).toBe('refused');
  });

  it.each<[ErrorCode, ChannelState['at']]>([
    ['server-unreachable', 'waiting'],
    ['server-rate-limited', 'waiting'],
    ['server-no-viewer-tokens', 'refused'],
    ['server-refused', 'refused'],
  ])('because %s, while preparing: %s', async (code, at) => {
    const { connection, socket, channel } = setUp();
    connection.connect();
    const { managed } = channel('a', { prepare: () => Promise.resolve(fail(appError(code))) });
    const next = channel('b');
    socket.open();
    await turns();
    expect(managed.state.at).toBe(at);
    expect(connection.state.at).toBe('connected');
    expect(next.managed.state.at).toBe('joining');
  });

  it('because preparing throws is refused, and holds nobody up', async () => {
    const { connection, socket, channel } = setUp();
    connection.connect();
    const { managed } = channel('a', { prepare: () => Promise.reject(new Error('defect')) });
    channel('b');
    socket.open();
    await turns();
    expect(managed.state).toEqual({ at: 'refused', error: appError('unexpected', 'Error: defect') });
    expect(topics(socket)).toEqual(['b']);
  });
});

async function refusedWith(reason: string, answer: Renewal | Promise<Renewal> = false) {
  const world = setUp();
  world.renewal.answer = answer;
  world.connection.connect();
  const one = world.channel('a');
  world.socket.open();
  await turns();
  world.socket.lastJoin.handlers.refused(reason);
  await turns();
  return { ...world, ...one };
}

describe('unauthorized', () => {
  it('renews once, and is refused if the new credential is refused too', async () => {
    const { socket, clock, connection, managed, renewal } = await refusedWith('unauthorized', true);
    expect(managed.state.at).toBe('waiting');
    await clock.advance(1000);
    socket.lastJoin.handlers.refused('unauthorized');
    await turns();
    expect(renewal.asked).toBe(1);
    expect(managed.state).toEqual({ at: 'refused', error: appError('server-unauthorized') });
    expect(connection.state).toEqual({ at: 'refused', error: appError('server-unauthorized') });
    await clock.advance(600_000);
    expect(socket.joins).toHaveLength(2);
  });

  it('after a good join may be renewed again', async () => {
    const { socket, clock, renewal, managed } = await refusedWith('unauthorized', true);
    await clock.advance(1000);
    socket.lastJoin.handlers.ok({});
    socket.lastJoin.handlers.ended('crashed');
    await clock.advance(1000);
    socket.lastJoin.handlers.refused('unauthorized');
    await turns();
    expect(renewal.asked).toBe(2);
    expect(managed.state.at).toBe('waiting');
  });

  it('is tried again while nobody can be asked for a new credential', async () => {
    const { socket, clock, connection, renewal } = await refusedWith('unauthorized', 'later');
    for (let i = 0; i < 4; i++) {
      await clock.advance(15_000);
      socket.lastJoin.handlers.refused('unauthorized');
      await turns();
    }
    expect(renewal.asked).toBe(5);
    expect(connection.state.at).toBe('connected');
  });

  it('holds nobody up while the credential is renewed', async () => {
    const { socket, channel } = await refusedWith('unauthorized', new Promise<Renewal>(() => undefined));
    channel('b');
    await turns();
    expect(topics(socket)).toEqual(['a', 'b']);
  });

  it('of a channel that was closed meanwhile is nobody’s business', async () => {
    let answer = (_renewed: Renewal): void => undefined;
    const { connection, managed } = await refusedWith('unauthorized', new Promise((resolve) => (answer = resolve)));
    managed.close();
    answer(false);
    await turns();
    expect(connection.state.at).toBe('connected');
  });

  it('ends when a person acted: everything is tried again', async () => {
    const { socket, connection, managed } = await refusedWith('unauthorized');
    expect(connection.state.at).toBe('refused');
    connection.retry();
    await turns();
    expect(connection.state).toEqual({ at: 'connected' });
    socket.lastJoin.handlers.ok({});
    expect(managed.state).toEqual({ at: 'joined' });
  });
});

describe('restart', () => {
  it('leaves, and joins anew after half a second or more', async () => {
    const { socket, clock, managed, log } = await joined();
    managed.restart('barrier unanswered');
    expect(socket.joins[0]?.discarded).toBe(true);
    expect(log.at(-1)).toBe('left');
    await clock.advance(499);
    expect(socket.joins).toHaveLength(1);
    await clock.advance(2);
    socket.lastJoin.handlers.ok({});
    expect(socket.joins).toHaveLength(2);
    expect(managed.state.at).toBe('joined');
  });

  it('may come from inside an answer', async () => {
    const { socket, clock, managed, log } = await joined();
    managed.push('ping', {}, () => managed.restart('barrier refused'));
    socket.lastJoin.pushed[0]?.onReply?.({ status: 'error', response: {} });
    await clock.advance(1000);
    expect(socket.joins).toHaveLength(2);
    expect(log).toEqual(['prepare', 'joined', 'left', 'prepare']);
  });

  it('of what is not joined does nothing', async () => {
    const { socket, clock, managed } = await joined();
    socket.drop();
    managed.restart('barrier unanswered');
    await clock.advance(60_000);
    expect(socket.joins).toHaveLength(1);
  });
});

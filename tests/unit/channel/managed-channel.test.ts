import { describe, expect, it } from 'vitest';
import type { Renewal } from '../../../src/channel/managed-channel.ts';
import type { ChannelState } from '../../../src/model/connection.ts';
import { appError, type ErrorCode } from '../../../src/model/errors.ts';
import { fail, ok } from '../../../src/model/result.ts';
import { turns } from '../../support/manual-clock.ts';
import { joined, setUp, topics } from './scripted-connection.ts';

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

import { describe, expect, it } from 'vitest';
import { turns } from '../../support/manual-clock.ts';
import { joined, setUp } from './scripted-connection.ts';

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

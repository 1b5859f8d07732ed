/** The socket against frames recorded from the real server: what it says is played back, byte by byte where it matters. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createWireSocket, type JoinHandlers, type Reply, type WireSocket } from '../../src/channel/wire-socket.ts';
import { startPhoenixServer, type PhoenixServer, type WireFrame } from '../support/phoenix-server.ts';

const T = 'sensocto:sensor:x';
/** As pushed after each join. */
const CONFIG =
  '{"attention_level":"none","load_multiplier":1.0,"memory_protection_active":false,"paused":false,"recommended_batch_size":20,"recommended_batch_window":5000,"system_load":"normal","timestamp":1795428484382}';

let server: PhoenixServer;
let socket: WireSocket;
let log: string[];

beforeEach(async () => {
  vi.stubGlobal('WebSocket', WebSocket);
  server = await startPhoenixServer();
  log = [];
  socket = createWireSocket(server.url, () => ({ token: 'abc' }), {
    opened: () => log.push('opened'),
    dropped: (reason) => log.push(`dropped: ${reason}`),
    reconnectDelay: (tries) => {
      log.push(`delay ${tries}`);
      return 250;
    },
    unreadable: () => log.push('unreadable'),
  });
});

afterEach(async () => {
  socket.disconnect();
  await server.close();
  vi.unstubAllGlobals();
});

/** Answers joins and leaves as the real server does; everything else as `more` says. */
function answering(more: (frame: WireFrame, reply: (...frames: unknown[]) => void) => void = () => undefined): void {
  server.onFrame = (frame, reply) => {
    const [joinRef, ref, topic, event] = frame;
    if (event === 'phx_join') {
      reply(
        `["${joinRef}","${ref}","${topic}","phx_reply",{"response":{},"status":"ok"}]`,
        `["${joinRef}",null,"${topic}","backpressure_config",${CONFIG}]`,
      );
    } else if (event === 'phx_leave') {
      reply(
        `["${joinRef}","${ref}","${topic}","phx_reply",{"response":{},"status":"ok"}]`,
        `["${joinRef}","${joinRef}","${topic}","phx_close",{}]`,
      );
    } else more(frame, reply);
  };
}

async function connected(): Promise<void> {
  socket.connect();
  await vi.waitFor(() => expect(socket.connected).toBe(true));
}

function join(topic = T, timeout = 1000) {
  const events: string[] = [];
  const handlers: JoinHandlers = {
    ok: () => events.push('ok'),
    refused: (reason) => events.push(`refused: ${reason}`),
    timeout: () => events.push('timeout'),
    ended: (reason) => events.push(`ended: ${reason}`),
    message: (event, payload) => events.push(`${event} ${JSON.stringify(payload)}`),
  };
  return { events, wire: socket.join(topic, { sensor_id: 'x' }, timeout, handlers) };
}

async function joined() {
  await connected();
  const one = join();
  await vi.waitFor(() => expect(one.events).toContain('ok'));
  return one;
}

const sent = (event: string): WireFrame[] => server.received.filter((frame) => frame[3] === event);
const settle = (ms = 60): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('joining', () => {
  it('connects with version 2 and the parameters of the moment', async () => {
    await connected();
    expect(server.requests).toEqual(['/socket/websocket?token=abc&vsn=2.0.0']);
  });

  it('is accepted, and the config that follows arrives', async () => {
    answering();
    const { events } = await joined();
    await vi.waitFor(() => expect(events).toHaveLength(2));
    expect(events[1]).toBe(`backpressure_config ${JSON.stringify(JSON.parse(CONFIG))}`);
    const [frame] = sent('phx_join');
    expect(frame?.[0]).toBe(frame?.[1]);
    expect(frame?.slice(2)).toEqual([T, 'phx_join', { sensor_id: 'x' }]);
  });

  it.each([
    [
      'unauthorized',
      (f: WireFrame) => [f[0], f[1], f[2], 'phx_reply', { response: { reason: 'unauthorized' }, status: 'error' }],
    ],
    [
      'join crashed',
      (f: WireFrame) => [f[0], f[1], f[2], 'phx_reply', { response: { reason: 'join crashed' }, status: 'error' }],
    ],
    [
      'unmatched topic',
      (f: WireFrame) => [null, f[1], f[2], 'phx_reply', { response: { reason: 'unmatched topic' }, status: 'error' }],
    ],
  ])('is refused: %s, and not tried again', async (reason, answer) => {
    server.onFrame = (frame, reply) => {
      if (frame[3] === 'phx_join') reply(answer(frame));
    };
    await connected();
    const { events, wire } = join();
    await vi.waitFor(() => expect(events).toEqual([`refused: ${reason}`]));
    await settle();
    expect(sent('phx_join')).toHaveLength(1);
    expect(wire.push('ping', {})).toBe(false);
  });

  it('that is not answered times out once; a late answer changes nothing', async () => {
    await connected();
    const { events } = join(T, 50);
    await vi.waitFor(() => expect(events).toEqual(['timeout']));
    const [frame] = sent('phx_join');
    server.say([frame?.[0], frame?.[1], T, 'phx_reply', { response: {}, status: 'ok' }]);
    await settle(100);
    expect(events).toEqual(['timeout']);
    expect(sent('phx_join')).toHaveLength(1);
  });

  it('nothing is pushed before the answer', async () => {
    await connected();
    const { wire } = join();
    expect(wire.push('measurements_batch', [])).toBe(false);
    await settle();
    expect(server.received.map((frame) => frame[3])).toEqual(['phx_join']);
  });
});

describe('pushing', () => {
  it('sends at once with the reference of this join, an array as an array', async () => {
    answering();
    const { wire } = await joined();
    expect(wire.push('measurements_batch', [{ attribute_id: 'heartrate', payload: 61, timestamp: 1, seq: 5 }])).toBe(
      true,
    );
    await vi.waitFor(() => expect(sent('measurements_batch')).toHaveLength(1));
    const [push] = sent('measurements_batch');
    expect(push?.[0]).toBe(sent('phx_join')[0]?.[0]);
    expect(push?.[4]).toEqual([{ attribute_id: 'heartrate', payload: 61, timestamp: 1, seq: 5 }]);
  });

  it('attributes each answer to its push: an error before the answer to the ping', async () => {
    // batch, batch, ping → nothing, error, ok: as recorded.
    let batches = 0;
    answering(([joinRef, ref, topic, event, payload], reply) => {
      if (event === 'measurements_batch' && (batches += 1) === 2) {
        reply([
          joinRef,
          ref,
          topic,
          'phx_reply',
          { response: { failed_count: 2, reason: 'invalid_batch' }, status: 'error' },
        ]);
      }
      if (event === 'ping') reply([joinRef, ref, topic, 'phx_reply', { response: payload, status: 'ok' }]);
    });
    const { wire } = await joined();
    const answers: string[] = [];
    const note = (name: string) => (reply: Reply) =>
      answers.push(`${name} ${reply.status} ${JSON.stringify(reply.response)}`);
    wire.push('measurements_batch', [1], note('first'));
    wire.push('measurements_batch', [2], note('second'));
    wire.push('ping', { a: 1 }, note('ping'));
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    expect(answers).toEqual(['second error {"failed_count":2,"reason":"invalid_batch"}', 'ping ok {"a":1}']);
  });

  it('an answer that comes twice is heard once', async () => {
    answering(([joinRef, ref, topic, event], reply) => {
      const frame = [joinRef, ref, topic, 'phx_reply', { response: {}, status: 'ok' }];
      if (event === 'ping') reply(frame, frame);
    });
    const { wire } = await joined();
    const onReply = vi.fn();
    wire.push('ping', {}, onReply);
    await settle();
    expect(onReply).toHaveBeenCalledTimes(1);
  });

  it('to a topic the server does not know is answered without a join reference, and heard', async () => {
    answering(([, ref, topic, event], reply) => {
      if (event === 'ping')
        reply([null, ref, topic, 'phx_reply', { response: { reason: 'unmatched topic' }, status: 'error' }]);
    });
    const { wire } = await joined();
    const onReply = vi.fn();
    wire.push('ping', {}, onReply);
    await vi.waitFor(() =>
      expect(onReply).toHaveBeenCalledWith({ status: 'error', response: { reason: 'unmatched topic' } }),
    );
  });
});

describe('a channel that ends', () => {
  it.each([
    ['crashes', (ref: string) => [ref, ref, T, 'phx_error', {}], 'ended: crashed'],
    ['is closed', (ref: string) => [ref, ref, T, 'phx_close', {}], 'ended: closed by the server'],
  ])('because it %s says so once, and joins nothing by itself', async (_how, frame, told) => {
    answering();
    const { events, wire } = await joined();
    server.say(frame(sent('phx_join')[0]?.[0] ?? ''));
    await vi.waitFor(() => expect(events).toContain(told));
    expect(wire.push('ping', {})).toBe(false);
    await settle(100);
    expect(events.filter((event) => event.startsWith('ended'))).toHaveLength(1);
    expect(sent('phx_join')).toHaveLength(1);
  });

  it('of an earlier join says nothing about this one', async () => {
    answering();
    const { wire } = await joined();
    wire.discard();
    const again = join();
    await vi.waitFor(() => expect(again.events).toContain('ok'));
    // The new reply may come before the old close.
    const old = sent('phx_join')[0]?.[0] ?? '';
    server.say([old, old, T, 'phx_close', {}], [old, old, T, 'phx_error', {}]);
    await settle();
    expect(again.wire.push('ping', {})).toBe(true);
    expect(again.events.filter((event) => event.startsWith('ended'))).toEqual([]);
  });

  it('left by us is left once, and heard of no more', async () => {
    answering();
    const { events, wire } = await joined();
    wire.discard();
    wire.discard();
    server.say([null, null, T, 'shout', {}]);
    await settle();
    expect(sent('phx_leave')).toHaveLength(1);
    expect(events.filter((event) => event.startsWith('shout') || event.startsWith('ended'))).toEqual([]);
  });
});

describe('a connection that drops', () => {
  it.each([
    [1000, 'closed 1000'],
    [1011, 'closed 1011'],
    [1012, 'closed 1012'],
  ])('with code %i comes back, not sooner than it was told', async (code, reason) => {
    answering();
    const { events, wire } = await joined();
    server.hangUp(code);
    await vi.waitFor(() => expect(log).toContain(`dropped: ${reason}`));
    expect(events.at(-1)).toMatch(/^ended/);
    expect(wire.push('ping', {})).toBe(false);
    await vi.waitFor(() => expect(log.filter((entry) => entry === 'opened')).toHaveLength(2));
    const [first, second] = server.times;
    expect((second?.opened ?? 0) - (first?.closed ?? Infinity)).toBeGreaterThanOrEqual(240);
  });

  it('by being cut comes back too, and nothing of the old joins is sent on the new connection', async () => {
    answering();
    const { wire } = await joined();
    server.cut();
    await vi.waitFor(() => expect(socket.connected).toBe(false));
    expect(wire.push('ping', {})).toBe(false);
    wire.discard();
    const before = server.received.length;
    await vi.waitFor(() => expect(socket.connected).toBe(true));
    await settle(200);
    expect(server.received.slice(before)).toEqual([]);
  });

  it('while a join runs ends the join', async () => {
    await connected();
    const { events } = join(T, 300);
    await vi.waitFor(() => expect(sent('phx_join')).toHaveLength(1));
    server.cut();
    await vi.waitFor(() => expect(events).toHaveLength(1));
    await settle(400);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatch(/^ended/);
    expect(sent('phx_join')).toHaveLength(1);
  });

  it('is not made anew after we ended it', async () => {
    await connected();
    socket.disconnect();
    await settle(400);
    expect(server.times).toHaveLength(1);
  });

  it('is replaced at once on request', async () => {
    await connected();
    socket.reconnect();
    await vi.waitFor(() => expect(server.times).toHaveLength(2));
    await vi.waitFor(() => expect(socket.connected).toBe(true));
  });
});

describe('probing', () => {
  it('is true if the server answers a heartbeat', async () => {
    await connected();
    expect(await socket.probe(1000)).toBe(true);
  });

  it('is false if it does not', async () => {
    await connected();
    server.heartbeats = false;
    expect(await socket.probe(50)).toBe(false);
  });

  it('is false without a connection', async () => {
    expect(await socket.probe(1000)).toBe(false);
  });
});

describe('frames nobody can read', () => {
  it.each([
    ['not JSON', '{'],
    ['an object', '{"topic":"x"}'],
    ['too short', '["1","1"]'],
    ['null', 'null'],
    ['a topic that is none', '[null,null,7,"shout",{}]'],
    ['an event that is none', `[null,null,"${T}",null,{}]`],
    ['a reply without a status', `["1","1","${T}","phx_reply",null]`],
    ['a reply with another', `["1","1","${T}","phx_reply",{"status":7}]`],
  ])('%s: counted, and the channel lives on', async (_what, frame) => {
    answering(([joinRef, ref, topic, event], reply) => {
      if (event === 'ping') reply([joinRef, ref, topic, 'phx_reply', { response: {}, status: 'ok' }]);
    });
    const { wire } = await joined();
    server.say(frame);
    await vi.waitFor(() => expect(log).toContain('unreadable'));
    const onReply = vi.fn();
    wire.push('ping', {}, onReply);
    await vi.waitFor(() => expect(onReply).toHaveBeenCalledTimes(1));
  });

  it('odd payloads of known frames reach their handler as they are', async () => {
    answering();
    const { events } = await joined();
    server.say([null, null, T, 'backpressure_config', null], [null, null, T, 'backpressure_config', [1]]);
    await vi.waitFor(() => expect(events).toContain('backpressure_config [1]'));
    expect(events).toContain('backpressure_config null');
  });
});

describe('a payload of bytes', () => {
  it('goes out as the library’s binary push, with the join’s reference, and its refusal comes back to it', async () => {
    answering(([joinRef, ref, topic, event], reply) => {
      const response = { reason: 'invalid_batch', failed_count: 1 };
      if (event === 'blocks') reply([joinRef, ref, topic, 'phx_reply', { response, status: 'error' }]);
    });
    const { wire } = await joined();
    const onReply = vi.fn();
    expect(wire.push('blocks', Uint8Array.of(0, 255, 7).buffer, onReply)).toBe(true);
    await vi.waitFor(() => expect(onReply).toHaveBeenCalledTimes(1));
    expect(onReply.mock.calls[0]?.[0]).toEqual({
      status: 'error',
      response: { reason: 'invalid_batch', failed_count: 1 },
    });
    const [frame] = sent('blocks');
    expect(frame?.[0]).toBe(sent('phx_join')[0]?.[0]);
    expect(frame?.[2]).toBe(T);
    expect([...(frame?.[4] as Uint8Array)]).toEqual([0, 255, 7]);
  });
});

/** A connection over a scripted socket and a clock that stands still, and what its channels were told. */
import { createConnection } from '../../../src/channel/connection.ts';
import type { ChannelSpec, Renewal } from '../../../src/channel/managed-channel.ts';
import type { ChannelState, ConnectionState } from '../../../src/model/connection.ts';
import { ok } from '../../../src/model/result.ts';
import { createManualClock, turns } from '../../support/manual-clock.ts';
import { ScriptedSocket } from './scripted-socket.ts';

export function setUp() {
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
export async function joined() {
  const world = setUp();
  world.connection.connect();
  const one = world.channel('topic:a');
  world.socket.open();
  await turns();
  world.socket.lastJoin.handlers.ok({});
  return { ...world, ...one };
}

export const topics = (socket: ScriptedSocket): string[] => socket.joins.map((join) => join.topic);

/**
 * One Phoenix socket: frames in, frames out, and which topics are joined. Rules are those of the real server; where that
 * one lets a client hurt others or itself, this one holds on (bounds on frames, buffers and topics).
 */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { describeThrown } from '../../src/model/errors.ts';
import {
  decodeBinary,
  decodeText,
  encodeBinaryReply,
  encodeText,
  type RawFrame,
  type SerializerVersion,
} from '../../src/protocol/frame.ts';
import { PHOENIX_TOPIC } from '../../src/protocol/topics.ts';
import type { Log } from '../log.ts';
import type { Channel, ChannelLink, Joiner } from './channel.ts';
import { nestsTooDeep } from './depth.ts';
import { Outlet } from './outlet.ts';

const CLOSE = { idle: 1002, malformed: 1011 } as const;
/** Joined topics on one socket; a gateway of hundreds of sensors needs some, an attacker needs more. */
const TOPICS_MAX = 5000;

/** What all sockets count together. */
export interface Tally {
  frames: number;
  malformed: number;
  idle: number;
  slowReaders: number;
  crashes: number;
}

export interface ConnectionOptions {
  readonly version: SerializerVersion;
  readonly join: Joiner;
  /** ms without a frame after which the client counts as gone. */
  readonly idleTimeout: number;
  /** ms in which a congested client must catch up once. */
  readonly stallTimeout: number;
  readonly tally: Tally;
  readonly log: Log;
}

interface Joined {
  readonly joinRef: unknown;
  readonly channel: Channel;
}

export class Connection {
  readonly #ws: WebSocket;
  readonly #options: ConnectionOptions;
  readonly #outlet: Outlet;
  readonly #joined = new Map<string, Joined>();
  readonly #idleTimer: NodeJS.Timeout;
  #ended = false;

  /** @param ws an open socket @param stream the TCP or TLS stream below it */
  constructor(ws: WebSocket, stream: Duplex, options: ConnectionOptions) {
    this.#ws = ws;
    this.#options = options;
    this.#outlet = new Outlet(ws, stream, options.stallTimeout, () => {
      options.tally.slowReaders += 1;
      this.#end();
    });
    this.#idleTimer = setTimeout(() => this.#giveUp('idle'), options.idleTimeout);
    ws.on('message', (data: Buffer, isBinary) => this.#onFrame(data, isBinary));
    ws.on('ping', () => this.#idleTimer.refresh());
    ws.on('pong', () => this.#idleTimer.refresh());
    ws.on('close', () => this.#end());
    // The library closes the socket with the fitting code (1002, 1007, 1009) by itself.
    ws.on('error', () => {
      options.tally.malformed += 1;
    });
  }

  /** Ends the connection from this side. */
  close(code: number): void {
    this.#end();
    this.#ws.close(code);
  }

  /** Cuts the connection without waiting for the other side. */
  terminate(): void {
    this.#end();
    this.#ws.terminate();
  }

  #onFrame(data: Buffer, isBinary: boolean): void {
    if (this.#ended) return;
    this.#idleTimer.refresh();
    this.#options.tally.frames += 1;
    const frame = isBinary ? this.#decodeBinary(data) : this.#decodeText(data);
    if (frame) this.#dispatch(frame, data.length);
    else this.#giveUp('malformed');
  }

  #decodeText(data: Buffer): RawFrame | undefined {
    if (nestsTooDeep(data)) return undefined;
    const decoded = decodeText(data.toString('utf8'), this.#options.version);
    return decoded.ok ? decoded.value : undefined;
  }

  #decodeBinary(data: Buffer): RawFrame | undefined {
    if (this.#options.version !== 2) return undefined;
    const decoded = decodeBinary(data);
    return decoded.ok ? decoded.value : undefined;
  }

  #dispatch(frame: RawFrame, bytes: number): void {
    const { topic, event, ref, joinRef } = frame;
    if (topic === PHOENIX_TOPIC && event === 'heartbeat') return this.#reply(null, ref, topic, 'ok', {});
    if (typeof topic !== 'string') return this.#unmatched(frame);
    if (event === 'phx_join') return this.#join(frame, topic);
    const joined = this.#joined.get(topic);
    if (event === 'phx_leave') return this.#leave(frame, topic, joined);
    if (!joined) return this.#unmatched(frame);
    // A push for an earlier join of this topic: the client has moved on, so nobody waits for an answer.
    if (joined.joinRef !== joinRef || typeof event !== 'string') return;
    this.#guard(topic, joined, () => joined.channel.receive({ event, payload: frame.payload, ref, bytes }));
  }

  #join({ joinRef, ref, payload }: RawFrame, topic: string): void {
    const before = this.#joined.get(topic);
    if (!before && this.#joined.size >= TOPICS_MAX) return this.#reply(joinRef, ref, topic, 'error', TOO_MANY);
    const outcome = this.#tryJoin(topic, payload, this.#link(topic, joinRef));
    if (!outcome) return this.#reply(null, ref, topic, 'error', UNMATCHED);
    // The new one is attached before the old one goes, so that a sensor survives its own rejoin.
    if (before) this.#drop(topic, before);
    if (before) this.#send(before.joinRef, before.joinRef, topic, 'phx_close', {});
    if (!outcome.ok) return this.#reply(joinRef, ref, topic, 'error', { reason: outcome.reason });
    const joined = { joinRef, channel: outcome.channel };
    this.#joined.set(topic, joined);
    this.#reply(joinRef, ref, topic, 'ok', outcome.response ?? {});
    this.#guard(topic, joined, () => joined.channel.start());
  }

  #tryJoin(topic: string, params: unknown, link: ChannelLink): ReturnType<Joiner> {
    try {
      return this.#options.join(topic, params, link);
    } catch (error) {
      this.#noteCrash('join', error);
      return { ok: false, reason: 'join crashed' };
    }
  }

  #leave({ joinRef, ref }: RawFrame, topic: string, joined: Joined | undefined): void {
    if (joined && joined.joinRef !== joinRef) return;
    this.#reply(joinRef, ref, topic, 'ok', {});
    if (!joined) return;
    this.#drop(topic, joined);
    this.#send(joinRef, joinRef, topic, 'phx_close', {});
  }

  /** A defect of ours ends one topic of one socket and nothing else. */
  #guard(topic: string, joined: Joined, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#noteCrash('channel', error);
      this.#drop(topic, joined);
      this.#send(joined.joinRef, joined.joinRef, topic, 'phx_error', {});
    }
  }

  #noteCrash(where: string, error: unknown): void {
    this.#options.tally.crashes += 1;
    this.#options.log.error('a push could not be handled', { where, reason: describeThrown(error) });
  }

  #drop(topic: string, joined: Joined): void {
    if (this.#joined.get(topic) === joined) this.#joined.delete(topic);
    joined.channel.end();
  }

  #link(topic: string, joinRef: unknown): ChannelLink {
    return {
      topic,
      reply: (ref, status, response) => this.#reply(joinRef, ref, topic, status, response),
      replyBinary: (ref, data) => {
        if (!this.#ended) this.#outlet.send(encodeBinaryReply(text(joinRef), text(ref), topic, 'ok', data));
      },
      push: (event, payload) => this.#send(joinRef, null, topic, event, payload),
      broadcast: (event, payload) => this.#send(null, null, topic, event, payload),
      congested: () => this.#outlet.congested,
    };
  }

  #unmatched({ ref, topic }: RawFrame): void {
    this.#reply(null, ref, topic, 'error', UNMATCHED);
  }

  #reply(joinRef: unknown, ref: unknown, topic: unknown, status: 'ok' | 'error', response: unknown): void {
    this.#send(joinRef, ref, topic, 'phx_reply', { status, response });
  }

  #send(joinRef: unknown, ref: unknown, topic: unknown, event: string, payload: unknown): void {
    if (this.#ended) return;
    this.#outlet.send(encodeText({ joinRef, ref, topic, event, payload }, this.#options.version));
  }

  #giveUp(why: keyof typeof CLOSE): void {
    this.#options.tally[why] += 1;
    this.close(CLOSE[why]);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#idleTimer);
    this.#outlet.end();
    for (const { channel } of this.#joined.values()) channel.end();
    this.#joined.clear();
  }
}

const UNMATCHED = { reason: 'unmatched topic' };
const TOO_MANY = { reason: 'too_many_topics' };

function text(ref: unknown): string {
  return typeof ref === 'string' ? ref : '';
}

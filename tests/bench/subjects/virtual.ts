/** What the rows of the pipeline run on: a clock that is moved by hand and a server that answers at once. */
import type { JoinHandlers, Reply, SocketHandlers, WireSocket } from '../../../src/channel/wire-socket.ts';
import type { AttributeTally } from '../../../src/model/proof.ts';
import type { Clock } from '../../../src/lib/timers.ts';
import { backpressureFor, type AttentionLevel } from '../../../src/model/backpressure.ts';
import { backpressureToWire } from '../../../src/protocol/backpressure.ts';
import { encodeText } from '../../../src/protocol/frame.ts';
import { EVENT } from '../../../src/protocol/sensor.ts';

/** Takes a serialised frame. */
export type Send = (frame: string | ArrayBuffer) => void;

export const START = 1_800_000_000_000;

/** A clock that stands still until it is told to go on. */
export class VirtualClock implements Clock {
  #now = START;
  readonly #timers = new Set<{ readonly at: number; readonly task: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): () => void {
    const timer = { at: this.#now + ms, task };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Moves on, running what falls due, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      let next: { readonly at: number; readonly task: () => void } | undefined;
      for (const timer of this.#timers) if (timer.at <= end && (!next || timer.at < next.at)) next = timer;
      if (!next) break;
      this.#timers.delete(next);
      this.#now = next.at;
      next.task();
    }
    this.#now = end;
  }
}

/**
 * A socket that serialises as the real one does and is answered at once: accepted joins, answered pings.
 * @param joined what the server answers to a join
 */
export function instantSocket(
  send: Send,
  attention: AttentionLevel,
  handlers: SocketHandlers,
  joined: object = {},
): WireSocket {
  let ref = 0;
  return {
    connected: true,
    connect: () => handlers.opened(),
    reconnect: () => handlers.opened(),
    disconnect: () => handlers.dropped('asked to'),
    probe: () => Promise.resolve(true),
    join(topic, params, _timeout, join: JoinHandlers) {
      const joinRef = String(++ref);
      send(encodeText({ joinRef, ref: joinRef, topic, event: 'phx_join', payload: params }, 2));
      queueMicrotask(() => {
        join.ok(joined);
        join.message(EVENT.backpressure, backpressureToWire(backpressureFor(attention, 'normal', false, START)));
      });
      return {
        push(event, payload, onReply?: (reply: Reply) => void) {
          ref += 1;
          if (payload instanceof ArrayBuffer) send(binaryPush([joinRef, String(ref), topic, event], payload));
          else send(encodeText({ joinRef, ref: String(ref), topic, event, payload }, 2));
          if (event === EVENT.ping) queueMicrotask(() => onReply?.({ status: 'ok', response: payload }));
          return true;
        },
        discard: () => undefined,
      };
    },
  };
}

const encoder = new TextEncoder();

/** `00`, the lengths of join_ref, ref, topic and event, those four, data: Phoenix.Socket.V2.JSONSerializer. */
function binaryPush(parts: readonly string[], data: ArrayBuffer): ArrayBuffer {
  const head = encoder.encode(parts.join(''));
  const bytes = new Uint8Array(1 + parts.length + head.length + data.byteLength);
  bytes.set(
    parts.map((part) => part.length),
    1,
  );
  bytes.set(head, 1 + parts.length);
  bytes.set(new Uint8Array(data), 1 + parts.length + head.length);
  return bytes.buffer;
}

/** Lets what was promised happen: reading the log, answers. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 8; i++) await Promise.resolve();
}

const MEASURED: ReadonlySet<string> = new Set(['heartrate', 'rr_interval', 'ecg', 'accelerometer']);

/** Confirmed samples that came from the device; what the worker makes of them beside that is not counted. */
export function confirmedOf(tallies: readonly AttributeTally[]): number {
  return tallies.reduce((sum, { attribute, confirmed }) => sum + (MEASURED.has(attribute) ? confirmed : 0), 0);
}

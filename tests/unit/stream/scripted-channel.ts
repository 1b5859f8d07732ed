/**
 * A channel and the server behind it, in a test's hands: what is pushed waits until the test lets the server take it, and
 * answers wait until the test lets them arrive. Rules every client must keep are checked as things happen.
 */
import type { BackpressureConfig } from '../../../src/model/backpressure.ts';
import type { Clock } from '../../../src/lib/timers.ts';
import type { WireMeasurement } from '../../../src/protocol/sensor.ts';
import { FIRST_CONFIG_WAIT, MAX_BATCHES_IN_FLIGHT } from '../../../src/stream/budget.ts';
import type { ChannelPort, ChannelReply } from '../../../src/stream/ports.ts';

interface Push {
  readonly event: string;
  readonly payload: unknown;
  readonly onReply: ((reply: ChannelReply) => void) | undefined;
}

/** Names a sample: what a server that drops repeats goes by. */
export const keyOf = (attribute: string, seq: number | undefined): string => `${attribute} ${seq}`;

export class ScriptedChannel implements ChannelPort {
  joined = false;
  /** The socket is closing: pushes fail although nobody has said so yet. */
  deaf = false;
  refuseNext = false;
  loseNextPing = false;
  /** The server was told to restart by the client this often. */
  restarts = 0;
  /** Samples the server took, by name, with their payload. */
  readonly accepted = new Map<string, unknown>();
  /** Rules broken, in words; nobody would hear what is thrown inside a delivery. */
  readonly broken: string[] = [];
  batchesInFlight = 0;
  barriersOut = 0;
  readonly #clock: Clock;
  readonly #onLeft: () => void;
  readonly #mayPush: (measurement: WireMeasurement) => boolean;
  #config: BackpressureConfig | undefined;
  #joinedAt = 0;
  #joins = 0;
  #toServer: Push[] = [];
  #toClient: (() => void)[] = [];
  /** Batches before each ping that is on its way. */
  #coveredByPing: number[] = [];
  /** Last number sent on this join, by attribute. */
  #lastSeq = new Map<string, number>();

  constructor(deps: {
    readonly clock: Clock;
    readonly onLeft: () => void;
    /** True for samples that are in the log and unconfirmed. */
    readonly mayPush: (measurement: WireMeasurement) => boolean;
  }) {
    this.#clock = deps.clock;
    this.#onLeft = deps.onLeft;
    this.#mayPush = deps.mayPush;
  }

  push(event: string, payload: unknown, onReply?: (reply: ChannelReply) => void): boolean {
    this.#must(this.joined, 'pushed while not joined');
    if (this.deaf) return false;
    if (event === 'ping') this.#checkBarrier();
    else this.#checkBatch(payload as readonly WireMeasurement[]);
    this.#toServer.push({ event, payload, onReply });
    return true;
  }

  restart(): void {
    this.restarts += 1;
    this.drop(false);
  }

  join(): void {
    this.joined = true;
    this.#joinedAt = this.#clock.now();
    this.#joins += 1;
    this.#config = undefined;
    this.batchesInFlight = this.barriersOut = 0;
    this.#lastSeq = new Map();
  }

  configured(config: BackpressureConfig): void {
    this.#config = config;
  }

  /**
   * The channel is gone.
   * @param arrived what was on its way reached the server; the answers then come late
   */
  drop(arrived: boolean): void {
    if (!this.joined) return;
    this.joined = false;
    this.deaf = false;
    if (arrived) this.serve(Infinity);
    this.#toServer = [];
    this.#onLeft();
  }

  /** The server takes up to `count` pushes, in order. */
  serve(count: number): void {
    for (const { event, payload, onReply } of this.#toServer.splice(0, Math.min(count, this.#toServer.length))) {
      if (event === 'ping') this.#servePing(onReply);
      else this.#serveBatch(payload as readonly WireMeasurement[], onReply);
    }
  }

  /** Up to `count` answers arrive, in order; also those to a join that is over. */
  answer(count: number): void {
    for (const arrive of this.#toClient.splice(0, Math.min(count, this.#toClient.length))) arrive();
  }

  #servePing(onReply: Push['onReply']): void {
    if (this.loseNextPing) {
      this.loseNextPing = false;
      return;
    }
    const [join, covered] = [this.#joins, this.#coveredByPing.shift() ?? 0];
    this.#toClient.push(() => {
      if (this.joined && join === this.#joins) {
        this.barriersOut -= 1;
        this.batchesInFlight -= covered;
      }
      onReply?.({ status: 'ok', reason: undefined });
    });
  }

  #serveBatch(batch: readonly WireMeasurement[], onReply: Push['onReply']): void {
    if (this.refuseNext) {
      this.refuseNext = false;
      this.#toClient.push(() => onReply?.({ status: 'error', reason: 'invalid_batch' }));
      return;
    }
    for (const one of batch) this.accepted.set(keyOf(one.attribute_id, one.seq), one.payload);
  }

  #checkBarrier(): void {
    this.barriersOut += 1;
    this.#must(this.barriersOut === 1, 'two barriers out at once');
    this.#coveredByPing = [this.batchesInFlight];
  }

  #checkBatch(batch: readonly WireMeasurement[]): void {
    this.#must(batch.length > 0, 'an empty batch');
    this.#must(this.batchesInFlight < MAX_BATCHES_IN_FLIGHT, 'too many batches in flight');
    this.batchesInFlight += 1;
    const waited = this.#clock.now() - this.#joinedAt >= FIRST_CONFIG_WAIT;
    this.#must(this.#config !== undefined || waited, 'sent before the first config');
    this.#must(!this.#config?.paused, 'sent while paused');
    for (const one of batch) {
      this.#must(this.#mayPush(one), `${keyOf(one.attribute_id, one.seq)} sent, but not in the log`);
      const last = this.#lastSeq.get(one.attribute_id);
      this.#must(last === undefined || (one.seq ?? 0) > last, 'order within an attribute');
      this.#lastSeq.set(one.attribute_id, one.seq ?? NaN);
    }
  }

  #must(holds: boolean, rule: string): void {
    if (!holds) this.broken.push(rule);
  }
}

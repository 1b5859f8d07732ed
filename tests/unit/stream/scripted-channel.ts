/**
 * A channel and the server behind it, in a test's hands: what is pushed waits until the test lets the server take it, and
 * answers wait until the test lets them arrive. Rules every client must keep are checked as things happen.
 */
import type { BackpressureConfig } from '../../../src/model/backpressure.ts';
import type { Clock } from '../../../src/lib/timers.ts';
import { parseBlocks } from '../../../src/protocol/ingest.ts';
import { EVENT } from '../../../src/protocol/sensor.ts';
import {
  BATCH_BURST,
  BATCHES_PER_SECOND,
  FIRST_CONFIG_WAIT,
  MAX_BATCH_SAMPLES,
  MAX_BATCHES_IN_FLIGHT,
  paceOf,
  type ServerAbilities,
} from '../../../src/stream/budget.ts';
import type { ChannelPort, ChannelReply } from '../../../src/stream/ports.ts';
import { HIGH } from './configs.ts';

/** A sample as the server sees it, whatever form it came in. */
export interface Arrival {
  readonly attribute: string;
  readonly seq: number;
  readonly payload: unknown;
}

interface Push {
  readonly event: string;
  readonly samples: readonly Arrival[];
  readonly onReply: ((reply: ChannelReply) => void) | undefined;
}

/** Names a sample: what a server that drops repeats goes by. */
export const keyOf = (attribute: string, seq: number): string => `${attribute} ${seq}`;

export interface ScriptedChannelDeps {
  readonly clock: Clock;
  readonly abilities: ServerAbilities;
  readonly onLeft: () => void;
  /** True for samples that are in the log and unconfirmed. */
  readonly mayPush: (sample: Arrival) => boolean;
  /** Samples that the server will not take, whoever else is in the batch. */
  readonly isBad: (sample: Arrival) => boolean;
}

export class ScriptedChannel implements ChannelPort {
  joined = false;
  /** The socket is closing: pushes fail although nobody has said so yet. */
  deaf = false;
  /** The next batch is refused though nothing is wrong with it. */
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
  readonly #deps: ScriptedChannelDeps;
  #config: BackpressureConfig | undefined;
  #joinedAt = 0;
  #joins = 0;
  #toServer: Push[] = [];
  #toClient: (() => void)[] = [];
  /** Batches before each ping that is on its way. */
  #coveredByPing: number[] = [];
  /** Last number sent on this join, by attribute. */
  #lastSeq = new Map<string, number>();
  /** A batch was refused on this join: its parts come again, later. */
  #refused = false;
  /** When batches were sent, Unix ms. */
  #sentAt: number[] = [];

  constructor(deps: ScriptedChannelDeps) {
    this.#deps = deps;
  }

  push(event: string, payload: unknown, onReply?: (reply: ChannelReply) => void): boolean {
    this.#must(this.joined, 'pushed while not joined');
    if (this.deaf) return false;
    const samples = event === EVENT.ping ? [] : this.#read(event, payload);
    if (event === EVENT.ping) this.#checkBarrier();
    else this.#checkBatch(samples);
    this.#toServer.push({ event, samples, onReply });
    return true;
  }

  restart(): void {
    this.restarts += 1;
    this.drop(false);
  }

  join(): void {
    this.joined = true;
    this.#joinedAt = this.#deps.clock.now();
    this.#joins += 1;
    this.#config = undefined;
    this.#refused = false;
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
    this.#deps.onLeft();
  }

  /** The client is dead: nobody hears the answers any more. */
  forget(): void {
    this.joined = this.deaf = false;
    this.#toServer = [];
    this.#toClient = [];
  }

  /** The server takes up to `count` pushes, in order. */
  serve(count: number): void {
    for (const { event, samples, onReply } of this.#toServer.splice(0, Math.min(count, this.#toServer.length))) {
      if (event === EVENT.ping) this.#servePing(onReply);
      else this.#serveBatch(samples, onReply);
    }
  }

  /** Up to `count` answers arrive, in order; also those to a join that is over. */
  answer(count: number): void {
    for (const arrive of this.#toClient.splice(0, Math.min(count, this.#toClient.length))) arrive();
  }

  #read(event: string, payload: unknown): readonly Arrival[] {
    const { binary } = this.#deps.abilities;
    this.#must(event === (binary ? EVENT.blocks : EVENT.batch), `${event} was not announced`);
    if (payload instanceof ArrayBuffer) {
      const { samples, failed } = parseBlocks(new Uint8Array(payload));
      this.#must(failed === 0, 'records nobody can read');
      return samples.map((one) => ({ attribute: one.attribute_id, seq: Number(one['seq']), payload: one.payload }));
    }
    const batch = payload as readonly { attribute_id: string; seq: number; payload: unknown }[];
    return batch.map((one) => ({ attribute: one.attribute_id, seq: one.seq, payload: one.payload }));
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

  #serveBatch(batch: readonly Arrival[], onReply: Push['onReply']): void {
    const failedCount = batch.filter((one) => this.#deps.isBad(one)).length;
    if (this.refuseNext || failedCount > 0) {
      const reply = { status: 'error', reason: 'invalid_batch', ...(!this.refuseNext && { failedCount }) } as const;
      this.refuseNext = false;
      this.#refused = true;
      this.#toClient.push(() => onReply?.(reply));
      return;
    }
    for (const one of batch) this.accepted.set(keyOf(one.attribute, one.seq), one.payload);
  }

  #checkBarrier(): void {
    this.barriersOut += 1;
    this.#must(this.barriersOut === 1, 'two barriers out at once');
    this.#coveredByPing = [this.batchesInFlight];
  }

  #checkBatch(batch: readonly Arrival[]): void {
    const { clock, abilities, mayPush } = this.#deps;
    this.#must(batch.length > 0, 'an empty batch');
    this.#must(batch.length <= (abilities.binary ? 20 : 1) * MAX_BATCH_SAMPLES, 'a batch too large');
    this.#must(this.batchesInFlight < MAX_BATCHES_IN_FLIGHT, 'too many batches in flight');
    this.batchesInFlight += 1;
    const waited = clock.now() - this.#joinedAt >= FIRST_CONFIG_WAIT;
    this.#must(this.#config !== undefined || waited, 'sent before the first config');
    this.#must(!this.#config?.paused, 'sent while paused');
    this.#checkRate(clock.now());
    for (const one of batch) {
      this.#must(mayPush(one), `${keyOf(one.attribute, one.seq)} sent, but not in the log`);
      const last = this.#lastSeq.get(one.attribute);
      const ordered = abilities.outOfOrder || this.#refused || last === undefined || one.seq > last;
      this.#must(ordered, 'order within an attribute');
      this.#lastSeq.set(one.attribute, one.seq);
    }
  }

  /** Two buckets: what is new, and the backlog. */
  #checkRate(now: number): void {
    this.#sentAt = [...this.#sentAt.filter((at) => now - at < 1000), now];
    const allowed = BATCHES_PER_SECOND + paceOf(HIGH, this.#deps.abilities).rate + 2 * BATCH_BURST;
    this.#must(this.#sentAt.length <= allowed, 'too many batches a second');
  }

  #must(holds: boolean, rule: string): void {
    if (!holds) this.broken.push(rule);
  }
}

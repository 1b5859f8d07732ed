/**
 * Carries one sensor's log to the server: batch, batch, ping. The server never answers accepted batches; `ping` on the
 * same topic is answered in order, so its answer confirms every batch before it, and an error for a batch comes first.
 * Nothing leaves the log before that. After a drop everything unconfirmed is sent again, marked by its sequence numbers.
 */
import type { BackpressureConfig } from '../model/backpressure.ts';
import type { Block } from '../model/block.ts';
import type { SensorId } from '../model/sensor.ts';
import type { Clock } from '../lib/timers.ts';
import { createBatcher } from './batcher.ts';
import { BATCH_BURST, decide, MAX_BATCH_SAMPLES, refill } from './budget.ts';
import type { ChannelPort, ChannelReply, OutboxEntry, OutboxPort } from './ports.ts';

/** A barrier is sent after this many batches or this long after the first of them, ms. */
const BARRIER_BATCHES = 4;
const BARRIER_DELAY = 1000;
/** A barrier unanswered this long means the channel is dead although the socket lives, ms. */
const BARRIER_TIMEOUT = 15_000;

export interface DeliveryCounts {
  readonly measured: number;
  readonly kept: number;
  readonly confirmed: number;
  readonly setAside: number;
}

export interface Delivery {
  /** Takes over a dated block; it is in the log within the spool interval. */
  add(block: Block, urgent?: boolean): void;
  /** The channel was joined (again): everything unconfirmed goes out, oldest first, once a config has come. */
  joined(): void;
  /** The channel is gone; what was in flight is unconfirmed again. */
  left(): void;
  configured(config: BackpressureConfig): void;
  /** Writes what is held to the log, now. */
  flush(): void;
  /** Resolves when everything is confirmed or `ms` have passed. */
  settled(ms: number): Promise<boolean>;
  counts(): DeliveryCounts;
}

interface Flight {
  readonly entries: readonly OutboxEntry[];
  readonly bytes: number;
  refused: boolean;
}

export interface DeliveryDeps {
  readonly sensorId: SensorId;
  readonly outbox: OutboxPort;
  readonly channel: ChannelPort;
  readonly clock: Clock;
  /** The JSON edge: a batch's payload from its entries. */
  readonly encode: (entries: readonly OutboxEntry[]) => readonly unknown[];
  readonly batchEvent: string;
  readonly pingEvent: string;
  readonly onChange?: () => void;
}

/** One per sensor, for as long as the sensor is open. */
export function createDelivery(deps: DeliveryDeps): Delivery {
  return new SensorDelivery(deps);
}

class SensorDelivery implements Delivery {
  readonly #deps: DeliveryDeps;
  readonly #batcher;
  #config: BackpressureConfig | undefined;
  #joinedAt: number | undefined;
  /** Last entry handed to the channel on this join. */
  #cursor: number | undefined;
  #unsent: number;
  #oldestUnsentAt = 0;
  #urgent = false;
  #measured = 0;
  #confirmed = 0;
  #flights: Flight[] = [];
  #tokens = BATCH_BURST;
  #tokensAt: number;
  #pumping = false;
  #pumpAgain = false;
  #wake: (() => void) | undefined;
  #barrier: (() => void) | undefined;
  #barrierTimeout: (() => void) | undefined;
  #settleWaiters: (() => void)[] = [];

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
    this.#tokensAt = deps.clock.now();
    this.#unsent = deps.outbox.depth(deps.sensorId).kept;
    this.#batcher = createBatcher({ clock: deps.clock, onBlock: (block) => deps.outbox.append(deps.sensorId, block) });
  }

  add(block: Block, urgent = false): void {
    const samples = block.times.length;
    if (samples === 0) return;
    this.#measured += samples;
    if (this.#unsent === 0) this.#oldestUnsentAt = this.#deps.clock.now();
    this.#unsent += samples;
    this.#urgent ||= urgent;
    this.#batcher.add(block);
    this.#changed();
    void this.#pump();
  }

  joined(): void {
    this.#joinedAt = this.#deps.clock.now();
    this.#config = undefined;
    this.#rewind();
    void this.#pump();
  }

  left(): void {
    this.#joinedAt = undefined;
    this.#rewind();
  }

  configured(config: BackpressureConfig): void {
    this.#config = config;
    void this.#pump();
  }

  flush(): void {
    this.#batcher.flush();
  }

  async settled(ms: number): Promise<boolean> {
    if (this.#isSettled()) return true;
    this.#urgent = true;
    void this.#pump();
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(ms, () => resolve(this.#isSettled()));
      this.#settleWaiters.push(() => {
        cancel();
        resolve(true);
      });
    });
  }

  counts(): DeliveryCounts {
    const depth = this.#deps.outbox.depth(this.#deps.sensorId);
    return {
      measured: this.#measured,
      kept: depth.kept + this.#batcher.held,
      confirmed: this.#confirmed,
      setAside: depth.setAside,
    };
  }

  #isSettled(): boolean {
    return this.#batcher.held === 0 && this.#deps.outbox.depth(this.#deps.sensorId).kept === 0;
  }

  /** Everything unconfirmed becomes unsent again. */
  #rewind(): void {
    const { outbox, sensorId } = this.#deps;
    for (const cancel of [this.#wake, this.#barrier, this.#barrierTimeout]) cancel?.();
    this.#wake = this.#barrier = this.#barrierTimeout = undefined;
    this.#flights = [];
    this.#cursor = undefined;
    this.#unsent = outbox.depth(sensorId).kept + this.#batcher.held;
  }

  async #pump(): Promise<void> {
    if (this.#pumping) {
      this.#pumpAgain = true;
      return;
    }
    this.#pumping = true;
    try {
      do {
        this.#pumpAgain = false;
        while (this.#mayNow()) await this.#sendNext();
      } while (this.#pumpAgain);
    } finally {
      this.#pumping = false;
    }
  }

  /** Asks the budget; arms the wake-up when it says when. */
  #mayNow(): boolean {
    const { clock } = this.#deps;
    const now = clock.now();
    this.#tokens = refill(this.#tokens, now - this.#tokensAt);
    this.#tokensAt = now;
    const decision = decide({
      now,
      joinedAt: this.#deps.channel.joined ? this.#joinedAt : undefined,
      config: this.#config,
      pending: this.#unsent,
      oldestPendingAt: this.#oldestUnsentAt,
      urgent: this.#urgent,
      batchesInFlight: this.#flights.length,
      bytesInFlight: this.#flights.reduce((sum, flight) => sum + flight.bytes, 0),
      tokens: this.#tokens,
    });
    this.#wake?.();
    this.#wake = undefined;
    if (decision.kind === 'wait') this.#wake = clock.after(Math.max(1, decision.until - now), () => void this.#pump());
    return decision.kind === 'send';
  }

  async #sendNext(): Promise<void> {
    const { outbox, sensorId, channel, encode, batchEvent } = this.#deps;
    this.#batcher.flush();
    const joinedAt = this.#joinedAt;
    const entries = await outbox.read(sensorId, this.#cursor, MAX_BATCH_SAMPLES);
    const last = entries.at(-1);
    // The world may have moved while the log was read.
    if (joinedAt === undefined || this.#joinedAt !== joinedAt) return;
    if (!last) {
      this.#unsent = this.#batcher.held;
      return;
    }
    const payload = encode(entries);
    const flight: Flight = { entries, bytes: estimateBytes(payload), refused: false };
    if (!channel.push(batchEvent, payload, (reply) => this.#batchAnswered(flight, reply))) return;
    this.#tokens -= 1;
    this.#cursor = last.id;
    this.#flights.push(flight);
    const samples = entries.reduce((sum, entry) => sum + entry.samples, 0);
    this.#unsent = Math.max(0, this.#unsent - samples);
    if (this.#unsent === 0) this.#urgent = false;
    this.#armBarrier();
  }

  #armBarrier(): void {
    const { clock } = this.#deps;
    // One barrier at a time: its answer arms the next.
    if (this.#barrierTimeout !== undefined) return;
    const unbarred = this.#flights.length;
    if (unbarred >= BARRIER_BATCHES) this.#sendBarrier();
    else if (unbarred > 0) this.#barrier ??= clock.after(BARRIER_DELAY, () => this.#sendBarrier());
  }

  #sendBarrier(): void {
    const { channel, clock, pingEvent } = this.#deps;
    this.#barrier?.();
    this.#barrier = undefined;
    const flights = this.#flights;
    const covered = flights.length;
    const sent = channel.push(pingEvent, {}, (reply) => {
      // After a rewind the array is another one: the answer belongs to a join that is over.
      if (this.#flights === flights) this.#barrierAnswered(covered, reply);
    });
    if (sent) this.#barrierTimeout = clock.after(BARRIER_TIMEOUT, () => channel.restart('barrier unanswered'));
  }

  #batchAnswered(flight: Flight, reply: ChannelReply): void {
    if (reply.status === 'ok' || !this.#flights.includes(flight)) return;
    if (reply.reason === 'unmatched topic') return this.#deps.channel.restart('unmatched topic');
    flight.refused = true;
    const ids = flight.entries.map((entry) => entry.id);
    void this.#deps.outbox.setAside(this.#deps.sensorId, ids, reply.reason ?? 'refused').then(() => this.#changed());
  }

  #barrierAnswered(covered: number, reply: ChannelReply): void {
    if (reply.status === 'error') return this.#deps.channel.restart(reply.reason ?? 'barrier refused');
    const { outbox, sensorId } = this.#deps;
    this.#barrierTimeout?.();
    this.#barrierTimeout = undefined;
    const done = this.#flights.splice(0, covered);
    const last = done.at(-1)?.entries.at(-1);
    for (const flight of done) {
      if (!flight.refused) this.#confirmed += flight.entries.reduce((sum, entry) => sum + entry.samples, 0);
    }
    this.#armBarrier();
    if (!last) return;
    void outbox.confirm(sensorId, last.id).then(() => {
      this.#changed();
      if (this.#isSettled()) for (const waiter of this.#settleWaiters.splice(0)) waiter();
      return this.#pump();
    });
  }

  #changed(): void {
    this.#deps.onChange?.();
  }
}

/** Bytes of a batch on the wire, near enough for a bound (a measurement is about 80). */
function estimateBytes(payload: readonly unknown[]): number {
  const [first] = payload;
  return payload.length * (first === undefined ? 0 : JSON.stringify(first).length + 1);
}

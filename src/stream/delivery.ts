/**
 * Carries one sensor's log to the server: batch, batch, ping. The server never answers accepted batches; `ping` on the
 * same topic is answered in order, so its answer confirms every batch before it, and an error for a batch comes first.
 * Nothing leaves the log before that. After a drop everything unconfirmed is sent again, marked by its sequence numbers.
 */
import type { BackpressureConfig } from '../model/backpressure.ts';
import type { Block } from '../model/block.ts';
import type { SensorId } from '../model/sensor.ts';
import type { Clock } from '../lib/timers.ts';
import { createBarrier, type Barrier } from './barrier.ts';
import { createBatcher } from './batcher.ts';
import { BATCH_BURST, decide, MAX_BATCH_SAMPLES, refill } from './budget.ts';
import { Flights, type Flight } from './flights.ts';
import type { ChannelPort, ChannelReply, OutboxEntry, OutboxPort } from './ports.ts';

/** Longest wake-up, ms: a timer of more than 2^31 ms fires at once, and a server may ask for any window. */
const MAX_WAKE = 60_000;
/** After the log failed to read, ms. */
const READ_RETRY = 1000;

/** In samples; measured = kept + confirmed + set aside, but for what the log is removing at this moment. */
export interface DeliveryCounts {
  /** Since the sensor was opened, and what the log still held from before. */
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
  /**
   * Asks for everything to be sent and confirmed now, as far as the server lets us (a pause holds). Resolves to true when
   * it is, to false when `ms` have passed or the channel is gone.
   */
  settled(ms: number): Promise<boolean>;
  counts(): DeliveryCounts;
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
  /** The log could not be read or written; what it holds is tried again. */
  readonly onLogFailure?: (thrown: unknown) => void;
}

/** One per sensor, for as long as the sensor is open. */
export function createDelivery(deps: DeliveryDeps): Delivery {
  return new SensorDelivery(deps);
}

class SensorDelivery implements Delivery {
  readonly #deps: DeliveryDeps;
  readonly #batcher;
  readonly #barrier: Barrier;
  readonly #flights: Flights;
  #config: BackpressureConfig | undefined;
  #joinedAt: number | undefined;
  /** Counts joins and leaves: what was begun under another number is over. */
  #epoch = 0;
  /** Last entry handed to the channel on this join. */
  #cursor: number | undefined;
  #oldestUnsentAt = 0;
  #urgent = false;
  #measured: number;
  #confirmed = 0;
  #tokens = BATCH_BURST;
  #tokensAt: number;
  #pumping = false;
  #pumpAgain = false;
  #wake: (() => void) | undefined;
  #settleWaiters: (() => void)[] = [];

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
    this.#tokensAt = deps.clock.now();
    const { kept, setAside } = deps.outbox.depth(deps.sensorId);
    this.#measured = kept + setAside;
    this.#batcher = createBatcher({ clock: deps.clock, onBlock: (block) => deps.outbox.append(deps.sensorId, block) });
    this.#barrier = createBarrier({
      clock: deps.clock,
      channel: deps.channel,
      event: deps.pingEvent,
      onPassed: (covered) => {
        this.#flights.release(covered);
        this.#armBarrier();
      },
    });
    this.#flights = new Flights({
      sensorId: deps.sensorId,
      outbox: deps.outbox,
      onConfirmed: (samples) => (this.#confirmed += samples),
      onSettled: () => this.#logSettled(),
      onLogFailure: (thrown) => deps.onLogFailure?.(thrown),
    });
  }

  add(block: Block, urgent = false): void {
    const samples = block.times.length;
    if (samples === 0) return;
    if (this.#unsent() === 0) this.#oldestUnsentAt = this.#deps.clock.now();
    this.#measured += samples;
    this.#urgent ||= urgent;
    this.#batcher.add(block);
    this.#changed();
    void this.#pump();
  }

  joined(): void {
    this.#rewind();
    this.#joinedAt = this.#deps.clock.now();
    this.#config = undefined;
    void this.#pump();
  }

  left(): void {
    this.#joinedAt = undefined;
    this.#rewind();
    this.#endSettling();
  }

  configured(config: BackpressureConfig): void {
    this.#config = config;
    void this.#pump();
  }

  flush(): void {
    this.#batcher.flush();
  }

  async settled(ms: number): Promise<boolean> {
    if (this.#isSettled() || ms <= 0) return this.#isSettled();
    const done = new Promise<boolean>((resolve) => {
      const end = (): void => {
        cancel();
        resolve(this.#isSettled());
      };
      const cancel = this.#deps.clock.after(ms, end);
      this.#settleWaiters.push(end);
    });
    this.#urgent = true;
    await this.#pump();
    this.#armBarrier();
    return done;
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

  /** Who waits for the end learns how it ended. */
  #endSettling(): void {
    for (const waiter of this.#settleWaiters.splice(0)) waiter();
  }

  /** Samples that wait to be sent. Derived, so that no path of failure can let it drift from the log. */
  #unsent(): number {
    const { kept } = this.#deps.outbox.depth(this.#deps.sensorId);
    return Math.max(0, kept + this.#batcher.held - this.#flights.samples);
  }

  /** Everything unconfirmed becomes unsent again. */
  #rewind(): void {
    this.#wake?.();
    this.#barrier.reset();
    this.#epoch += 1;
    this.#flights.rewind();
    this.#cursor = undefined;
  }

  async #pump(): Promise<void> {
    if (this.#pumping) {
      this.#pumpAgain = true;
      return;
    }
    this.#pumping = true;
    // What else this turn adds goes along: all attributes of one packet make one batch.
    await Promise.resolve();
    try {
      do {
        this.#pumpAgain = false;
        while (this.#mayNow() && (await this.#sendNext()));
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
      pending: this.#unsent(),
      oldestPendingAt: this.#oldestUnsentAt,
      urgent: this.#urgent,
      batchesInFlight: this.#flights.count,
      bytesInFlight: this.#flights.bytes,
      tokens: this.#tokens,
    });
    if (decision.kind === 'wait') this.#wakeAfter(decision.until - now);
    else this.#wake?.();
    return decision.kind === 'send';
  }

  #wakeAfter(ms: number): void {
    this.#wake?.();
    this.#wake = this.#deps.clock.after(Math.min(MAX_WAKE, Math.max(1, ms)), () => void this.#pump());
  }

  /** Sends the next batch. False if nothing was sent: then only a change or a wake-up may ask again. */
  async #sendNext(): Promise<boolean> {
    const { outbox, sensorId, clock } = this.#deps;
    const epoch = this.#epoch;
    this.#batcher.flush();
    const flushedAt = clock.now();
    let entries: readonly OutboxEntry[];
    try {
      entries = await outbox.read(sensorId, this.#cursor, MAX_BATCH_SAMPLES);
    } catch (thrown) {
      this.#deps.onLogFailure?.(thrown);
      this.#wakeAfter(READ_RETRY);
      return false;
    }
    const last = entries.at(-1);
    // The world may have moved while the log was read: another join, a pause.
    if (!last || epoch !== this.#epoch || !this.#mayNow()) return false;
    if (!this.#push(entries)) return false;
    this.#tokens -= 1;
    this.#cursor = last.id;
    // What waits now came after the log was written, unless more than a batch had waited.
    if (this.#unsent() <= this.#batcher.held) this.#oldestUnsentAt = flushedAt;
    if (this.#unsent() === 0) this.#urgent = false;
    this.#armBarrier();
    return true;
  }

  #push(entries: readonly OutboxEntry[]): boolean {
    const { channel, encode, batchEvent } = this.#deps;
    const payload = encode(entries);
    const flight = this.#flights.make(entries, estimateBytes(payload));
    if (!channel.push(batchEvent, payload, (reply) => this.#batchAnswered(flight, reply))) return false;
    this.#flights.add(flight);
    return true;
  }

  #armBarrier(): void {
    this.#barrier.arm(this.#flights.count, this.#settleWaiters.length > 0);
  }

  #batchAnswered(flight: Flight, reply: ChannelReply): void {
    if (reply.status === 'ok' || !this.#flights.isOpen(flight)) return;
    if (reply.reason === 'unmatched topic') this.#deps.channel.restart('unmatched topic');
    else this.#flights.refuse(flight, reply.reason ?? 'refused');
  }

  #logSettled(): void {
    this.#changed();
    if (this.#isSettled()) this.#endSettling();
    void this.#pump();
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

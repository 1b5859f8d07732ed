/**
 * Carries one sensor's log to the server: batch, batch, ping. The server never answers accepted batches; `ping` on the
 * same topic is answered in order, so its answer confirms every batch before it, and an error for a batch comes first.
 * Nothing leaves the log before that. After a drop everything unconfirmed is sent again, marked by its sequence numbers.
 */
import { DEFAULT_BACKPRESSURE, type BackpressureConfig } from '../model/backpressure.ts';
import type { Block } from '../model/block.ts';
import type { DrainProgress } from '../model/proof.ts';
import type { SensorId } from '../model/sensor.ts';
import type { Clock } from '../lib/timers.ts';
import { createBatcher } from './batcher.ts';
import { BATCH_BURST, decide, MAX_BATCH_SAMPLES, paceOf, refill, type Pace, type ServerAbilities } from './budget.ts';
import { createDrainMeter } from './drain-meter.ts';
import type { Flight, Work } from './flights.ts';
import { Lanes, type LaneName } from './lanes.ts';
import { fitting, leading, type Entries } from './parts.ts';
import type { ChannelPort, EncodedBatch, OutboxPort } from './ports.ts';
import { Sender } from './sender.ts';

/** Longest wake-up, ms: a timer of more than 2^31 ms fires at once, and a server may ask for any window. */
const MAX_WAKE = 60_000;
/** After the log failed to read, ms. */
const READ_RETRY = 1000;
/** More new samples than this that cannot go are a backlog. */
const MAX_LIVE = 10 * MAX_BATCH_SAMPLES;
/** Fewer samples than this are gone before anybody could read how many they are. */
const MIN_BACKLOG = MAX_BATCH_SAMPLES;
/** The platform's own server. */
const STOCK: ServerAbilities = { outOfOrder: false, binary: false };

/** In samples; measured = kept + confirmed + set aside + evicted, but for what the log is removing at this moment. */
export interface DeliveryCounts {
  /** Since the sensor was opened, and what the log still held from before. */
  readonly measured: number;
  readonly kept: number;
  readonly confirmed: number;
  readonly setAside: number;
  readonly evicted: number;
}

export interface Delivery {
  /** Takes over a dated block; it is in the log within the spool interval. */
  add(block: Block, urgent?: boolean): void;
  /** The channel was joined (again): everything unconfirmed goes out, oldest first, once a config has come. */
  joined(abilities?: ServerAbilities): void;
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
  /** A backlog that is being sent; undefined if there is none worth telling. */
  drain(): DrainProgress | undefined;
}

export interface DeliveryDeps {
  readonly sensorId: SensorId;
  readonly outbox: OutboxPort;
  readonly channel: ChannelPort;
  readonly clock: Clock;
  /** The wire's edge: a batch of these entries. At least one, all with valid attribute ids. */
  readonly encode: (entries: Entries) => EncodedBatch;
  readonly pingEvent: string;
  readonly onChange?: () => void;
  /** The server has these, and the log has let go of them. */
  readonly onConfirmed?: (entries: Entries) => void;
  /** Nothing is left to send. */
  readonly onSettled?: () => void;
  /** The log could not be read or written; what it holds is tried again. */
  readonly onLogFailure?: (thrown: unknown) => void;
  /** A ping came back. Unix ms. */
  readonly onRoundTrip?: (sent: number, received: number) => void;
}

/** One per sensor, for as long as the sensor is open. */
export function createDelivery(deps: DeliveryDeps): Delivery {
  return new SensorDelivery(deps);
}

class SensorDelivery implements Delivery {
  readonly #deps: DeliveryDeps;
  readonly #batcher;
  readonly #sender: Sender;
  readonly #lanes: Lanes;
  readonly #meter = createDrainMeter();
  #abilities = STOCK;
  #config: BackpressureConfig | undefined;
  #joinedAt: number | undefined;
  /** Counts joins and leaves: what was begun under another number is over. */
  #epoch = 0;
  #oldestUnsentAt = 0;
  #urgent = false;
  /** New samples have gathered during a pause. */
  #splitDue = false;
  /** The backlog was large enough to tell of. */
  #draining = false;
  #measured: number;
  #confirmed = 0;
  #tokens = BATCH_BURST;
  #drainTokens = BATCH_BURST;
  #tokensAt: number;
  #pumping = false;
  #pumpAgain = false;
  #wake: (() => void) | undefined;
  #settleWaiters: (() => void)[] = [];

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
    const { clock, outbox, sensorId } = deps;
    this.#tokensAt = clock.now();
    const { kept, setAside, evicted } = outbox.depth(sensorId);
    this.#measured = kept + setAside + evicted;
    this.#lanes = new Lanes(outbox, sensorId);
    this.#batcher = createBatcher({ clock, onBlock: (block) => this.#append(block) });
    this.#sender = new Sender({
      ...deps,
      hurry: () => this.#settleWaiters.length > 0,
      onConfirmed: (flight) => this.#flightConfirmed(flight),
      onSettled: () => this.#logSettled(),
      onRefused: () => void this.#pump(),
      onLogFailure: (thrown) => deps.onLogFailure?.(thrown),
    });
  }

  add(block: Block, urgent = false): void {
    const samples = block.times.length;
    if (samples === 0) return;
    if (this.#livePending() === 0) this.#oldestUnsentAt = this.#deps.clock.now();
    this.#measured += samples;
    this.#urgent ||= urgent;
    this.#batcher.add(block);
    this.#changed();
    void this.#pump();
  }

  joined(abilities: ServerAbilities = STOCK): void {
    this.#rewind();
    this.#batcher.flush();
    this.#lanes.begin();
    this.#abilities = abilities;
    this.#joinedAt = this.#deps.clock.now();
    this.#config = undefined;
    this.#beginDrain();
    void this.#pump();
  }

  left(): void {
    this.#joinedAt = undefined;
    this.#draining = false;
    this.#rewind();
    this.#endSettling();
  }

  configured(config: BackpressureConfig): void {
    this.#splitDue ||= this.#config?.paused === true && !config.paused;
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
    this.#sender.arm();
    return done;
  }

  counts(): DeliveryCounts {
    const { kept, setAside, evicted } = this.#deps.outbox.depth(this.#deps.sensorId);
    const { held } = this.#batcher;
    return { measured: this.#measured, kept: kept + held, confirmed: this.#confirmed, setAside, evicted };
  }

  drain(): DrainProgress | undefined {
    // The last of it may be confirmed while what is new is still on its way.
    this.#draining &&= this.#lanes.hasOld || this.#sender.inFlight.old > 0;
    return this.#draining ? this.#meter.progress(this.#backlog(), this.#deps.clock.now()) : undefined;
  }

  #append(block: Block): void {
    this.#deps.outbox.append(this.#deps.sensorId, block);
    this.#lanes.appended(block.times.length);
  }

  #isSettled(): boolean {
    return this.#batcher.held === 0 && this.#deps.outbox.depth(this.#deps.sensorId).kept === 0;
  }

  /** Who waits for the end learns how it ended. */
  #endSettling(): void {
    for (const waiter of this.#settleWaiters.splice(0)) waiter();
  }

  /** New samples that wait to be sent. */
  #livePending(): number {
    return this.#lanes.liveUnsent + this.#batcher.held;
  }

  /** Samples from before the join, or a pause, that are not confirmed. Derived, so that it cannot drift from the log. */
  #backlog(): number {
    const { kept } = this.#deps.outbox.depth(this.#deps.sensorId);
    return Math.max(0, kept - this.#lanes.liveUnsent - this.#sender.inFlight.live);
  }

  #beginDrain(): void {
    this.#draining = this.#backlog() >= MIN_BACKLOG;
    this.#meter.reset(this.#deps.clock.now());
  }

  /** Everything unconfirmed becomes unsent again. */
  #rewind(): void {
    this.#wake?.();
    this.#epoch += 1;
    this.#splitDue = false;
    this.#sender.rewind();
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
        for (let work = this.#next(); work && (await this.#send(work)); work = this.#next());
      } while (this.#pumpAgain);
    } finally {
      this.#pumping = false;
    }
  }

  /** Asks the budget what to do; arms the wake-up when it says when. */
  #next(): Work | undefined {
    this.#splitIfDue();
    const { clock, channel } = this.#deps;
    const now = clock.now();
    this.#refill(now);
    const decision = decide({
      now,
      joinedAt: channel.joined ? this.#joinedAt : undefined,
      config: this.#config,
      abilities: this.#abilities,
      pending: this.#livePending(),
      oldestPendingAt: this.#oldestUnsentAt,
      urgent: this.#urgent,
      backlog: this.#lanes.hasOld,
      ...this.#sender.load,
      tokens: this.#tokens,
      drainTokens: this.#drainTokens,
    });
    if (decision.kind === 'wait') this.#wakeAfter(decision.until - now);
    else this.#wake?.();
    return decision.kind === 'send' ? decision.work : undefined;
  }

  #pace(): Pace {
    return paceOf(this.#config ?? DEFAULT_BACKPRESSURE, this.#abilities);
  }

  #refill(now: number): void {
    const elapsed = now - this.#tokensAt;
    this.#tokensAt = now;
    this.#tokens = refill(this.#tokens, elapsed);
    this.#drainTokens = refill(this.#drainTokens, elapsed, this.#pace().rate);
  }

  #splitIfDue(): void {
    if (this.#joinedAt === undefined || (!this.#splitDue && this.#lanes.liveUnsent < MAX_LIVE)) return;
    const more = this.#splitDue ? this.#lanes.liveUnsent >= MIN_BACKLOG : true;
    this.#splitDue = false;
    if (!more) return;
    this.#lanes.split();
    this.#beginDrain();
  }

  #wakeAfter(ms: number): void {
    this.#wake?.();
    this.#wake = this.#deps.clock.after(Math.min(MAX_WAKE, Math.max(1, ms)), () => void this.#pump());
  }

  /** Does the next piece of work. False if nothing came of it: then only a change or a wake-up may ask again. */
  async #send(work: Work): Promise<boolean> {
    if (work === 'suspect') {
      this.#tokens -= 1;
      return this.#sender.sendSuspect();
    }
    const epoch = this.#epoch;
    if (work === 'live') this.#batcher.flush();
    const flushedAt = this.#deps.clock.now();
    const room = this.#pace().samples;
    let entries: Entries;
    try {
      entries = await this.#lanes.next(work, room);
    } catch (thrown) {
      this.#deps.onLogFailure?.(thrown);
      this.#wakeAfter(READ_RETRY);
      return false;
    }
    if (epoch !== this.#epoch) return false;
    // A backlog that turned out to be empty makes way for what is new.
    if (entries.length === 0) return this.#foundNone(work);
    // The world may have moved while the log was read: a pause, something more urgent.
    const next = this.#next();
    if (next !== work) return next !== undefined;
    if (!this.#sendFront(work, fitting(entries, room))) return false;
    if (work === 'live') this.#sentLive(flushedAt);
    return true;
  }

  /** A lane has nothing more. What was left of a backlog may have been unreadable, and is set aside now. */
  #foundNone(work: Work): boolean {
    if (work === 'old' && this.#isSettled()) this.#logSettled();
    return work === 'old';
  }

  /** Sends as much as one batch may hold. What no server takes is set aside: it would take all others with it. */
  #sendFront(lane: LaneName, entries: Entries): boolean {
    const { valid, run } = leading(entries);
    if (!valid) this.#sender.setAside(run, 'invalid_attribute_id');
    const done = valid ? this.#sender.send(lane, run) : run;
    if (!done) return false;
    this.#lanes.took(lane, done);
    if (valid && lane === 'live') this.#tokens -= 1;
    if (valid && lane === 'old') this.#drainTokens -= 1;
    return true;
  }

  #sentLive(flushedAt: number): void {
    // What waits now came after the log was written, unless more than a batch had waited.
    if (this.#lanes.liveUnsent === 0) this.#oldestUnsentAt = flushedAt;
    if (this.#livePending() === 0) this.#urgent = false;
  }

  #flightConfirmed({ samples, work, entries }: Flight): void {
    this.#confirmed += samples;
    if (work !== 'live') this.#meter.confirmed(samples, this.#deps.clock.now());
    this.#deps.onConfirmed?.(entries);
  }

  #logSettled(): void {
    this.#changed();
    if (this.#isSettled()) {
      this.#endSettling();
      this.#deps.onSettled?.();
    }
    void this.#pump();
  }

  #changed(): void {
    this.#deps.onChange?.();
  }
}

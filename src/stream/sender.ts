/**
 * The wire's side of a delivery: makes batches of a size that the connection carries, sends them, asks for confirmation,
 * and hears what became of them.
 */
import type { Clock } from '../lib/timers.ts';
import type { SensorId } from '../model/sensor.ts';
import { createBarrier, type Barrier, type BarrierDeps } from './barrier.ts';
import { createFlightWindow, MAX_BYTES_IN_FLIGHT } from './flight-window.ts';
import { Flights, type Flight, type Work } from './flights.ts';
import { countSamples, halve, type Entries } from './parts.ts';
import type { ChannelPort, ChannelReply, EncodedBatch, OutboxPort } from './ports.ts';

/** A frame must not hold up the others for long, bytes. One sample may be larger. */
const MAX_BATCH_BYTES = MAX_BYTES_IN_FLIGHT / 2;

export interface SenderDeps {
  readonly sensorId: SensorId;
  readonly outbox: OutboxPort;
  readonly channel: ChannelPort;
  readonly clock: Clock;
  readonly encode: (entries: Entries) => EncodedBatch;
  readonly pingEvent: string;
  /** Somebody waits for confirmation. */
  readonly hurry: () => boolean;
  readonly onConfirmed: (flight: Flight) => void;
  /** The log changed, or tried to. */
  readonly onSettled: () => void;
  /** Parts of a refused batch wait to be sent. */
  readonly onRefused: () => void;
  readonly onLogFailure: (thrown: unknown) => void;
  readonly onRoundTrip?: BarrierDeps['onRoundTrip'];
}

export class Sender {
  readonly #deps: SenderDeps;
  readonly #barrier: Barrier;
  readonly #flights: Flights;
  readonly #window = createFlightWindow();

  constructor(deps: SenderDeps) {
    this.#deps = deps;
    const { clock, channel, pingEvent: event, onRoundTrip } = deps;
    const onPassed = (covered: number): void => this.#passed(covered);
    this.#barrier = createBarrier({ clock, channel, event, onPassed, onRoundTrip });
    this.#flights = new Flights(deps);
  }

  /** Batches and bytes on their way, how many bytes may be, and parts of refused batches that wait. */
  get load() {
    return {
      batchesInFlight: this.#flights.count,
      bytesInFlight: this.#flights.bytes,
      maxBytesInFlight: this.#window.limit,
      suspects: this.#flights.suspects,
    };
  }

  /** Samples on their way, by whether they were new when they were sent. */
  get inFlight(): { readonly live: number; readonly old: number } {
    return this.#flights.samples;
  }

  /** Sends as much of the front as one batch may hold. Returns what was sent; undefined: nothing can be sent now. */
  send(work: Work, entries: Entries): Entries | undefined {
    let part = entries;
    let batch = this.#deps.encode(part);
    const limit = Math.min(MAX_BATCH_BYTES, this.#window.limit);
    while (batch.bytes > limit && countSamples(part) > 1) {
      [part] = halve(part);
      batch = this.#deps.encode(part);
    }
    return this.#push(this.#flights.make(work, part, batch.bytes, this.#deps.clock.now()), batch) ? part : undefined;
  }

  /** Sends the next part of a refused batch. False if that cannot be done now. */
  sendSuspect(): boolean {
    const suspect = this.#flights.takeSuspect();
    if (!suspect) return false;
    const { entries, search } = suspect;
    const batch = this.#deps.encode(entries);
    const flight = this.#flights.make('suspect', entries, batch.bytes, this.#deps.clock.now(), search);
    if (this.#push(flight, batch)) return true;
    this.#flights.putBack(suspect);
    return false;
  }

  /** Moves samples out of the way: they will never be delivered. */
  setAside(entries: Entries, reason: string): void {
    this.#flights.setAside(entries, reason);
  }

  /** Asks for confirmation of what is on its way, now or soon. */
  arm(): void {
    // With the window full nothing else can go before an answer.
    const full = this.#flights.bytes >= this.#window.limit;
    this.#barrier.arm(this.#flights.count, full || this.#deps.hurry());
  }

  /** The join is over, or another begins: what is on its way is unconfirmed again. */
  rewind(): void {
    if (this.#flights.count > 0) this.#window.lost();
    this.#barrier.reset();
    this.#flights.rewind();
  }

  #push(flight: Flight, { event, payload }: EncodedBatch): boolean {
    if (!this.#deps.channel.push(event, payload, (reply) => this.#answered(flight, reply))) return false;
    this.#flights.add(flight);
    this.arm();
    return true;
  }

  #answered(flight: Flight, reply: ChannelReply): void {
    if (reply.status === 'ok' || !this.#flights.isOpen(flight)) return;
    if (reply.reason === 'unmatched topic') return this.#deps.channel.restart('unmatched topic');
    this.#flights.refuse(flight, reply);
    this.#deps.onRefused();
  }

  #passed(covered: number): void {
    const released = this.#flights.release(covered);
    const bytes = released.reduce((sum, flight) => sum + flight.bytes, 0);
    const [first] = released;
    if (first) this.#window.answered(bytes, this.#deps.clock.now() - first.sentAt);
    this.arm();
  }
}

/**
 * One sensor from bytes to batches: profile decode → device clock → delivery, with live values and facts on the side.
 * Bytes that no decoder understands are counted by code, and the stream goes on.
 */
import { taughtProfiles } from '../../src/device/profiles/taught.ts';
import { createDecoders, createSpecs } from '../../src/device/profiles/registry.ts';
import type { Fact, Profile } from '../../src/device/profiles/profile.ts';
import type { Clock } from '../../src/lib/timers.ts';
import type { BackpressureConfig } from '../../src/model/backpressure.ts';
import { DEFAULT_BACKPRESSURE } from '../../src/model/backpressure.ts';
import { fieldCount, type Block, type NumericBlock, type StructuredBlock } from '../../src/model/block.ts';
import type { DeviceCommand } from '../../src/model/command.ts';
import type { ChannelState } from '../../src/model/connection.ts';
import { attributeType } from '../../src/model/attribute-types.ts';
import { numbersOf, skeletonShape, streamKey } from '../../src/model/payloads.ts';
import type { AttributeReceipt, Gap } from '../../src/model/proof.ts';
import type { Reading } from '../../src/model/reading.ts';
import type { AttributeRegistration, SensorDescriptor, SensorId } from '../../src/model/sensor.ts';
import type { SourceNotes } from '../../src/model/source-notes.ts';
import { openSensorChannel, type SensorChannel } from '../../src/channel/sensor-channel.ts';
import type { Connection } from '../../src/channel/connection.ts';
import { NO_CAPABILITIES } from '../../src/protocol/capabilities.ts';
import { EVENT, type Connector } from '../../src/protocol/sensor.ts';
import { encodeUplink } from '../../src/protocol/uplink.ts';
import { createDelivery, type Delivery } from '../../src/stream/delivery.ts';
import { createDeviceClock, type DeviceClock } from '../../src/stream/device-clock.ts';
import { createGapWatch, type GapWatch } from '../../src/stream/gap-watch.ts';
import type { ServerClock } from '../../src/stream/server-clock.ts';
import { createReceiptCheck, type ReceiptCheck } from '../../src/stream/receipts.ts';
import type { Outbox } from '../../src/outbox/ports.ts';
import type { SensorFacts, SensorStatus } from './api.ts';
import type { LiveFeed } from './live-feed.ts';
import { createEstimates } from './estimates.ts';
import { withFact } from './facts.ts';
import { Streams } from './streams.ts';

/** Types that do not wait for the batch window. */
const URGENT: ReadonlySet<string> = new Set(['button', 'buttons', 'event', 'marker']);
/** How long a closing sensor waits for the server to confirm what is left, ms. */
const CLOSE_WAIT = 3000;

export interface PipelineDeps {
  readonly sensor: SensorDescriptor;
  readonly connection: Connection;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly live: LiveFeed;
  readonly connector: () => Connector;
  readonly bearer: () => Promise<string>;
  readonly serverClock: ServerClock;
  /** The platform wants the device to do something. */
  readonly onCommand: (sensorId: SensorId, command: DeviceCommand) => void;
  readonly onChange: () => void;
  /** Nothing is left to send. */
  readonly onSettled?: () => void;
  /** What the log remembers of the sensor's attributes: the server has to know their types before old samples come. */
  readonly registrations?: readonly AttributeRegistration[];
}

export class SensorPipeline {
  readonly #deps: PipelineDeps;
  readonly #channel: SensorChannel;
  readonly #delivery: Delivery;
  readonly #clock: DeviceClock = createDeviceClock();
  readonly #taught: readonly Profile[];
  readonly #specs: ReturnType<typeof createSpecs>;
  #decoders: ReturnType<typeof createDecoders>;
  readonly #bad = new Map<string, number>();
  readonly #streams = new Streams();
  readonly #gaps: GapWatch;
  readonly #receipts: ReceiptCheck;
  /** With the ring that the log was told. */
  readonly #registered = new Map<string, number | undefined>();
  readonly #estimates = createEstimates((registration, block) =>
    this.#takeBlock(registration, block, block.times.at(-1) ?? 0),
  );
  #channelState: ChannelState = { at: 'waiting' };
  #config: BackpressureConfig = DEFAULT_BACKPRESSURE;
  #capabilities = NO_CAPABILITIES;
  #facts: SensorFacts = {};

  constructor(deps: PipelineDeps) {
    this.#deps = deps;
    this.#taught = (deps.sensor.mappings ?? []).flatMap(taughtProfiles);
    this.#specs = createSpecs(this.#taught);
    this.#decoders = createDecoders(this.#taught);
    const { sensorId } = deps.sensor;
    deps.outbox.describe(deps.sensor);
    this.#gaps = createGapWatch(sensorId, deps.outbox);
    this.#receipts = this.#makeReceipts();
    this.#channel = this.#openChannel();
    for (const registration of deps.registrations ?? []) this.#register(registration);
    this.#delivery = createDelivery({
      sensorId,
      outbox: deps.outbox,
      channel: this.#channel,
      clock: deps.clock,
      encode: (entries) => encodeUplink(entries, this.#capabilities.binary),
      pingEvent: EVENT.ping,
      onChange: deps.onChange,
      onConfirmed: (entries) => this.#receipts.confirmed(entries),
      onSettled: () => {
        this.#receipts.settled();
        deps.onSettled?.();
      },
      onLogFailure: () => this.#count('storage-unavailable'),
      onRoundTrip: (sent, received) => deps.serverClock.roundTrip(sent, received),
    });
  }

  #makeReceipts(): ReceiptCheck {
    return createReceiptCheck({
      clock: this.#deps.clock,
      ask: (attributes, onReceipt) => this.#channel.askReceipt(attributes, (receipt) => onReceipt(receipt.attributes)),
      onLoss: (missing) => this.#channel.restart(`${missing} samples missing`),
      onChange: this.#deps.onChange,
    });
  }

  #openChannel(): SensorChannel {
    const deps = this.#deps;
    return openSensorChannel({
      connection: deps.connection,
      sensor: deps.sensor,
      connector: deps.connector,
      bearer: deps.bearer,
      events: {
        state: (state) => {
          this.#channelState = state;
          deps.onChange();
        },
        joined: (capabilities) => {
          this.#capabilities = capabilities;
          // The config of an earlier join says nothing any more; the server sends a new one after each.
          this.#config = DEFAULT_BACKPRESSURE;
          this.#delivery.joined(capabilities);
          this.#receipts.joined(capabilities.receipt);
        },
        left: () => {
          this.#gaps.paused(false, deps.clock.now());
          this.#receipts.left();
          this.#delivery.left();
        },
        configured: (config) => {
          this.#config = config;
          this.#gaps.paused(config.paused, deps.clock.now());
          deps.serverClock.heard(config.timestamp, deps.clock.now());
          this.#delivery.configured(config);
          deps.onChange();
        },
        commanded: (command) => {
          deps.onCommand(deps.sensor.sensorId, command);
          deps.onChange();
        },
        refusedCommand: (error) => this.#count(error.code),
        unreadable: () => this.#count('wire-shape'),
      },
    });
  }

  /**
   * Bytes of one notification or read.
   * @param characteristic instance key
   * @param arrival Unix ms
   */
  ingest(characteristic: string, bytes: ArrayBuffer, arrival: number): void {
    const decode = this.#decoders(characteristic);
    const spec = this.#specs(characteristic);
    if (!decode || !spec) return this.#count('decode-reserved');
    const decoded = decode(new DataView(bytes));
    if (!decoded.ok) return this.#count(decoded.error.code);
    if (spec.use === 'notify') this.#gaps.sample(arrival);
    for (const reading of decoded.value.readings) this.#takeReading(reading, spec.attributes, arrival);
    for (const fact of decoded.value.facts) this.#learn(fact, arrival);
    for (const problem of decoded.value.problems ?? []) this.#count(problem.code);
    this.#deps.onChange();
  }

  /** What a source without a radio measured. `attributes`: of these readings; `arrival`: Unix ms. */
  ingestReadings(
    readings: readonly Reading[],
    attributes: readonly AttributeRegistration[],
    arrival: number,
    notes?: SourceNotes,
  ): void {
    if (readings.length > 0) this.#gaps.sample(arrival);
    for (const reading of readings) this.#takeReading(reading, attributes, arrival);
    if (notes) this.#takeNotes(notes, arrival);
    this.#deps.onChange();
  }

  /** The radio link ended: decoders and clock of that connection are over, and what is held goes to the log. */
  linkLost(): void {
    this.#gaps.linkLost();
    this.#decoders = createDecoders(this.#taught);
    this.#clock.reset();
    this.#estimates.reset();
    this.#streams.clear();
    this.#delivery.flush();
    this.#deps.onChange();
  }

  /** Leaves and joins anew: everything unconfirmed is read from the log again. */
  rewind(): void {
    this.#channel.restart('the log is back');
  }

  flush(): void {
    this.#delivery.flush();
  }

  /** Nothing ran here for a while. */
  slept(cause: 'tab-hidden' | 'phone-asleep'): void {
    this.#gaps.slept(cause);
  }

  /** Gaps that the log knows of from before. */
  rememberGaps(gaps: readonly Gap[]): void {
    this.#gaps.remember(gaps);
    this.#deps.onChange();
  }

  renameConnector(name: string): void {
    this.#channel.renameConnector(name);
  }

  /** The device is gone for now: waits a little for confirmation. True if nothing is left to send. */
  async settle(): Promise<boolean> {
    this.#gaps.close(this.#deps.clock.now());
    this.#delivery.flush();
    return this.#delivery.settled(this.#channel.joined ? CLOSE_WAIT : 0);
  }

  /** Leaves. What is unconfirmed stays in the log. */
  leave(): void {
    this.#receipts.left();
    this.#channel.close();
    // What arrived while we waited.
    this.#delivery.flush();
  }

  /** What the server said last that it holds, by attribute. */
  receipts(): ReadonlyMap<string, AttributeReceipt> {
    return this.#receipts.latest();
  }

  get descriptor(): SensorDescriptor {
    return this.#deps.sensor;
  }

  status(now: number): SensorStatus {
    const { measured, kept, confirmed, setAside, evicted } = this.#delivery.counts();
    const { oldestUnsentAt } = this.#deps.outbox.depth(this.#deps.sensor.sensorId);
    return {
      sensorId: this.#deps.sensor.sensorId,
      channel: this.#channelState,
      attention: this.#config.attention,
      load: this.#config.load,
      memoryProtection: this.#config.memoryProtection,
      loadMultiplier: this.#config.loadMultiplier,
      paused: this.#config.paused,
      measured,
      kept,
      confirmed,
      setAside,
      evicted,
      oldestUnsentAt,
      drain: this.#delivery.drain(),
      receipt: this.#receipts.report(),
      gaps: this.#gaps.gaps(),
      attributes: this.#deps.outbox.attributes(this.#deps.sensor.sensorId),
      badNotifications: Object.fromEntries(this.#bad),
      streams: this.#streams.status(now, this.#clock.report()),
      rate: this.#streams.mainRate(now),
      facts: this.#facts,
    };
  }

  #takeNotes({ lost, problems, device }: SourceNotes, arrival: number): void {
    for (const [attribute, samples] of Object.entries(lost)) this.#streams.lost(attribute, samples);
    for (const [code, count] of Object.entries(problems)) this.#count(code, count);
    for (const [label, text] of Object.entries(device)) this.#learn({ kind: 'device', label, text }, arrival);
  }

  #takeReading(reading: Reading, attributes: readonly AttributeRegistration[], arrival: number): void {
    const { attribute, timing } = reading;
    const known = attributes.find((entry) => entry.attribute === attribute);
    // A source that did not say what this is: the server infers a type from the name.
    const registration = known ?? { attribute, attributeType: attribute, samplingRate: 0 };
    const block = this.#clock.date(reading, arrival);
    this.#takeBlock(registration, block, arrival, timing.kind === 'device' ? timing.clock : undefined);
    this.#estimates.add(registration, block);
  }

  /** @param clock the device's own that dated it */
  #takeBlock(registration: AttributeRegistration, block: Block, arrival: number, clock?: string): void {
    this.#register(registration);
    this.#streams.took(registration, arrival, block, clock);
    // Columns are shared with the log, so the live feed copies them.
    if (block.kind === 'numeric') this.#show(block);
    else if (attributeType(registration.attributeType).shape === 'skeleton') this.#showSkeleton(block);
    else this.#showNumbers(registration, block);
    this.#delivery.add(block, URGENT.has(registration.attributeType));
  }

  /** The fields of a sample are shown as attributes of their own. */
  #show(block: NumericBlock): void {
    const { live, sensor } = this.#deps;
    const { attribute, times, values, fields } = block;
    if (!fields) return live.add('own', sensor.sensorId, attribute, times, values);
    const width = fieldCount(block);
    fields.forEach((field, k) => {
      const column = Float32Array.from(times, (_, i) => values[i * width + k] ?? NaN);
      live.add('own', sensor.sensorId, streamKey(attribute, field), times, column);
    });
  }

  #showSkeleton({ attribute, times, payloads }: StructuredBlock): void {
    const shape = skeletonShape(payloads.at(-1) ?? null);
    if (!shape) return this.#count('wire-shape');
    this.#deps.live.skeleton('own', this.#deps.sensor.sensorId, attribute, times.at(-1) ?? NaN, shape);
  }

  /** What of structured samples is numbers: a charge, a place. */
  #showNumbers({ attribute, attributeType }: AttributeRegistration, { times, payloads }: StructuredBlock): void {
    const { live, sensor } = this.#deps;
    payloads.forEach((payload, i) => {
      for (const [field, value] of Object.entries(numbersOf(attributeType, payload))) {
        live.add('own', sensor.sensorId, streamKey(attribute, field), [times[i] ?? NaN], [value]);
      }
    });
  }

  /**
   * Once per attribute: to the server at each join, and to the log for times when the device is not here. To the log anew
   * when more or less of it is to be kept.
   */
  #register(registration: AttributeRegistration): void {
    const { attribute, ring } = registration;
    const known = this.#registered.has(attribute);
    if (known && this.#registered.get(attribute) === ring) return;
    this.#registered.set(attribute, ring);
    if (!known) this.#channel.register(registration);
    this.#deps.outbox.register(this.#deps.sensor.sensorId, registration);
  }

  #learn(fact: Fact, arrival: number): void {
    if (fact.kind === 'contact') this.#estimates.contact(fact.contact);
    if (fact.kind === 'lost') this.#streams.lost(fact.attribute, fact.samples);
    else this.#facts = withFact(this.#facts, fact, arrival);
  }

  #count(code: string, times = 1): void {
    this.#bad.set(code, (this.#bad.get(code) ?? 0) + times);
    this.#deps.onChange();
  }
}

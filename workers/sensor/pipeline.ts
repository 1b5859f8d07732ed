/**
 * One sensor from bytes to batches: profile decode → device clock → delivery, with live values and facts on the side.
 * Bytes that no decoder understands are counted by code, and the stream goes on.
 */
import { characteristicFor, decoderFor } from '../../src/device/profiles/registry.ts';
import type { Decoder, Fact } from '../../src/device/profiles/profile.ts';
import type { Clock } from '../../src/lib/timers.ts';
import type { BackpressureConfig } from '../../src/model/backpressure.ts';
import { DEFAULT_BACKPRESSURE } from '../../src/model/backpressure.ts';
import type { Block } from '../../src/model/block.ts';
import type { ChannelState } from '../../src/model/connection.ts';
import type { SensorDescriptor } from '../../src/model/sensor.ts';
import { openSensorChannel, type SensorChannel } from '../../src/channel/sensor-channel.ts';
import type { Connection } from '../../src/channel/connection.ts';
import { NO_CAPABILITIES } from '../../src/protocol/capabilities.ts';
import { EVENT, type Connector } from '../../src/protocol/sensor.ts';
import { encodeUplink } from '../../src/protocol/uplink.ts';
import { createDelivery, type Delivery } from '../../src/stream/delivery.ts';
import { createDeviceClock, type DeviceClock } from '../../src/stream/device-clock.ts';
import type { OutboxPort } from '../../src/stream/ports.ts';
import type { SensorFacts, SensorStatus } from './api.ts';
import type { LiveFeed } from './live-feed.ts';
import { createRateMeter } from './rate-meter.ts';

/** Attributes that do not wait for the batch window. */
const URGENT: ReadonlySet<string> = new Set(['button', 'buttons', 'event']);
/** How long a closing sensor waits for the server to confirm what is left, ms. */
const CLOSE_WAIT = 3000;

export interface PipelineDeps {
  readonly sensor: SensorDescriptor;
  readonly connection: Connection;
  readonly outbox: OutboxPort;
  readonly clock: Clock;
  readonly live: LiveFeed;
  readonly connector: () => Connector;
  readonly bearer: () => Promise<string>;
  readonly onChange: () => void;
}

export class SensorPipeline {
  readonly #deps: PipelineDeps;
  readonly #channel: SensorChannel;
  readonly #delivery: Delivery;
  readonly #clock: DeviceClock = createDeviceClock();
  readonly #decoders = new Map<string, Decoder | undefined>();
  readonly #bad = new Map<string, number>();
  readonly #rate = createRateMeter();
  #channelState: ChannelState = { at: 'waiting' };
  #config: BackpressureConfig = DEFAULT_BACKPRESSURE;
  #capabilities = NO_CAPABILITIES;
  #facts: SensorFacts = {};

  constructor(deps: PipelineDeps) {
    this.#deps = deps;
    this.#channel = openSensorChannel({
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
        },
        left: () => this.#delivery.left(),
        configured: (config) => {
          this.#config = config;
          this.#delivery.configured(config);
          deps.onChange();
        },
        unreadable: () => this.#count('wire-shape'),
      },
    });
    this.#delivery = createDelivery({
      sensorId: deps.sensor.sensorId,
      outbox: deps.outbox,
      channel: this.#channel,
      clock: deps.clock,
      encode: (entries) => encodeUplink(entries, this.#capabilities.binary),
      pingEvent: EVENT.ping,
      onChange: deps.onChange,
      onLogFailure: () => this.#count('storage-unavailable'),
    });
  }

  /**
   * Bytes of one notification or read.
   * @param characteristic full lower-case UUID
   * @param arrival Unix ms
   */
  ingest(characteristic: string, bytes: ArrayBuffer, arrival: number): void {
    const decode = this.#decoder(characteristic);
    if (!decode) return this.#count('decode-reserved');
    const decoded = decode(new DataView(bytes));
    if (!decoded.ok) return this.#count(decoded.error.code);
    for (const reading of decoded.value.readings)
      this.#take(characteristic, this.#clock.date(reading, arrival), arrival);
    for (const fact of decoded.value.facts) this.#learn(fact);
    this.#deps.onChange();
  }

  /** The radio link ended: decoders and clock of that connection are over, and what is held goes to the log. */
  linkLost(): void {
    this.#decoders.clear();
    this.#clock.reset();
    this.#rate.clear();
    this.#delivery.flush();
    this.#deps.onChange();
  }

  flush(): void {
    this.#delivery.flush();
  }

  renameConnector(name: string): void {
    this.#channel.renameConnector(name);
  }

  /** Waits a little for confirmation, then leaves. What is unconfirmed stays in the log. */
  async close(): Promise<void> {
    this.#delivery.flush();
    await this.#delivery.settled(this.#channel.joined ? CLOSE_WAIT : 0);
    this.#channel.close();
    // What arrived while we waited.
    this.#delivery.flush();
  }

  get descriptor(): SensorDescriptor {
    return this.#deps.sensor;
  }

  status(now: number): SensorStatus {
    const { measured, kept, confirmed, setAside } = this.#delivery.counts();
    const { evicted, oldestUnsentAt } = this.#deps.outbox.depth(this.#deps.sensor.sensorId);
    return {
      sensorId: this.#deps.sensor.sensorId,
      channel: this.#channelState,
      attention: this.#config.attention,
      load: this.#config.load,
      memoryProtection: this.#config.memoryProtection,
      paused: this.#config.paused,
      measured,
      kept,
      confirmed,
      setAside,
      evicted,
      oldestUnsentAt,
      drain: this.#delivery.drain(),
      gaps: [],
      attributes: [],
      badNotifications: Object.fromEntries(this.#bad),
      rate: this.#rate.rate(now),
      facts: this.#facts,
    };
  }

  #decoder(characteristic: string): Decoder | undefined {
    if (!this.#decoders.has(characteristic)) this.#decoders.set(characteristic, decoderFor(characteristic));
    return this.#decoders.get(characteristic);
  }

  #take(characteristic: string, block: Block, arrival: number): void {
    const spec = characteristicFor(characteristic);
    const registration = spec?.attributes.find((entry) => entry.attribute === block.attribute);
    if (registration) this.#channel.register(registration);
    // The rate shown is that of the stream, not of the battery that reports now and then.
    if (spec?.use === 'notify' && spec.attributes[0]?.attribute === block.attribute) {
      this.#rate.add(arrival, block.times.length);
    }
    // Columns are shared with the log, so the live feed copies them.
    if (block.kind === 'numeric') {
      this.#deps.live.add('own', this.#deps.sensor.sensorId, block.attribute, block.times, block.values);
    }
    this.#delivery.add(block, URGENT.has(block.attribute));
  }

  #learn(fact: Fact): void {
    this.#facts = withFact(this.#facts, fact);
  }

  #count(code: string): void {
    this.#bad.set(code, (this.#bad.get(code) ?? 0) + 1);
    this.#deps.onChange();
  }
}

function withFact(facts: SensorFacts, fact: Fact): SensorFacts {
  switch (fact.kind) {
    case 'battery':
      return { ...facts, battery: fact.percent };
    case 'bodyLocation':
      return { ...facts, bodyLocation: fact.text };
    case 'device':
      return { ...facts, device: { ...facts.device, [fact.label]: fact.text } };
    case 'contact': {
      const { contact: _gone, ...rest } = facts;
      return fact.contact === undefined ? rest : { ...rest, contact: fact.contact };
    }
  }
}

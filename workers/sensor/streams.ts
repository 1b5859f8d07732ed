/** The streams of one sensor, one per attribute: how fast they come, against how fast they should, and what was lost. */
import type { AttributeId } from '../../src/model/attribute.ts';
import { attributeType } from '../../src/model/attribute-types.ts';
import { blockLength, type Block, type Json } from '../../src/model/block.ts';
import type { AttributeRegistration } from '../../src/model/sensor.ts';
import type { StreamStatus } from './api.ts';
import { createRateMeter, type RateMeter } from './rate-meter.ts';

interface Stream {
  /** As it was with the latest sample: sources change the rate that is asked of them. */
  registration: AttributeRegistration;
  readonly meter: RateMeter;
  samples: number;
  lost: number;
  lastAt: number | undefined;
  latest: Json | undefined;
  /** The device's clock that dates it, where it has one. */
  clock: string | undefined;
}

/** How well a device's clock is known. */
export interface ClockReport {
  readonly clock: string;
  /** ms, as stated by the fit; undefined before there is one. */
  readonly uncertainty: number | undefined;
  readonly driftPpm: number | undefined;
}

export class Streams {
  readonly #streams = new Map<AttributeId, Stream>();
  readonly #lostEarly = new Map<AttributeId, number>();

  /** Samples of an attribute arrived, Unix ms. `clock`: the device clock that dated them. */
  took(registration: AttributeRegistration, arrival: number, block: Block, clock?: string): void {
    const stream = this.#of(registration);
    const samples = blockLength(block);
    stream.registration = registration;
    // Skeletons are too large to be told four times a second, and are drawn from what is live.
    const told = block.kind === 'structured' && attributeType(registration.attributeType).shape !== 'skeleton';
    if (told) stream.latest = block.payloads.at(-1);
    stream.meter.add(arrival, samples);
    stream.samples += samples;
    stream.lastAt = arrival;
    stream.clock = clock;
  }

  /** The device numbered samples that never came. */
  lost(attribute: AttributeId, samples: number): void {
    const stream = this.#streams.get(attribute);
    if (stream) stream.lost += samples;
    else this.#lostEarly.set(attribute, (this.#lostEarly.get(attribute) ?? 0) + samples);
  }

  /** The connection ended: rates begin anew. */
  clear(): void {
    for (const { meter } of this.#streams.values()) meter.clear();
  }

  /** Samples a second of the first stream that is one: a battery that reports now and then is none. */
  mainRate(now: number): number {
    const main = [...this.#streams.values()].find(({ registration }) => registration.samplingRate > 0);
    return main?.meter.rate(now) ?? 0;
  }

  status(now: number, clocks: readonly ClockReport[]): readonly StreamStatus[] {
    return [...this.#streams.values()].map(({ registration, meter, samples, lost, lastAt, latest, clock }) => {
      const fit = clocks.find((one) => one.clock === clock);
      return {
        attribute: registration.attribute,
        attributeType: registration.attributeType,
        requestedRate: registration.samplingRate,
        estimated: registration.estimated ?? false,
        rate: meter.rate(now),
        samples,
        lost,
        lastAt,
        ...(latest !== undefined && { latest }),
        ...(fit?.uncertainty !== undefined && { uncertainty: fit.uncertainty }),
        ...(fit?.driftPpm !== undefined && { driftPpm: fit.driftPpm }),
      };
    });
  }

  #of(registration: AttributeRegistration): Stream {
    const { attribute } = registration;
    const known = this.#streams.get(attribute);
    if (known) return known;
    const lost = this.#lostEarly.get(attribute) ?? 0;
    const stream: Stream = {
      registration,
      meter: createRateMeter(),
      samples: 0,
      lost,
      lastAt: undefined,
      latest: undefined,
      clock: undefined,
    };
    this.#streams.set(attribute, stream);
    return stream;
  }
}

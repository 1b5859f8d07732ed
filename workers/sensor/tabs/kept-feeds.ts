/**
 * What this tab's window delivered and no log holds yet, per sensor and in order. Small at most times (the log is half a
 * second behind); it grows while no tab leads, up to a bound. What does not fit is given up oldest first, and counted.
 */
import type { Json } from '../../../src/model/block.ts';
import type { SensorId } from '../../../src/model/sensor.ts';
import type { FeedItem } from './messages.ts';

/** Bytes kept in one tab. */
const KEPT_BYTES = 64 * 2 ** 20;
/** What an item costs beside its bytes, roughly: a heart-rate packet is four bytes. */
const ITEM_COST = 128;

/** A new item, not yet numbered. */
export type NewItem = FeedItem extends infer Item ? (Item extends FeedItem ? Omit<Item, 'number'> : never) : never;

interface Kept {
  items: FeedItem[];
  last: number;
  cost: number;
  dropped: number;
}

export class KeptFeeds {
  readonly #limit: number;
  readonly #feeds = new Map<SensorId, Kept>();
  #cost = 0;

  constructor(limit = KEPT_BYTES) {
    this.#limit = limit;
  }

  /** Numbers an item and keeps it. Numbers go on for as long as the tab lives. */
  add(sensorId: SensorId, item: NewItem): FeedItem {
    const kept = this.#of(sensorId);
    kept.last += 1;
    const numbered: FeedItem = { ...item, number: kept.last };
    kept.items.push(numbered);
    this.#pay(kept, costOf(numbered));
    while (this.#cost > this.#limit) this.#giveUp();
    return numbered;
  }

  /** Items after `number`, oldest first. */
  after(sensorId: SensorId, number: number): readonly FeedItem[] {
    const { items } = this.#of(sensorId);
    const from = items.findIndex((item) => item.number > number);
    return from === -1 ? [] : items.slice(from);
  }

  /** The log holds everything up to `number`. */
  logged(sensorId: SensorId, number: number): void {
    const kept = this.#of(sensorId);
    const open = kept.items.findIndex((item) => item.number > number);
    const gone = kept.items.splice(0, open === -1 ? kept.items.length : open);
    for (const item of gone) this.#pay(kept, -costOf(item));
  }

  /** Forgets what is kept of a sensor; its numbering goes on. */
  clear(sensorId: SensorId): void {
    this.logged(sensorId, Infinity);
  }

  /** Items kept of a sensor. */
  count(sensorId: SensorId): number {
    return this.#feeds.get(sensorId)?.items.length ?? 0;
  }

  /** Packets of a sensor that found no room. */
  dropped(sensorId: SensorId): number {
    return this.#feeds.get(sensorId)?.dropped ?? 0;
  }

  /** The oldest half of what the hungriest sensor keeps makes room, so that this is rare. */
  #giveUp(): void {
    const [hungriest] = [...this.#feeds.values()].sort((a, b) => b.cost - a.cost);
    if (!hungriest) return;
    const gone = hungriest.items.splice(0, Math.ceil(hungriest.items.length / 2));
    for (const item of gone) this.#pay(hungriest, -costOf(item));
    hungriest.dropped += gone.filter((item) => item.kind !== 'link-lost').length;
  }

  #pay(kept: Kept, cost: number): void {
    kept.cost += cost;
    this.#cost += cost;
  }

  #of(sensorId: SensorId): Kept {
    let kept = this.#feeds.get(sensorId);
    if (!kept) {
      kept = { items: [], last: 0, cost: 0, dropped: 0 };
      this.#feeds.set(sensorId, kept);
    }
    return kept;
  }
}

/** Roughly, for the bound. */
const PAYLOAD_COST = 256;

function costOf(item: FeedItem): number {
  if (item.kind === 'link-lost') return ITEM_COST;
  if (item.kind === 'bytes') return ITEM_COST + item.bytes.byteLength;
  return item.readings.reduce(
    (sum, one) => sum + (one.kind === 'numeric' ? 3 * one.values.byteLength : payloadsCost(one.payloads)),
    ITEM_COST,
  );
}

/** All as large as the last. */
function payloadsCost(payloads: readonly Json[]): number {
  return payloads.length * (PAYLOAD_COST + 2 * JSON.stringify(payloads.at(-1) ?? null).length);
}

/** Samples, records and counts for tests of a log without room. */
import { expect } from 'vitest';
import type { Block } from '../../src/model/block.ts';
import type { Outbox } from '../../src/outbox/ports.ts';
import { behindItsBack, samples, type Sample } from './outbox-lab.ts';

export const SENSOR = 'sensor-1';

export const values = (read: readonly Sample[], attribute?: string): number[] =>
  read
    .filter((sample) => attribute === undefined || sample.attribute === attribute)
    .map(({ value }) => Math.floor(Number(value)));
export const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);
export const keys = (): Promise<IDBValidKey[]> => behindItsBack('log', (store) => store.getAllKeys());

/** Samples that take room: their number is the whole part. */
export function noise(attribute: string, count: number, first: number): Block {
  const block = samples(attribute, count, first);
  if (block.kind !== 'numeric') return block;
  return { ...block, values: block.values.map((value) => value + 0.9 * (Math.abs(Math.sin(value) * 1e4) % 1)) };
}

/** One record of each attribute, `rounds` times. */
export async function fill(outbox: Outbox, attributes: readonly string[], size: number, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const attribute of attributes) outbox.append(SENSOR, noise(attribute, size, round * size));
    outbox.end(SENSOR);
    await outbox.gaps(SENSOR);
  }
}

/** Holds up whoever reaches it until it is opened. */
export class Gate {
  passed = false;
  #arrived: () => void = () => undefined;
  #opened: () => void = () => undefined;
  readonly waiting = new Promise<void>((resolve) => (this.#arrived = resolve));
  readonly #open = new Promise<void>((resolve) => (this.#opened = resolve));

  reached(): Promise<void> {
    this.#arrived();
    return this.#open;
  }

  open(): void {
    this.passed = true;
    this.#opened();
  }
}

/** Noted as given up, by attribute. */
export async function noted(outbox: Outbox): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { cause, attribute, samples: count } of await outbox.gaps(SENSOR)) {
    if (cause === 'evicted') sums[attribute ?? ''] = (sums[attribute ?? ''] ?? 0) + (count ?? 0);
  }
  return sums;
}

export function balanced(outbox: Outbox): void {
  const { measured, kept, confirmed, setAside, evicted } = outbox.depth(SENSOR);
  expect(kept + confirmed + setAside + evicted).toBe(measured);
}

/**
 * What was really measured, and what the gateway really has. Every notification that crosses from a page into its sensor
 * worker is copied to the test before it goes, so that it outlives the page; the product's own decoder says what was in
 * it; the gateway's history says what arrived. Nothing in between is touched.
 */
import type { BrowserContext, Page } from '@playwright/test';
import { decoderFor } from '../../../src/device/profiles/registry.ts';
import type { Decoder } from '../../../src/device/profiles/profile.ts';
import type { Json } from '../../../src/model/block.ts';
import { historyPath, HistoryPage, StoredCounts, storedPath } from '../../../src/protocol/history.ts';
import type { WorkerStatus } from '../../../workers/sensor/api.ts';
import * as v from 'valibot';

/** A page that dies takes along what came in its last moments: no more than this, ms. */
const MAY_BE_LOST = 250;
/** Bearer token that a gateway on this machine takes. */
const AUTHORIZATION = { authorization: 'Bearer missing' };
const PAGE_SIZE = 50_000;

/** What the init script reports: bytes handed to the worker, or (without bytes) the end of a link. */
interface Handed {
  readonly sensorId: string;
  readonly characteristic?: string;
  readonly bytes?: readonly number[];
  /** Unix ms, on a clock that no test moves. */
  readonly at: number;
}

interface Sample {
  readonly value: Json;
  readonly handedAt: number;
  readonly page: Page;
  mayBeLost: boolean;
}

interface NumberedSample {
  readonly seq: number | undefined;
  readonly value: unknown;
}

/** In samples. `problems` is empty when everything is as it must be. */
export interface Comparison {
  readonly generated: number;
  /** Different samples the gateway holds. */
  readonly stored: number;
  /** Samples it holds more than once. */
  readonly repeats: number;
  /** Generated and not stored, all of them within the last moments of a page that died. */
  readonly lost: number;
  readonly problems: readonly string[];
}

export class GroundTruth {
  /** Samples by `sensor attribute`, in the order in which they were measured. */
  readonly #streams = new Map<string, Sample[]>();
  readonly #decoders = new Map<string, Decoder | undefined>();
  /** Samples that a test kept from the gateway for good, by `sensor attribute`: they count as stored. */
  readonly #refused = new Map<string, Map<number, unknown>>();
  /** Notifications that no decoder takes: the app counts them as bad. */
  #unreadable = 0;

  /** Records everything measured in the pages of this context from their next load on. */
  static async watch(context: BrowserContext): Promise<GroundTruth> {
    const truth = new GroundTruth();
    await truth.follow(context);
    return truth;
  }

  /** The same for one more context: that of a browser started again. */
  async follow(context: BrowserContext): Promise<void> {
    await context.exposeBinding('reportHanded', ({ page }, handed: Handed) => this.#take(page, handed));
    await context.addInitScript(reportWhatIsHanded);
    await context.addInitScript(keepStatus);
  }

  /** Samples measured so far. */
  get generated(): number {
    return [...this.#streams.values()].reduce((sum, stream) => sum + stream.length, 0);
  }

  get unreadable(): number {
    return this.#unreadable;
  }

  /** The page died, or was left, at `at` (Unix ms): what it measured just before may be lost. */
  died(page: Page, at: number): void {
    for (const stream of this.#streams.values())
      for (const sample of stream)
        if (sample.page === page && sample.handedAt > at - MAY_BE_LOST) sample.mayBeLost = true;
  }

  /** There is no room: any of what was measured so far may be given up. The app has to count it. */
  mayGiveUp(): void {
    for (const stream of this.#streams.values()) for (const sample of stream) sample.mayBeLost = true;
  }

  /** The gateway refused this sample, and is to have all others. */
  refused(sensorId: string, attribute: string, seq: number, value: unknown): void {
    const key = `${sensorId} ${attribute}`;
    this.#refused.set(key, (this.#refused.get(key) ?? new Map<number, unknown>()).set(seq, value));
  }

  /** Samples refused so far. */
  get refusals(): number {
    return [...this.#refused.values()].reduce((sum, samples) => sum + samples.size, 0);
  }

  /**
   * Waits until the gateway has everything and compares, sample by sample. Resolves with what it found at the latest after
   * `timeout` ms.
   */
  async settled(url: string, { timeout = 30_000 } = {}): Promise<Comparison> {
    const end = Date.now() + timeout;
    let found = await this.compare(url);
    while (found.problems.length > 0 && Date.now() < end) {
      await pause(500);
      // Counts are cheap; whole histories are asked for when they promise something.
      if ((await this.#missing(url)) === 0 || Date.now() >= end) found = await this.compare(url);
    }
    // What may be missing may also still be on its way, and so may repeats.
    for (let before = -1; before !== found.stored + found.repeats && Date.now() < end;) {
      before = found.stored + found.repeats;
      await pause(600);
      found = await this.compare(url);
    }
    return found;
  }

  /** Compares with what the gateway at `url` holds now. */
  async compare(url: string): Promise<Comparison> {
    const problems: string[] = [];
    let stored = 0;
    let repeats = 0;
    for (const [key, samples] of this.#streams) {
      const [sensorId = '', attribute = ''] = key.split(' ');
      const held = await readHistory(url, sensorId, attribute);
      if (held.some(({ seq }) => seq === undefined)) problems.push(`${key}: samples without a number`);
      const bySeq = new Map(held.map((sample) => [sample.seq, sample.value]));
      repeats += held.length - bySeq.size;
      stored += bySeq.size;
      const refused = this.#refused.get(key) ?? new Map<number, unknown>();
      for (const seq of refused.keys()) if (bySeq.has(seq)) problems.push(`${key}: ${seq} was refused and is stored`);
      const inOrder = [...bySeq, ...refused].sort(([a = 0], [b = 0]) => a - b).map(([, value]) => value);
      const problem = firstDifference(samples, inOrder);
      if (problem !== undefined) problems.push(`${key}: ${problem}`);
    }
    if (this.#streams.size === 0) problems.push('nothing was measured');
    return {
      generated: this.generated,
      stored,
      repeats,
      lost: Math.max(0, this.generated - stored - this.refusals),
      problems,
    };
  }

  /** Samples that must be there and are not, by the gateway's counts; 0 does not say that they are the right ones. */
  async #missing(url: string): Promise<number> {
    let missing = 0;
    const held = new Map<string, number>();
    for (const sensorId of new Set([...this.#streams.keys()].map((key) => key.split(' ')[0] ?? '')))
      for (const [attribute, count] of await readCounts(url, sensorId)) held.set(`${sensorId} ${attribute}`, count);
    for (const [key, samples] of this.#streams) {
      const must = samples.filter((sample) => !sample.mayBeLost).length - (this.#refused.get(key)?.size ?? 0);
      missing += Math.max(0, must - (held.get(key) ?? 0));
    }
    return missing;
  }

  #take(page: Page, { sensorId, characteristic, bytes, at }: Handed): void {
    if (characteristic === undefined || bytes === undefined) {
      for (const key of this.#decoders.keys()) if (key.startsWith(`${sensorId} `)) this.#decoders.delete(key);
      return;
    }
    const key = `${sensorId} ${characteristic}`;
    if (!this.#decoders.has(key)) this.#decoders.set(key, decoderFor(characteristic));
    const decoded = this.#decoders.get(key)?.(new DataView(Uint8Array.from(bytes).buffer));
    if (!decoded?.ok) {
      this.#unreadable += 1;
      return;
    }
    for (const reading of decoded.value.readings) {
      const values: readonly Json[] = reading.kind === 'numeric' ? [...reading.values] : reading.payloads;
      const stream = `${sensorId} ${reading.attribute}`;
      const samples = this.#streams.get(stream) ?? [];
      this.#streams.set(stream, samples);
      for (const value of values) samples.push({ value, handedAt: at, page, mayBeLost: false });
    }
  }
}

/** Everything the gateway holds of one attribute, in order of measurement. Nothing for what it never heard of. */
export async function readHistory(
  url: string,
  sensorId: string,
  attribute: string,
): Promise<readonly NumberedSample[]> {
  const samples: NumberedSample[] = [];
  let cursor: string | undefined;
  do {
    const path = historyPath(sensorId, { attribute, limit: PAGE_SIZE, ...(cursor !== undefined && { cursor }) });
    const answer = await fetch(`${url}${path}`, { headers: AUTHORIZATION });
    if (answer.status === 404) return samples;
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    const page = v.parse(HistoryPage, await answer.json());
    if (page.damaged_segments !== undefined) throw new Error(`${page.damaged_segments} damaged segments`);
    for (const { seq, payload } of page.samples) samples.push({ seq, value: payload });
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return samples;
}

async function readCounts(url: string, sensorId: string): Promise<readonly (readonly [string, number])[]> {
  const answer = await fetch(`${url}${storedPath(sensorId)}`, { headers: AUTHORIZATION });
  if (answer.status === 404) return [];
  if (!answer.ok) throw new Error(`${storedPath(sensorId)} answered ${answer.status}`);
  const { attributes } = v.parse(StoredCounts, await answer.json());
  return Object.entries(attributes).map(([id, { count }]) => [id, count]);
}

/**
 * Undefined if `stored` is `measured` without some of those that may be lost. Values repeat (a heart beats at 72 for a
 * while), so which one is missing is not always clear: all ways to read it are followed at once.
 */
export function firstDifference(
  measured: readonly { readonly value: Json; readonly mayBeLost: boolean }[],
  stored: readonly unknown[],
): string | undefined {
  let places = new Set([0]);
  for (const [index, { value, mayBeLost }] of measured.entries()) {
    const text = JSON.stringify(value);
    const next = new Set<number>();
    for (const place of places) {
      if (place < stored.length && JSON.stringify(stored[place]) === text) next.add(place + 1);
      if (mayBeLost) next.add(place);
    }
    if (next.size === 0) {
      const furthest = Math.max(...places);
      const instead = furthest < stored.length ? JSON.stringify(stored[furthest]) : 'the end';
      const counts = `${measured.length} measured, ${stored.length} stored`;
      return `sample ${index} (${text}) is missing, there is ${instead} instead; ${counts}`;
    }
    places = next;
  }
  if (places.has(stored.length)) return undefined;
  return `${stored.length - Math.max(...places)} more stored than measured (${measured.length})`;
}

/** The latest counts of a page's sensor worker, as its screens get them; undefined before the first. */
export function statusOf(page: Page): Promise<WorkerStatus | undefined> {
  return page.evaluate(() => (window as unknown as { workerStatus?: WorkerStatus }).workerStatus);
}

/** Runs in the page before the app: keeps what the worker says about itself. */
function keepStatus(): void {
  const onmessage = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage');
  if (!onmessage) throw new Error('ports have no onmessage');
  Object.defineProperty(MessagePort.prototype, 'onmessage', {
    ...onmessage,
    set(this: MessagePort, listener: ((event: MessageEvent) => void) | null) {
      this.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        const isStatus = typeof data === 'object' && data !== null && 'totals' in data;
        if (isStatus) (window as unknown as { workerStatus: unknown }).workerStatus = data;
      });
      onmessage.set?.call(this, listener);
    },
  });
}

/** Runs in the page before the app: reports what goes to the worker, before its buffer is transferred. */
function reportWhatIsHanded(): void {
  const { reportHanded } = window as unknown as { reportHanded: (handed: Handed) => Promise<void> };
  const send = Worker.prototype.postMessage as (this: Worker, message: unknown, ...rest: unknown[]) => void;
  // The test may move `Date`; performance it leaves alone.
  const now = (): number => performance.timeOrigin + performance.now();
  // A call through Comlink: the name of the method, and its arguments by value.
  interface Call {
    readonly path?: readonly string[];
    readonly argumentList?: readonly { readonly value: unknown }[];
  }
  Worker.prototype.postMessage = function (this: Worker, message: Call, ...rest: unknown[]) {
    const [sensorId, characteristic, bytes] = message.argumentList?.map((argument) => argument.value) ?? [];
    const method = message.path?.at(-1);
    if (method === 'ingest' && bytes instanceof ArrayBuffer) {
      const handed = { sensorId: String(sensorId), characteristic: String(characteristic), at: now() };
      void reportHanded({ ...handed, bytes: [...new Uint8Array(bytes)] });
    } else if (method === 'linkLost') {
      void reportHanded({ sensorId: String(sensorId), at: now() });
    }
    send.call(this, message, ...rest);
  };
}

/** ms. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Toys through Intiface, which runs on this computer and is asked only when the person wants that. Each toy is a device of
 * its own; nothing moves without the word that every command needs.
 */
import { Intiface, type IntifaceState, type SocketLike } from '../device/intiface/client.ts';
import type { Toy } from '../device/intiface/messages.ts';
import { ToyLink } from '../device/intiface/toy-link.ts';
import { stableHash } from '../lib/hash.ts';
import type { Clock } from '../lib/timers.ts';
import { appError } from '../model/errors.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { DeviceOrigin } from './device-origin.ts';

export { INTIFACE_ADDRESS } from '../device/intiface/client.ts';

export interface ToysDeps {
  readonly open: (address: string) => SocketLike;
  readonly clock: Clock;
  /** Lists a toy as a device. */
  readonly add: (origin: DeviceOrigin) => Promise<Result<void>>;
}

/** Only this computer: a page has no business with other people's. */
const LOCAL = /^ws:\/\/(127\.0\.0\.1|localhost):12345\/?$/;

export class Toys {
  readonly #deps: ToysDeps;
  readonly #links = new Map<string, ToyLink>();
  readonly #byIndex = new Map<number, string>();
  #intiface: Intiface | undefined;

  constructor(deps: ToysDeps) {
    this.#deps = deps;
  }

  /**
   * Connects to Intiface; toys appear as devices as they are found. Errors: `toys-address`, `toys-unreachable`,
   * `toys-version`.
   */
  async connect(address: string): Promise<Result<void>> {
    if (!LOCAL.test(address)) return fail(appError('toys-address'));
    this.#intiface?.close();
    const intiface = new Intiface(address, {
      open: this.#deps.open,
      timers: this.#deps.clock,
      onToy: (toy) => this.#found(toy),
      onRemoved: (index) => this.#removed(index),
      onBattery: (index, percent) => this.#link(index)?.battery(percent),
    });
    this.#intiface = intiface;
    const settled = await firstSettled(intiface);
    return settled.at === 'closed' ? fail(settled.error ?? appError('toys-unreachable')) : ok(undefined);
  }

  #link(index: number): ToyLink | undefined {
    return this.#links.get(this.#byIndex.get(index) ?? '');
  }

  #removed(index: number): void {
    this.#link(index)?.removed();
    this.#byIndex.delete(index);
  }

  #found(toy: Toy): void {
    // Names are all that stays the same from one day to the next; two of a kind are told apart by their order.
    const same = [...this.#byIndex.entries()].filter(
      ([index, id]) => index !== toy.index && id.startsWith(idOf(toy, 0)),
    );
    const id = idOf(toy, same.length);
    this.#byIndex.set(toy.index, id);
    const known = this.#links.get(id);
    if (known) return known.found(toy);
    const { clock } = this.#deps;
    void this.#deps.add({
      id,
      name: toy.name,
      demo: false,
      kind: 'toy',
      sensorType: 'buttplug',
      makeLink: ({ onReadings, onState }) => {
        const intiface = (): Intiface | undefined => this.#intiface;
        const link = new ToyLink(toy, { intiface, onReadings, onState, now: () => clock.now() });
        this.#links.set(id, link);
        return Promise.resolve(link);
      },
    });
  }
}

function idOf({ name }: Toy, number: number): string {
  const id = `toy-${stableHash(name)}`;
  return number === 0 ? id : `${id}-${number + 1}`;
}

function firstSettled({ state }: Intiface): Promise<IntifaceState> {
  return new Promise((resolve) => {
    const stop = state.subscribe(() => {
      const now = state.get();
      if (now.at === 'connecting') return;
      stop();
      resolve(now);
    });
  });
}

/**
 * Looks at a device that nobody knows yet: its services and characteristics, and their bytes as they come. Needs no
 * profile. Browsers show only services that were named before the device was chosen.
 */
import { createStore, type Readable } from '../../lib/store.ts';
import type { Timers } from '../../lib/timers.ts';
import { appError, type AppError } from '../../model/errors.ts';
import type { Uuid } from '../profiles/profile.ts';
import { withDeadline } from './deadline.ts';
import type { Connection, FoundCharacteristic, Peripheral } from './radio.ts';

const CONNECT_TIMEOUT = 15_000;
/** Changes are shown at most this often, ms. */
const SHOW_INTERVAL = 200;

export interface SeenCharacteristic {
  readonly service: Uuid;
  readonly characteristic: Uuid;
  readonly can: FoundCharacteristic['can'];
  /** The newest value; undefined before there is one. */
  readonly bytes: Uint8Array | undefined;
  /** Values so far. */
  readonly count: number;
  /** Why it could not be read or subscribed to. */
  readonly error: AppError | undefined;
}

export type Exploration =
  | { readonly at: 'connecting' }
  | { readonly at: 'open'; readonly seen: readonly SeenCharacteristic[] }
  | { readonly at: 'ended'; readonly error: AppError };

/**
 * Connects and shows what there is until `signal` is aborted.
 * @param services those that were named before the choice
 */
export function explore(
  peripheral: Peripheral,
  services: readonly Uuid[],
  timers: Timers,
  signal: AbortSignal,
): Readable<Exploration> {
  const state = createStore<Exploration>({ at: 'connecting' });
  void run(peripheral, services, timers, signal, (next) => {
    // Values that were still to be shown do not open again what has ended.
    if (!signal.aborted && state.get().at !== 'ended') state.set(next);
  });
  return state;
}

type Show = (state: Exploration) => void;

async function run(
  peripheral: Peripheral,
  services: readonly Uuid[],
  timers: Timers,
  signal: AbortSignal,
  show: Show,
): Promise<void> {
  const options = { timers, timeout: CONNECT_TIMEOUT, signal, what: 'connect' };
  const connected = await withDeadline((inner) => peripheral.connect(inner), options);
  if (!connected.ok) return show({ at: 'ended', error: connected.error });
  const connection = connected.value;
  signal.addEventListener('abort', () => connection.disconnect(), { once: true });
  if (signal.aborted) return connection.disconnect();
  connection.onDisconnected(() => show({ at: 'ended', error: appError('bluetooth-out-of-range') }), signal);
  const found = await connection.services(services, signal);
  if (!found.ok) return show({ at: 'ended', error: found.error });
  await new Look(found.value, timers, show).run(connection, signal);
}

/** What was seen of one connection. */
class Look {
  readonly #found: readonly FoundCharacteristic[];
  readonly #seen: SeenCharacteristic[];
  readonly #timers: Timers;
  readonly #show: Show;
  #due = false;

  constructor(found: readonly FoundCharacteristic[], timers: Timers, show: Show) {
    this.#found = found;
    this.#timers = timers;
    this.#show = show;
    this.#seen = found.map(({ service, uuid, can }) => ({
      ...{ service, characteristic: uuid, can },
      ...{ bytes: undefined, count: 0, error: undefined },
    }));
  }

  async run(connection: Connection, signal: AbortSignal): Promise<void> {
    this.#publish();
    for (const [i, one] of this.#found.entries()) {
      if (signal.aborted) return;
      if (one.can.read) {
        const value = await connection.read(one, signal);
        if (value.ok) this.#value(i, value.value);
        else this.#change(i, { error: value.error });
      }
      if (!one.can.notify || signal.aborted) continue;
      const started = await connection.subscribe(one, (bytes) => this.#value(i, bytes), signal);
      if (!started.ok) this.#change(i, { error: started.error });
    }
  }

  #value(i: number, bytes: ArrayBuffer): void {
    this.#change(i, { bytes: new Uint8Array(bytes), count: (this.#seen[i]?.count ?? 0) + 1, error: undefined });
  }

  #change(i: number, change: Partial<SeenCharacteristic>): void {
    const before = this.#seen[i];
    if (!before) return;
    this.#seen[i] = { ...before, ...change };
    if (this.#due) return;
    this.#due = true;
    this.#timers.after(SHOW_INTERVAL, () => {
      this.#due = false;
      this.#publish();
    });
  }

  #publish(): void {
    this.#show({ at: 'open', seen: [...this.#seen] });
  }
}

/**
 * Teaching the app a device that no profile knows: look at its bytes, say what they mean, keep that and share it. Fetched
 * when somebody wants to teach.
 */
import { explore, type Exploration } from '../device/bluetooth/explorer.ts';
import type { Peripheral, Radio } from '../device/bluetooth/radio.ts';
import type { Readable } from '../lib/store.ts';
import type { Timers } from '../lib/timers.ts';
import { appError } from '../model/errors.ts';
import { servicesOf, type Mapping } from '../model/mapping.ts';
import { fail, ok, type Result } from '../model/result.ts';

export { attributeName } from '../device/lines/attribute-name.ts';
export { taughtValue } from '../device/profiles/taught.ts';
export type { Exploration, SeenCharacteristic } from '../device/bluetooth/explorer.ts';

/** Any UUID in the forms people copy: 16 bits, 32 bits, or all of it, with or without `0x` and dashes. */
const SHORT = /^(?:0x)?([0-9a-f]{4}|[0-9a-f]{8})$/;
const LONG = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/;
/** The rest of an assigned number's UUID (Bluetooth Core, Vol 3 Part B §2.5.1). */
const BASE = '-0000-1000-8000-00805f9b34fb';

/** A full lower-case UUID from what a person typed. Error: `uuid-invalid`. */
export function readUuid(text: string): Result<string> {
  const typed = text.trim().toLowerCase();
  const short = SHORT.exec(typed)?.[1];
  if (short !== undefined) return ok(`${short.padStart(8, '0')}${BASE}`);
  const parts = LONG.exec(typed)?.slice(1);
  return parts ? ok(parts.join('-')) : fail(appError('uuid-invalid'));
}

/** Opens the chooser for a device that somebody taught already (needs a user gesture). */
export function chooseFor(radio: Radio, mapping: Mapping): Promise<Result<Peripheral>> {
  return radio.request({ showAll: true, services: servicesOf(mapping) });
}

/** A device that is being looked at. */
export interface Lesson {
  readonly peripheral: Peripheral;
  readonly state: Readable<Exploration>;
  /** Lets go of the device, so that it can be linked as what it is. */
  end(): void;
}

/**
 * Opens the chooser with every device in reach and looks at the chosen one (needs a user gesture).
 * @param services full UUIDs: the browser shows no others. Errors: `uuid-missing` without any, and the chooser's.
 */
export async function startLesson(radio: Radio, services: readonly string[], timers: Timers): Promise<Result<Lesson>> {
  if (services.length === 0) return fail(appError('uuid-missing'));
  const chosen = await radio.request({ showAll: true, services });
  if (!chosen.ok) return chosen;
  const ending = new AbortController();
  const state = explore(chosen.value, services, timers, ending.signal);
  return ok({ peripheral: chosen.value, state, end: () => ending.abort() });
}

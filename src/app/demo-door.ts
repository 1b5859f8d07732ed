/** The way to scripted devices: from the scripted radio, or without one; the code of the latter is fetched when wanted. */
import type { Clock } from '../lib/timers.ts';
import { appError, describeThrown } from '../model/errors.ts';
import { fail, type Result } from '../model/result.ts';
import type { Demos } from './demo.ts';
import type { DeviceOrigin } from './device-origin.ts';

export interface DemoDoorDeps {
  /** One more device of the scripted radio; `source-unsupported` for a kind that it does not have. */
  readonly fromRadio: (kind: string | undefined) => Promise<Result<void>>;
  readonly add: (origin: DeviceOrigin) => Promise<Result<void>>;
  readonly clock: Clock;
}

/** Starts one more scripted device; without a kind, a strap. */
export function createDemoDoor({ fromRadio, add, clock }: DemoDoorDeps): (kind?: string) => Promise<Result<void>> {
  let loading: Promise<Demos> | undefined;

  return async (kind) => {
    if (kind === undefined) return fromRadio(kind);
    try {
      loading ??= import('./demo.ts').then((module) => new module.Demos(clock));
      const origin = (await loading).next(kind);
      return origin ? await add(origin) : await fromRadio(kind);
    } catch (thrown) {
      // Fetched anew the next time.
      loading = undefined;
      return fail(appError('unexpected', describeThrown(thrown)));
    }
  };
}

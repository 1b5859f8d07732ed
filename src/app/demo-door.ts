/** The way to scripted devices: from the scripted radio, or without one; the code of the latter is fetched when wanted. */
import type { Clock } from '../lib/timers.ts';
import type { Result } from '../model/result.ts';
import type { DeviceOrigin } from './device-origin.ts';
import { fetchOnce } from './fetch-once.ts';

export interface DemoDoorDeps {
  /** One more device of the scripted radio; `source-unsupported` for a kind that it does not have. */
  readonly fromRadio: (kind: string | undefined) => Promise<Result<void>>;
  readonly add: (origin: DeviceOrigin) => Promise<Result<void>>;
  readonly clock: Clock;
}

/** Starts one more scripted device; without a kind, a strap. */
export function createDemoDoor({ fromRadio, add, clock }: DemoDoorDeps): (kind?: string) => Promise<Result<void>> {
  const withDemos = fetchOnce(() => import('./demo.ts').then((module) => new module.Demos(clock)));

  return (kind) => {
    if (kind === undefined) return fromRadio(kind);
    return withDemos((demos) => {
      const origin = demos.next(kind);
      return origin ? add(origin) : fromRadio(kind);
    });
  };
}

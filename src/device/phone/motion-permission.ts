/** The permission that WebKit on phones wants for motion and orientation, and what is asked of other browsers. */
import { appError, describeThrown, type AppError } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Timers } from '../../lib/timers.ts';
import type { PhoneClock } from './event-time.ts';
import type { SensorClasses } from './generic-sensor.ts';

/** Asks the person; only within a tap. Resolves at once when it was answered before. */
export type AskMotion = () => Promise<string>;

/** State of a permission by its name in the Permissions API; undefined where the browser does not tell. */
export type PermissionLookup = (name: string) => Promise<string | undefined>;

/** What motion and orientation are read with. */
export interface MotionEdges {
  readonly classes: SensorClasses;
  /** Where `devicemotion` and `deviceorientation` arrive; undefined where the browser has none. */
  readonly events: EventTarget | undefined;
  /** Present in WebKit on phones only. */
  readonly ask: AskMotion | undefined;
  readonly permission: PermissionLookup;
  /** True on pages with an https address, or on this machine. */
  readonly secure: boolean;
  readonly clock: PhoneClock;
  readonly timers: Timers;
  readonly visible: () => boolean;
}

/** `source-permission` if the person, or an earlier answer, says no. */
export async function askForMotion(ask: AskMotion | undefined): Promise<Result<void>> {
  if (!ask) return ok(undefined);
  try {
    const answer = await ask();
    return answer === 'granted' ? ok(undefined) : fail(appError('source-permission', `answer: ${answer}`));
  } catch (thrown) {
    // Asked outside of a tap.
    return fail(appError('source-permission', describeThrown(thrown)));
  }
}

/** Why it cannot work here, found without asking anybody. @param names permissions in the Permissions API */
export async function motionObstacle(
  { secure, permission, events }: MotionEdges,
  hasClasses: boolean,
  names: readonly string[],
): Promise<AppError | undefined> {
  if (!secure) return appError('source-insecure');
  if (!hasClasses && !events) return appError('source-unsupported');
  const states = await Promise.all(names.map(permission));
  return states.includes('denied') ? appError('source-permission', names.join(', ')) : undefined;
}

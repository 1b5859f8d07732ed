/** A lesson whose bytes the script sends. Not shipped. */
import type { Lesson } from '../../src/app/api.ts';
import type { Exploration, SeenCharacteristic } from '../../src/app/teach.ts';
import { createStore } from '../../src/lib/store.ts';
import { appError, type ErrorCode } from '../../src/model/errors.ts';
import { fail, ok } from '../../src/model/result.ts';

export interface ScriptedLesson extends Lesson {
  /** How often the device was let go of. */
  readonly ended: number;
  /** The device is connected and has these values. */
  open(seen: readonly SeenCharacteristic[]): void;
  /** A new value comes. */
  send(place: number, bytes: readonly number[]): void;
  /** The device goes. */
  lose(code: ErrorCode): void;
}

/** A value of the scripted device; `bytes` none: not one yet. */
export function scriptedValue(
  service: string,
  characteristic: string,
  bytes?: readonly number[],
  change: Partial<SeenCharacteristic> = {},
): SeenCharacteristic {
  return {
    ...{ service, characteristic, error: undefined },
    can: { read: true, notify: true, write: false },
    bytes: bytes && Uint8Array.from(bytes),
    count: bytes ? 1 : 0,
    ...change,
  };
}

export function createScriptedLesson(name = 'FS-Plant 12'): ScriptedLesson {
  const state = createStore<Exploration>({ at: 'connecting' });
  let ended = 0;
  const open = (seen: readonly SeenCharacteristic[]): void => state.set({ at: 'open', seen });
  return {
    peripheral: {
      id: 'plant-12',
      name,
      demo: false,
      remembered: false,
      connect: () => Promise.resolve(fail(appError('bluetooth-timeout'))),
      forget: () => Promise.resolve(ok(undefined)),
    },
    state,
    get ended() {
      return ended;
    },
    end: () => void (ended += 1),
    open,
    send(place, bytes) {
      const now = state.get();
      if (now.at !== 'open') return;
      open(
        now.seen.map((one, i) =>
          i === place ? { ...one, bytes: Uint8Array.from(bytes), count: one.count + 1, error: undefined } : one,
        ),
      );
    },
    lose: (code) => state.set({ at: 'ended', error: appError(code) }),
  };
}

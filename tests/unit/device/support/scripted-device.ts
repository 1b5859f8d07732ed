/** A connected device as profiles talk to it, made of what a test says: which characteristics it has, what they hold. */
import { appError, type ErrorCode } from '../../../../src/model/errors.ts';
import { fail, ok } from '../../../../src/model/result.ts';
import type { DeviceIo, Uuid } from '../../../../src/device/profiles/profile.ts';

export interface ScriptedDevice extends DeviceIo {
  /** Everything written, in order. */
  readonly written: readonly { readonly to: Uuid; readonly bytes: readonly number[] }[];
}

/**
 * @param holds what each characteristic reads as
 * @param refuses characteristics whose reads and writes fail, with the code
 */
export function scriptedDevice(
  holds: ReadonlyMap<Uuid, readonly number[]>,
  refuses: ReadonlyMap<Uuid, ErrorCode> = new Map(),
): ScriptedDevice {
  const written: { to: Uuid; bytes: readonly number[] }[] = [];
  const refusal = (uuid: Uuid): ReturnType<typeof fail<ReturnType<typeof appError>>> | undefined => {
    const code = refuses.get(uuid) ?? (holds.has(uuid) ? undefined : 'bluetooth-gatt');
    return code && fail(appError(code, uuid));
  };
  return {
    written,
    has: (uuid) => holds.has(uuid),
    read: (uuid) => {
      // In the middle of its buffer, as browsers may hand it over.
      const bytes = Uint8Array.from([0xaa, ...(holds.get(uuid) ?? []), 0xaa]);
      return Promise.resolve(refusal(uuid) ?? ok(new DataView(bytes.buffer, 1, bytes.length - 2)));
    },
    write: (uuid, bytes) => {
      const refused = refusal(uuid);
      if (!refused) written.push({ to: uuid, bytes: [...bytes] });
      return Promise.resolve(refused ?? ok(undefined));
    },
    ask: ({ answerOn }) => Promise.resolve(fail(appError('bluetooth-timeout', answerOn))),
    hear: () => () => undefined,
    notes: new Map<string, number>(),
    signal: new AbortController().signal,
  };
}

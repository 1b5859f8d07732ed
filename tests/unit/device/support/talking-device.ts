/** A device that answers what a profile writes: the other end of `DeviceIo`, from a function of characteristic and bytes. */
import type { DeviceIo, DeviceRequest, Uuid } from '../../../../src/device/profiles/profile.ts';
import { appError } from '../../../../src/model/errors.ts';
import { fail, ok, type Result } from '../../../../src/model/result.ts';

export interface TalkingDevice extends DeviceIo {
  /** What was written, in order. */
  readonly written: readonly { readonly to: Uuid; readonly bytes: readonly number[] }[];
  /** Every notification of its control point. */
  readonly said: readonly Uint8Array[];
  hangUp(): void;
}

export interface Behaviour {
  readonly characteristics: readonly Uuid[];
  readonly reads?: ReadonlyMap<Uuid, Uint8Array>;
  /** Notifications that follow a write; none: it stays silent. An error: the write fails. */
  readonly answer: (bytes: Uint8Array, device: TalkingDevice) => readonly Uint8Array[] | Error;
}

export function talkingDevice({ characteristics, reads, answer }: Behaviour): TalkingDevice {
  const written: { to: Uuid; bytes: number[] }[] = [];
  const said: Uint8Array[] = [];
  const life = new AbortController();

  function send(to: Uuid, bytes: Uint8Array): Result<readonly Uint8Array[]> {
    if (life.signal.aborted) return fail(appError('bluetooth-cancelled'));
    written.push({ to, bytes: [...bytes] });
    const answers = answer(bytes, device);
    if (answers instanceof Error) return fail(appError('bluetooth-gatt', answers.message));
    said.push(...answers);
    return ok(answers);
  }

  const device: TalkingDevice = {
    signal: life.signal,
    hear: () => () => undefined,
    notes: new Map<string, number>(),
    written,
    said,
    hangUp: () => life.abort(),
    has: (uuid) => characteristics.includes(uuid),
    read(uuid) {
      const value = reads?.get(uuid);
      return Promise.resolve(value ? ok(viewOf(value)) : fail(appError('bluetooth-gatt', uuid)));
    },
    write(to, bytes) {
      const sent = send(to, bytes);
      return Promise.resolve(sent.ok ? ok(undefined) : sent);
    },
    async ask({ to, bytes, isAnswer }: DeviceRequest) {
      const sent = send(to, bytes);
      // A turn of the event loop, as a radio takes: whoever asks again and again must let others run.
      await new Promise((resolve) => setImmediate(resolve));
      if (!sent.ok) return sent;
      const found = sent.value.map(viewOf).find(isAnswer);
      if (found) return ok(found);
      return fail(appError(life.signal.aborted ? 'bluetooth-cancelled' : 'bluetooth-timeout'));
    },
  };
  return device;
}

/** The bytes as a decoder gets them. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

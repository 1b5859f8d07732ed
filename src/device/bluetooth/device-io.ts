/** One connected device as its profile talks to it: by characteristic, one operation at a time, answers awaited. */
import type { Timers } from '../../lib/timers.ts';
import { appError } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { DeviceIo, DeviceNotes, DeviceRequest, Uuid } from '../profiles/profile.ts';
import type { Connection, FoundCharacteristic } from './radio.ts';

/** A control point that has not answered by then does not, ms. */
const ANSWER_TIMEOUT = 5000;

export interface LiveIo extends DeviceIo {
  /** A notification arrived; whoever waits for it gets it too. */
  notified(characteristic: Uuid, bytes: ArrayBuffer): void;
}

/** @param found characteristics of this connection; the first of several alike counts */
export function createDeviceIo(
  connection: Connection,
  found: readonly FoundCharacteristic[],
  timers: Timers,
  notes: DeviceNotes,
  signal: AbortSignal,
): LiveIo {
  const waiting = new Set<{ readonly uuid: Uuid; readonly take: (answer: DataView) => boolean }>();
  const hearing = new Set<{ readonly uuid: Uuid; readonly listener: (bytes: DataView) => void }>();
  const find = (uuid: Uuid): FoundCharacteristic | undefined => found.find((one) => one.uuid === uuid);

  async function write(uuid: Uuid, bytes: Uint8Array): Promise<Result<void>> {
    const target = find(uuid);
    return target ? connection.write(target, bytes.slice().buffer, signal) : missing(uuid);
  }

  function answer(
    { answerOn, isAnswer, ms = ANSWER_TIMEOUT }: DeviceRequest,
    cancel: AbortSignal,
  ): Promise<Result<DataView>> {
    return new Promise((resolve) => {
      const ended = AbortSignal.any([signal, cancel]);
      const end = (result: Result<DataView>): void => {
        waiting.delete(entry);
        stopTimer();
        ended.removeEventListener('abort', aborted);
        resolve(result);
      };
      const aborted = (): void => end(fail(appError('bluetooth-cancelled', `answer on ${answerOn}`)));
      const entry = {
        uuid: answerOn,
        take: (bytes: DataView) => {
          if (!isAnswer(bytes)) return false;
          end(ok(bytes));
          return true;
        },
      };
      const stopTimer = timers.after(ms, () => end(fail(appError('bluetooth-timeout', `answer on ${answerOn}`))));
      waiting.add(entry);
      ended.addEventListener('abort', aborted, { once: true });
      if (ended.aborted) aborted();
    });
  }

  return {
    signal,
    notes,
    has: (uuid) => find(uuid) !== undefined,
    async read(uuid) {
      const target = find(uuid);
      if (!target) return missing(uuid);
      const value = await connection.read(target, signal);
      return value.ok ? ok(new DataView(value.value)) : value;
    },
    write,
    async ask(request) {
      const cancel = new AbortController();
      // Before the write: some devices answer before the write is confirmed.
      const answered = answer(request, cancel.signal);
      const written = await write(request.to, request.bytes);
      if (written.ok) return answered;
      cancel.abort();
      await answered;
      return written;
    },
    hear(uuid, listener) {
      const entry = { uuid, listener };
      hearing.add(entry);
      return () => void hearing.delete(entry);
    },
    notified(uuid, bytes) {
      for (const entry of [...hearing]) if (entry.uuid === uuid) entry.listener(new DataView(bytes.slice(0)));
      for (const entry of [...waiting]) if (entry.uuid === uuid && entry.take(new DataView(bytes.slice(0)))) return;
    },
  };
}

function missing(uuid: Uuid): Result<never> {
  return fail(appError('bluetooth-gatt', `${uuid}: not there`));
}

/** Subscribes to what a Movesense sensor measures. It ends the subscriptions by itself when the connection goes. */
import { appError } from '../../../model/errors.ts';
import { fail, ok, type Result } from '../../../model/result.ts';
import { HEART_RATE_MEASUREMENT } from '../heart-rate.ts';
import type { DeviceIo } from '../profile.ts';
import {
  isRefusal,
  MOVESENSE_COMMAND,
  MOVESENSE_DATA,
  parsePacket,
  STREAMS,
  subscribeCommand,
  type Stream,
} from './gsp.ts';

/** The sample firmware confirms nothing, so a silence is waited for once per stream, ms. */
const ANSWER_TIMEOUT = 1500;

/**
 * Subscribes to every kind of stream, alternatives in turn. The heart rate is left to the standard service where the
 * sensor has that: the same numbers twice would be two truths.
 * @returns an error if every subscription was refused, with the reasons in its detail
 */
export async function startMovesense(device: DeviceIo): Promise<Result<void>> {
  const wanted = STREAMS.filter(([first]) => first?.layout !== 'heartRate' || !device.has(HEART_RATE_MEASUREMENT));
  const refused: string[] = [];
  let running = 0;
  for (const alternatives of wanted) {
    for (const stream of alternatives) {
      if (device.signal.aborted) return fail(appError('bluetooth-cancelled', 'GSP start'));
      const reason = await subscribe(device, stream);
      if (reason === undefined) {
        running += 1;
        break;
      }
      refused.push(`${stream.path}: ${reason}`);
    }
  }
  return running > 0 ? ok(undefined) : fail(appError('bluetooth-gatt', `GSP: ${refused.join(', ')}`));
}

/** Why a subscription was refused; undefined if it runs, or may run without saying so. */
async function subscribe(device: DeviceIo, stream: Stream): Promise<string | undefined> {
  const answer = await device.ask({
    to: MOVESENSE_COMMAND,
    bytes: subscribeCommand(stream),
    answerOn: MOVESENSE_DATA,
    isAnswer: (bytes) => isAbout(bytes, stream),
    ms: ANSWER_TIMEOUT,
  });
  if (!answer.ok) return answer.error.code === 'bluetooth-timeout' ? undefined : answer.error.code;
  const packet = parsePacket(answer.value);
  if (!packet.ok) return packet.error.detail;
  return isRefusal(packet.value.status) ? `status ${packet.value.status}` : undefined;
}

/** The answer, or the first data where the answer got lost: notifications are not confirmed. */
function isAbout(bytes: DataView, stream: Stream): boolean {
  const packet = parsePacket(bytes);
  return packet.ok && packet.value.stream === stream;
}

/**
 * Starts what a Polar device can measure: which measurements there are, which settings each has, start. A device ends
 * all of them by itself when the connection goes.
 */
import { appError } from '../../../model/errors.ts';
import { fail, ok, type Result } from '../../../model/result.ts';
import type { DeviceIo } from '../profile.ts';
import {
  ALREADY_IN_STATE,
  answers,
  chooseSettings,
  parseControl,
  parseFeatures,
  parseSettings,
  PMD_CONTROL,
  settingsCommand,
  startCommand,
  statusText,
  stopCommand,
  type Measurement,
  type Operation,
} from './pmd.ts';

/**
 * Starts every measurement the device has; one that is refused does not keep the others from it.
 * @returns an error if nothing could be started, with the reasons in its detail
 */
export async function startPolar(device: DeviceIo): Promise<Result<void>> {
  const read = await device.read(PMD_CONTROL);
  if (!read.ok) return read;
  const features = parseFeatures(read.value);
  if (!features.ok) return fail(appError('bluetooth-gatt', features.error.detail));
  const refused: string[] = [];
  for (const measurement of features.value) {
    if (device.signal.aborted) return fail(appError('bluetooth-cancelled', 'PMD start'));
    const reason = await startOne(device, measurement);
    if (reason !== undefined) refused.push(`${measurement}: ${reason}`);
  }
  if (refused.length < features.value.length) return ok(undefined);
  return fail(appError('bluetooth-gatt', `PMD: ${refused.join(', ') || 'no measurement known'}`));
}

/** Why it could not be started; undefined if it was. */
async function startOne(device: DeviceIo, measurement: Measurement): Promise<string | undefined> {
  const offered = await ask(device, 'settings', measurement, settingsCommand(measurement));
  if (typeof offered === 'string') return offered;
  if (offered.status !== 0) return statusText(offered.status);
  // The first packet of an answer counts, here as in the decoders: settings of a device fit into one.
  const chosen = chooseSettings(measurement, parseSettings(offered.parameters).settings);
  const command = startCommand(measurement, chosen);
  let started = await ask(device, 'start', measurement, command);
  // It still runs since a connection that ended badly, perhaps with other settings: stop it, then start it anew.
  if (typeof started !== 'string' && started.status === ALREADY_IN_STATE) {
    await ask(device, 'stop', measurement, stopCommand(measurement));
    started = await ask(device, 'start', measurement, command);
  }
  if (typeof started === 'string') return started;
  return started.status === 0 ? undefined : statusText(started.status);
}

interface Answer {
  readonly status: number;
  readonly parameters: DataView;
}

/** The answer to a command, or in words why there is none. */
async function ask(
  device: DeviceIo,
  operation: Operation,
  measurement: Measurement,
  bytes: Uint8Array,
): Promise<Answer | string> {
  const isAnswer = (answer: DataView): boolean => answers(answer, operation, measurement);
  const answer = await device.ask({ to: PMD_CONTROL, bytes, answerOn: PMD_CONTROL, isAnswer });
  if (!answer.ok) return answer.error.code;
  const parsed = parseControl(answer.value);
  if (!parsed.ok) return parsed.error.detail;
  return parsed.value.kind === 'answer' ? parsed.value : 'no answer';
}

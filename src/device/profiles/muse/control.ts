/** The talk with a Muse headband: answers in pieces of JSON text, the commands that start it, and those that keep it going. */
import { appError } from '../../../model/errors.ts';
import { fail, ok, type Result } from '../../../model/result.ts';
import { decodeError, NOTHING } from '../bytes.ts';
import type { DecodeError, Decoder, DeviceIo, Fact } from '../profile.ts';
import { encodeCommand, MUSE_COMMAND, MUSE_CONTROL, MUSE_PPG } from './headband.ts';

/** Longer than any answer; text beyond it lost its end. */
const MAX_ANSWER = 1024;
/** How long an answer is waited for; without one the start goes on, ms. */
const ANSWER_TIMEOUT = 1500;
/** A band that hears nothing for some minutes ends the stream; clients in use say something every few seconds, ms. */
const KEEP_ALIVE = 10_000;

/** Facts of an answer worth showing. Serial number, address and name of the band identify a person's device: left out. */
const TEXTS: readonly (readonly [string, string])[] = [
  ['hw', 'hardware'],
  ['fw', 'firmware'],
];

/** A decoder of the control point: puts the pieces together and tells what an answer says about the band. */
export function makeControlDecoder(): Decoder {
  let text = '';
  return (bytes) => {
    const piece = pieceOf(bytes);
    if (!piece.ok) return piece;
    text += piece.value;
    const facts: Fact[] = [];
    for (let end = text.indexOf('}'); end >= 0; end = text.indexOf('}')) {
      const answer = text.slice(0, end + 1);
      text = text.slice(end + 1);
      const parsed = parseAnswer(answer);
      // The first piece of it may have been lost.
      if (!parsed) return decodeError('decode-truncated', 'Muse answer: no JSON');
      facts.push(...factsOf(parsed));
    }
    if (text.length > MAX_ANSWER) {
      text = '';
      return decodeError('decode-oversized', 'Muse answer: no end');
    }
    return ok(facts.length > 0 ? { readings: [], facts } : NOTHING);
  };
}

/** The text of one notification: its first byte says how much of it counts, the rest is left from earlier ones. */
function pieceOf(bytes: DataView): Result<string, DecodeError> {
  const length = bytes.byteLength > 0 ? bytes.getUint8(0) : 0;
  if (length === 0 || length > bytes.byteLength - 1) {
    return decodeError('decode-truncated', `Muse answer: ${bytes.byteLength} bytes`);
  }
  return ok(new TextDecoder().decode(new Uint8Array(bytes.buffer, bytes.byteOffset + 1, length)));
}

/** An answer has no objects within objects, so its first closing brace is its end. */
function parseAnswer(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    // Reported by the caller as a typed error.
    return undefined;
  }
}

function factsOf(answer: Readonly<Record<string, unknown>>): Fact[] {
  const facts: Fact[] = TEXTS.flatMap(([key, label]) => {
    const text = answer[key];
    return typeof text === 'string' && text !== '' ? [{ kind: 'device' as const, label, text }] : [];
  });
  const percent = answer['bp'];
  if (typeof percent === 'number' && percent >= 0 && percent <= 100) facts.push({ kind: 'battery', percent });
  return facts;
}

/**
 * Starts the streams: halt, preset, status, go on. A band with PPG that refuses the preset with PPG gets the other one.
 * The first try after a connection may find it still busy with an old one, so silences are passed over; only a command
 * that cannot be written ends the start.
 */
export async function startMuse(device: DeviceIo): Promise<Result<void>> {
  // Its answer is waited for too: it would pass for that of the preset.
  const halted = await returnCode(device, MUSE_COMMAND.halt);
  if (!halted.ok) return halted;
  const hasPpg = MUSE_PPG.some(({ uuid }) => device.has(uuid));
  const presets = hasPpg ? [MUSE_COMMAND.eegAndPpg, MUSE_COMMAND.eeg] : [MUSE_COMMAND.eeg];
  for (const preset of presets) {
    const code = await returnCode(device, preset);
    if (!code.ok) return code;
    if (code.value === 0) break;
  }
  const status = await returnCode(device, MUSE_COMMAND.status);
  if (!status.ok) return status;
  if (device.signal.aborted) return fail(appError('bluetooth-cancelled', 'Muse start'));
  const going = await device.write(MUSE_CONTROL, encodeCommand(MUSE_COMMAND.go));
  if (going.ok) void keepAlive(device);
  return going;
}

/** Return code of a command: 0 is success; 0 too where no answer came. */
async function returnCode(device: DeviceIo, command: string): Promise<Result<number>> {
  const answer = await device.ask({
    to: MUSE_CONTROL,
    bytes: encodeCommand(command),
    answerOn: MUSE_CONTROL,
    isAnswer: (bytes) => codeIn(bytes) !== undefined,
    ms: ANSWER_TIMEOUT,
  });
  if (answer.ok) return ok(codeIn(answer.value) ?? 0);
  return answer.error.code === 'bluetooth-timeout' ? ok(0) : answer;
}

/** The return code in a piece of an answer; it ends every answer. */
function codeIn(bytes: DataView): number | undefined {
  const piece = pieceOf(bytes);
  const code = piece.ok ? /"rc":(\d+)/.exec(piece.value)?.[1] : undefined;
  return code === undefined ? undefined : Number(code);
}

/** Says that somebody listens, until the connection ends. The time between is that of a wait nobody ends. */
async function keepAlive(device: DeviceIo): Promise<void> {
  while (!device.signal.aborted) {
    const said = await device.ask({
      to: MUSE_CONTROL,
      bytes: encodeCommand(MUSE_COMMAND.keepAlive),
      answerOn: MUSE_CONTROL,
      isAnswer: () => false,
      ms: KEEP_ALIVE,
    });
    if (said.ok || said.error.code !== 'bluetooth-timeout') return;
  }
}

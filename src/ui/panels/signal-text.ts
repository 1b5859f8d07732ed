/** A device's signal state and the connection's status as words, shape and help. Pure. */
import type { AppError, ErrorCode } from '../../model/errors.ts';
import { unreachable } from '../../model/errors.ts';
import type { SignalState, StatusLine } from '../../app/api.ts';
import type { Messages } from '../../i18n/index.ts';
import type { Tone } from '../parts/tone.ts';

export interface StateText {
  readonly tone: Tone;
  /** Spoken when it changes: holds nothing that changes by the second. */
  readonly words: string;
  /** Shown beside it, not spoken: seconds, counts, help. */
  readonly detail?: string;
  /** Explained below, with what to do. */
  readonly error?: AppError;
}

/** Refusals that only an access token of that server mends. */
export const NEEDS_TOKEN: ReadonlySet<ErrorCode> = new Set(['server-no-guests']);

/** Words for a device card. */
export function signalText(signal: SignalState, t: Messages): StateText {
  switch (signal.kind) {
    case 'live':
      return { tone: 'ok', words: t.device.live };
    case 'connecting':
      return { tone: 'busy', words: t.device.connecting };
    case 'seeking':
      return { tone: 'busy', words: t.device.seeking, detail: t.device.seekingHelp };
    case 'contact-lost':
      return { tone: 'warn', words: t.device.contactLost, detail: t.device.contactHelp };
    case 'stale':
      return { tone: 'warn', words: t.device.stale, detail: t.device.staleFor(signal.seconds) };
    case 'reconnecting':
      return {
        tone: 'busy',
        words: t.device.reconnecting,
        detail: t.device.retry(signal.attempt, signal.inSeconds),
        error: signal.error,
      };
    case 'lost':
      return { tone: 'bad', words: t.device.lost, error: signal.error };
    case 'stopped':
      return { tone: 'off', words: t.device.stopped };
    default:
      return unreachable(signal);
  }
}

/** The connection's reason in words; `closed 1006` and its like lose their number, which says nothing to a wearer. */
function reasonText(reason: string, t: Messages): string {
  return t.status.reasons[reason.replace(/ \d+$/, '')] ?? reason;
}

/** Words for the status line. */
export function statusText(line: StatusLine, t: Messages): StateText {
  switch (line.kind) {
    case 'starting':
      return { tone: 'busy', words: t.status.starting };
    case 'connected':
      return { tone: 'ok', words: line.sending > 0 ? t.status.connectedSending(line.sending) : t.status.connectedIdle };
    case 'reconnecting':
      return {
        tone: 'busy',
        words: t.status.reconnecting(reasonText(line.reason, t)),
        detail: `${t.status.retry(line.attempt, line.inSeconds)} · ${t.status.keeping(line.kept)}`,
      };
    case 'offline':
      return { tone: 'off', words: t.status.offline, detail: t.status.keeping(line.kept) };
    case 'paused':
      return {
        tone: 'paused',
        words: line.why === 'memory' ? t.status.pausedMemory : t.status.pausedLoad,
        detail: t.status.keeping(line.kept),
      };
    case 'sign-in':
      return { tone: 'bad', words: t.status.signIn, detail: t.status.keeping(line.kept), error: line.error };
    case 'failed':
      return { tone: 'bad', words: t.errors[line.error.code].what, error: line.error };
    default:
      return unreachable(line);
  }
}

/** What to call an error code that came as a plain string (counts of bad packets are keyed by code). */
export function codeText(code: string, t: Messages): string {
  const known: Readonly<Record<string, { readonly what: string }>> = t.errors;
  return known[code]?.what ?? code;
}

/** The connection's status as words, shape and help. Pure. */
import type { AppError, ErrorCode } from '../../model/errors.ts';
import { unreachable } from '../../model/errors.ts';
import type { StatusLine } from '../../app/api.ts';
import type { Messages } from '../../i18n/index.ts';
import type { Tone } from '../parts/tone.ts';

export interface StateText {
  readonly tone: Tone;
  /** Spoken when it changes: holds nothing that changes by the second. */
  readonly words: string;
  /** Shown in place of `words` where the sentence holds a number that changes while somebody listens. */
  readonly shown?: string;
  /** Shown beside it, not spoken: seconds, counts, help. */
  readonly detail?: string;
  /** Explained below, with what to do. */
  readonly error?: AppError;
}

/** Refusals that signing in mends. */
const NEEDS_SIGN_IN: ReadonlySet<ErrorCode> = new Set(['server-no-guests', 'server-unauthorized']);

/** What the status line says that only signing in mends; undefined: nothing. */
export function signInNeeded(line: StatusLine): AppError | undefined {
  if (line.kind !== 'sign-in' && line.kind !== 'failed') return undefined;
  return NEEDS_SIGN_IN.has(line.error.code) ? line.error : undefined;
}

/** The connection's reason in words; `closed 1006` and its like lose their number, which says nothing to a wearer. */
function reasonText(reason: string, t: Messages): string {
  return t.status.reasons[reason.replace(/ \d+$/, '')] ?? reason;
}

/**
 * Words for the status line.
 * @param durable false: what is unsent is gone when the tab closes, which is said wherever nothing else takes the room
 */
export function statusText(line: StatusLine, t: Messages, durable = true): StateText {
  const keeping = (kept: number): string =>
    durable || kept === 0 ? t.status.keeping(kept) : t.status.keepingMemory(kept);
  const storage = durable ? {} : { detail: t.status.memoryOnly };
  switch (line.kind) {
    case 'starting':
      return { tone: 'busy', words: t.status.starting };
    case 'connected': {
      const words = line.sending > 0 ? t.status.connectedSending(line.sending) : t.status.connectedIdle;
      return { tone: 'ok', words, ...storage };
    }
    case 'draining':
      return { tone: 'ok', words: t.status.draining, detail: t.status.drainingLeft(line.left, line.secondsLeft) };
    case 'reconnecting':
      return {
        tone: 'busy',
        words: t.status.reconnecting(reasonText(line.reason, t)),
        detail: `${t.status.retry(line.attempt, line.inSeconds)} · ${keeping(line.kept)}`,
      };
    case 'offline':
      return { tone: 'off', words: t.status.offline, detail: keeping(line.kept) };
    case 'paused':
      return {
        tone: 'paused',
        words: line.why === 'memory' ? t.status.pausedMemory : t.status.pausedLoad,
        detail: keeping(line.kept),
      };
    case 'sign-in':
      return { ...signInText(line.kept, t), ...storage, error: line.error };
    case 'failed':
      return { tone: 'bad', words: (t.errors[line.error.code] ?? t.anyError).what, ...storage, error: line.error };
    default:
      return unreachable(line);
  }
}

function signInText(kept: number, t: Messages): StateText {
  if (kept === 0) return { tone: 'bad', words: t.status.signIn };
  return { tone: 'bad', words: t.status.signInKept, shown: t.status.signInToSend(kept) };
}

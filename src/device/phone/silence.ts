/** Says when a source that should deliver regularly does not, and when it does again. */
import type { Timers } from '../../lib/timers.ts';
import { appError, type ErrorCode } from '../../model/errors.ts';
import type { SourceOutput } from '../source.ts';

/** Nothing for so long is silence, ms. */
const SILENCE = 3000;

export interface SilenceEdges {
  readonly timers: Timers;
  /** False while the page is hidden: browsers stop events then, and no setting is to blame. */
  readonly visible: () => boolean;
}

export interface SilenceWatch {
  /** A value came. */
  heard(): void;
  /** An event came without values: no such sensor here, or a browser that hides it. */
  empty(): void;
}

/**
 * Watches until `signal` is aborted. `what` goes into the error's detail.
 * @param isEnough one value shows that the source works: it reports changes, and may be quiet after that
 */
export function watchSilence(
  { timers, visible }: SilenceEdges,
  what: string,
  output: SourceOutput,
  signal: AbortSignal,
  isEnough = false,
): SilenceWatch {
  let heard = false;
  let empty = false;
  let told: ErrorCode | undefined;
  let seen = visible();
  let cancel = timers.after(SILENCE, check);
  signal.addEventListener('abort', () => cancel(), { once: true });

  function tell(code: ErrorCode | undefined): void {
    if (code === told) return;
    told = code;
    output.trouble(code && appError(code, what));
  }

  function check(): void {
    // A page that has just come back gets its time first.
    const judged = seen && visible();
    if (judged && !heard) tell(empty ? 'source-empty' : 'source-silent');
    seen = visible();
    heard = isEnough && heard;
    cancel = timers.after(SILENCE, check);
  }

  return {
    heard() {
      heard = true;
      empty = false;
      tell(undefined);
    },
    empty() {
      empty = true;
    },
  };
}

/**
 * Asks before the page is closed while samples are unsent. On disk they are safe, but are sent only when the app is open
 * again; in memory they would be gone. The listener is there only while there is something to say: its mere presence
 * keeps some browsers from putting the page aside whole.
 */
import type { Readable, WorkerStatus } from '../../app/api.ts';

/** Follows the status until `signal` aborts. */
export function guardUnload(page: Window, status: Readable<WorkerStatus>, signal: AbortSignal): void {
  let guarding = false;
  const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
  const follow = (): void => {
    const wanted = !signal.aborted && status.get().totals.kept > 0;
    if (wanted === guarding) return;
    guarding = wanted;
    if (wanted) page.addEventListener('beforeunload', ask);
    else page.removeEventListener('beforeunload', ask);
  };
  const stop = status.subscribe(follow);
  signal.addEventListener(
    'abort',
    () => {
      stop();
      follow();
    },
    { once: true },
  );
  follow();
}

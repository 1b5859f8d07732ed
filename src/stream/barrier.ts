/**
 * The ping that follows batches. Batches that are accepted are never answered, but `ping` on the same topic is answered
 * in order: its answer says that everything sent before it was taken. One ping is out at a time.
 */
import type { Clock } from '../lib/timers.ts';
import type { ChannelPort } from './ports.ts';

/** A barrier is sent after this many batches or this long after the first of them, ms. */
const BATCHES = 4;
const DELAY = 1000;
/** A barrier unanswered this long means the channel is dead although the socket lives, ms. */
const TIMEOUT = 15_000;

export interface Barrier {
  /**
   * Batches are on their way: sends a ping now or soon, unless one is out already.
   * @param flying how many are on their way
   * @param hurry somebody waits for the answer
   */
  arm(flying: number, hurry: boolean): void;
  /** The join is over: no answer to an earlier ping counts any more. */
  reset(): void;
}

export interface BarrierDeps {
  readonly clock: Clock;
  readonly channel: ChannelPort;
  readonly event: string;
  /** The `covered` oldest batches on their way have been answered for. */
  readonly onPassed: (covered: number) => void;
  /** A ping came back. Unix ms. */
  readonly onRoundTrip?: ((sent: number, received: number) => void) | undefined;
}

export function createBarrier({ clock, channel, event, onPassed, onRoundTrip }: BarrierDeps): Barrier {
  let delayed: (() => void) | undefined;
  /** Cancels the deadline of the ping that is out. */
  let out: (() => void) | undefined;
  let flying = 0;
  let epoch = 0;

  function cancelDelayed(): void {
    delayed?.();
    delayed = undefined;
  }

  function cancelOut(): void {
    out?.();
    out = undefined;
  }

  function send(): void {
    cancelDelayed();
    const covered = flying;
    const sentIn = epoch;
    const sentAt = clock.now();
    out = clock.after(TIMEOUT, () => channel.restart('barrier unanswered'));
    const sent = channel.push(event, {}, (reply) => {
      if (sentIn !== epoch) return;
      cancelOut();
      onRoundTrip?.(sentAt, clock.now());
      if (reply.status === 'ok') onPassed(covered);
      else channel.restart(reply.reason ?? 'barrier refused');
    });
    if (!sent) cancelOut();
  }

  return {
    arm(count, hurry) {
      flying = count;
      if (out !== undefined || count === 0) return;
      if (hurry || count >= BATCHES) send();
      else delayed ??= clock.after(DELAY, send);
    },
    reset() {
      epoch += 1;
      cancelDelayed();
      cancelOut();
    },
  };
}

/** How the connection's state follows from what happens to it. Pure; the effects are in `connection.ts`. */
import type { AppError } from '../model/errors.ts';
import type { ConnectionState } from '../model/connection.ts';

export type ConnectionEvent =
  | { readonly type: 'connect' }
  | { readonly type: 'opened' }
  | { readonly type: 'dropped'; readonly reason: string; readonly now: number }
  /** A reconnect is due at `retryAt` (Unix ms). */
  | { readonly type: 'scheduled'; readonly attempt: number; readonly retryAt: number }
  | { readonly type: 'networkLost'; readonly now: number }
  | { readonly type: 'networkBack' }
  | { readonly type: 'refused'; readonly error: AppError }
  | { readonly type: 'retry' }
  | { readonly type: 'stop' };

/** The next state. A refusal is left only by `retry` (a person acted) or `stop`. */
export function nextConnection(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  if (event.type === 'stop') return { at: 'idle' };
  if (state.at === 'refused') return event.type === 'retry' ? { at: 'connecting' } : state;
  switch (event.type) {
    case 'connect':
      return state.at === 'idle' ? { at: 'connecting' } : state;
    case 'opened':
      return state.at === 'idle' ? state : { at: 'connected' };
    case 'dropped':
      if (state.at === 'offline' || state.at === 'idle') return state;
      // The next try may be known before the drop is told: then only the reason is new.
      if (state.at === 'reconnecting') return { ...state, reason: event.reason };
      return { at: 'reconnecting', attempt: 1, retryAt: event.now, reason: event.reason };
    case 'scheduled':
      if (state.at === 'offline' || state.at === 'idle') return state;
      return {
        at: 'reconnecting',
        attempt: event.attempt,
        retryAt: event.retryAt,
        reason: state.at === 'reconnecting' ? state.reason : 'unreachable',
      };
    case 'networkLost':
      return state.at === 'idle' || state.at === 'offline' ? state : { at: 'offline', since: event.now };
    case 'networkBack':
    case 'retry':
      return state.at === 'offline' || state.at === 'reconnecting' ? { at: 'connecting' } : state;
    case 'refused':
      return { at: 'refused', error: event.error };
  }
}

import type { Live } from '../api.ts';

/** What of a live message is transferred. */
export function liveBuffers(message: Live): ArrayBufferLike[] {
  return 'kind' in message ? [message.points.buffer] : [message.times.buffer, message.values.buffer];
}

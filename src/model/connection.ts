/** Where the connection to the server and one sensor's channel stand. Each case holds only what is true in it. */
import type { AppError } from './errors.ts';

export type ConnectionState =
  | { readonly at: 'idle' }
  | { readonly at: 'connecting' }
  | { readonly at: 'connected' }
  /** The next try starts at `retryAt`, Unix ms. */
  | { readonly at: 'reconnecting'; readonly attempt: number; readonly retryAt: number; readonly reason: string }
  /** The device itself has no network. */
  | { readonly at: 'offline'; readonly since: number }
  /** The server refuses us for good; a person must act. */
  | { readonly at: 'refused'; readonly error: AppError };

export type ChannelState =
  | { readonly at: 'waiting' }
  | { readonly at: 'joining' }
  | { readonly at: 'joined' }
  | { readonly at: 'refused'; readonly error: AppError };

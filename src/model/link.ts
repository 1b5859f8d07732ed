/** Where the radio link to one device stands. Each case holds only what is true in it. */
import type { AppError } from './errors.ts';

export type LinkState =
  | { readonly at: 'idle' }
  /** A known device that is waited for without a chooser (`watchAdvertisements` or a plain connect). */
  | { readonly at: 'seeking'; readonly attempt?: number }
  | { readonly at: 'connecting'; readonly attempt: number }
  /** `attempt`: which try of this outage this is, so that a device which connects and then fails is not hammered. */
  | { readonly at: 'discovering'; readonly attempt?: number }
  | { readonly at: 'subscribing'; readonly attempt?: number }
  | { readonly at: 'live' }
  /** Connected, but nothing arrived for longer than this device's rhythm allows. `since`: Unix ms of the last packet. */
  | { readonly at: 'stale'; readonly since: number }
  /** The link dropped or a try failed; the next try starts at `retryAt` (Unix ms). */
  | { readonly at: 'waiting'; readonly attempt: number; readonly retryAt: number; readonly error: AppError }
  /** Given up until somebody acts (`error` says who). */
  | { readonly at: 'lost'; readonly error: AppError }
  | { readonly at: 'forgotten' };

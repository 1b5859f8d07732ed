/** The name under which the window asks for, and the service worker hears, the wake-up that sends what waits. */
export const DRAIN_TAG = 'drain';

/**
 * What a window posts to the service worker when it uses files that are kept from their first use on: the page of a first
 * visit is not yet served by it, so that use would pass it by.
 */
export const KEEP_LATER = { type: 'KEEP_LATER' } as const;

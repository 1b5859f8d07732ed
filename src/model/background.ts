/** The name under which the window asks for, and the service worker hears, the wake-up that sends what waits. */
export const DRAIN_TAG = 'drain';

/** Backpressure in a few words. */
import { backpressureFor } from '../../../src/model/backpressure.ts';

export const HIGH = backpressureFor('high', 'normal', false, 0);
export const NONE = backpressureFor('none', 'normal', false, 0);
export const PAUSED = backpressureFor('none', 'critical', false, 0);
/** The platform's own server, and our gateway. */
export const STOCK = { outOfOrder: false, binary: false };
export const GATEWAY = { outOfOrder: true, binary: true };

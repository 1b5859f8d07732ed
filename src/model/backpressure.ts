/** What the server asks of one sensor: how much attention it has and how often it should send. On the wire: `backpressure_config`. */

export type AttentionLevel = 'high' | 'medium' | 'low' | 'none';
export type SystemLoad = 'normal' | 'elevated' | 'high' | 'critical';

export interface BackpressureConfig {
  readonly attention: AttentionLevel;
  readonly load: SystemLoad;
  readonly memoryProtection: boolean;
  readonly paused: boolean;
  /** ms; the load and memory multipliers are already inside. */
  readonly batchWindow: number;
  /** Samples; never scaled. */
  readonly batchSize: number;
  /** Informational: never multiply by it again. */
  readonly loadMultiplier: number;
  /** Server clock, Unix ms; order configs by arrival, not by this. */
  readonly timestamp: number;
}

/** In force before the first config arrives (none / normal). */
export const DEFAULT_BACKPRESSURE: BackpressureConfig = {
  attention: 'none',
  load: 'normal',
  memoryProtection: false,
  paused: false,
  batchWindow: 5000,
  batchSize: 20,
  loadMultiplier: 1,
  timestamp: 0,
};

/** Base batch window (ms) and size by attention; the server multiplies the window, never the size. */
const BATCH_TABLE: Readonly<Record<AttentionLevel, { readonly window: number; readonly size: number }>> = {
  high: { window: 100, size: 1 },
  medium: { window: 500, size: 5 },
  low: { window: 2000, size: 10 },
  none: { window: 5000, size: 20 },
};

const LOAD_MULTIPLIER: Readonly<Record<SystemLoad, number>> = { normal: 1, elevated: 1.5, high: 3, critical: 5 };

/** Factor on window and multiplier while the server protects its memory. */
const MEMORY_PROTECTION_FACTOR = 5;

/**
 * The config for an attention level under a load, as the server computes it: window truncated, paused only for low or
 * none with critical load or memory protection.
 * @param timestamp Unix ms of the computation
 */
export function backpressureFor(
  attention: AttentionLevel,
  load: SystemLoad,
  memoryProtection: boolean,
  timestamp: number,
): BackpressureConfig {
  const loadMultiplier = LOAD_MULTIPLIER[load] * (memoryProtection ? MEMORY_PROTECTION_FACTOR : 1);
  const base = BATCH_TABLE[attention];
  return {
    attention,
    load,
    memoryProtection,
    paused: (memoryProtection || load === 'critical') && (attention === 'low' || attention === 'none'),
    batchWindow: Math.trunc(base.window * loadMultiplier),
    batchSize: base.size,
    loadMultiplier,
    timestamp,
  };
}

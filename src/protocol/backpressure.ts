/** `backpressure_config` on the wire: eight fields, parsed at the edge; unknown keys are ignored. */
import * as v from 'valibot';
import type { BackpressureConfig } from '../model/backpressure.ts';
import { appError } from '../model/errors.ts';
import { fail, ok, type Result } from '../model/result.ts';

const positive = v.pipe(v.number(), v.finite(), v.minValue(0));

const Wire = v.object({
  attention_level: v.picklist(['high', 'medium', 'low', 'none']),
  system_load: v.picklist(['normal', 'elevated', 'high', 'critical']),
  memory_protection_active: v.boolean(),
  paused: v.boolean(),
  recommended_batch_window: positive,
  recommended_batch_size: v.pipe(positive, v.integer(), v.minValue(1)),
  load_multiplier: positive,
  timestamp: v.pipe(v.number(), v.finite()),
});

/** Any JSON in; a config or `wire-shape` out (the caller then keeps the last good config). */
export function parseBackpressure(raw: unknown): Result<BackpressureConfig> {
  const parsed = v.safeParse(Wire, raw);
  if (!parsed.success) return fail(appError('wire-shape', parsed.issues[0].message));
  const wire = parsed.output;
  return ok({
    attention: wire.attention_level,
    load: wire.system_load,
    memoryProtection: wire.memory_protection_active,
    paused: wire.paused,
    batchWindow: wire.recommended_batch_window,
    batchSize: wire.recommended_batch_size,
    loadMultiplier: wire.load_multiplier,
    timestamp: wire.timestamp,
  });
}

/** The wire form, all eight fields. */
export function backpressureToWire(config: BackpressureConfig): v.InferOutput<typeof Wire> {
  return {
    attention_level: config.attention,
    system_load: config.load,
    memory_protection_active: config.memoryProtection,
    paused: config.paused,
    recommended_batch_window: config.batchWindow,
    recommended_batch_size: config.batchSize,
    load_multiplier: config.loadMultiplier,
    timestamp: config.timestamp,
  };
}

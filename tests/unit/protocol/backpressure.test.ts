import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backpressureFor } from '../../../src/model/backpressure.ts';
import { backpressureToWire, parseBackpressure } from '../../../src/protocol/backpressure.ts';

/** As the real server pushed it after a join. */
const SEEN = {
  attention_level: 'none',
  load_multiplier: 1.0,
  memory_protection_active: false,
  paused: false,
  recommended_batch_size: 20,
  recommended_batch_window: 5000,
  system_load: 'normal',
  timestamp: 1795428484382,
};

describe('backpressure_config', () => {
  it('reads what the real server pushes', () => {
    expect(parseBackpressure(SEEN)).toEqual({
      ok: true,
      value: backpressureFor('none', 'normal', false, SEEN.timestamp),
    });
  });

  it('ignores fields it does not know', () => {
    expect(parseBackpressure({ ...SEEN, new_field: [1] })).toMatchObject({ ok: true });
  });

  it.each([
    ['attention_level', 'pinned'],
    ['system_load', null],
    ['memory_protection_active', 'yes'],
    ['paused', 1],
    ['recommended_batch_window', -1],
    ['recommended_batch_window', Infinity],
    ['recommended_batch_size', 0],
    ['recommended_batch_size', 2.5],
    ['load_multiplier', 'x'],
    ['timestamp', Infinity],
    ['timestamp', undefined],
  ])('refuses %s = %j', (field, value) => {
    expect(parseBackpressure({ ...SEEN, [field]: value })).toMatchObject({ ok: false, error: { code: 'wire-shape' } });
  });

  it('takes any JSON: a config with usable numbers, or an error', () => {
    const spoiled = fc.record({ key: fc.constantFrom(...Object.keys(SEEN)), value: fc.jsonValue() });
    const nearly = spoiled.map(({ key, value }) => ({ ...SEEN, [key]: value }));
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), nearly), (json) => {
        const parsed = parseBackpressure(json);
        if (!parsed.ok) return parsed.error.code === 'wire-shape';
        const { batchWindow, batchSize, timestamp } = parsed.value;
        return Number.isFinite(batchWindow) && batchWindow >= 0 && batchSize >= 1 && Number.isFinite(timestamp);
      }),
    );
  });

  it('comes back as it went', () => {
    const config = fc
      .tuple(
        fc.constantFrom('high' as const, 'medium' as const, 'low' as const, 'none' as const),
        fc.constantFrom('normal' as const, 'elevated' as const, 'high' as const, 'critical' as const),
        fc.boolean(),
        fc.nat(),
      )
      .map((args) => backpressureFor(...args));
    fc.assert(
      fc.property(config, (sent) => {
        const wire = JSON.parse(JSON.stringify(backpressureToWire(sent))) as unknown;
        expect(parseBackpressure(wire)).toEqual({ ok: true, value: sent });
      }),
    );
    expect(Object.keys(backpressureToWire(backpressureFor('none', 'normal', false, 0))).sort()).toEqual(
      Object.keys(SEEN).sort(),
    );
  });
});

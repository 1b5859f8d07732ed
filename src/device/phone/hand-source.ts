/** What a person does by hand as a source: it delivers when somebody acts, if it is on. */
import type { Json } from '../../model/block.ts';
import { appError } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Source, SourceOutput } from '../source.ts';
import { structured } from './phone-readings.ts';

export interface HandSource {
  readonly source: Source;
  /**
   * Records it. `source-off` while the source is not on.
   * @param at when it happened, Unix ms
   */
  record(payload: Json, at: number): Result<void>;
  readonly isOn: () => boolean;
}

/** @param onStart called each time it is switched on @param onStop when the last is switched off */
export function handSource(
  kind: string,
  attribute: string,
  now: () => number,
  hooks: { readonly onStart?: () => void; readonly onStop?: () => void } = {},
): HandSource {
  // Started twice means two listeners, each with its own end.
  const outputs = new Set<SourceOutput>();
  return {
    isOn: () => outputs.size > 0,
    record(payload, at) {
      if (outputs.size === 0) return fail(appError('source-off', kind));
      const arrival = Math.max(at, now());
      for (const output of outputs) output.readings([structured(attribute, payload, at)], arrival);
      return ok(undefined);
    },
    source: {
      kind,
      attributes: [{ attribute, attributeType: attribute, samplingRate: 0 }],
      support: () => Promise.resolve(ok(undefined)),
      start(output, signal) {
        // A place of its own, should the same output be given twice.
        const own: SourceOutput = {
          readings: (...args) => output.readings(...args),
          trouble: (error) => output.trouble(error),
        };
        outputs.add(own);
        signal.addEventListener(
          'abort',
          () => {
            outputs.delete(own);
            if (outputs.size === 0) hooks.onStop?.();
          },
          { once: true },
        );
        hooks.onStart?.();
        return Promise.resolve(ok(undefined));
      },
    },
  };
}

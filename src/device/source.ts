/**
 * What is measured without a radio: the phone's own sensors, scripted demonstrations. Types only. A source yields
 * readings; everything after that is the same as for a Bluetooth device.
 */
import type { AppError } from '../model/errors.ts';
import type { Reading } from '../model/reading.ts';
import type { Result } from '../model/result.ts';
import type { AttributeRegistration } from '../model/sensor.ts';

/** Where a running source delivers. */
export interface SourceOutput {
  /** @param arrival Unix ms with fractions, when the event fired */
  readings(readings: readonly Reading[], arrival: number): void;
  /** Something is wrong while it runs (permission taken back, events without values); undefined: it is well again. */
  trouble(error: AppError | undefined): void;
}

export interface Source {
  /** Stable word for this source, e.g. `motion`. */
  readonly kind: string;
  /** What it may yield. Rates are nominal; 0 when irregular. */
  readonly attributes: readonly AttributeRegistration[];
  /** Whether it can work here, before anything is tapped; the error says why not. Asks for no permission. */
  support(): Promise<Result<void>>;
  /**
   * Asks the person for a permission that some browsers grant only while a tap is being handled; sources that ask when
   * they start do not have this. Resolves at once when it was answered before.
   */
  ask?(): Promise<Result<void>>;
  /**
   * Starts; may ask the person for a permission, so it needs a user gesture. Runs until `signal` is aborted, and leaves
   * nothing switched on then.
   */
  start(output: SourceOutput, signal: AbortSignal): Promise<Result<void>>;
  /** Samples a second that are enough for now; sources without a choice do not have this. */
  setRate?(hz: number): void;
}

/** What comes out of bytes, whatever their form. */
import type { AttributeId } from '../../model/attribute.ts';
import type { ErrorCode } from '../../model/errors.ts';
import type { Reading } from '../../model/reading.ts';
import type { AttributeRegistration } from '../../model/sensor.ts';

/** Errors of content; those of the port itself are the session's. */
export type ContentError = Extract<
  ErrorCode,
  `decode-${string}` | 'attribute-id-invalid' | 'serial-garbage' | 'serial-unknown-format'
>;

export interface Problem {
  readonly code: ContentError;
  /** Names and lengths, never values. */
  readonly detail: string;
}

/** Samples that the device numbered and that never came. */
export interface Lost {
  readonly attribute: AttributeId;
  readonly samples: number;
}

export interface Batch {
  readonly readings: readonly Reading[];
  /** Of these readings, where the form says what they are. */
  readonly attributes: readonly AttributeRegistration[];
  readonly lost: readonly Lost[];
  /** To be counted by code. */
  readonly problems: readonly Problem[];
  /** Lines for people. */
  readonly texts: readonly string[];
}

/** Reads one form, with the memory of one connection. */
export interface FormReader {
  /**
   * The next bytes. Never throws.
   * @param arrival Unix ms
   */
  take(bytes: Uint8Array, arrival: number): Batch;
}

export const NOTHING: Batch = { readings: [], attributes: [], lost: [], problems: [], texts: [] };

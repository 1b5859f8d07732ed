/** What a source without a radio says besides its readings. Counts are new ones: since the notes before. */
import type { AttributeId } from './attribute.ts';
import type { ErrorCode } from './errors.ts';

export interface SourceNotes {
  /** Samples that the device numbered and that never came, by attribute. */
  readonly lost: Readonly<Record<AttributeId, number>>;
  /** Bad input by error code. */
  readonly problems: Readonly<Partial<Record<ErrorCode, number>>>;
  /** What is known of the device, label → text. */
  readonly device: Readonly<Record<string, string>>;
}

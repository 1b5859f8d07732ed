/** What one worker of a tab posts to another over a MessagePort: readings of a source, past the window. */
import type { Reading } from './reading.ts';
import type { AttributeRegistration } from './sensor.ts';
import type { SourceNotes } from './source-notes.ts';

export interface PortReadings {
  readonly readings: readonly Reading[];
  /** Of these readings. */
  readonly attributes: readonly AttributeRegistration[];
  /** Unix ms with fractions, when they were read. */
  readonly arrival: number;
  readonly notes?: SourceNotes;
}

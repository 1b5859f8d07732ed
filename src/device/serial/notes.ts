/** What a batch says besides its readings, as counts and facts. Pure. */
import type { SourceNotes } from '../../model/source-notes.ts';
import type { Batch } from './batch.ts';
import type { Form, LineStyle } from './detector.ts';

const STYLE: Readonly<Record<LineStyle, string>> = {
  json: 'JSON lines',
  csv: 'CSV with a header',
  named: 'name:value lines',
  numbers: 'lines of numbers',
};

/** Technical name of a form; undefined while it is not known. */
export function formText(form: Form | undefined): string | undefined {
  switch (form?.kind) {
    case 'lines':
      return STYLE[form.style];
    case 'frames':
      return `${form.packing.toUpperCase()} frames`;
    case 'cyton':
      return 'OpenBCI Cyton packets';
    case undefined:
      return undefined;
  }
}

/** @param device facts beside those of the batch, label → text */
export function notesOf({ lost, problems, texts }: Batch, device: Readonly<Record<string, string>> = {}): SourceNotes {
  const message = texts.at(-1);
  return {
    lost: counted(lost.map(({ attribute, samples }) => [attribute, samples])),
    problems: counted(problems.map(({ code }) => [code, 1])),
    device: message === undefined ? device : { ...device, message },
  };
}

function counted(entries: readonly (readonly [string, number])[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [key, count] of entries) sums[key] = (sums[key] ?? 0) + count;
  return sums;
}

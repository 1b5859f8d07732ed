/**
 * Readings out of a stream of text: assembles lines, reads them, gives their values attribute ids that the server accepts.
 * Knows nothing of where the bytes come from (a UART service over Bluetooth, a serial port).
 */
import type { AttributeId } from '../../model/attribute.ts';
import type { Reading } from '../../model/reading.ts';
import { attributeName, untaken } from './attribute-name.ts';
import { createLineAssembler, type AssemblerOptions } from './line-assembler.ts';
import { createLineClock, isClockName, type LineTime } from './line-clock.ts';
import { lineError, type LineError } from './line-error.ts';
import { parseLine, type LineValue } from './line-values.ts';
import { createReadings } from './readings.ts';

/** Attribute of a row of one number without a name. Rows of several are `value_1`, `value_2` … */
export const UNNAMED = 'value';

/** Names one connection may bring: noise that looks like names must not fill the server with attributes. */
const NAMES_MAX = 64;
/** Ids worked out once. */
const IDS_KEPT = 4 * NAMES_MAX;
/** A row that is unlike the others is damaged; so many in a row are a new format. */
const NEW_FORMAT_AFTER = 3;
/** Characters of a text that are kept. */
const TEXT_MAX = 120;

export interface LineBatch {
  readonly readings: readonly Reading[];
  /** Lines for people: banners, prompts, log messages; control characters removed. */
  readonly texts: readonly string[];
  /** To be counted by code. */
  readonly problems: readonly LineError[];
}

export interface LineReader {
  /** The next bytes of the stream. Never throws. */
  take(bytes: Uint8Array): LineBatch;
}

/** A reader with the memory of one connection. */
export function createLineReader(options: AssemblerOptions = {}): LineReader {
  return new Reader(options);
}

class Reader implements LineReader {
  readonly #assembler: ReturnType<typeof createLineAssembler>;
  readonly #clock = createLineClock();
  readonly #names = new Set<AttributeId>();
  readonly #ids = new Map<string, AttributeId | undefined>();
  /** Names of the columns, as printed; undefined: by position. */
  #header: readonly string[] | undefined;
  /** Names in the line before this one, if it could be a header. */
  #candidate: readonly string[] | undefined;
  #columns: number | undefined;
  /** Rows in a row with another number of columns. */
  #other = { columns: 0, rows: 0 };
  #batch = newBatch();

  constructor(options: AssemblerOptions) {
    this.#assembler = createLineAssembler(options);
  }

  take(bytes: Uint8Array): LineBatch {
    this.#batch = newBatch();
    const { lines, problems } = this.#assembler.push(bytes);
    this.#batch.problems.push(...problems);
    for (const line of lines) this.#line(line);
    const { readings, texts, problems: all } = this.#batch;
    return { readings: readings.all(), texts, problems: all };
  }

  #line(line: string): void {
    const content = parseLine(line);
    const candidate = this.#candidate;
    this.#candidate = undefined;
    switch (content.kind) {
      case 'values':
        this.#batch.problems.push(...content.problems);
        return this.#values(content.values);
      case 'row':
        this.#batch.problems.push(...content.problems);
        return this.#row(content.cells, candidate);
      case 'header':
        this.#candidate = content.names;
        return this.#text(content.text);
      case 'text':
        return this.#text(content.text);
      case 'bad':
        this.#batch.problems.push(content.error);
    }
  }

  #text(text: string): void {
    if (text !== '') this.#batch.texts.push(text.slice(0, TEXT_MAX));
  }

  #row(cells: readonly (number | undefined)[], candidate: readonly string[] | undefined): void {
    const row = this.#fit(cells, candidate);
    if (!row) return;
    const names = this.#header ?? (row.length === 1 ? [UNNAMED] : row.map((_, i) => `${UNNAMED}_${i + 1}`));
    this.#values(names.map((name, i) => ({ kind: 'number', name, value: row[i] })));
  }

  /** The row as the columns want it, or undefined and a problem. A comma at the end of a line makes no column. */
  #fit(
    cells: readonly (number | undefined)[],
    candidate: readonly string[] | undefined,
  ): readonly (number | undefined)[] | undefined {
    const trimmed = cells.length > 1 && cells.at(-1) === undefined ? cells.slice(0, -1) : cells;
    const matching = (columns: number): typeof cells | undefined =>
      [cells, trimmed].find((row) => row.length === columns);
    const headed = candidate && matching(candidate.length);
    if (headed) {
      this.#header = candidate;
      this.#columns = candidate.length;
      return headed;
    }
    this.#columns ??= trimmed.length;
    const fitting = matching(this.#columns);
    if (fitting) {
      this.#other = { columns: 0, rows: 0 };
      return fitting;
    }
    const rows = this.#other.columns === trimmed.length ? this.#other.rows + 1 : 1;
    this.#other = { columns: trimmed.length, rows };
    if (rows < NEW_FORMAT_AFTER) {
      const code = trimmed.length < this.#columns ? 'decode-truncated' : 'decode-oversized';
      this.#batch.problems.push(lineError(code, `row of ${trimmed.length} columns, not ${this.#columns}`));
      return undefined;
    }
    this.#header = undefined;
    this.#columns = trimmed.length;
    return trimmed;
  }

  /** Empty cells of a row are values too: which of two equal names a number goes by depends on its place. */
  #values(values: readonly (LineValue | EmptyCell)[]): void {
    const clock = values.find(({ name }) => isClockName(name.toLowerCase()));
    const time = clock && this.#tick(clock);
    const taken = new Set<AttributeId>();
    for (const value of values) {
      if (value === clock) continue;
      const attribute = this.#attribute(value.name, taken);
      if (attribute !== undefined && isFilled(value)) this.#batch.readings.add(attribute, value, time);
    }
  }

  #tick(value: LineValue | EmptyCell): LineTime | undefined {
    const name = value.name.toLowerCase();
    if (value.kind !== 'number' || value.value === undefined || !isClockName(name)) return undefined;
    return this.#clock.tick(name, value.value);
  }

  #attribute(name: string, taken: Set<AttributeId>): AttributeId | undefined {
    const id = this.#idOf(name);
    if (id === undefined) {
      this.#batch.problems.push(lineError('attribute-id-invalid', `a name of ${name.length} characters`));
      return undefined;
    }
    const attribute = untaken(id, taken);
    if (!this.#names.has(attribute) && this.#names.size >= NAMES_MAX) {
      this.#batch.problems.push(lineError('decode-reserved', `more than ${NAMES_MAX} names`));
      return undefined;
    }
    this.#names.add(attribute);
    return attribute;
  }

  /** Most lines repeat the names of the line before. */
  #idOf(name: string): AttributeId | undefined {
    if (this.#ids.has(name)) return this.#ids.get(name);
    const id = attributeName(name);
    if (this.#ids.size < IDS_KEPT) this.#ids.set(name, id);
    return id;
  }
}

/** A column without a number in this row. */
interface EmptyCell {
  readonly kind: 'number';
  readonly name: string;
  readonly value: number | undefined;
}

function isFilled(value: LineValue | EmptyCell): value is LineValue {
  return value.kind !== 'number' || value.value !== undefined;
}

function newBatch(): { readings: ReturnType<typeof createReadings>; texts: string[]; problems: LineError[] } {
  return { readings: createReadings(), texts: [], problems: [] };
}

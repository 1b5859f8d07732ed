/**
 * Reading a log in order, page by page, whatever its length. On disk stands what is complete; the newest records are
 * closed and written first when the reader gets there. What cannot be written is read from memory, in its place among what is
 * on disk if that can be read, and by itself if not. Nothing is read any more once somebody else has the log.
 */
import { blockLength, sliceBlock, type Block } from '../model/block.ts';
import type { OutboxEntry } from '../stream/ports.ts';
import { RECORD_SPAN, type BlockCodec, type LogDatabase, type StoredRecord } from './ports.ts';
import { parseRecord, sizeOf } from './row.ts';
import type { RecordFacts } from './handout.ts';
import type { SensorLog } from './sensor-log.ts';
import type { TailRecord } from './tail-record.ts';

/** Records fetched at once: at about a kilobyte each, a few pages of samples. */
const PAGE = 4;
/** The same where only their facts are wanted. */
const SURVEY_PAGE = 64;

export interface ReaderDeps {
  readonly db: LogDatabase;
  readonly codec: BlockCodec;
  /** Resolves when everything appended so far is on disk, or cannot be for now. */
  readonly flush: () => Promise<void>;
  /** False: new samples are in memory only. */
  readonly durable: () => boolean;
  /** False: nothing can be read from the disk for now. */
  readonly readable: () => boolean;
  /** Somebody else has the log. */
  readonly takenOver: () => boolean;
  /** Resolves when no trade of records is under way. */
  readonly traded: () => Promise<void>;
  readonly failed: (thrown: unknown) => void;
}

/** One request: what it has found so far, and where it stands. */
interface Cursor {
  readonly log: SensorLog;
  readonly out: OutboxEntry[];
  /** Nothing above this number. */
  readonly end: number;
  /** Number of the next sample to look at. */
  position: number;
  /** From here to the position there is nothing left that is not dealt with or handed out. */
  covered: number;
  /** Samples that may still be added. */
  room: number;
}

/** The last record that was decoded: a record is read in several parts. */
interface Decoded {
  readonly id: number;
  readonly block: Block;
  readonly firstSeq: number;
}

export class LogReader {
  readonly #deps: ReaderDeps;
  readonly #decoded = new WeakMap<SensorLog, Decoded>();

  constructor(deps: ReaderDeps) {
    this.#deps = deps;
  }

  /** See OutboxPort.read. */
  async read(
    log: SensorLog,
    after: number | undefined,
    maxSamples: number,
    end = Infinity,
  ): Promise<readonly OutboxEntry[]> {
    if (after === undefined) log.rewind(end);
    const start = after === undefined ? 0 : after + 1;
    const cursor: Cursor = { log, out: [], end, position: start, covered: start, room: Math.max(1, maxSamples) };
    await this.#deps.flush();
    await this.#fromDisk(cursor, log.tail.stableBelow - 1);
    if (cursor.room > 0 && log.tail.stableBelow <= end && log.tail.records.length > 0) {
      // The live end: what was appended until now is read, what comes later stands in records behind it.
      log.seal();
      await this.#deps.flush();
      await this.#fromDisk(cursor, log.tail.stableBelow - 1);
    }
    if (cursor.room > 0 && !this.#deps.durable()) await this.#fromBoth(cursor);
    else if (after === undefined && end === Infinity && cursor.out.length === 0 && log.tail.records.length === 0)
      log.writeOff();
    // Whoever has the log now sends these as well.
    return this.#deps.takenOver() ? [] : cursor.out;
  }

  /** Looks at all that is left on disk of what waited when the session began, once, for its account. */
  async survey({ sensorId, session }: SensorLog): Promise<void> {
    let from = 0;
    while (!session.complete && this.#deps.readable()) {
      const page = await this.#page(sensorId, from, session.firstId - 1, SURVEY_PAGE);
      for (const { id, value } of page) {
        const record = parseRecord(value);
        if (record) session.saw(id, record);
        from = id + 1;
      }
      if (page.length < SURVEY_PAGE && this.#deps.readable()) session.complete = true;
    }
  }

  /** @param last nothing above this number */
  async #fromDisk(cursor: Cursor, last: number): Promise<void> {
    const { log } = cursor;
    const end = Math.min(last, cursor.end);
    while (cursor.room > 0 && cursor.position <= end && this.#deps.readable()) {
      const from = cursor.position - (cursor.position % RECORD_SPAN);
      const page = await this.#page(log.sensorId, from, end, PAGE);
      // What was read may be gone when the trade is through, or here to stay.
      if (log.trading) {
        await this.#deps.traded();
        continue;
      }
      if (this.#deps.takenOver()) return;
      for (const { id, value } of page) {
        if (cursor.room > 0) this.#take(cursor, id, value);
      }
      if (page.length < PAGE) return;
    }
  }

  async #page(sensorId: string, from: number, to: number, count: number): ReturnType<LogDatabase['records']> {
    try {
      return await this.#deps.db.records(sensorId, { from, to }, count);
    } catch (thrown) {
      this.#deps.failed(thrown);
      return [];
    }
  }

  /** Adds what is wanted of a record on disk; sets aside what cannot be read. */
  #take(cursor: Cursor, id: number, value: unknown): void {
    const { log } = cursor;
    const record = parseRecord(value);
    if (!record || record.samples > RECORD_SPAN) {
      if (!log.pending.doomed.has(id)) log.setAsideUnknown(id, value, 'block-corrupt');
      cursor.position = Math.max(cursor.position, id + 1);
      return;
    }
    log.session.saw(id, record);
    const facts = { id, last: id + record.samples - 1, attribute: record.attribute, size: sizeOf(record) };
    if (!log.pending.doomed.has(id) && !log.gone.covers(id, facts.last)) {
      const decoded = this.#decode(log, id, record);
      if (typeof decoded === 'string') log.setAsideRecord(facts, record.bytes, decoded);
      else this.#add(cursor, facts, decoded);
    }
    if (cursor.room > 0) cursor.position = Math.max(cursor.position, facts.last + 1);
  }

  /** The record's samples, or why there are none. */
  #decode(log: SensorLog, id: number, record: StoredRecord): Decoded | string {
    const known = this.#decoded.get(log);
    if (known?.id === id) return known;
    const read = this.#deps.codec.decode(record.bytes);
    if (!read.ok) return read.error.code;
    const { block, firstSeq } = read.value;
    // Sound bytes in the wrong place are as bad as broken ones.
    if (blockLength(block) !== record.samples || block.attribute !== record.attribute) return 'block-corrupt';
    const decoded = { id, block, firstSeq };
    this.#decoded.set(log, decoded);
    return decoded;
  }

  /** Records in memory, and before each what stands there on disk, as far as that can be read. */
  async #fromBoth(cursor: Cursor): Promise<void> {
    const { log } = cursor;
    const next = (): TailRecord | undefined => {
      // What was read grows no more.
      log.seal();
      return log.tail.records.find(({ id, last }) => last >= cursor.position && id <= cursor.end);
    };
    while (cursor.room > 0 && !this.#deps.takenOver()) {
      const record = next();
      await this.#fromDisk(cursor, (record?.id ?? log.tail.nextId) - 1);
      if (cursor.room === 0 || record === undefined) return;
      // It may have been written or given up meanwhile.
      if (record === next() && !this.#deps.takenOver()) this.#fromMemory(cursor, record);
    }
  }

  #fromMemory(cursor: Cursor, record: TailRecord): void {
    const { id, last, attribute, size, firstSeq } = record;
    record.handed = true;
    // Numbers between the records may belong to some on disk.
    if (!this.#deps.readable()) cursor.covered = Math.max(cursor.position, id);
    this.#add(cursor, { id, last, attribute, size }, { id, block: record.block(), firstSeq });
    if (cursor.room > 0) cursor.position = Math.max(cursor.position, last + 1);
  }

  /** Adds the record's samples from the cursor on that are not dealt with, as many as there is room for. */
  #add(cursor: Cursor, facts: RecordFacts, { block, firstSeq }: Decoded): void {
    const { log, out } = cursor;
    for (const part of log.gone.missing(Math.max(facts.id, cursor.position), Math.min(facts.last, cursor.end))) {
      if (cursor.room === 0) return;
      const to = Math.min(part.to, part.from + cursor.room - 1);
      const samples = to - part.from + 1;
      const first = part.from - facts.id;
      const entry = { id: to, block: sliceBlock(block, first, first + samples), firstSeq: firstSeq + first, samples };
      out.push(entry);
      log.hand({ entry, from: cursor.covered, record: facts });
      cursor.room -= samples;
      cursor.position = to + 1;
      cursor.covered = to + 1;
    }
  }
}

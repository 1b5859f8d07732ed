/**
 * One sensor's log as it stands in memory: counts, the tail that is not on disk yet, and what was handed out. Every change
 * takes effect here at once; `take` gives what the disk must learn of it, as one piece that is written whole or not at all.
 */
import type { AttributeId } from '../model/attribute.ts';
import { blockLength, sliceBlock, type Block } from '../model/block.ts';
import { describeThrown } from '../model/errors.ts';
import type { AttributeProof } from '../model/proof.ts';
import type { AttributeRegistration, SensorDescriptor, SensorId } from '../model/sensor.ts';
import type { FeedMark, OutboxDepth, OutboxEntry, SampleRun } from '../stream/ports.ts';
import { firstOf, Handout, type Handed, type RecordFacts } from './handout.ts';
import { IdRanges } from '../lib/id-ranges.ts';
import { Ledger, type GivenUp } from './ledger.ts';
import { Marks } from './marks.ts';
import { Pending } from './pending.ts';
import type { RingDoor } from './rings.ts';
import { RECORD_SPAN, RING_SHARE, type BlockCodec, type Gap, type SensorChanges, type SensorRow } from './ports.ts';
import { SEQ_MARGIN, sizeOf } from './row.ts';
import { Session } from './session.ts';
import { Tail } from './tail.ts';
import { costOf, type Taken, type Trade } from './taken.ts';
import { MAX_RECORD_SAMPLES, type TailRecord } from './tail-record.ts';

export class SensorLog {
  readonly sensorId: SensorId;
  readonly #codec: BlockCodec;
  readonly #now: () => number;
  readonly #ledger: Ledger;
  readonly #pending = new Pending();
  readonly #registrations = new Map<AttributeId, AttributeRegistration>();
  readonly tail: Tail;
  /** Numbers that are dealt with, though their record may still be on disk. */
  readonly gone: IdRanges;
  #descriptor: SensorDescriptor | undefined;
  #nextGap: number;
  #oldestUnsentAt: number | undefined;
  /** Whether nothing was numbered since the end was last noted as clean. */
  #clean: boolean;
  readonly #handout = new Handout();
  readonly #marks: Marks;
  readonly session: Session;
  /** For who gives up what is beyond the rings. */
  readonly door: RingDoor;
  /** A trade is under way: records on disk may be gone in a moment, so nothing is read until that is known. */
  #trading = false;
  #unknownAsides: number;
  #dirty = false;
  #needsStrict = false;

  constructor(row: SensorRow, codec: BlockCodec, now: () => number) {
    this.sensorId = row.sensorId;
    this.#codec = codec;
    this.#now = now;
    // Not closed in order: numbers beyond the noted ones may have gone out, and must not be used again.
    this.#ledger = new Ledger(row.attributes, row.clean ? 0 : SEQ_MARGIN);
    this.gone = new IdRanges(row.gone);
    this.#descriptor = row.descriptor;
    this.tail = new Tail(row.nextId);
    this.#nextGap = row.nextGap;
    this.#oldestUnsentAt = row.oldestUnsentAt;
    this.#clean = row.clean;
    this.#marks = new Marks(row.marks);
    this.session = new Session(row, codec);
    this.#unknownAsides = row.unknownAsides;
    for (const one of row.registrations) this.#registrations.set(one.attribute, one);
    this.door = {
      handout: this.#handout,
      drop: (record) => this.#drop(record),
      settle: (oldest) => {
        this.#settle();
        if (oldest !== undefined) this.#oldestUnsentAt &&= oldest;
      },
    };
  }

  get dirty(): boolean {
    return this.#dirty;
  }

  get trading(): boolean {
    return this.#trading;
  }

  /** Things set aside that do not say how many samples they held. */
  get unknownAsides(): number {
    return this.#unknownAsides;
  }

  get descriptor(): SensorDescriptor | undefined {
    return this.#descriptor;
  }

  get registrations(): readonly AttributeRegistration[] {
    return [...this.#registrations.values()];
  }

  get ledger(): Ledger {
    return this.#ledger;
  }

  get pending(): Pending {
    return this.#pending;
  }

  /** Whether one of these samples was handed out and may be on its way. */
  isHanded(from: number, to: number): boolean {
    return this.#handout.overlapping(from, to).length > 0;
  }

  depth(): OutboxDepth {
    return { ...this.#ledger.sum(), oldestUnsentAt: this.#oldestUnsentAt };
  }

  /** Each attribute in this session. */
  account(): readonly AttributeProof[] {
    return this.#ledger.sessionTallies().map((tally) => ({ ...tally, ...this.session.of(tally.attribute) }));
  }

  describe(descriptor: SensorDescriptor): void {
    this.#descriptor = descriptor;
    this.#dirty = true;
  }

  register(registration: AttributeRegistration): void {
    this.#registrations.set(registration.attribute, registration);
    this.#dirty = true;
  }

  /** The type an attribute was registered with; its id otherwise, which is mostly the same word. */
  typeOf(attribute: AttributeId): string {
    return this.#registrations.get(attribute)?.attributeType ?? attribute;
  }

  /** Under a new key, or in the place of the gap with this one; returns the key. */
  recordGap(gap: Gap, key = this.#nextGap): number {
    this.#pending.gap(key, gap);
    this.#nextGap = Math.max(this.#nextGap, key + 1);
    this.#dirty = true;
    return key;
  }

  /** The counts will be written with the next transaction, though nothing changed. */
  touch(): void {
    this.#dirty = true;
  }

  append(block: Block, origin?: FeedMark): OutboxEntry {
    const samples = blockLength(block);
    const totals = this.#ledger.of(block.attribute);
    const firstSeq = totals.nextSeq;
    if (this.#ledger.kept === 0) this.#oldestUnsentAt = block.times[0];
    let id = this.tail.nextId - 1;
    for (let at = 0; at < samples; at += MAX_RECORD_SAMPLES) {
      const end = Math.min(samples, at + MAX_RECORD_SAMPLES);
      id = this.tail.grow(sliceBlock(block, at, end), firstSeq + at);
    }
    totals.nextSeq += samples;
    totals.measured += samples;
    this.#dirty = true;
    // The first number used after a clean end: the note that the end is no longer clean must not be lost.
    this.#needsStrict ||= this.#clean;
    this.#clean = false;
    if (samples > 0) this.session.appended(block, firstSeq);
    if (origin) this.#marks.add(origin);
    return { id, block, firstSeq, samples };
  }

  /** See MarkedOutboxPort. Where nothing is left to send, nothing can be lost either. */
  lastIngested(tab: string): number {
    return this.#marks.of(tab, this.#ledger.kept === 0);
  }

  /** No record grows any further. */
  seal(): void {
    this.tail.seal();
  }

  /**
   * The disk is away. Sequence numbers go on from `seq` at least, also those of samples that are in memory only: what the
   * disk does not know may go out now, and a later process starts from what the disk knows.
   */
  skipTo(seq: number): void {
    this.#ledger.skipTo(seq);
    const moved = this.tail.renumber(({ attribute, firstSeq, written, samples }) => {
      const totals = this.#ledger.of(attribute);
      const first = totals.nextSeq;
      totals.nextSeq += samples - written;
      this.session.renumbered(attribute, firstSeq + written, samples - written, first);
      return first;
    });
    for (const record of moved) this.#drop(record);
  }

  /** The highest number in use; what is appended from now on gets higher ones. */
  end(): number {
    this.seal();
    return this.tail.nextId - 1;
  }

  /** What was handed out up to this number counts as unread again. */
  rewind(upTo: number): void {
    this.#handout.takeBack(upTo);
  }

  hand(handed: Handed): void {
    this.#handout.add(handed);
    this.#findOldest();
  }

  confirm(upTo: number): void {
    this.confirmSamples([{ last: upTo, samples: upTo + 1 }]);
  }

  confirmSamples(runs: readonly SampleRun[]): void {
    for (const { last, samples } of runs) {
      for (const { entry, record } of this.#handout.overlapping(last - samples + 1, last)) {
        this.#confirm(record, Math.max(firstOf(entry), last - samples + 1), Math.min(entry.id, last));
      }
    }
    this.#settle();
  }

  #confirm(record: RecordFacts, from: number, to: number): void {
    this.#ledger.of(record.attribute).confirmed += to - from + 1 - this.gone.count(from, to);
    this.gone.add(from, to);
  }

  setAside(ids: readonly number[], reason: string): void {
    for (const id of ids) {
      for (const one of this.#handout.overlapping(id, id)) if (one.entry.id === id) this.#moveAside(one, 0, id, reason);
    }
    this.#settle();
  }

  setAsideSamples(last: number, samples: number, reason: string): void {
    for (const one of this.#handout.overlapping(last, last)) this.#moveAside(one, last - samples + 1, last, reason);
    this.#settle();
  }

  /** Keeps apart what is left of the entry's samples `first` … `last`. */
  #moveAside({ entry, record }: Handed, first: number, last: number, reason: string): void {
    const entryFirst = firstOf(entry);
    for (const { from, to } of this.gone.missing(Math.max(entryFirst, first), last)) {
      const block = sliceBlock(entry.block, from - entryFirst, to - entryFirst + 1);
      this.#keepAside(from, to - from + 1, reason, this.#encoded(block, entry.firstSeq + from - entryFirst));
      this.#ledger.of(record.attribute).setAside += to - from + 1;
      this.gone.add(from, to);
    }
  }

  /** A record that cannot be read or written: kept apart with all that is left of it. */
  setAsideRecord(record: RecordFacts, content: unknown, reason: string): void {
    const live = this.liveOf(record);
    // A part of it may have been set aside before, under the number of the record.
    const [first] = this.gone.missing(record.id, record.last);
    this.#keepAside(first?.from ?? record.id, live, reason, content);
    this.#ledger.of(record.attribute).setAside += live;
    this.gone.add(record.id, record.last);
    this.#drop(record);
    this.#settle();
  }

  /** Something in the place of a record that does not even say how many samples it held. */
  setAsideUnknown(id: number, content: unknown, reason: string): void {
    // A number that no sample has: parts of what stood here may have been set aside under theirs.
    this.#keepAside(id + RECORD_SPAN - 1, 0, reason, content);
    this.#unknownAsides += 1;
    this.#pending.delete(id);
    this.#dirty = true;
  }

  /** The whole log was read and nothing is left: what the counts still say is kept was in records that are unreadable. */
  writeOff(): void {
    if (this.#ledger.writeOff()) this.#settle();
  }

  /** Gives a record up for lack of room. Returns how many samples that were. */
  evict(record: RecordFacts): number {
    const live = this.liveOf(record);
    this.#ledger.of(record.attribute).evicted += live;
    this.#drop(record);
    this.#settle();
    return live;
  }

  /**
   * What is beyond the rings, by attribute, and a little more, so that it is not beyond them at once again.
   * @param memory only what is in memory counts: nothing else can be given up for now
   */
  beyondRings(memory: boolean): readonly { readonly attribute: AttributeId; readonly samples: number }[] {
    return this.registrations.flatMap(({ attribute, ring = Infinity }) => {
      let unsent = -this.#handout.count(attribute, this.gone);
      if (!memory) unsent += this.#ledger.keptOf(attribute);
      else for (const one of this.tail.records) if (one.attribute === attribute) unsent += this.liveOf(one);
      return unsent > ring ? [{ attribute, samples: unsent - ring + Math.floor(ring * RING_SHARE) }] : [];
    });
  }

  /** Samples of a record that nobody has answered for. */
  liveOf({ id, last }: RecordFacts): number {
    return last - id + 1 - this.gone.count(id, last);
  }

  #keepAside(id: number, samples: number, reason: string, content: unknown): void {
    this.#pending.keepAside({ sensorId: this.sensorId, id, reason, at: this.#now(), samples, content });
    this.#dirty = true;
  }

  /** Bytes, or the block itself if it has no form as bytes. */
  #encoded(block: Block, firstSeq: number): unknown {
    try {
      return this.#codec.encode(block, firstSeq);
    } catch {
      // What a codec refuses survives structured cloning all the same, and is worth more than the reason.
      return block;
    }
  }

  /** Takes a record out of tail and disk. */
  #drop(record: RecordFacts): void {
    const inTail = this.tail.find(record.id);
    const size = inTail ? inTail.size : record.size;
    const totals = this.#ledger.of(record.attribute);
    totals.bytes = Math.max(0, totals.bytes - size);
    if (inTail) this.tail.remove(inTail);
    // One that never was part of a transaction is not on disk, and never will be.
    if (size > 0) this.#pending.delete(record.id);
  }

  /** After samples left: records of which nothing is left go. */
  #settle(): void {
    this.#dirty = true;
    const records = new Map<number, RecordFacts>();
    for (const { entry, from, record } of this.#handout.sweep(this.gone)) {
      this.gone.add(from, entry.id);
      records.set(record.id, record);
    }
    for (const record of records.values()) if (this.gone.covers(record.id, record.last)) this.#drop(record);
    if (this.#ledger.kept === 0) this.#ledger.noBytes();
    this.#findOldest();
  }

  /** What is the oldest now is known if it was handed out; else the next read tells. */
  #findOldest(): void {
    if (this.#ledger.kept === 0) this.#oldestUnsentAt = undefined;
    else this.#oldestUnsentAt = this.#handout.oldest(this.gone, RECORD_SPAN) ?? this.#oldestUnsentAt;
  }

  /**
   * What the disk must learn now.
   * @param limit of records; 0 for everything else only
   * @param close whether this may be noted as a clean end
   * @param trade what goes at the same time; nothing is read of this log until `landed` or `failed`
   */
  take(limit: number, close: boolean, trade?: Trade): Taken {
    const written: { record: TailRecord; samples: number; size: number }[] = [];
    const puts: SensorChanges['puts'][number][] = [];
    /** Not in this transaction, so not in its counts. */
    const left = new Map<AttributeId, number>();
    for (const record of this.tail.records.filter((one) => one.dirty)) {
      const { size } = record;
      const fits = puts.length < limit && trade?.takes(record.attribute) !== false;
      const put = fits ? this.#put(record) : undefined;
      if (put) {
        puts.push(put);
        written.push({ record, samples: record.samples, size });
      } else if (this.tail.records.includes(record)) {
        const first = record.id + record.written;
        const waiting = record.last - first + 1 - this.gone.count(first, record.last);
        left.set(record.attribute, (left.get(record.attribute) ?? 0) + waiting);
      }
    }
    const whole = left.size === 0;
    this.#clean ||= close && whole;
    const given = costOf(trade?.victims ?? [], (victim) => this.liveOf(victim));
    const gaps = (trade?.gaps ?? []).map((gap) => ({ key: this.#nextGap++, gap }));
    const pending = this.#pending.take();
    const changes: SensorChanges = {
      row: this.#row(left, whole, given),
      puts,
      deletes: [...pending.deletes, ...(trade?.victims ?? []).map(({ id }) => ({ from: id, to: id }))],
      asides: pending.asides,
      gaps: [...pending.gaps, ...gaps],
    };
    const strict = this.#needsStrict;
    this.#needsStrict = false;
    this.#dirty = !whole;
    this.#trading = given.size > 0;
    return { log: this, changes, pending, written, given, strict, whole };
  }

  /** The record as it goes to disk; one that has no form as bytes is set aside. */
  #put(record: TailRecord): SensorChanges['puts'][number] | undefined {
    try {
      const stored = record.encode(this.#codec);
      this.#ledger.of(record.attribute).bytes += sizeOf(stored) - record.size;
      record.size = sizeOf(stored);
      return { id: record.id, record: stored };
    } catch (thrown) {
      this.setAsideRecord(record, record.block(), describeThrown(thrown));
      return undefined;
    }
  }

  #row(left: ReadonlyMap<AttributeId, number>, whole: boolean, given: ReadonlyMap<AttributeId, GivenUp>): SensorRow {
    return {
      sensorId: this.sensorId,
      nextId: this.tail.nextId,
      gone: this.gone.toPairs(),
      nextGap: this.#nextGap,
      oldestUnsentAt: this.#oldestUnsentAt,
      clean: this.#clean,
      attributes: this.#ledger.toRow(left, given),
      descriptor: this.#descriptor,
      registrations: this.registrations,
      marks: this.#marks.toPairs(whole),
      unknownAsides: this.#unknownAsides,
    };
  }

  /** The transaction succeeded. */
  landed({ written, changes, pending, given }: Taken): void {
    for (const { record, samples } of written) record.written = samples;
    this.#pending.landed(pending);
    this.#marks.landed(changes.row.marks);
    this.tail.settle();
    this.#trading = false;
    if (given.size === 0) return;
    this.#ledger.gaveUp(given);
    this.#findOldest();
  }

  /**
   * The transaction failed: all of it is still to be written, and a trade is off.
   * @param refused certainly nothing of it is on disk
   */
  failed({ pending, written, strict }: Taken, refused: boolean): void {
    this.#pending.failed(pending);
    this.#needsStrict ||= strict;
    this.#dirty = true;
    this.#trading = false;
    if (!refused) return;
    for (const { record, size } of written) {
      if (this.tail.find(record.id) !== record) continue;
      const totals = this.#ledger.of(record.attribute);
      totals.bytes = Math.max(0, totals.bytes - (record.size - size));
      record.size = size;
    }
  }
}

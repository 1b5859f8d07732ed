/** The log in memory: what the durable log does, for as long as the tab lives. Passes the same contract suite. */
import { blockLength, sliceBlock } from '../model/block.ts';
import { appError, type AppError } from '../model/errors.ts';
import type { AttributeTally } from '../model/proof.ts';
import { EVICTION_ORDER, priorityOf } from '../model/priority.ts';
import type { AttributeRegistration, SensorDescriptor, SensorId } from '../model/sensor.ts';
import type { FeedMark, OutboxEntry } from '../stream/ports.ts';
import { firstOf } from './handout.ts';
import { heldBytes } from './held.ts';
import { ASIDE_PAGE, HELD_BYTES, MAX_GAPS, RING_SHARE, type AsideEntry, type Gap, type Outbox } from './ports.ts';
import { Spans } from './spans.ts';

/** When memory is at its bound, this share of it is freed. */
const FREED_SHARE = 0.05;

interface SensorLog {
  /** Ascending. */
  entries: OutboxEntry[];
  /** Those that were read. */
  readonly handed: Set<OutboxEntry>;
  readonly aside: AsideEntry[];
  gaps: Gap[];
  lastId: number;
  readonly nextSeq: Map<string, number>;
  measured: number;
  confirmed: number;
  setAside: number;
  /** By attribute. */
  readonly evicted: Map<string, number>;
  /** The gap of an attribute's ring that grows, and how much had been confirmed or set aside when it last did. */
  readonly ringGaps: Map<string, { readonly gap: Gap; readonly answered: number }>;
  readonly spans: Spans;
  /** Per tab, oldest first: marks, each with the last entry it covers. Older ones than the newest covered are dropped. */
  readonly marks: Map<string, { number: number; upTo: number }[]>;
  descriptor: SensorDescriptor | undefined;
  readonly registrations: Map<string, AttributeRegistration>;
}

/**
 * @param firstSeq where sequence numbers start. This log forgets at reload, so it starts at a number no earlier run can
 * have reached (the clock in ms × 1000), or the server would take new samples for repeats.
 * @param error why there is no durable log
 * @param now Unix ms
 * @param heldLimit bytes of samples that wait, all sensors together; above it the least important go
 */
export function createMemoryOutbox(
  firstSeq: number,
  error: AppError = appError('storage-unavailable'),
  now: () => number = () => Date.now(),
  heldLimit = HELD_BYTES,
): Outbox {
  const logs = new Map<SensorId, SensorLog>();
  const room: Room = { held: 0, limit: heldLimit };
  const since = now();
  const logOf = (sensorId: SensorId): SensorLog => {
    const log = logs.get(sensorId) ?? emptyLog();
    logs.set(sensorId, log);
    return log;
  };
  return {
    ...carrying(logs, logOf, firstSeq, room),
    ...answering(logOf, now, room),
    ...remembering(logs, logOf, firstSeq, room),
    get storage() {
      return { kind: 'memory', error, since, full: false, heldBytes: room.held, heldLimit } as const;
    },
    checkpoint: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

type LogOf = (sensorId: SensorId) => SensorLog;

/** Bytes of all samples that wait, and how many may. */
interface Room {
  held: number;
  readonly limit: number;
}

type Carries = 'append' | 'read' | 'end' | 'depth' | 'lastIngested';

function carrying(
  logs: ReadonlyMap<SensorId, SensorLog>,
  logOf: LogOf,
  firstSeq: number,
  room: Room,
): Pick<Outbox, Carries> {
  return {
    append(sensorId, block, origin) {
      const log = logOf(sensorId);
      const samples = blockLength(block);
      const seq = log.nextSeq.get(block.attribute) ?? firstSeq;
      const entry: OutboxEntry = { id: log.lastId + samples, block, firstSeq: seq, samples };
      log.lastId = entry.id;
      log.nextSeq.set(block.attribute, seq + samples);
      if (samples > 0) {
        log.entries.push(entry);
        log.spans.add(block.attribute, stretchOf(entry));
      }
      log.measured += samples;
      if (origin) mark(log, origin, entry.id);
      room.held += heldBytes(block);
      keepRing(sensorId, log, block.attribute, room);
      if (room.held > room.limit) evict(logs, room);
      return entry;
    },
    read(sensorId, after, maxSamples, upTo = Infinity) {
      const log = logOf(sensorId);
      if (after === undefined) for (const entry of log.handed) if (entry.id <= upTo) log.handed.delete(entry);
      const entries = takeAfter(log, after, Math.max(1, maxSamples), upTo);
      for (const entry of entries) log.handed.add(entry);
      return Promise.resolve(entries);
    },
    end: (sensorId) => logOf(sensorId).lastId,
    depth(sensorId) {
      const { entries, measured, confirmed, setAside, evicted: byAttribute } = logOf(sensorId);
      const evicted = [...byAttribute.values()].reduce((sum, one) => sum + one, 0);
      const kept = measured - confirmed - setAside - evicted;
      return { measured, kept, confirmed, setAside, evicted, oldestUnsentAt: entries[0]?.block.times[0], bytes: 0 };
    },
    lastIngested: (sensorId, tab) => covered(logOf(sensorId), tab),
  };
}

type Answers = 'confirm' | 'confirmSamples' | 'setAside' | 'setAsideSamples';

function answering(logOf: LogOf, now: () => number, room: Room): Pick<Outbox, Answers> {
  function take(log: SensorLog, from: number, to: number): readonly OutboxEntry[] {
    const out = cut(log, from, to);
    for (const { block } of out) room.held -= heldBytes(block);
    return out;
  }

  /** Takes samples that were read out of the log and keeps them apart. */
  function moveAside(sensorId: SensorId, from: number, to: number, reason: string): void {
    const log = logOf(sensorId);
    for (const { id, block, firstSeq: seq, samples } of take(log, from, to)) {
      log.aside.push({ sensorId, id: id - samples + 1, reason, at: now(), samples, block, firstSeq: seq, raw: block });
      log.setAside += samples;
    }
  }

  return {
    confirm(sensorId, upTo) {
      const log = logOf(sensorId);
      log.confirmed += total(take(log, 0, upTo));
      return Promise.resolve();
    },
    confirmSamples(sensorId, runs) {
      const log = logOf(sensorId);
      for (const { last, samples } of runs) log.confirmed += total(take(log, last - samples + 1, last));
      return Promise.resolve();
    },
    setAside(sensorId, ids, reason) {
      const chosen = [...logOf(sensorId).handed].filter((entry) => ids.includes(entry.id));
      for (const entry of chosen) moveAside(sensorId, firstOf(entry), entry.id, reason);
      return Promise.resolve();
    },
    setAsideSamples(sensorId, last, samples, reason) {
      moveAside(sensorId, last - samples + 1, last, reason);
      return Promise.resolve();
    },
  };
}

type Memories =
  | ('describe' | 'register' | 'sensors' | 'sensorsWithData' | 'descriptor' | 'attributes' | 'account')
  | ('recordGap' | 'gaps' | 'aside' | 'unknownAsides');

function remembering(
  logs: ReadonlyMap<SensorId, SensorLog>,
  logOf: LogOf,
  firstSeq: number,
  room: Room,
): Pick<Outbox, Memories> {
  const attributes = (sensorId: SensorId): readonly AttributeTally[] => tallies(logOf(sensorId), firstSeq);
  return {
    describe(descriptor) {
      logOf(descriptor.sensorId).descriptor = descriptor;
    },
    register(sensorId, registration) {
      const log = logOf(sensorId);
      log.registrations.set(registration.attribute, registration);
      keepRing(sensorId, log, registration.attribute, room);
    },
    sensors: () => [...logs.keys()],
    sensorsWithData: () =>
      [...logs]
        .filter(([, log]) => log.entries.length > 0)
        .map(([sensorId, { descriptor, registrations, entries }]) => {
          return { sensorId, descriptor, registrations: [...registrations.values()], kept: total(entries) };
        }),
    descriptor: (sensorId) => logs.get(sensorId)?.descriptor,
    attributes,
    // This log lives as long as its session.
    account: (sensorId) =>
      Promise.resolve(attributes(sensorId).map((one) => ({ ...one, ...logOf(sensorId).spans.of(one.attribute) }))),
    unknownAsides: () => 0,
    recordGap: (gap) => addGap(logOf(gap.sensorId), gap),
    gaps: (sensorId) => Promise.resolve(logOf(sensorId).gaps),
    aside: (sensorId, after = -1, limit = ASIDE_PAGE) => {
      const later = logOf(sensorId).aside.filter(({ id }) => id > after);
      return Promise.resolve(later.sort((a, b) => a.id - b.id).slice(0, limit));
    },
  };
}

function emptyLog(): SensorLog {
  return {
    entries: [],
    handed: new Set(),
    aside: [],
    gaps: [],
    lastId: 0,
    nextSeq: new Map(),
    measured: 0,
    confirmed: 0,
    setAside: 0,
    evicted: new Map(),
    ringGaps: new Map(),
    spans: new Spans(),
    marks: new Map(),
    descriptor: undefined,
    registrations: new Map(),
  };
}

function tallies({ nextSeq, entries, aside, evicted }: SensorLog, firstSeq: number): readonly AttributeTally[] {
  return [...nextSeq].map(([attribute, next]) => {
    const measured = next - firstSeq;
    const kept = total(entries.filter(({ block }) => block.attribute === attribute));
    const ofIt = aside.filter(({ block }) => block?.attribute === attribute);
    const setAside = ofIt.reduce((sum, one) => sum + one.samples, 0);
    const gone = evicted.get(attribute) ?? 0;
    return { attribute, measured, kept, confirmed: measured - kept - setAside - gone, setAside, evicted: gone };
  });
}

function addGap(log: SensorLog, gap: Gap): void {
  log.gaps = [...log.gaps, gap].slice(-MAX_GAPS);
}

function stretchOf({ block: { times }, firstSeq, samples }: OutboxEntry) {
  return { from: times[0] ?? NaN, to: times.at(-1) ?? NaN, firstSeq, samples };
}

/** Gives up what matters least, the oldest of it first; what is on its way to the server stays. */
function evict(logs: ReadonlyMap<SensorId, SensorLog>, room: Room): void {
  const enough = (1 - FREED_SHARE) * room.limit;
  for (const priority of EVICTION_ORDER) {
    const found = [...logs].flatMap(([sensorId, log]) =>
      log.entries
        .filter((entry) => !log.handed.has(entry) && priorityIn(log, entry.block.attribute) === priority)
        .map((entry) => ({ sensorId, log, entry, at: entry.block.times[0] ?? 0 })),
    );
    const lost = new Map<SensorId, Set<OutboxEntry>>();
    for (const { sensorId, entry } of found.sort((a, b) => a.at - b.at)) {
      if (room.held <= enough) break;
      lost.set(sensorId, (lost.get(sensorId) ?? new Set()).add(entry));
      room.held -= heldBytes(entry.block);
    }
    for (const [sensorId, log] of logs) remove(sensorId, log, lost.get(sensorId) ?? new Set());
  }
}

/**
 * Gives up what an attribute has beyond its ring, the oldest first, and a little more, so that it is not beyond it at once
 * again. What is on its way to the server stays.
 */
function keepRing(sensorId: SensorId, log: SensorLog, attribute: string, room: Room): void {
  const { ring } = log.registrations.get(attribute) ?? {};
  if (ring === undefined) return;
  const unsent = log.entries.filter((entry) => entry.block.attribute === attribute && !log.handed.has(entry));
  const beyond = total(unsent) - ring;
  if (beyond <= 0) return;
  const lost: OutboxEntry[] = [];
  for (const entry of unsent) {
    const left = beyond + Math.floor(ring * RING_SHARE) - total(lost);
    if (left <= 0) break;
    const [first, last] = [firstOf(entry), entry.id];
    const end = Math.min(last, first + left - 1);
    replace(log, entry, end < last ? [partOf(entry, end + 1, last)] : []);
    lost.push(partOf(entry, first, end));
  }
  for (const { block } of lost) room.held -= heldBytes(block);
  log.evicted.set(attribute, (log.evicted.get(attribute) ?? 0) + total(lost));
  const [from, to] = [lost[0]?.block.times[0] ?? 0, lost.at(-1)?.block.times.at(-1) ?? 0];
  noteRing(log, attribute, { sensorId, cause: 'evicted', attribute, from, to, samples: total(lost) });
}

/** One gap that grows, until something was confirmed or set aside. */
function noteRing(log: SensorLog, attribute: string, gap: Gap): void {
  const answered = log.confirmed + log.setAside;
  const known = log.ringGaps.get(attribute);
  const at = known?.answered === answered ? log.gaps.indexOf(known.gap) : -1;
  if (known && at >= 0) {
    const whole = { ...gap, from: known.gap.from, samples: (known.gap.samples ?? 0) + (gap.samples ?? 0) };
    log.gaps = log.gaps.with(at, whole);
    log.ringGaps.set(attribute, { gap: whole, answered });
  } else {
    addGap(log, gap);
    log.ringGaps.set(attribute, { gap, answered });
  }
}

/** Takes entries out as given up: counted, and noted as a gap of each attribute. */
function remove(sensorId: SensorId, log: SensorLog, lost: ReadonlySet<OutboxEntry>): void {
  if (lost.size === 0) return;
  log.entries = log.entries.filter((entry) => !lost.has(entry));
  for (const attribute of log.nextSeq.keys()) {
    const blocks = [...lost].map(({ block }) => block).filter((block) => block.attribute === attribute);
    const samples = blocks.reduce((sum, block) => sum + blockLength(block), 0);
    if (samples === 0) continue;
    log.evicted.set(attribute, (log.evicted.get(attribute) ?? 0) + samples);
    const [from, to] = [blocks[0]?.times[0] ?? 0, blocks.at(-1)?.times.at(-1) ?? 0];
    addGap(log, { sensorId, cause: 'evicted', attribute, from, to, samples });
  }
}

function priorityIn(log: SensorLog, attribute: string): number {
  return priorityOf(log.registrations.get(attribute)?.attributeType ?? attribute);
}

function mark(log: SensorLog, { tab, number }: FeedMark, upTo: number): void {
  const marks = log.marks.get(tab) ?? [];
  log.marks.set(tab, marks);
  const newest = marks.at(-1);
  if (newest?.number === number) newest.upTo = upTo;
  else marks.push({ number, upTo });
  covered(log, tab);
}

/**
 * This log ends with its tab, so a mark counts only once nothing that it covers is left to send: until then the tab that
 * fed it keeps the bytes, and could give them to the next leader.
 */
function covered(log: SensorLog, tab: string): number {
  const marks = log.marks.get(tab) ?? [];
  const oldest = log.entries[0] ? firstOf(log.entries[0]) : Infinity;
  const open = marks.findIndex(({ upTo }) => upTo >= oldest);
  const count = open === -1 ? marks.length : open;
  const number = marks[count - 1]?.number ?? 0;
  marks.splice(0, count - 1);
  return number;
}

function total(entries: readonly OutboxEntry[]): number {
  return entries.reduce((sum, entry) => sum + entry.samples, 0);
}

/** Samples number `from` … `to` of an entry that has them. */
function partOf(entry: OutboxEntry, from: number, to: number): OutboxEntry {
  const skip = from - firstOf(entry);
  const samples = to - from + 1;
  const block = sliceBlock(entry.block, skip, skip + samples);
  return { id: to, block, firstSeq: entry.firstSeq + skip, samples };
}

/** Puts parts in the place of an entry; they were read if it was. */
function replace(log: SensorLog, entry: OutboxEntry, parts: readonly OutboxEntry[]): void {
  log.entries.splice(log.entries.indexOf(entry), 1, ...parts);
  if (log.handed.delete(entry)) for (const part of parts) log.handed.add(part);
}

/** Takes samples number `from` … `to` out, as far as they were read. */
function cut(log: SensorLog, from: number, to: number): OutboxEntry[] {
  const out: OutboxEntry[] = [];
  for (const entry of [...log.handed]) {
    const first = Math.max(from, firstOf(entry));
    const last = Math.min(to, entry.id);
    if (first > last) continue;
    out.push(partOf(entry, first, last));
    const rest: OutboxEntry[] = [];
    if (first > firstOf(entry)) rest.push(partOf(entry, firstOf(entry), first - 1));
    if (last < entry.id) rest.push(partOf(entry, last + 1, entry.id));
    replace(log, entry, rest);
  }
  return out;
}

/** Whole entries as long as they fit; one that is too large by itself, or reaches over the end, is divided for good. */
function takeAfter(log: SensorLog, after: number | undefined, maxSamples: number, upTo: number): OutboxEntry[] {
  const out: OutboxEntry[] = [];
  let room = maxSamples;
  for (const entry of [...log.entries]) {
    if (after !== undefined && entry.id <= after) continue;
    if (firstOf(entry) > upTo || (out.length > 0 && entry.samples > room)) break;
    const from = Math.max(firstOf(entry), (after ?? 0) + 1);
    const to = Math.min(entry.id, upTo, from + room - 1);
    if (from === firstOf(entry) && to === entry.id) {
      out.push(entry);
    } else {
      const part = partOf(entry, from, to);
      const before = from > firstOf(entry) ? [partOf(entry, firstOf(entry), from - 1)] : [];
      const behind = to < entry.id ? [partOf(entry, to + 1, entry.id)] : [];
      replace(log, entry, [...before, part, ...behind]);
      for (const one of behind) log.handed.delete(one);
      out.push(part);
    }
    room -= to - from + 1;
    if (room === 0) break;
  }
  return out;
}

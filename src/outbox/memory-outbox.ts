/** The log in memory: what the durable log does, for as long as the tab lives. Passes the same contract suite. */
import { blockLength, type Block } from '../model/block.ts';
import type { SensorId } from '../model/sensor.ts';
import type { FeedMark, MarkedOutboxPort, OutboxEntry } from '../stream/ports.ts';

interface SensorLog {
  entries: OutboxEntry[];
  /** Entries set aside, with the server's reason. */
  readonly aside: { readonly entry: OutboxEntry; readonly reason: string }[];
  nextId: number;
  readonly nextSeq: Map<string, number>;
  kept: number;
  setAside: number;
  /** Per tab, oldest first: marks, each with the last entry it covers. Older ones than the newest covered are dropped. */
  readonly marks: Map<string, { number: number; upTo: number }[]>;
}

/**
 * @param firstSeq where sequence numbers start. This log forgets at reload, so it starts at a number no earlier run can
 * have reached (the clock in ms × 1000), or the server would take new samples for repeats.
 */
export function createMemoryOutbox(firstSeq: number): MarkedOutboxPort {
  const logs = new Map<SensorId, SensorLog>();

  function logOf(sensorId: SensorId): SensorLog {
    let log = logs.get(sensorId);
    if (!log) {
      log = { entries: [], aside: [], nextId: 1, nextSeq: new Map(), kept: 0, setAside: 0, marks: new Map() };
      logs.set(sensorId, log);
    }
    return log;
  }

  return {
    append(sensorId, block: Block, origin) {
      const log = logOf(sensorId);
      const samples = blockLength(block);
      const seq = log.nextSeq.get(block.attribute) ?? firstSeq;
      const entry: OutboxEntry = { id: log.nextId, block, firstSeq: seq, samples };
      log.nextId += 1;
      log.nextSeq.set(block.attribute, seq + samples);
      log.entries.push(entry);
      log.kept += samples;
      if (origin) mark(log, origin, entry.id);
      return entry;
    },
    read(sensorId, after, maxSamples) {
      const { entries } = logOf(sensorId);
      return Promise.resolve(takeAfter(entries, after, maxSamples));
    },
    confirm(sensorId, upTo) {
      const log = logOf(sensorId);
      const keep = log.entries.findIndex((entry) => entry.id > upTo);
      const gone = log.entries.splice(0, keep === -1 ? log.entries.length : keep);
      log.kept -= total(gone);
      return Promise.resolve();
    },
    setAside(sensorId, ids, reason) {
      const log = logOf(sensorId);
      const refused = log.entries.filter((entry) => ids.includes(entry.id));
      log.entries = log.entries.filter((entry) => !ids.includes(entry.id));
      for (const entry of refused) log.aside.push({ entry, reason });
      log.kept -= total(refused);
      log.setAside += total(refused);
      return Promise.resolve();
    },
    depth(sensorId) {
      const { kept, setAside } = logOf(sensorId);
      return { kept, setAside };
    },
    lastIngested: (sensorId, tab) => covered(logOf(sensorId), tab),
  };
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
  const oldest = log.entries[0]?.id ?? Infinity;
  const open = marks.findIndex(({ upTo }) => upTo >= oldest);
  const count = open === -1 ? marks.length : open;
  const number = marks[count - 1]?.number ?? 0;
  marks.splice(0, count - 1);
  return number;
}

function total(entries: readonly OutboxEntry[]): number {
  return entries.reduce((sum, entry) => sum + entry.samples, 0);
}

function takeAfter(entries: readonly OutboxEntry[], after: number | undefined, maxSamples: number): OutboxEntry[] {
  const out: OutboxEntry[] = [];
  let samples = 0;
  for (const entry of entries) {
    if (after !== undefined && entry.id <= after) continue;
    if (out.length > 0 && samples + entry.samples > maxSamples) break;
    out.push(entry);
    samples += entry.samples;
  }
  return out;
}

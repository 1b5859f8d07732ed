/** The log in memory: what the durable log does, for as long as the tab lives. Passes the same contract suite. */
import { blockLength, type Block } from '../model/block.ts';
import type { SensorId } from '../model/sensor.ts';
import type { OutboxEntry, OutboxPort } from '../stream/ports.ts';

interface SensorLog {
  entries: OutboxEntry[];
  /** Entries set aside, with the server's reason. */
  readonly aside: { readonly entry: OutboxEntry; readonly reason: string }[];
  nextId: number;
  readonly nextSeq: Map<string, number>;
  kept: number;
  setAside: number;
}

/**
 * @param firstSeq where sequence numbers start. This log forgets at reload, so it starts at a number no earlier run can
 * have reached (the clock in ms × 1000), or the server would take new samples for repeats.
 */
export function createMemoryOutbox(firstSeq: number): OutboxPort {
  const logs = new Map<SensorId, SensorLog>();

  function logOf(sensorId: SensorId): SensorLog {
    let log = logs.get(sensorId);
    if (!log) {
      log = { entries: [], aside: [], nextId: 1, nextSeq: new Map(), kept: 0, setAside: 0 };
      logs.set(sensorId, log);
    }
    return log;
  }

  return {
    append(sensorId, block: Block) {
      const log = logOf(sensorId);
      const samples = blockLength(block);
      const seq = log.nextSeq.get(block.attribute) ?? firstSeq;
      const entry: OutboxEntry = { id: log.nextId, block, firstSeq: seq, samples };
      log.nextId += 1;
      log.nextSeq.set(block.attribute, seq + samples);
      log.entries.push(entry);
      log.kept += samples;
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
  };
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

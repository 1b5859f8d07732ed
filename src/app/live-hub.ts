/** Live values by stream, in ring buffers for drawing. */
import { RingBuffer } from '../lib/ring-buffer.ts';
import type { Live, LiveMessage, LiveSkeleton } from '../../workers/sensor/api.ts';
import type { LiveHub } from './api.ts';

/** Samples kept per stream: a minute at 130 Hz, hours of heart rate. */
const CAPACITY = 8192;

export interface LiveReceiver extends LiveHub {
  /** Values from the worker. */
  receive(message: Live): void;
  /** A sensor is gone from this screen: its buffers too. */
  drop(origin: LiveMessage['origin'], sensorId: string): void;
}

export function createLiveHub(): LiveReceiver {
  const sensors = new Map<string, Map<string, RingBuffer>>();
  const skeletons = new Map<string, Map<string, LiveSkeleton>>();
  const listeners = new Map<string, Set<() => void>>();
  const keyOf = (origin: string, sensorId: string) => `${origin} ${sensorId}`;

  function ring(origin: LiveMessage['origin'], sensorId: string, attribute: string): RingBuffer {
    const key = keyOf(origin, sensorId);
    const streams = sensors.get(key) ?? new Map<string, RingBuffer>();
    sensors.set(key, streams);
    const buffer = streams.get(attribute) ?? new RingBuffer(CAPACITY);
    streams.set(attribute, buffer);
    return buffer;
  }

  return {
    ring,
    fields(origin, sensorId, attribute) {
      const streams = sensors.get(keyOf(origin, sensorId)) ?? new Map<string, RingBuffer>();
      // As `streamKey` of the model has it; that file brings the reading of payloads with it, which no window needs first.
      const prefix = `${attribute}/`;
      return [...streams].flatMap(([name, { written }]) =>
        name.startsWith(prefix) && written > 0 ? [name.slice(prefix.length)] : [],
      );
    },
    onValues(origin, sensorId, listener) {
      const key = keyOf(origin, sensorId);
      const set = listeners.get(key) ?? new Set();
      listeners.set(key, set);
      set.add(listener);
      return () => {
        set.delete(listener);
        if (set.size === 0 && listeners.get(key) === set) listeners.delete(key);
      };
    },
    skeleton: (origin, sensorId, attribute) => skeletons.get(keyOf(origin, sensorId))?.get(attribute),
    receive(message) {
      const { origin, sensorId, attribute } = message;
      const key = keyOf(origin, sensorId);
      if ('kind' in message)
        skeletons.set(key, (skeletons.get(key) ?? new Map<string, LiveSkeleton>()).set(attribute, message));
      else ring(origin, sensorId, attribute).append(message.times, message.values);
      for (const listener of listeners.get(key) ?? []) listener();
    },
    drop(origin, sensorId) {
      const key = keyOf(origin, sensorId);
      sensors.delete(key);
      skeletons.delete(key);
    },
  };
}

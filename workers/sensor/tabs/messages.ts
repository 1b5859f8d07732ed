/**
 * What tabs of one origin say to each other over the BroadcastChannel. Plain data, structured-cloned. A `term` names one
 * leadership: what was said to or by another leader is old and ignored.
 */
import type { Reading } from '../../../src/model/reading.ts';
import type { AttributeRegistration, SensorDescriptor, SensorId } from '../../../src/model/sensor.ts';
import type { SourceNotes } from '../../../src/model/source-notes.ts';
import type { Result } from '../../../src/model/result.ts';
import type { Quality } from '../../../src/protocol/viewer.ts';
import type { Live, SensorWorkerApi, WorkerStatus } from '../api.ts';

export type TabId = string;

/** What one window delivers of one sensor, in order. `number` counts from 1 per tab and sensor. */
export type FeedItem =
  | {
      readonly kind: 'bytes';
      readonly number: number;
      /** Instance key. */
      readonly characteristic: string;
      readonly bytes: ArrayBuffer;
      /** Unix ms. */
      readonly arrival: number;
    }
  | {
      readonly kind: 'readings';
      readonly number: number;
      readonly readings: readonly Reading[];
      readonly attributes: readonly AttributeRegistration[];
      /** Unix ms. */
      readonly arrival: number;
      readonly notes?: SourceNotes;
    }
  /** The radio link ended between the items around this one. */
  | { readonly kind: 'link-lost'; readonly number: number };

/** What one tab wants to see of others. */
export interface Wish {
  /** Undefined: it does not watch. */
  readonly watch: Quality | undefined;
  /** Undefined: it has not said, so everything. */
  readonly visible: readonly SensorId[] | undefined;
  /** It looks closely at these. */
  readonly focused: readonly SensorId[];
}

/** What the leader answers to `open`. */
export interface Opened {
  readonly term: number;
  readonly result: Result<void>;
  /** Highest number of this tab and sensor that the leader has; what follows must be given (again). */
  readonly received: number;
}

/** Calls of the worker's own interface that only the leader can answer. The rest is a tab's own business. */
export type ForwardedMethod = Exclude<
  keyof SensorWorkerApi,
  | 'start'
  | 'attach'
  | 'openSensor'
  | 'closeSensor'
  | 'ingest'
  | 'ingestReadings'
  | 'linkLost'
  | 'watch'
  | 'setVisibleSensors'
  | 'focusSensors'
>;

/** Calls between tab and leader, which the window knows nothing of. */
interface OwnCalls {
  /** Answered once the leader's storage is open. */
  start(): Result<void>;
  open(descriptor: SensorDescriptor): Opened;
  close(sensorId: SensorId): Result<void>;
  want(wish: Wish): void;
}

/** Everything a tab may ask. All of it may be asked twice: a leader can go before it answers. */
export type LeaderCalls = Pick<SensorWorkerApi, ForwardedMethod> & OwnCalls;
export type LeaderMethod = keyof LeaderCalls;

/** One call, as method and arguments that fit each other. */
export type Call = {
  readonly [Method in LeaderMethod]: { readonly method: Method; readonly args: Parameters<LeaderCalls[Method]> };
}[LeaderMethod];

/** How far one tab's bytes are in the log. */
export interface Logged {
  readonly tab: TabId;
  readonly sensorId: SensorId;
  readonly number: number;
}

export type ToLeader =
  /** A tab is there. */
  | { readonly type: 'hello'; readonly tab: TabId }
  | { readonly type: 'call'; readonly tab: TabId; readonly term: number; readonly id: number; readonly call: Call }
  | {
      readonly type: 'feed';
      readonly tab: TabId;
      readonly term: number;
      readonly sensorId: SensorId;
      readonly item: FeedItem;
    };

export type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly detail: string };

export type FromLeader =
  /** The leader is alive. */
  | { readonly type: 'beat'; readonly term: number; readonly logged: readonly Logged[] }
  | { readonly type: 'answer'; readonly to: TabId; readonly id: number; readonly answer: Answer }
  | { readonly type: 'status'; readonly term: number; readonly status: WorkerStatus }
  | { readonly type: 'live'; readonly term: number; readonly message: Live };

export type TabMessage = ToLeader | FromLeader;

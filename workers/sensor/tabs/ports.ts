/** What the tabs need from the platform and from the worker they share. */
import type { Clock } from '../../../src/lib/timers.ts';
import type { Result } from '../../../src/model/result.ts';
import type { SensorWorkerApi, TabWorkerApi } from '../api.ts';
import type { FeedMarks } from './feed-marks.ts';
import type { TabId } from './messages.ts';

/** The part of the browser's `LockManager` that is used. */
export interface Locks {
  request(
    name: string,
    options: { readonly signal?: AbortSignal; readonly steal?: boolean },
    held: () => Promise<void>,
  ): Promise<void>;
}

/** The part of `BroadcastChannel` that is used. */
export type Broadcast = Pick<BroadcastChannel, 'postMessage' | 'onmessage' | 'close'>;

/** The one worker that owns socket, log and pipelines, for as long as its tab leads. */
export interface LeaderCore {
  readonly worker: SensorWorkerApi;
  /** Where the bytes in its log came from; its log goes through these. */
  readonly marks: FeedMarks;
  /** Ends socket and log at once. */
  stop(): void;
}

/** Reads a serial port in this tab's worker, into `feed`. */
export type OpenSerial = (
  feed: Pick<SensorWorkerApi, 'ingestReadings' | 'linkLost'>,
  ...port: Parameters<TabWorkerApi['openSerial']>
) => Promise<Result<void>>;

/** Feeds a sensor of this tab from another worker's port; without one: no more. */
export type Plug = (
  feed: Pick<SensorWorkerApi, 'ingestReadings'>,
  sensorId: string,
  port: MessagePort | undefined,
) => Promise<Result<void>>;

export interface TabEdges {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Unique among the tabs. */
  readonly tab: TabId;
  /** Undefined where the platform has none: then this tab leads alone. */
  readonly locks: Locks | undefined;
  readonly openBroadcast: (() => Broadcast) | undefined;
  /**
   * Makes the worker of a leadership.
   * @param exclusive false where nothing keeps other tabs from leading too: then it must not share a log with them
   */
  readonly makeCore: (exclusive: boolean) => Promise<LeaderCore>;
  /** Absent: there are no cables here (a service worker). */
  readonly openSerial?: OpenSerial;
  /** Absent: there are no other workers here. */
  readonly plug?: Plug;
}

/** Held by the leader. */
export const LEADER_LOCK = 'sensocto-leader';
/** Held by each tab as long as it lives. */
export const tabLock = (tab: TabId): string => `sensocto-tab-${tab}`;
/** Held by the tab that feeds a sensor. */
export const sensorLock = (sensorId: string): string => `sensocto-sensor-${sensorId}`;
/** The channel they talk on. */
export const CHANNEL = 'sensocto-tabs';

/**
 * What the parts of the gateway need from each other. `store/` keeps, `auth/` mints and checks, `sessions/` knows who
 * streams and who looks, `socket/` speaks Phoenix, `http/` speaks REST and serves the app, `gateway.ts` joins them.
 */
import type { SensorSummary } from '../src/protocol/rest.ts';
import type { Quality } from '../src/protocol/viewer.ts';

/** A guest as kept: the token only as a SHA-256 hash. */
export interface Guest {
  readonly guestId: string;
  readonly displayName: string;
  readonly tokenHash: string;
  /** Unix ms. */
  readonly createdAt: number;
}

/** One stored sample, as it came: payload any JSON, extra keys kept (`seq`, `event` …). */
export interface StoredMeasurement {
  readonly sensorId: string;
  readonly attribute: string;
  readonly payload: unknown;
  readonly timestamp: unknown;
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** The embedded store (libsql in DATA_DIR). Writes are gathered and committed at least twice a second. */
export interface Store {
  /** Random 32 bytes made at first start, kept for ever: key of every token this gateway signs. */
  readonly secret: Uint8Array;
  addGuest(guest: Guest): void;
  findGuest(guestId: string): Guest | undefined;
  /** Takes samples over: in memory at once, on disk within 500 ms. Never throws for odd payloads. */
  append(measurements: readonly StoredMeasurement[]): void;
  /**
   * Samples of one attribute in order of arrival, from disk and from what waits to be written. Samples of quite different
   * times that arrived within one write interval are grouped by time.
   */
  read(sensorId: string, attribute: string): StoredMeasurement[];
  /** Samples ever taken over since this process started, and samples on disk. */
  counts(): { readonly accepted: number; readonly written: number };
  /** Writes what waits, now. */
  flush(): void;
  /** Removes measurements older than the retention and guests older than 30 days. */
  prune(now: number): void;
  close(): void;
}

/** A place in the history of one series: by time, then `seq` (−1: none), then arrival. */
export interface HistoryPosition {
  /** Unix ms; −Infinity for a sample without a time. */
  readonly time: number;
  readonly seq: number;
  /** Segment, Infinity for what is not written yet, and place within. */
  readonly row: number;
  readonly index: number;
}

export interface HistoryQuery {
  readonly sensorId: string;
  readonly attribute: string;
  /** Unix ms, included; −Infinity for everything, with samples that have no time. */
  readonly from: number;
  /** Unix ms, not included. */
  readonly to: number;
  readonly limit: number;
  /** Only what comes behind this. */
  readonly after?: HistoryPosition;
}

export interface HistoryPage {
  readonly samples: readonly StoredMeasurement[];
  /** Where the next page begins; undefined: this was the last. */
  readonly next: HistoryPosition | undefined;
  /** Segments that could not be decoded. */
  readonly damaged: number;
}

/** Some of a page, in order. `next`: where the page behind this part would begin. */
export type HistoryPart = HistoryPage;

/** What is kept of one series, on disk and waiting to be written. */
export interface Holding {
  readonly samples: number;
  /** Unix ms; −Infinity when there are samples without a time, or only such. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Sequence numbers ever taken over, also of samples the retention has removed since. */
  readonly seqs: {
    readonly count: number;
    readonly size: number;
    /** The newest ranges, ascending. */
    toArray(limit?: number): readonly (readonly [first: number, last: number])[];
  };
  /** Of those numbers, the ones on disk. */
  readonly durable: number;
}

/** Stored samples as others may ask for them, also of sensors that are offline. */
export interface Archive {
  /** In order of measurement. Rejects with the signal's reason. */
  history(query: HistoryQuery, signal?: AbortSignal): Promise<HistoryPage>;
  /**
   * The same page in parts of bounded size, at least one, for whoever does not want to hold it all. `damaged` counts up.
   * Whoever begins has to come to an end (`for await` does): others wait.
   */
  historyParts(query: HistoryQuery, signal?: AbortSignal): AsyncIterable<HistoryPart>;
  /** By attribute; empty for a sensor that never sent anything. */
  holdings(sensorId: string): ReadonlyMap<string, Holding>;
  /** Writes now what waits of this sensor. False when the disk refused: it waits on, in memory only. */
  settle(sensorId: string): boolean;
}

/** Who is behind a credential. */
export interface Identity {
  readonly kind: 'guest' | 'missing';
  readonly id: string;
  readonly displayName: string;
}

export interface ViewerGrant {
  /** null: every sensor. */
  readonly sensorIds: readonly string[] | null;
  readonly quality: Quality;
  readonly viewerId: string;
}

/** Tokens: who may stream, who may look. */
export interface Credentials {
  /** `guest:<id>:<token>`, or `missing` when the gateway is bound to loopback; anything else is nobody. */
  checkBearer(token: unknown): Identity | undefined;
  /** Viewer tokens are valid for an hour, checked at join only. */
  checkViewerToken(token: unknown): ViewerGrant | undefined;
  /** A good socket token names a user; everything else is `anonymous` (a socket is never refused for its token). */
  checkSocketToken(token: unknown): string;
  mintGuest(displayName: string): { guest_id: string; token: string; bearer_token: string; socket_token: string };
  mintViewerToken(viewerId: string, sensorIds: readonly string[] | null, quality: Quality): string;
}

/** What REST may ask about sensors that stream now. */
export interface SensorDirectory {
  list(now: number): SensorSummary[];
  find(sensorId: string, now: number): SensorSummary | undefined;
}

/** The way from a viewer to a device. */
export interface CommandRoute {
  /** Pushes the payload to every connection that streams the sensor; how many those are. */
  command(sensorId: string, payload: object): number;
}

/** Load of this process: event-loop delay and memory, made into a level. */
export interface LoadReport {
  readonly level: 'normal' | 'elevated' | 'high' | 'critical';
  readonly memoryProtection: boolean;
  /** ms, 99th percentile of the last two seconds. */
  readonly eventLoopDelay: number;
  /** Resident set over the memory this process may use, 0–1. */
  readonly memoryPressure: number;
}

export interface GatewayOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly dataDir: string;
  /** Folder of the built app; absent: REST and sockets only. */
  readonly appDir?: string;
  /** Measurements older than this many days are removed. */
  readonly retentionDays: number;
  /** Further origins that may open sockets, besides the gateway's own. */
  readonly origins?: readonly string[];
  /** From where else pages may fetch pose models; absent: from their publisher. */
  readonly modelOrigins?: readonly string[];
  readonly lan?: boolean;
  /** A real Sensocto server to stand in front of. */
  readonly upstream?: string;
  /** Announce and do nothing beyond the stock server, so that clients can be tried against it. */
  readonly stock?: boolean;
  /** Test seams; the defaults are those of the real server. */
  readonly idleTimeout?: number;
}

export interface Gateway {
  /** e.g. `http://127.0.0.1:4173`. */
  readonly url: string;
  readonly port: number;
  /** Closes sockets with 1012, writes what waits, closes the store. */
  close(): Promise<void>;
}

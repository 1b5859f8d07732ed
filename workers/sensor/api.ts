/**
 * The sensor worker as the window sees it, through Comlink. Types only. Expected failures come back as results, since
 * Comlink drops error classes. Bytes are transferred, live values leave through a MessagePort (see LiveMessage).
 */
import type { AttributeId } from '../../src/model/attribute.ts';
import type { AttentionLevel, SystemLoad } from '../../src/model/backpressure.ts';
import type { Json } from '../../src/model/block.ts';
import type { DeviceCommand } from '../../src/model/command.ts';
import type { ChannelState, ConnectionState } from '../../src/model/connection.ts';
import type { AppError } from '../../src/model/errors.ts';
import type { Mapping } from '../../src/model/mapping.ts';
import type {
  AsideSummary,
  AttributeTally,
  CertificateFacts,
  DrainProgress,
  Gap,
  ReceiptReport,
  SetAsideItem,
  StorageStatus,
  Totals,
  WaitingSensor,
} from '../../src/model/proof.ts';
import type { SkeletonShape } from '../../src/model/payloads.ts';
import type { Reading } from '../../src/model/reading.ts';
import type { Result } from '../../src/model/result.ts';
import type { AttributeRegistration, SensorDescriptor, SensorId } from '../../src/model/sensor.ts';
import type { SourceNotes } from '../../src/model/source-notes.ts';
import type { SerialRequest } from '../../src/device/serial/request.ts';
import type { Quality } from '../../src/protocol/viewer.ts';

/** Counts of one sensor, for the card and the status line. All in samples unless said. */
export interface SensorStatus {
  readonly sensorId: SensorId;
  readonly channel: ChannelState;
  readonly attention: AttentionLevel;
  readonly load: SystemLoad;
  readonly memoryProtection: boolean;
  readonly loadMultiplier: number;
  readonly paused: boolean;
  readonly measured: number;
  /** Measured and not yet confirmed by the server. */
  readonly kept: number;
  readonly confirmed: number;
  /** Refused by the server and kept apart. */
  readonly setAside: number;
  /** Given up because there was no room. */
  readonly evicted: number;
  /** When the oldest kept sample was measured, Unix ms; undefined when nothing waits. */
  readonly oldestUnsentAt: number | undefined;
  /** A backlog that is being sent; undefined when there is none. */
  readonly drain: DrainProgress | undefined;
  /** What the server says it holds; undefined where it does not say. */
  readonly receipt?: ReceiptReport | undefined;
  /** Newest last, at most 20. */
  readonly gaps: readonly Gap[];
  /** Over the life of the log. */
  readonly attributes: readonly AttributeTally[];
  /** Bad notifications by error code. */
  readonly badNotifications: Readonly<Record<string, number>>;
  readonly streams: readonly StreamStatus[];
  /** Measured sample rate of the sensor's main attribute, samples a second over the last 10 s. */
  readonly rate: number;
  /** Latest facts that are not waveforms. */
  readonly facts: SensorFacts;
}

/** One attribute as it comes. Counts since the sensor was opened. */
export interface StreamStatus {
  readonly attribute: AttributeId;
  readonly attributeType: string;
  /** Samples a second, nominal; 0: irregular. */
  readonly requestedRate: number;
  /** Samples a second over the last 10 s. */
  readonly rate: number;
  readonly samples: number;
  /** Numbered by the device, and never arrived. */
  readonly lost: number;
  /** When the last one arrived, Unix ms. */
  readonly lastAt: number | undefined;
  /** Computed from other streams, not measured. */
  readonly estimated: boolean;
  /** The newest payload, where it is more than a number: a press, a place, words. Skeletons are live only. */
  readonly latest?: Json;
  /** ms within which its times are known; absent where the device has no clock or it is not known yet. */
  readonly uncertainty?: number;
  /** How much faster the device's clock runs than ours, millionths. */
  readonly driftPpm?: number;
}

/** A command from the platform to a device. Shown to every tab; the one that has the link carries it out. */
export interface PendingCommand {
  /** Unique while the page lives. */
  readonly id: number;
  readonly sensorId: SensorId;
  readonly command: DeviceCommand;
  /** Unix ms. */
  readonly at: number;
}

/** The road to the server and its clock; what is not known is absent. All in ms. */
export interface ServerFacts {
  /** Fastest of the last minutes. */
  readonly roundTrip?: number;
  /** How far its clock is ahead of ours, give or take `uncertainty`. */
  readonly offset?: number;
  readonly uncertainty?: number;
}

/** Slow facts about a device, as decoded by its profiles. Undefined: not known (never 0). */
export interface SensorFacts {
  readonly battery?: number;
  readonly bodyLocation?: string;
  /** Skin contact; undefined when the device does not support the bit. */
  readonly contact?: boolean;
  /** How far the device's calendar is ahead of ours, ms; null: it is not set. */
  readonly calendarOffset?: number | null;
  /** Device information service, label → text. */
  readonly device?: Readonly<Record<string, string>>;
}

/** One sensor as a watcher sees it. */
export interface WatchedSensor {
  readonly sensorId: SensorId;
  readonly name: string;
  readonly connectorName: string;
  readonly sensorType: string;
  readonly demo: boolean;
  readonly attributes: readonly WatchedAttribute[];
}

/** One attribute of a watched sensor. */
export interface WatchedAttribute {
  readonly attribute: AttributeId;
  readonly attributeType: string;
  /** The sender computed it rather than measured it; absent where nobody says so. */
  readonly estimated?: boolean;
  /** The newest payload, where it is more than a number. */
  readonly latest?: Json;
}

export interface WorkerStatus {
  readonly connection: ConnectionState;
  /** Why Watch cannot work, if it cannot (`server-no-viewer-tokens` on a server that mints none). */
  readonly watch:
    { readonly at: 'off' | 'joining' | 'live' } | { readonly at: 'unavailable'; readonly error: AppError };
  readonly watched: readonly WatchedSensor[];
  /** Entries of others' batches that nobody could read. */
  readonly unreadable: number;
  readonly sensors: readonly SensorStatus[];
  readonly connectorName: string;
  /** Of all sensors with samples in the log, connected or not. */
  readonly totals: Totals;
  readonly storage: StorageStatus;
  readonly waiting: readonly WaitingSensor[];
  /** Every sensor of which something is set aside, open or not; absent: none. */
  readonly aside?: readonly AsideSummary[];
  /** Of the last half minute, oldest first. */
  readonly commands: readonly PendingCommand[];
  readonly server: ServerFacts;
}

/** Latest values, pushed at most 20 times a second; arrays are transferred. */
export interface LiveMessage {
  readonly origin: 'own' | 'watched';
  readonly sensorId: SensorId;
  readonly attribute: string;
  /** Unix ms of each value. */
  readonly times: Float64Array;
  readonly values: Float32Array;
}

/** The newest skeleton of one person, at most 20 a second; the numbers are transferred. */
export interface LiveSkeleton extends SkeletonShape {
  readonly kind: 'skeleton';
  readonly origin: LiveMessage['origin'];
  readonly sensorId: SensorId;
  readonly attribute: string;
  /** When it was, Unix ms. */
  readonly time: number;
}

/** What the live port carries. */
export type Live = LiveMessage | LiveSkeleton;

/** A device remembered by this installation. */
export interface RememberedDevice {
  /** The browser's id of the device (`BluetoothDevice.id`), or the demo source's id. */
  readonly deviceId: string;
  /** The device's own name, as advertised. */
  readonly deviceName: string;
  /** The name the wearer gave; else the device's name. */
  readonly name: string;
  readonly sensorId: SensorId;
  /** What it turned out to be; undefined before it was ever linked. */
  readonly sensorType?: string;
  /** How to read it, where a person taught that. */
  readonly mappings?: readonly Mapping[];
  /** Small numbers that profiles remember of it (which stored record came last). */
  readonly notes?: Readonly<Record<string, number>>;
}

export interface SensorWorkerApi {
  /** Opens storage, mints or loads the guest, connects. Idempotent. */
  start(): Promise<Result<void>>;
  /** Status (≤ 4 a second, on change) and live values flow to these ports until the page goes. */
  attach(ports: { readonly live: MessagePort; readonly status: MessagePort }): Promise<void>;
  /**
   * The sensor for a device, same id for the same device on this installation for ever.
   * @param sensorType what it is, if that is known; it is remembered
   */
  remember(deviceId: string, deviceName: string, sensorType?: string): Promise<Result<RememberedDevice>>;
  remembered(): Promise<readonly RememberedDevice[]>;
  rename(deviceId: string, name: string): Promise<Result<void>>;
  /** How to read this device, as a person taught it; none: as we know it. */
  teach(deviceId: string, mappings: readonly Mapping[]): Promise<Result<void>>;
  /** Remembers a number about a device. */
  note(deviceId: string, name: string, value: number): Promise<Result<void>>;
  forget(deviceId: string): Promise<Result<void>>;
  /** Announces a sensor and joins its channel. */
  openSensor(descriptor: SensorDescriptor): Promise<Result<void>>;
  /** Stops a sensor: flushes, leaves the channel once everything is confirmed or the server is away. */
  closeSensor(sensorId: SensorId): Promise<Result<void>>;
  /**
   * Bytes of one notification or read, exactly as the device sent them.
   * @param characteristic instance key: its full 128-bit lower-case UUID, but for the second of a kind
   * @param arrival Unix ms with fractions, taken on the window when the event fired
   */
  ingest(sensorId: SensorId, characteristic: string, bytes: ArrayBuffer, arrival: number): void;
  /**
   * What a source without a radio measured: the phone's own sensors, a serial port, a demonstration.
   * @param attributes of these readings
   * @param arrival Unix ms with fractions, when it was read
   * @param notes what else the source says; may come without readings
   */
  ingestReadings(
    sensorId: SensorId,
    readings: readonly Reading[],
    attributes: readonly AttributeRegistration[],
    arrival: number,
    notes?: SourceNotes,
  ): void;
  /** The radio link ended: the next bytes belong to a new connection (clocks start anew). */
  linkLost(sensorId: SensorId): void;
  setConnectorName(name: string): Promise<Result<void>>;
  /** A token the person was given by a server that mints no guests (a JWT, or `guest:<id>:<token>`). */
  useAccessToken(token: string): Promise<Result<void>>;
  /** Starts or stops watching others' sensors. */
  watch(on: boolean, quality: Quality): Promise<void>;
  setVisibleSensors(sensorIds: readonly SensorId[]): Promise<void>;
  /** Somebody looks closely at these: the server asks them to send at once. */
  focusSensors(sensorIds: readonly SensorId[]): Promise<void>;
  /** All that was set aside of one sensor, open or not, oldest first. */
  setAside(sensorId: SensorId): Promise<Result<readonly SetAsideItem[]>>;
  /** Facts for a delivery certificate; `undefined`: of every sensor of this session. */
  certificate(sensorId: SensorId | undefined): Promise<Result<CertificateFacts>>;
  /** The person asks to try again now (after a refusal or while waiting). */
  retryNow(): Promise<void>;
  /** The page became visible, came online or went offline. */
  pageEvent(event: 'online' | 'offline' | 'visible' | 'hidden' | 'pagehide'): void;
}

/** What a tab's own worker does besides, whoever leads. */
export interface TabWorkerApi extends SensorWorkerApi {
  /**
   * Reads a serial port in this worker and feeds the sensor with it, as ordered through `channel` (see `SerialOrder`), where
   * every change of its link is posted (`SerialReport`). `serial-unsupported` where workers cannot reach this port.
   */
  openSerial(sensorId: SensorId, request: SerialRequest, channel: MessagePort): Promise<Result<void>>;
  /**
   * Feeds an open sensor with what another worker posts to this port (messages of `PortReadings`), as `ingestReadings`
   * does. Another port for the same sensor takes its place; it closes with the sensor. What is no such message is counted
   * as `wire-shape`.
   */
  feedFrom(sensorId: SensorId, port: MessagePort): Promise<Result<void>>;
}

/** `viewer:data:{token}`: what the sensors a viewer may see send, at the pace its quality asks for. */
import { FLUSH_INTERVAL, VIEWER_EVENT } from '../../src/protocol/viewer.ts';
import type { ViewerGrant } from '../ports.ts';
import { type AttentionTracker, sees, type View, viewOf, type ViewRequest } from '../sessions/attention.ts';
import type { LiveSensor, TakenSamples } from '../sessions/live-sensor.ts';
import type { SensorRegistry } from '../sessions/registry.ts';
import type { Channel, ChannelLink, Push } from './channel.ts';
import { ViewerBuffer } from './viewer-buffer.ts';

export interface ViewerChannelDeps {
  readonly registry: SensorRegistry;
  readonly attention: AttentionTracker;
  /** Unix ms. */
  readonly now: () => number;
  /** Samples that a slow viewer did not get. */
  readonly onDropped: (count: number) => void;
}

/** ms in which changes of the list are gathered; longer when it is long, as each change sends it whole. */
const LIST_DELAY = 100;
const LIST_DELAY_PER_SENSOR = 0.5;
/** Ids taken from one `set_visible_sensors` or `focus_sensors`. */
const IDS_MAX = 10_000;
/** Rough size on the wire of a last value; only for the buffer's bound. */
const LAST_VALUE_BYTES = 100;

export class ViewerChannel implements Channel {
  readonly #link: ChannelLink;
  readonly #deps: ViewerChannelDeps;
  readonly #grant: ViewerGrant;
  readonly #allowed: ReadonlySet<string> | null;
  readonly #buffer = new ViewerBuffer();
  readonly #cleanUps: (() => void)[] = [];
  #request: ViewRequest;
  #view: View;
  #listTimer: NodeJS.Timeout | undefined;

  constructor(link: ChannelLink, grant: ViewerGrant, deps: ViewerChannelDeps) {
    this.#link = link;
    this.#deps = deps;
    this.#grant = grant;
    this.#allowed = grant.sensorIds === null ? null : new Set(grant.sensorIds);
    this.#request = { granted: grant.sensorIds, visible: undefined, focused: [] };
    this.#view = viewOf(this.#request);
  }

  start(): void {
    const { registry, attention } = this.#deps;
    this.#pushList();
    // Slow sensors would leave the screen empty until their next sample.
    this.#takeLastValues(() => true);
    this.#flush();
    const timer = setInterval(() => this.#flush(), FLUSH_INTERVAL[this.#grant.quality]);
    this.#cleanUps.push(
      () => clearInterval(timer),
      registry.listen({
        samples: (sensor, taken) => this.#take(sensor, taken),
        changed: () => this.#listChanged(),
      }),
      () => attention.leave(this),
    );
    attention.look(this, this.#view);
  }

  receive({ event, payload }: Push): void {
    const ids = sensorIds(payload);
    if (!ids) return;
    if (event === VIEWER_EVENT.setVisible) this.#see({ ...this.#request, visible: ids });
    else if (event === VIEWER_EVENT.focus) this.#see({ ...this.#request, focused: ids });
    // Everything else is ignored without an answer, `ping` too, as on the real server.
  }

  end(): void {
    clearTimeout(this.#listTimer);
    for (const cleanUp of this.#cleanUps.splice(0)) cleanUp();
    this.#deps.onDropped(this.#buffer.dropped);
  }

  #see(request: ViewRequest): void {
    const before = this.#view;
    this.#request = request;
    this.#view = viewOf(request);
    this.#buffer.retain((id) => sees(this.#view, id));
    this.#takeLastValues((id) => !sees(before, id));
    this.#deps.attention.look(this, this.#view);
  }

  #take(sensor: LiveSensor, { samples, bytes, late }: TakenSamples): void {
    if (sees(this.#view, sensor.id)) this.#buffer.take(sensor.id, samples, bytes, late);
  }

  #takeLastValues(wanted: (sensorId: string) => boolean): void {
    for (const sensor of this.#deps.registry.sensors()) {
      if (!sees(this.#view, sensor.id) || !wanted(sensor.id)) continue;
      const last = Array.from(sensor.attributes.values(), (attribute) => attribute.last).filter((s) => s !== undefined);
      if (last.length > 0) this.#buffer.take(sensor.id, last, last.length * LAST_VALUE_BYTES);
    }
  }

  /** What waits stays while the client does not keep up: it gets the latest once it does. */
  #flush(): void {
    if (this.#buffer.empty || this.#link.congested()) return;
    this.#link.push(VIEWER_EVENT.batch, { batch: this.#buffer.flush() });
  }

  #listChanged(): void {
    const delay = LIST_DELAY + this.#deps.registry.size * LIST_DELAY_PER_SENSOR;
    this.#listTimer ??= setTimeout(() => {
      this.#listTimer = undefined;
      if (this.#link.congested()) this.#listChanged();
      else this.#pushList();
    }, delay);
  }

  #pushList(): void {
    const sensors = this.#deps.registry
      .list(this.#deps.now())
      .filter((sensor) => this.#allowed === null || this.#allowed.has(sensor.sensor_id));
    this.#link.push(VIEWER_EVENT.sensorsChanged, { sensors });
  }
}

/** The ids of `{"sensor_ids": […]}`; undefined when there is no such list. */
function sensorIds(payload: unknown): string[] | undefined {
  if (typeof payload !== 'object' || payload === null || !('sensor_ids' in payload)) return undefined;
  const { sensor_ids: ids } = payload;
  if (!Array.isArray(ids)) return undefined;
  return ids.slice(0, IDS_MAX).filter((id): id is string => typeof id === 'string');
}

/**
 * How much attention a sensor has, from those who really look at it: on somebody's screen → medium, in somebody's focus →
 * high, else none. Counted per sensor, so that asking is cheap however many look.
 */
import type { AttentionLevel } from '../../src/model/backpressure.ts';

/** What one viewer looks at. */
export interface View {
  /** null: everything. */
  readonly visible: ReadonlySet<string> | null;
  readonly focused: ReadonlySet<string>;
}

export interface ViewRequest {
  /** Sensors the viewer's token allows; null: every sensor. */
  readonly granted: readonly string[] | null;
  /** The last `set_visible_sensors`; undefined until there was one. */
  readonly visible: readonly string[] | undefined;
  /** The last `focus_sensors`. */
  readonly focused: readonly string[];
}

/**
 * The view a request amounts to: until a viewer says what it shows, it shows all it may; never more than it may; a single
 * visible sensor is the one looked at.
 */
export function viewOf({ granted, visible, focused }: ViewRequest): View {
  const allowed = granted === null ? null : new Set(granted);
  const within = (ids: readonly string[]) => new Set(allowed ? ids.filter((id) => allowed.has(id)) : ids);
  const shown = visible === undefined ? allowed : within(visible);
  const inFocus = within(focused);
  if (shown?.size === 1) for (const id of shown) inFocus.add(id);
  return { visible: shown, focused: inFocus };
}

/** True when samples of this sensor go to this viewer. */
export function sees(view: View, sensorId: string): boolean {
  return view.visible === null || view.visible.has(sensorId) || view.focused.has(sensorId);
}

/** A sensor that has just announced a skeleton is kept warm this long (ms), as the first frames are the slow ones. */
export const PREWARM = 30 * 60_000;

/** Which sensors' levels may have changed. */
export type Affected = 'all' | ReadonlySet<string>;

export class AttentionTracker {
  readonly #now: () => number;
  readonly #onChange: (affected: Affected) => void;
  readonly #views = new Map<object, View>();
  readonly #visible = new Map<string, number>();
  readonly #focused = new Map<string, number>();
  /** Viewers that look at everything. */
  #all = 0;
  /** Sensor → Unix ms until which it is kept warm. */
  readonly #warm = new Map<string, number>();

  /** @param now Unix ms @param onChange called after each change; ask `level` again for the affected sensors */
  constructor(now: () => number, onChange: (affected: Affected) => void) {
    this.#now = now;
    this.#onChange = onChange;
  }

  level(sensorId: string): AttentionLevel {
    if (this.#focused.has(sensorId)) return 'high';
    if (this.#all > 0 || this.#visible.has(sensorId) || this.#warm.has(sensorId)) return 'medium';
    return 'none';
  }

  /** A viewer looks at something (else). `viewer` is any object that stands for it. */
  look(viewer: object, view: View): void {
    const before = this.#views.get(viewer);
    if (before) this.#count(before, -1);
    this.#views.set(viewer, view);
    this.#count(view, 1);
    this.#onChange(affectedBy(before, view));
  }

  /** A viewer is gone. */
  leave(viewer: object): void {
    const before = this.#views.get(viewer);
    if (!before) return;
    this.#views.delete(viewer);
    this.#count(before, -1);
    this.#onChange(affectedBy(before, undefined));
  }

  /** Keeps a sensor at medium for a while although nobody looks. */
  prewarm(sensorId: string): void {
    this.#warm.set(sensorId, this.#now() + PREWARM);
    this.#onChange(new Set([sensorId]));
  }

  /** The sensor is gone. */
  forget(sensorId: string): void {
    this.#warm.delete(sensorId);
  }

  /** Lets lapsed prewarms go; call now and then. */
  sweep(): void {
    const now = this.#now();
    const lapsed = new Set([...this.#warm].filter(([, until]) => until <= now).map(([id]) => id));
    for (const id of lapsed) this.#warm.delete(id);
    if (lapsed.size > 0) this.#onChange(lapsed);
  }

  #count(view: View, step: 1 | -1): void {
    if (view.visible === null) this.#all += step;
    else for (const id of view.visible) bump(this.#visible, id, step);
    for (const id of view.focused) bump(this.#focused, id, step);
  }
}

function bump(counts: Map<string, number>, id: string, step: number): void {
  const count = (counts.get(id) ?? 0) + step;
  if (count > 0) counts.set(id, count);
  else counts.delete(id);
}

function affectedBy(before: View | undefined, after: View | undefined): Affected {
  const views = [before, after].filter((view) => view !== undefined);
  if (views.some((view) => view.visible === null)) return 'all';
  return new Set(views.flatMap((view) => [...(view.visible ?? []), ...view.focused]));
}

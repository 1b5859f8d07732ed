/** Keeps one canvas drawn: only while it can be seen and only when there is something new, at the screen's resolution. */
import type { LiveHub, RingBuffer } from '../../../app/api.ts';
import { trackArrival } from '../../state/arrival.ts';
import { watchCanvas } from '../watch-canvas.ts';
import { axisRange, drawTrace, gapAfter, jointExtent, modeFor, typicalInterval, WINDOW_MS } from './geometry.ts';
import type { TraceMode, ValueRange, Viewport } from './geometry.ts';
import { LABEL_ROOM, paint } from './paint.ts';

export interface TraceLayout {
  readonly mode: TraceMode;
  /** Undefined while the window is empty. */
  readonly range: ValueRange | undefined;
}

/** One line of the picture. */
export interface TraceLine {
  /** Name of its stream in the hub. */
  readonly key: string;
  /** A letter or two, drawn at its head; empty where there is only one line. */
  readonly label: string;
}

export interface TraceOptions {
  readonly hub: LiveHub;
  readonly origin: 'own' | 'watched';
  readonly sensorId: string;
  /** At least one; they share the axes. */
  readonly lines: readonly TraceLine[];
  /** CSS colours of the lines; asked for at each drawing, as themes change. */
  readonly colours: () => readonly string[];
  /** What this type is always drawn as; undefined: by its rhythm. */
  readonly mode: TraceMode | undefined;
  /** Smallest height of the value axis, in the stream's unit. */
  readonly minSpan: number;
  /** Unix ms. */
  readonly clock: () => number;
  /** Called when axis or mode change (rarely): the labels are DOM. */
  readonly onLayout: (layout: TraceLayout) => void;
}

export interface TraceRunner {
  /** Draws again although nothing arrived: time has passed. */
  tick(): void;
  stop(): void;
}

/** Gap floors, ms: a trend of one value a second may miss one; a waveform may not miss a quarter of a second. */
const GAP_FLOOR: Readonly<Record<TraceMode, number>> = { trend: 2_500, sweep: 250, 'slow-sweep': 500 };
const FALLBACK_INTERVAL = 1_000;

/** Starts drawing. */
export function runTrace(canvas: HTMLCanvasElement, options: TraceOptions): TraceRunner {
  const { hub, origin, sensorId, lines, clock } = options;
  const rings = lines.map(({ key }) => hub.ring(origin, sensorId, key));
  const view = followView(rings, options);
  const context = canvas.getContext('2d', { alpha: true });
  let visible = false;
  let frame = 0;

  const draw = (): void => {
    frame = 0;
    if (context === null || canvas.width === 0) return;
    const scale = devicePixelRatio;
    const colours = options.colours();
    const room = lines.some(({ label }) => label !== '') ? LABEL_ROOM * scale : 0;
    const viewport = view.now({ width: canvas.width - room, height: canvas.height });
    paint(
      context,
      rings.map((ring, i) => ({
        colour: colours[i] ?? '',
        label: lines[i]?.label ?? '',
        draw: (pen) => drawTrace(ring, viewport, pen),
      })),
      scale,
    );
  };

  const request = (): void => {
    if (visible && frame === 0) frame = requestAnimationFrame(draw);
  };

  const stopWatching = watchCanvas(canvas, {
    onSize: request,
    onVisible(now) {
      visible = now;
      request();
    },
  });
  const offValues = hub.onValues(origin, sensorId, () => {
    view.note(clock());
    request();
  });

  return {
    tick: request,
    stop() {
      cancelAnimationFrame(frame);
      offValues();
      stopWatching();
    },
  };
}

interface View {
  /** Values arrived. */
  note(at: number): void;
  now(size: { readonly width: number; readonly height: number }): Viewport;
}

/** What of the streams is to be drawn now: all on the axes of the one with the newest value. */
function followView(rings: readonly RingBuffer[], options: TraceOptions): View {
  const followed = rings.map((ring) => ({ ring, arrival: trackArrival(ring, options.clock()) }));
  let range: ValueRange | undefined;
  let mode: TraceMode | undefined;

  const lead = (): (typeof followed)[number] | undefined =>
    followed.reduce<(typeof followed)[number] | undefined>(
      (best, one) => ((one.ring.latest()?.time ?? -Infinity) > (best?.ring.latest()?.time ?? -Infinity) ? one : best),
      followed[0],
    );

  return {
    note(at) {
      for (const { arrival } of followed) arrival.note(at);
    },
    now({ width, height }) {
      const now = options.clock();
      const first = lead();
      const rhythm = first && typicalInterval(first.ring);
      const interval = rhythm ?? FALLBACK_INTERVAL;
      const nextMode = modeFor(options.mode, rhythm);
      const newest = first?.ring.latest()?.time ?? now;
      // "Now" on the sender's clock: its newest value plus the time since that value arrived here.
      const edge = nextMode === 'trend' ? newest + (first?.arrival.age(now) ?? 0) : newest;
      const data = jointExtent(rings, edge - WINDOW_MS[nextMode]);
      const nextRange = data && axisRange(data, options.minSpan, mode === nextMode ? range : undefined);
      if (nextMode !== mode || !sameRange(nextRange, range)) options.onLayout({ mode: nextMode, range: nextRange });
      mode = nextMode;
      range = nextRange;
      return {
        mode: nextMode,
        width,
        height,
        windowMs: WINDOW_MS[nextMode],
        edge,
        gapAfter: gapAfter(interval, GAP_FLOOR[nextMode]),
        interval,
        range: nextRange ?? { min: 0, max: 1 },
      };
    },
  };
}

function sameRange(a: ValueRange | undefined, b: ValueRange | undefined): boolean {
  return a?.min === b?.min && a?.max === b?.max;
}

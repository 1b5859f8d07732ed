/** Keeps one canvas drawn: only while it can be seen and only when there is something new, at the screen's resolution. */
import type { LiveHub } from '../../../app/api.ts';
import { trackArrival } from '../../state/arrival.ts';
import type { StreamRef } from '../../state/live-value.svelte.ts';
import { axisRange, drawTrace, extent, gapAfter, modeFor, typicalInterval, WINDOW_MS } from './geometry.ts';
import type { TraceMode, ValueRange, Viewport } from './geometry.ts';

export interface TraceLayout {
  readonly mode: TraceMode;
  /** Undefined while the window is empty. */
  readonly range: ValueRange | undefined;
}

export interface TraceOptions {
  readonly hub: LiveHub;
  readonly stream: StreamRef;
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
const GAP_FLOOR: Readonly<Record<TraceMode, number>> = { trend: 2_500, sweep: 250 };
const FALLBACK_INTERVAL = 1_000;
const LINE_WIDTH = 2;
const HEAD_RADIUS = 3;

/** Starts drawing. Colour is the canvas's own CSS `color`, so themes need nothing here. */
export function runTrace(canvas: HTMLCanvasElement, options: TraceOptions): TraceRunner {
  const { hub, stream, clock } = options;
  const ring = hub.ring(stream.origin, stream.sensorId, stream.attribute);
  const arrival = trackArrival(ring, clock());
  const context = canvas.getContext('2d', { alpha: true });
  let visible = false;
  let frame = 0;
  let range: ValueRange | undefined;
  let mode: TraceMode | undefined;

  const viewport = (): Viewport => {
    const now = clock();
    const interval = typicalInterval(ring) ?? FALLBACK_INTERVAL;
    const nextMode = modeFor(stream.attribute, ring.length < 3 ? undefined : interval);
    const newest = ring.latest()?.time ?? now;
    // "Now" on the sender's clock: its newest value plus the time since that value arrived here.
    const edge = nextMode === 'sweep' ? newest : newest + (arrival.age(now) ?? 0);
    const data = extent(ring, edge - WINDOW_MS[nextMode]);
    const nextRange =
      data === undefined ? undefined : axisRange(data, options.minSpan, mode === nextMode ? range : undefined);
    if (nextMode !== mode || !sameRange(nextRange, range)) options.onLayout({ mode: nextMode, range: nextRange });
    mode = nextMode;
    range = nextRange;
    return {
      mode: nextMode,
      width: canvas.width,
      height: canvas.height,
      windowMs: WINDOW_MS[nextMode],
      edge,
      gapAfter: gapAfter(interval, GAP_FLOOR[nextMode]),
      interval,
      range: nextRange ?? { min: 0, max: 1 },
    };
  };

  const draw = (): void => {
    frame = 0;
    if (context === null || canvas.width === 0) return;
    paint(context, (pen) => drawTrace(ring, viewport(), pen));
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
  const offValues = hub.onValues(stream.origin, stream.sensorId, () => {
    arrival.note(clock());
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

/** Clears the canvas, strokes what `draw` puts on the path, and marks the newest value with a dot. */
function paint(
  context: CanvasRenderingContext2D,
  draw: (pen: CanvasRenderingContext2D) => { x: number; y: number } | undefined,
): void {
  const { canvas } = context;
  const scale = devicePixelRatio;
  const colour = getComputedStyle(canvas).color;
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.lineWidth = LINE_WIDTH * scale;
  context.lineJoin = 'round';
  context.strokeStyle = colour;
  context.beginPath();
  const head = draw(context);
  context.stroke();
  if (head === undefined) return;
  context.fillStyle = colour;
  context.beginPath();
  context.arc(head.x - HEAD_RADIUS * scale, head.y, HEAD_RADIUS * scale, 0, 2 * Math.PI);
  context.fill();
}

interface CanvasWatch {
  onSize(): void;
  onVisible(visible: boolean): void;
}

/** Keeps the canvas's pixels in step with its box, and tells whether it is on the screen. */
function watchCanvas(canvas: HTMLCanvasElement, watch: CanvasWatch): () => void {
  const sizes = new ResizeObserver(([entry]) => {
    if (entry === undefined) return;
    canvas.width = Math.round(entry.contentRect.width * devicePixelRatio);
    canvas.height = Math.round(entry.contentRect.height * devicePixelRatio);
    watch.onSize();
  });
  const views = new IntersectionObserver((entries) => watch.onVisible(entries.at(-1)?.isIntersecting ?? false));
  sizes.observe(canvas);
  views.observe(canvas);
  return () => {
    sizes.disconnect();
    views.disconnect();
  };
}

function sameRange(a: ValueRange | undefined, b: ValueRange | undefined): boolean {
  return a?.min === b?.min && a?.max === b?.max;
}

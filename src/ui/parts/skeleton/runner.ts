/** Keeps a canvas with a figure drawn: only while it can be seen and only when there is something new. */
import type { LiveHub } from '../../../app/api.ts';
import { watchCanvas } from '../watch-canvas.ts';
import { figureIn, followed, frameOf, paintFigure, type Frame } from './draw.ts';

export interface FigureOptions {
  readonly hub: LiveHub;
  readonly origin: 'own' | 'watched';
  readonly sensorId: string;
  readonly attribute: string;
  /** A CSS colour; asked for at each drawing, as themes change. */
  readonly colour: () => string;
  /** Whether what is there is too old to be believed. */
  readonly pale: () => boolean;
}

export interface FigureRunner {
  /** Draws again although nothing arrived: it has grown old, or the theme has changed. */
  tick(): void;
  stop(): void;
}

/** Starts drawing. */
export function runFigure(canvas: HTMLCanvasElement, options: FigureOptions): FigureRunner {
  const { hub, origin, sensorId, attribute } = options;
  const context = canvas.getContext('2d', { alpha: true });
  let frame: Frame | undefined;
  let drawnAt: number | undefined;
  let shown: object | undefined;
  let visible = false;
  let request = 0;

  const draw = (at: number): void => {
    request = 0;
    if (context === null || canvas.width === 0) return;
    const skeleton = hub.skeleton(origin, sensorId, attribute);
    const wanted = skeleton && frameOf(skeleton);
    // What did not move needs no frame that does: it follows the figure, not the clock.
    if (wanted && skeleton !== shown) frame = followed(frame, wanted, drawnAt === undefined ? 0 : at - drawnAt);
    if (skeleton !== shown) drawnAt = at;
    shown = skeleton;
    const figure = skeleton && wanted && frame && figureIn(skeleton, frame, canvas);
    paintFigure(context, figure, canvas, { colour: options.colour(), scale: devicePixelRatio, pale: options.pale() });
  };
  const ask = (): void => {
    if (visible && request === 0) request = requestAnimationFrame(draw);
  };
  const stopWatching = watchCanvas(canvas, {
    onSize: ask,
    onVisible(now) {
      visible = now;
      ask();
    },
  });
  const offValues = hub.onValues(origin, sensorId, () => {
    // Other attributes of the sensor call too.
    if (hub.skeleton(origin, sensorId, attribute) !== shown) ask();
  });
  return {
    tick: ask,
    stop() {
      cancelAnimationFrame(request);
      offValues();
      stopWatching();
    },
  };
}

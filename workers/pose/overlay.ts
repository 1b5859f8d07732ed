/** The skeletons of the newest picture, drawn over the preview: only when there is something new to draw. */
import { BONES, VISIBLE } from '../../src/model/skeleton.ts';
import type { Person } from './persons.ts';
import type { BodyPoint } from './ports.ts';

/** Light lines on a dark outline can be seen on any picture. One colour per person. */
const LINES = ['#ffffff', '#ffd166', '#7ee8fa', '#c8f7a6'] as const;
const OUTLINE = 'rgb(0 0 0 / 0.75)';
/** Of the canvas's shorter side. */
const LINE_WIDTH = 1 / 160;
/** Pixels. */
const THINNEST = 2;

/** What is used of a 2D context. */
export type Pen = Pick<
  OffscreenCanvasRenderingContext2D,
  | 'clearRect'
  | 'beginPath'
  | 'moveTo'
  | 'lineTo'
  | 'arc'
  | 'stroke'
  | 'fill'
  | 'lineWidth'
  | 'lineCap'
  | 'strokeStyle'
  | 'fillStyle'
>;

/** What is used of a canvas. */
export interface Sheet {
  width: number;
  height: number;
  getContext(kind: '2d'): Pen | null;
}

export interface Scene {
  readonly persons: readonly Person[];
  /** Of the picture, pixels. */
  readonly width: number;
  readonly height: number;
  readonly mirror: boolean;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

export class Overlay {
  readonly #sheet: Sheet;
  readonly #pen: Pen | null;
  #scene: Scene | undefined;
  #blank = true;

  constructor(sheet: Sheet) {
    this.#sheet = sheet;
    this.#pen = sheet.getContext('2d');
  }

  /**
   * Draws what was found. The picture is taken to lie on the canvas as large as fits, in its middle (`object-fit: contain`);
   * where both have the same proportions it fills it.
   */
  show(scene: Scene): void {
    this.#scene = scene;
    const pen = this.#pen;
    if (!pen || (this.#blank && scene.persons.length === 0)) return;
    pen.clearRect(0, 0, this.#sheet.width, this.#sheet.height);
    const line = Math.max(THINNEST, Math.min(this.#sheet.width, this.#sheet.height) * LINE_WIDTH);
    for (const { number, body } of scene.persons) {
      const places = body.landmarks.map((landmark) => placeOf(landmark, scene, this.#sheet));
      const colour = LINES[(number - 1) % LINES.length] ?? LINES[0];
      drawFigure(pen, places, { colour: OUTLINE, line: 2 * line, joint: 1.6 * line });
      drawFigure(pen, places, { colour, line, joint: 1.1 * line });
    }
    this.#blank = scene.persons.length === 0;
  }

  /** Device pixels; what was drawn last is drawn again. Sizes that are none are left out. */
  resize(width: number, height: number): void {
    if (!(width >= 1) || !(height >= 1)) return;
    this.#sheet.width = Math.round(width);
    this.#sheet.height = Math.round(height);
    // A canvas of a new size is blank.
    this.#blank = true;
    if (this.#scene) this.show(this.#scene);
  }

  clear(): void {
    this.#scene = undefined;
    this.#pen?.clearRect(0, 0, this.#sheet.width, this.#sheet.height);
    this.#blank = true;
  }
}

/** Where a landmark lies on the canvas; undefined when it is not seen. */
function placeOf({ x, y, v }: BodyPoint, scene: Scene, sheet: Sheet): Place | undefined {
  if (v < VISIBLE) return undefined;
  const scale = Math.min(sheet.width / scene.width, sheet.height / scene.height);
  const [width, height] = [scene.width * scale, scene.height * scale];
  return {
    x: (sheet.width - width) / 2 + (scene.mirror ? 1 - x : x) * width,
    y: (sheet.height - height) / 2 + y * height,
  };
}

function drawFigure(
  pen: Pen,
  places: readonly (Place | undefined)[],
  { colour, line, joint }: { readonly colour: string; readonly line: number; readonly joint: number },
): void {
  pen.lineCap = 'round';
  pen.lineWidth = line;
  pen.strokeStyle = colour;
  pen.beginPath();
  for (const [a, b] of BONES) {
    const [from, to] = [places[a], places[b]];
    if (!from || !to) continue;
    pen.moveTo(from.x, from.y);
    pen.lineTo(to.x, to.y);
  }
  pen.stroke();
  pen.fillStyle = colour;
  pen.beginPath();
  for (const place of places) {
    if (!place) continue;
    pen.moveTo(place.x + joint, place.y);
    pen.arc(place.x, place.y, joint, 0, 2 * Math.PI);
  }
  pen.fill();
}

/** Strokes on a canvas: the lines of a picture, and at the head of each a dot or the letter that names it. */
import { placeLabels } from './labels.ts';

export interface PaintedLine {
  /** A CSS colour. */
  readonly colour: string;
  /** Drawn at the head; empty: a dot. */
  readonly label: string;
  /** Puts the line on the path; answers where its newest value is. */
  readonly draw: (pen: CanvasRenderingContext2D) => { readonly x: number; readonly y: number } | undefined;
}

const LINE_WIDTH = 2;
/** Several lines share the room of one. */
const THIN_LINE = 1.5;
const HEAD_RADIUS = 3;
const LABEL_SIZE = 12;
/** Room right of the newest value for its letter, CSS pixels. */
export const LABEL_ROOM = 14;

/** @param scale device pixels per CSS pixel */
export function paint(context: CanvasRenderingContext2D, lines: readonly PaintedLine[], scale: number): void {
  const { canvas } = context;
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.lineJoin = 'round';
  context.lineWidth = (lines.length > 1 ? THIN_LINE : LINE_WIDTH) * scale;
  const heads = lines.map(({ colour, draw }) => {
    context.strokeStyle = colour;
    context.beginPath();
    const head = draw(context);
    context.stroke();
    return head;
  });
  lines.forEach(({ colour, label }, i) => {
    const head = heads[i];
    if (head !== undefined && label === '') dot(context, head, colour, scale);
  });
  letters(context, lines, heads, scale);
}

function dot(context: CanvasRenderingContext2D, at: { x: number; y: number }, colour: string, scale: number): void {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(at.x - HEAD_RADIUS * scale, at.y, HEAD_RADIUS * scale, 0, 2 * Math.PI);
  context.fill();
}

function letters(
  context: CanvasRenderingContext2D,
  lines: readonly PaintedLine[],
  heads: readonly ({ readonly x: number; readonly y: number } | undefined)[],
  scale: number,
): void {
  const size = LABEL_SIZE * scale;
  const places = placeLabels(
    heads.map((head) => head?.y),
    size,
    context.canvas.height,
  );
  context.font = `600 ${size}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  lines.forEach(({ colour, label }, i) => {
    const [head, y] = [heads[i], places[i]];
    if (head === undefined || y === undefined || label === '') return;
    context.fillStyle = colour;
    context.fillText(label, head.x + 3 * scale, y);
  });
}

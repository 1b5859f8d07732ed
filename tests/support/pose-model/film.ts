/**
 * Films for a browser's fake camera (`--use-file-for-fake-video-capture`), which plays them in a loop: coloured discs on a
 * plain background. YUV4MPEG2 with I420 pictures: the header in one line, then `FRAME` and the three planes of each picture.
 * Colours after ITU-R BT.601, 16–235. The same film always makes the same bytes.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Disc } from './face-figure.ts';
import type { Point, Size } from './figure.ts';

/** Red, green, blue: 0–1. */
type Colour = readonly [red: number, green: number, blue: number];

export const WHITE: Colour = [1, 1, 1];
/** With the face model: closes both eyes. */
export const CYAN: Colour = [0, 1, 1];

/** Pixels. */
export interface FilmDisc extends Disc {
  readonly colour: Colour;
}

export interface Film {
  /** Even numbers. */
  readonly size: Size;
  /** Frames a second. */
  readonly rate: number;
  readonly frames: number;
  /** Grey, 0–1. Up to 0.2 the models do not take it for a light; from 0.16 on the app does not find the room too dark. */
  readonly background: number;
  discs(frame: number): readonly FilmDisc[];
}

const VGA: Size = { width: 640, height: 480 };

/** What films may have besides what their function is about. */
export interface FilmOptions {
  readonly size?: Size;
  readonly background?: number;
}

/** A picture that stays. */
export function stillFilm(discs: readonly FilmDisc[], { size = VGA, background = 0 }: FilmOptions = {}): Film {
  return { size, rate: 30, frames: 30, background, discs: () => discs };
}

/** Pixels; one turn, clockwise, takes the whole film. */
export interface Circle {
  readonly centre: Point;
  readonly around: number;
}

/**
 * A white disc that goes round, from the right, without a jump where the film begins anew.
 * @param disc its radius in pixels, how long a turn takes, and discs that stay
 */
export function circlingFilm(
  { centre, around }: Circle,
  disc: { readonly radius: number; readonly seconds: number; readonly besides?: readonly FilmDisc[] },
  { size = VGA, background = 0 }: FilmOptions = {},
): Film {
  const rate = 30;
  const frames = Math.round(disc.seconds * rate);
  return {
    size,
    rate,
    frames,
    background,
    discs(frame) {
      const turn = (2 * Math.PI * frame) / frames;
      const at = { x: centre.x + around * Math.cos(turn), y: centre.y + around * Math.sin(turn) };
      return [{ ...at, radius: disc.radius, colour: WHITE }, ...(disc.besides ?? [])];
    },
  };
}

/** Writes the film into a folder and returns its path. */
export function writeFilm(film: Film, folder: string): string {
  const path = join(folder, 'film.y4m');
  writeFileSync(path, filmBytes(film));
  return path;
}

export function filmBytes(film: Film): Uint8Array {
  const { width, height } = film.size;
  const encoder = new TextEncoder();
  const header = encoder.encode(`YUV4MPEG2 W${width} H${height} F${film.rate}:1 Ip A1:1 C420jpeg\n`);
  const marker = encoder.encode('FRAME\n');
  const length = marker.length + (width * height * 3) / 2;
  const all = new Uint8Array(header.length + film.frames * length);
  all.set(header);
  for (let frame = 0; frame < film.frames; frame++) {
    const at = header.length + frame * length;
    all.set(marker, at);
    drawFrame(film, frame, all.subarray(at + marker.length, at + length));
  }
  return all;
}

/** Fills the planes: all of Y, then U and V with a quarter of the points each. */
function drawFrame({ size: { width, height }, background, discs }: Film, frame: number, planes: Uint8Array): void {
  const grey: Colour = [background, background, background];
  const pixels = width * height;
  const [y, u, v] = yuv(grey);
  planes.fill(y, 0, pixels);
  planes.fill(u, pixels, pixels * 1.25);
  planes.fill(v, pixels * 1.25);
  for (const disc of discs(frame)) {
    const [discY, discU, discV] = yuv(disc.colour);
    paint(planes.subarray(0, pixels), width, disc, discY);
    const half = { ...disc, x: disc.x / 2, y: disc.y / 2, radius: disc.radius / 2 };
    paint(planes.subarray(pixels, pixels * 1.25), width / 2, half, discU);
    paint(planes.subarray(pixels * 1.25), width / 2, half, discV);
  }
}

/** Mixes `value` into what the disc covers of each pixel; at its edge that is a part. */
function paint(plane: Uint8Array, width: number, { x, y, radius }: Disc, value: number): void {
  const height = plane.length / width;
  const reach = radius + 1;
  for (let row = Math.max(0, Math.floor(y - reach)); row < Math.min(height, y + reach); row++) {
    for (let column = Math.max(0, Math.floor(x - reach)); column < Math.min(width, x + reach); column++) {
      const away = Math.hypot(column + 0.5 - x, row + 0.5 - y);
      const cover = Math.min(1, Math.max(0, radius + 0.5 - away));
      const index = row * width + column;
      const before = plane[index] ?? 0;
      plane[index] = Math.round(before + cover * (value - before));
    }
  }
}

function yuv([r, g, b]: Colour): [y: number, u: number, v: number] {
  const luma = 0.299 * r + 0.587 * g + 0.114 * b;
  return [
    Math.round(16 + 219 * luma),
    Math.round(128 + (224 * (b - luma)) / 1.772),
    Math.round(128 + (224 * (r - luma)) / 1.402),
  ];
}

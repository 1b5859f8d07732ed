import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { circlingFilm, CYAN, filmBytes, stillFilm, WHITE, writeFilm } from '../../../support/pose-model/film.ts';

const SMALL = { width: 32, height: 24 };
const PIXELS = 32 * 24;
const FRAME = 'FRAME\n'.length + PIXELS * 1.5;
const HEADER = 'YUV4MPEG2 W32 H24 F30:1 Ip A1:1 C420jpeg\n';

/** Planes of one frame. */
function planes(film: Uint8Array, frame: number) {
  const at = HEADER.length + frame * FRAME + 'FRAME\n'.length;
  return {
    y: film.subarray(at, at + PIXELS),
    u: film.subarray(at + PIXELS, at + PIXELS * 1.25),
    v: film.subarray(at + PIXELS * 1.25, at + PIXELS * 1.5),
  };
}

/** Centre of what is brighter than black. */
function centre(luma: Uint8Array): { x: number; y: number } {
  let [sum, x, y] = [0, 0, 0];
  luma.forEach((value, index) => {
    sum += value - 16;
    x += (value - 16) * ((index % 32) + 0.5);
    y += (value - 16) * (Math.floor(index / 32) + 0.5);
  });
  return { x: x / sum, y: y / sum };
}

describe('films', () => {
  it('are YUV4MPEG2 with I420 pictures', () => {
    const film = filmBytes(stillFilm([{ x: 10, y: 8, radius: 4, colour: WHITE }], { size: SMALL }));
    expect(new TextDecoder().decode(film.subarray(0, HEADER.length))).toBe(HEADER);
    expect(film.length).toBe(HEADER.length + 30 * FRAME);
    const marker = HEADER.length + 29 * FRAME;
    expect(new TextDecoder().decode(film.subarray(marker, marker + 6))).toBe('FRAME\n');
    const { y, u, v } = planes(film, 0);
    expect([y[0], y[8 * 32 + 10]]).toEqual([16, 235]);
    expect([...new Set([...u, ...v])]).toEqual([128]);
  });

  it('are in colour', () => {
    const film = filmBytes(stillFilm([{ x: 16, y: 12, radius: 8, colour: CYAN }], { size: SMALL, background: 0.1 }));
    const { y, u, v } = planes(film, 3);
    const middle = [y[12 * 32 + 16], u[6 * 16 + 8], v[6 * 16 + 8]];
    // ITU-R BT.601: cyan of full brightness.
    expect(middle).toEqual([170, 166, 16]);
    expect([y[0], u[0], v[0]]).toEqual([38, 128, 128]);
  });

  it('put discs where they say, to a part of a pixel', () => {
    const film = circlingFilm({ centre: { x: 16, y: 12 }, around: 5 }, { radius: 3, seconds: 1 }, { size: SMALL });
    const bytes = filmBytes(film);
    expect(film.frames).toBe(30);
    for (let frame = 0; frame < film.frames; frame++) {
      const [disc] = film.discs(frame);
      const seen = centre(planes(bytes, frame).y);
      expect(seen.x).toBeCloseTo(disc?.x ?? NaN, 1);
      expect(seen.y).toBeCloseTo(disc?.y ?? NaN, 1);
    }
    expect(film.discs(0)[0]).toMatchObject({ x: 21, y: 12 });
    // A quarter of the way round, clockwise, is below the middle; and the end leads to the beginning.
    const [last] = film.discs(29);
    expect(Math.hypot((last?.x ?? 0) - 21, (last?.y ?? 0) - 12)).toBeLessThan(1.1);
    expect(film.discs(7)[0]?.y).toBeGreaterThan(16.9);
  });

  it('are written to a file, the same each time', () => {
    const folder = mkdtempSync(join(tmpdir(), 'film-'));
    try {
      const film = stillFilm([{ x: 10, y: 8, radius: 4, colour: WHITE }], { size: SMALL });
      expect(new Uint8Array(readFileSync(writeFilm(film, folder)))).toEqual(filmBytes(film));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** How bright a picture is: the mean luma of a small copy of it (ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B). */
import type { Brightness } from './ports.ts';

/** Pixels of the copy. */
const SMALL = [32, 24] as const;

/** Undefined from where there is no 2D canvas. */
export function createBrightness(): Brightness {
  const canvas = new OffscreenCanvas(...SMALL);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  return (picture) => {
    if (!context) return undefined;
    context.drawImage(picture, 0, 0, ...SMALL);
    return meanLuma(context.getImageData(0, 0, ...SMALL).data);
  };
}

/** @param pixels RGBA bytes. Answers 0–1; undefined of no pixels */
export function meanLuma(pixels: ArrayLike<number>): number | undefined {
  const count = Math.floor(pixels.length / 4);
  let sum = 0;
  for (let i = 0; i < count * 4; i += 4) {
    sum += 0.299 * (pixels[i] ?? 0) + 0.587 * (pixels[i + 1] ?? 0) + 0.114 * (pixels[i + 2] ?? 0);
  }
  return count === 0 ? undefined : sum / count / 255;
}

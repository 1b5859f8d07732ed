/** Gives the worker a canvas to draw the skeleton on, and tells it the canvas's size in device pixels. */
import type { PoseActions } from '../../../app/pose-api.ts';

type Overlay = Pick<PoseActions, 'showOverlay' | 'sizeOverlay'>;

/**
 * Hands `canvas` over until the returned function is called. A canvas can be handed over once: after that, a new element.
 * Browsers without OffscreenCanvas show the picture without a skeleton.
 */
export function handOver(canvas: HTMLCanvasElement, pose: Overlay): () => void {
  if (!('transferControlToOffscreen' in canvas)) return () => undefined;
  const { width, height } = deviceSize(canvas.clientWidth, canvas.clientHeight);
  // Sizes can be set here only before it is handed over.
  Object.assign(canvas, { width, height });
  pose.showOverlay(canvas.transferControlToOffscreen());
  const sizes = new ResizeObserver(([entry]) => {
    if (!entry) return;
    const size = deviceSize(entry.contentRect.width, entry.contentRect.height);
    pose.sizeOverlay(size.width, size.height);
  });
  sizes.observe(canvas);
  return () => {
    sizes.disconnect();
    pose.showOverlay(undefined);
  };
}

/** At least one pixel, as a canvas without any cannot be drawn on. */
function deviceSize(width: number, height: number): { readonly width: number; readonly height: number } {
  const scale = devicePixelRatio;
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

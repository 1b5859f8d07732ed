/** Canvases in step with the page: their pixels with their box, and whether they are on the screen. */

export interface CanvasWatch {
  onSize(): void;
  onVisible(visible: boolean): void;
}

/** Keeps the canvas's pixels in step with its box, and tells whether it is on the screen, until it is called off. */
export function watchCanvas(canvas: HTMLCanvasElement, watch: CanvasWatch): () => void {
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

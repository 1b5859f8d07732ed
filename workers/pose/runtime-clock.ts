/**
 * The times a landmarker is given. They must rise strictly, or its graph is broken for good. And they say how much it
 * smooths: with one person the graph always runs landmarks through a one-euro filter (MediaPipe,
 * `pose_landmarks_detector_graph.cc`: on in video mode when `num_poses` is 1; there is no switch), whose weight of the new
 * value is 1 / (1 + τ/Δt) with τ ≤ 3.2 s (cutoff ≥ 0.05 Hz; Casiez et al., "1€ Filter", CHI 2012). Told that hours lie
 * between two pictures, it keeps less than 0.0004 of the old value, which is below what payloads are rounded to.
 *
 * The other ways to switch it off cost more: video mode with two persons, and image mode, both run the person detector on
 * every picture instead of only when the person was lost.
 *
 * What stays: with one person the runtime also averages each landmark's visibility over about ten pictures, whatever the
 * time between them. Visibility is a confidence, not a measurement.
 */

/** ms between two pictures for a landmarker that is not to smooth. */
const LONG_AGO = 10_000_000;
/** The filter counts int64 nanoseconds: past 9.2e12 ms it would complain. Reached after 8 hours at 30 pictures a second. */
const END = 9e12;

export class RuntimeClock {
  #time = 0;
  #captured: number | undefined;

  /** No more times: the graph has to be started anew, with a new clock. */
  get ended(): boolean {
    return this.#time > END;
  }

  /**
   * The time to give, ms: at least 1 more than the one before.
   * @param captured Unix ms of the picture; one that does not rise counts as 1 ms later
   */
  next(captured: number, smoothing: boolean): number {
    const passed = this.#captured === undefined ? LONG_AGO : captured - this.#captured;
    const honest = Number.isFinite(passed) ? Math.min(LONG_AGO, Math.max(1, passed)) : 1;
    this.#time += smoothing ? honest : LONG_AGO;
    if (Number.isFinite(captured)) this.#captured = captured;
    return this.#time;
  }
}

/** What the window hears of a running capture: at most four times a second, and once more when it falls silent. */
import type { Clock } from '../../src/lib/timers.ts';
import type { ErrorCode } from '../../src/model/errors.ts';
import type { Delegate, PoseReport } from '../../src/model/pose.ts';

/** ms between two reports. */
const INTERVAL = 250;
/** Rates and times of work are those of so many ms. */
const WINDOW = 2000;

/** What one picture gave. */
export type Findings = Pick<PoseReport, 'persons' | 'condition' | 'angles' | 'activity'>;

export class PoseReports {
  readonly #clock: Clock;
  readonly #delegate: Delegate;
  readonly #post: (report: PoseReport) => void;
  readonly #problems: Partial<Record<ErrorCode, number>> = {};
  readonly #startedAt: number;
  #looks: { readonly time: number; readonly work: number }[] = [];
  #findings: Findings = { persons: 0, condition: 'no-person', angles: {}, activity: undefined };
  #postedAt = -Infinity;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, delegate: Delegate, post: (report: PoseReport) => void) {
    this.#clock = clock;
    this.#delegate = delegate;
    this.#post = post;
    this.#startedAt = clock.now();
  }

  /**
   * A picture was looked at, whether or not somebody was on it.
   * @param work ms
   */
  add(findings: Findings, work: number): void {
    this.#findings = findings;
    this.#looks.push({ time: this.#clock.now(), work });
    this.#arrange();
  }

  /** A picture that could not be used. */
  problem(code: ErrorCode): void {
    this.#problems[code] = (this.#problems[code] ?? 0) + 1;
    this.#arrange();
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Posts now, or as soon as it may. */
  #arrange(): void {
    this.#cancel?.();
    const wait = this.#postedAt + INTERVAL - this.#clock.now();
    if (wait <= 0) this.#send();
    else this.#cancel = this.#clock.after(wait, () => this.#send());
  }

  #send(): void {
    const now = this.#clock.now();
    this.#postedAt = now;
    this.#looks = this.#looks.filter(({ time }) => now - time < WINDOW);
    // Just after the start, two seconds have not been yet; less than half a second says nothing of a rate.
    const span = Math.min(WINDOW, Math.max(WINDOW / 4, now - this.#startedAt));
    this.#post({
      ...this.#findings,
      fps: (this.#looks.length * 1000) / span,
      work: median(this.#looks.map(({ work }) => work)),
      delegate: this.#delegate,
      problems: { ...this.#problems },
    });
    // When no picture comes any more, the last word must not be the rate there was.
    this.#cancel = this.#looks.length > 0 ? this.#clock.after(WINDOW, () => this.#send()) : undefined;
  }
}

/** 0 of nothing. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle - 1)] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

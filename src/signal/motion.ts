/** What an accelerometer tells about everything else: how much the wearer moves, and the slow tilt that breathing makes. */
import { breathingOf, type Breathing } from './respiration.ts';
import { fade } from './quality.ts';
import { History } from './history.ts';

/** Five tilts a second are plenty for breathing. ms */
const TILT = 200;
/** ms */
const BREATHING_WINDOW = 45_000;
const CAPACITY = 256;
const G = 9.81;
/** A resting magnitude under this is in g, above in m/s². */
const G_LIMIT = 3;
/** Movement in g (standard deviation within a second) that starts to spoil electrodes, and that spoils them. */
const SPOILS = [0.05, 0.6] as const;
/** Breathing tilts by some mg: it drowns much sooner. */
const DROWNS = [0.02, 0.1] as const;

export class Motion {
  readonly #axes = [0, 1, 2].map(() => new History(BREATHING_WINDOW, CAPACITY));
  readonly #sums = new Float64Array(3);
  #samples = 0;
  #tiltEnds = -Infinity;
  #secondEnds = -Infinity;
  #count = 0;
  #mean = 0;
  #squares = 0;
  /** Standard deviation of the magnitude within the last whole seconds, g; slowly falling. */
  #level = 0;

  /** One sample. Any unit of acceleration; Unix ms. What is no number is left out. */
  add(time: number, x: number, y: number, z: number): void {
    const magnitude = Math.sqrt(x * x + y * y + z * z);
    if (!Number.isFinite(magnitude) || !Number.isFinite(time)) return;
    if (time >= this.#secondEnds) this.#endSecond(time);
    this.#count += 1;
    const off = magnitude - this.#mean;
    this.#mean += off / this.#count;
    this.#squares += off * (magnitude - this.#mean);
    if (time >= this.#tiltEnds) this.#endTilt(time);
    this.#sums[0] = (this.#sums[0] ?? 0) + x;
    this.#sums[1] = (this.#sums[1] ?? 0) + y;
    this.#sums[2] = (this.#sums[2] ?? 0) + z;
    this.#samples += 1;
  }

  /** 1: at rest; 0: moving so much that electrodes and chains of beats cannot be trusted. */
  get calm(): number {
    return fade(this.#level, SPOILS);
  }

  /** Breaths per minute from the tilt of the last 45 s; undefined with less than 30 s. */
  breathing(): Breathing | undefined {
    const [first] = this.#axes;
    if (!first) return undefined;
    const breathing = breathingOf(
      first.times,
      this.#axes.map(({ values }) => values),
    );
    return breathing && { ...breathing, quality: breathing.quality * fade(this.#level, DROWNS) };
  }

  #endSecond(time: number): void {
    if (this.#count > 1) {
      const scale = this.#mean < G_LIMIT ? 1 : G;
      const level = Math.sqrt(this.#squares / (this.#count - 1)) / scale;
      // Up at once, down within seconds: electrodes need a moment after a jerk.
      this.#level = Math.max(level, this.#level / 2);
    }
    this.#count = 0;
    this.#mean = 0;
    this.#squares = 0;
    this.#secondEnds = time + 1000;
  }

  #endTilt(time: number): void {
    if (this.#samples > 0) {
      this.#axes.forEach((axis, k) => axis.push(this.#tiltEnds - TILT / 2, (this.#sums[k] ?? 0) / this.#samples));
    }
    this.#sums.fill(0);
    this.#samples = 0;
    this.#tiltEnds = time - this.#tiltEnds < TILT ? this.#tiltEnds + TILT : time + TILT;
  }
}

/** Which numbers of a sample are the three axes of an acceleration; undefined if they are not there. */
export function accelerationAxes(fields: readonly string[] | undefined): readonly [number, number, number] | undefined {
  if (!fields) return undefined;
  const find = (axis: string): number =>
    fields.findIndex((field) => new RegExp(`^(a|acc|accel|acceleration|accelerometer)?[_.]?${axis}$`, 'i').test(field));
  const axes = [find('x'), find('y'), find('z')] as const;
  return axes.includes(-1) ? undefined : axes;
}

/** How much a person moves, from the speed of eight joints in the picture. */
import type { Activity } from '../model/pose.ts';
import { LANDMARK, VISIBLE, type Landmark } from '../model/skeleton.ts';

const MOVERS = [
  LANDMARK.leftElbow,
  LANDMARK.rightElbow,
  LANDMARK.leftWrist,
  LANDMARK.rightWrist,
  LANDMARK.leftKnee,
  LANDMARK.rightKnee,
  LANDMARK.leftAnkle,
  LANDMARK.rightAnkle,
] as const;

/** Fewer joints than this in two pictures say nothing. */
const ENOUGH = 3;
/**
 * Shoulder widths a second from which a level holds. A shoulder width is about 0.4 m: a breath moves hands by less than
 * 0.1 m/s, gestures by 0.4, walking by about 1, jumping by more than 1.2.
 */
const LEVELS: readonly (readonly [Activity, number])[] = [
  ['still', 0],
  ['slight', 0.25],
  ['moving', 1],
  ['vigorous', 3],
];
/** A level is left downwards only below this part of its threshold, so that it does not flicker. */
const KEEP = 0.8;
/** Speed is taken over at least this long: from picture to picture it would be mostly noise. ms */
const SPAN = 200;
/** Longer than this between two pictures, and there is no speed; it starts anew. ms */
const GAP = 2000;
/** The mean looks back about this long. ms */
const MEMORY = 700;
/** Seen from the side, shoulders lie over each other; a trunk is about 1.3 shoulder widths long. */
const TRUNK = 1.3;

interface Look {
  /** Unix ms. */
  readonly time: number;
  /** Pairs of x, y in picture heights; undefined: not seen. */
  readonly places: readonly (readonly [number, number] | undefined)[];
  /** A shoulder width, in picture heights. */
  readonly unit: number;
}

export class ActivityMeter {
  #looks: Look[] = [];
  #last: number | undefined;
  #speed: number | undefined;
  #level = 0;

  /** Undefined until there was enough to say, about 0.2 s. */
  get activity(): Activity | undefined {
    return this.#speed === undefined ? undefined : LEVELS[this.#level]?.[0];
  }

  /** Mean speed of the joints, shoulder widths a second; undefined as `activity`. */
  get speed(): number | undefined {
    return this.#speed;
  }

  /**
   * One picture of the person. Times that do not rise are left out.
   * @param time Unix ms
   * @param landmarks 33, of the picture
   * @param aspect width of the picture by its height
   */
  add(time: number, landmarks: readonly Landmark[], aspect: number): void {
    const look = lookAt(time, landmarks, aspect);
    if (!look || (this.#last !== undefined && time <= this.#last)) return;
    if (this.#last !== undefined && time - this.#last > GAP) this.reset();
    const passed = time - (this.#last ?? time);
    this.#last = time;
    this.#looks.push(look);
    // The youngest look that is old enough to compare with; older ones are of no more use.
    const base = this.#looks.findLastIndex(({ time: then }) => time - then >= SPAN);
    if (base > 0) this.#looks.splice(0, base);
    const [before] = this.#looks;
    if (base < 0 || !before) return;
    const speed = speedBetween(before, look);
    if (speed === undefined) return;
    const weight = this.#speed === undefined ? 1 : 1 - Math.exp(-passed / MEMORY);
    this.#speed = (this.#speed ?? 0) + weight * (speed - (this.#speed ?? 0));
    this.#level = levelFor(this.#speed, this.#level);
  }

  /** Somebody else: what was before says nothing. */
  reset(): void {
    this.#looks = [];
    this.#last = undefined;
    this.#speed = undefined;
    this.#level = 0;
  }
}

function lookAt(time: number, landmarks: readonly Landmark[], aspect: number): Look | undefined {
  const place = (index: number): readonly [number, number] | undefined => {
    const landmark = landmarks[index];
    return landmark && (landmark.v ?? 1) >= VISIBLE ? [landmark.x * aspect, landmark.y] : undefined;
  };
  const length = (a: number, b: number): number => {
    const [from, to] = [place(a), place(b)];
    return from && to ? Math.hypot(to[0] - from[0], to[1] - from[1]) : 0;
  };
  const shoulders = length(LANDMARK.leftShoulder, LANDMARK.rightShoulder);
  const trunks = [
    length(LANDMARK.leftShoulder, LANDMARK.leftHip),
    length(LANDMARK.rightShoulder, LANDMARK.rightHip),
  ] as const;
  const unit = Math.max(shoulders, ...trunks.map((trunk) => trunk / TRUNK));
  return unit > 0 && Number.isFinite(unit + time) ? { time, places: MOVERS.map(place), unit } : undefined;
}

/** Shoulder widths a second; undefined with too few joints in both. */
function speedBetween(before: Look, now: Look): number | undefined {
  const unit = (before.unit + now.unit) / 2;
  const moved = now.places.flatMap((place, i) => {
    const from = before.places[i];
    return place && from ? [Math.hypot(place[0] - from[0], place[1] - from[1]) / unit] : [];
  });
  if (moved.length < ENOUGH) return undefined;
  const mean = moved.reduce((sum, one) => sum + one, 0) / moved.length;
  const speed = (mean * 1000) / (now.time - before.time);
  return Number.isFinite(speed) ? speed : undefined;
}

/** The level of a speed, coming from another one. */
function levelFor(speed: number, from: number): number {
  return LEVELS.reduce((level, [, threshold], i) => {
    const needed = i <= from ? threshold * KEEP : threshold;
    return speed >= needed ? i : level;
  }, 0);
}

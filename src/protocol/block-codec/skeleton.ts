/**
 * Skeletons in thousandths. The first frame is told from landmark to landmark along the body, each further one by its
 * difference from the frame before; what is left is Rice-coded with a parameter that both sides learn as they go, so
 * that nothing about it need be written. Layout in `docs/block-form.md`.
 */
import type { Json } from '../../model/block.ts';
import { LANDMARK_COUNT } from '../../model/skeleton.ts';
import { readRiceNumber, unzigzag, writeRiceNumber, zigzag } from './column.ts';
import type { ByteReader } from './reader.ts';
import type { ByteWriter } from './writer.ts';

/** Landmarks that a skeleton of this form may have. */
const MAX_LANDMARKS = 500;
const MAX_MODE_BYTES = 64;
/** Numbers are whole thousandths that fit into 16 bits. */
const UNIT = 1000;
const LEAST = -0x8000;
const MOST = 0x7fff;

/** Bits 0–1 of the head: is there a mode? */
const MODE = { none: 0, full: 1, text: 2 } as const;
const FULL = 'full';
const HAS = { z: 4, v: 8, world: 16, aspect: 32 } as const;
const KNOWN_BITS = 63;

/** What a number says of its landmark, and what it is taken to be where nothing better is known. */
interface Channel {
  readonly list: 'landmarks' | 'worldLandmarks';
  readonly key: 'x' | 'y' | 'z' | 'v';
  readonly start: number;
  /** First guesses of how far predictions are off: along a bone, between neighbours, from frame to frame. */
  readonly far: number;
  readonly near: number;
  readonly step: number;
}

const X: Channel = { list: 'landmarks', key: 'x', start: 500, far: 60, near: 16, step: 4 };
const Y: Channel = { list: 'landmarks', key: 'y', start: 500, far: 120, near: 16, step: 4 };
const Z: Channel = { list: 'landmarks', key: 'z', start: 0, far: 40, near: 30, step: 8 };
const V: Channel = { list: 'landmarks', key: 'v', start: 1000, far: 20, near: 20, step: 2 };
const WORLD: readonly Channel[] = (['x', 'y', 'z'] as const).map((key) => {
  return { list: 'worldLandmarks', key, start: 0, far: 150, near: 30, step: 8 };
});

/** From which landmark each of the 33 is told in the first frame; −1: from nowhere. */
const PARENTS: readonly number[] = [
  ...[-1, 0, 1, 2, 0, 4, 5, 3, 6, 0, 9],
  ...[0, 11, 11, 12, 13, 14, 15, 16, 15, 16, 15, 16],
  ...[11, 12, 23, 24, 25, 26, 27, 28, 27, 28],
];
/** First landmarks and the ones behind the last, of those that are close to their parent: face, hands, feet. */
const NEAR: readonly (readonly [number, number])[] = [
  [1, 11],
  [17, 23],
  [29, 33],
];

/** Means remember so many numbers; then all they know counts half. */
const MEMORY = { first: 8, channel: 66, column: 16 } as const;
/** The mean of its channel counts like so many numbers of a column's own. */
const PRIOR = 2;
/** The score of a prediction loses this share with each frame: 1/8. */
const FORGET_SHIFT = 3;

/** What all payloads of a block have in common. */
export interface SkeletonHead {
  /** Undefined: payloads have none. */
  readonly mode: string | undefined;
  /** Thousandths, 0 at least. Undefined: payloads have none. */
  readonly aspect: number | undefined;
  readonly landmarks: number;
  readonly z: boolean;
  readonly v: boolean;
  readonly world: boolean;
}

/** Skeletons on their way to bytes: all numbers, frame by frame, channel by channel, in thousandths. */
export interface SkeletonPlan extends SkeletonHead {
  readonly numbers: Int32Array;
}

/** Numbers of one skeleton. */
export function skeletonNumbers({ landmarks, ...has }: Omit<SkeletonHead, 'mode' | 'aspect'>): number {
  return landmarks * channelsOf(has).length;
}

/**
 * The payloads in this form, if every one of them comes back from it as JSON has it: `mode` (text) and `aspect`, the same
 * in all, or none, `landmarks` and perhaps `worldLandmarks`, as many in all, with the same keys in the usual order, and
 * thousandths only.
 */
export function planSkeletons(payloads: readonly Json[]): SkeletonPlan | undefined {
  const head = headOf(payloads[0]);
  if (!head) return undefined;
  const channels = channelsOf(head);
  const numbers = new Int32Array(payloads.length * head.landmarks * channels.length);
  let at = 0;
  for (const payload of payloads) {
    if (!isLike(payload, head)) return undefined;
    for (const { list, key } of channels) {
      for (const landmark of payload[list] ?? []) {
        const number = thousandths(landmark[key]);
        if (number === undefined) return undefined;
        numbers[at++] = number;
      }
    }
  }
  return { ...head, numbers };
}

/** Writes the header's part. */
export function writeSkeletonHead(writer: ByteWriter, { mode, aspect, landmarks, z, v, world }: SkeletonHead): void {
  const kind = mode === undefined ? MODE.none : mode === FULL ? MODE.full : MODE.text;
  const has = (is: boolean, name: keyof typeof HAS): number => (is ? HAS[name] : 0);
  writer.u8(kind | has(z, 'z') | has(v, 'v') | has(world, 'world') | has(aspect !== undefined, 'aspect'));
  writer.varint(landmarks);
  if (mode !== undefined && kind === MODE.text) {
    const bytes = new TextEncoder().encode(mode);
    writer.varint(bytes.length);
    writer.raw(bytes);
  }
  if (aspect !== undefined) writer.varint(aspect);
}

/** Reads the header's part; undefined if it is of a later version, `corrupt` if nobody writes such a thing. */
export function readSkeletonHead(reader: ByteReader): SkeletonHead | 'corrupt' | undefined {
  const flags = reader.u8();
  const kind = flags & 3;
  if (flags > KNOWN_BITS || kind > MODE.text) return undefined;
  const landmarks = reader.varint();
  const mode = kind === MODE.none ? undefined : kind === MODE.full ? FULL : readMode(reader);
  if (kind === MODE.text && mode === undefined) return 'corrupt';
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const aspect = has(HAS.aspect) ? reader.varint() : undefined;
  if (landmarks === 0 || landmarks > MAX_LANDMARKS || (aspect !== undefined && aspect > MOST)) return 'corrupt';
  return { mode, aspect, landmarks, z: has(HAS.z), v: has(HAS.v), world: has(HAS.world) };
}

/** Writes the body's part. */
export function writeSkeletons(writer: ByteWriter, plan: SkeletonPlan): void {
  const { numbers } = plan;
  walk(plan, numbers, (at, predicted, parameter) => {
    writeRiceNumber(writer, zigzag((numbers[at] ?? 0) - predicted), parameter);
    return true;
  });
  writer.align();
}

/**
 * Reads the body's part. What is not there, or no writer writes, shows in the reader's `overrun`. Memory is bounded by the
 * bytes that are left, as every number takes at least a bit.
 */
export function readSkeletons(reader: ByteReader, head: SkeletonHead, count: number): readonly Json[] {
  const total = count * skeletonNumbers(head);
  if (total > 8 * reader.left) {
    reader.overrun = true;
    return [];
  }
  const numbers = new Int32Array(total);
  walk(head, numbers, (at, predicted, parameter) => {
    const number = predicted + unzigzag(readRiceNumber(reader, parameter));
    if (number < LEAST || number > MOST) reader.overrun = true;
    else numbers[at] = number;
    return !reader.overrun;
  });
  reader.align();
  return reader.overrun ? [] : payloadsOf(head, numbers, count);
}

/** Deals with the number at this index, given its prediction and Rice parameter. False: go no further. */
type Visit = (at: number, predicted: number, parameter: number) => boolean;

/** Goes through all numbers in the order of the bytes. Each is known once it was visited. */
function walk(head: SkeletonHead, numbers: Int32Array, visit: Visit): void {
  const channels = channelsOf(head);
  const width = skeletonNumbers(head);
  if (!walkFirst(head, channels, numbers, visit)) return;
  const means = channels.map(({ step }) => ({ sum: step, count: 1 }));
  const columns = Array.from({ length: width }, () => new Column());
  for (let frame = width; frame < numbers.length; frame += width) {
    for (let c = 0; c < width; c++) {
      const mean = means[Math.floor(c / head.landmarks)];
      const column = columns[c];
      if (!mean || !column) return;
      const at = frame + c;
      const last = numbers[at - width] ?? 0;
      const step = frame > width ? last - (numbers[at - 2 * width] ?? 0) : 0;
      const predicted = column.predict(last, step);
      if (!visit(at, predicted, column.parameter(mean))) return;
      const number = numbers[at] ?? 0;
      learn(mean, Math.abs(number - predicted), MEMORY.channel);
      column.learn(number, predicted, last, step);
    }
  }
}

function walkFirst(
  { landmarks }: SkeletonHead,
  channels: readonly Channel[],
  numbers: Int32Array,
  visit: Visit,
): boolean {
  if (numbers.length === 0) return false;
  const body = landmarks === LANDMARK_COUNT;
  return channels.every(({ key, start, far, near }, channel) => {
    const from = channel * landmarks;
    const bones: Mean = { sum: far, count: 1 };
    const neighbours: Mean = { sum: near, count: 1 };
    for (let i = 0; i < landmarks; i++) {
      // Of bodies with other landmarks nothing is known, and what is seen has no bones: then it is the one before.
      const parent = body && key !== 'v' ? (PARENTS[i] ?? -1) : i - 1;
      const predicted = parent < 0 ? start : (numbers[from + parent] ?? 0);
      const mean = body && key !== 'v' && isNear(i) ? neighbours : bones;
      if (!visit(from + i, predicted, riceParameter(mean.sum, mean.count))) return false;
      learn(mean, Math.abs((numbers[from + i] ?? 0) - predicted), MEMORY.first);
    }
    return true;
  });
}

function isNear(landmark: number): boolean {
  return NEAR.some(([from, to]) => landmark >= from && landmark < to);
}

/** Of how far predictions were off. Whole numbers only, so that every machine has the same. */
interface Mean {
  sum: number;
  count: number;
}

function learn(mean: Mean, magnitude: number, memory: number): void {
  mean.sum += magnitude;
  mean.count += 1;
  if (mean.count <= memory) return;
  mean.sum >>= 1;
  mean.count >>= 1;
}

/** The least parameter whose power of two is no less than the mean. */
function riceParameter(sum: number, count: number): number {
  let parameter = 0;
  for (let scaled = count; scaled < sum; scaled *= 2) parameter += 1;
  return parameter;
}

/** One number of a skeleton over the frames: how well it is predicted, and by what. */
class Column {
  readonly #own: Mean = { sum: 0, count: 0 };
  /** How far off it would be to stay, and to go on half as far as it went. */
  #stay = 0;
  #goOn = 0;

  predict(last: number, step: number): number {
    return this.#goOn < this.#stay ? last + (step >> 1) : last;
  }

  parameter(channel: Mean): number {
    const { sum, count } = this.#own;
    return riceParameter(sum * channel.count + PRIOR * channel.sum, (count + PRIOR) * channel.count);
  }

  learn(number: number, predicted: number, last: number, step: number): void {
    learn(this.#own, Math.abs(number - predicted), MEMORY.column);
    this.#stay += 8 * Math.abs(number - last) - (this.#stay >> FORGET_SHIFT);
    this.#goOn += 8 * Math.abs(number - last - (step >> 1)) - (this.#goOn >> FORGET_SHIFT);
  }
}

function channelsOf({ z, v, world }: Pick<SkeletonHead, 'z' | 'v' | 'world'>): readonly Channel[] {
  return [X, Y, ...(z ? [Z] : []), ...(v ? [V] : []), ...(world ? WORLD : [])];
}

type Point = Readonly<Record<string, Json>>;
type Skeleton = Readonly<Partial<Record<Channel['list'], readonly Point[]>>>;

/** What the first payload is like; undefined if it has not this form. */
function headOf(payload: Json | undefined): SkeletonHead | undefined {
  if (!isObject(payload)) return undefined;
  const { mode, aspect, landmarks, worldLandmarks } = payload;
  if (!isList(landmarks) || landmarks.length === 0 || landmarks.length > MAX_LANDMARKS) return undefined;
  if ('mode' in payload && (typeof mode !== 'string' || !isMode(mode))) return undefined;
  const wide = aspect === undefined ? undefined : thousandths(aspect);
  if ('aspect' in payload && !(wide !== undefined && wide >= 0)) return undefined;
  const [first] = landmarks;
  if (!isObject(first)) return undefined;
  return {
    mode: typeof mode === 'string' ? mode : undefined,
    aspect: wide,
    landmarks: landmarks.length,
    z: 'z' in first,
    v: 'v' in first,
    world: worldLandmarks !== undefined,
  };
}

function isMode(text: string): boolean {
  const bytes = new TextEncoder().encode(text);
  // Half a surrogate pair would come back as another character.
  return bytes.length <= MAX_MODE_BYTES && new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes) === text;
}

function readMode(reader: ByteReader): string | undefined {
  const size = reader.varint();
  if (size > MAX_MODE_BYTES) return undefined;
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(reader.raw(size));
  return isMode(text) ? text : undefined;
}

/** True if the payload has the keys that the first one has, in the order in which they come back. */
function isLike(payload: Json, { mode, aspect, landmarks, z, v, world }: SkeletonHead): payload is Skeleton & Json {
  const key = (name: string, is: boolean): readonly string[] => (is ? [name] : []);
  const [before, behind] = [
    [...key('mode', mode !== undefined), ...key('aspect', aspect !== undefined)],
    key('worldLandmarks', world),
  ];
  if (!hasKeys(payload, [...before, 'landmarks', ...behind])) return false;
  if (payload['mode'] !== mode || thousandths(payload['aspect']) !== aspect) return false;
  const arePoints = (list: Json | undefined, names: readonly string[]): boolean =>
    isList(list) && list.length === landmarks && list.every((point) => hasKeys(point, names));
  if (!arePoints(payload['landmarks'], ['x', 'y', ...(z ? ['z'] : []), ...(v ? ['v'] : [])])) return false;
  return !world || arePoints(payload['worldLandmarks'], ['x', 'y', 'z']);
}

function hasKeys(value: Json | undefined, keys: readonly string[]): value is Point {
  if (!isObject(value)) return false;
  const own = Object.keys(value);
  return own.length === keys.length && own.every((key, i) => key === keys[i]);
}

function isObject(value: Json | undefined): value is Point {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The whole number of thousandths that comes back as this number; undefined if there is none. */
function thousandths(value: Json | undefined): number | undefined {
  if (typeof value !== 'number') return undefined;
  const number = Math.round(value * UNIT);
  return number >= LEAST && number <= MOST && number / UNIT === value ? number : undefined;
}

function payloadsOf(head: SkeletonHead, numbers: Int32Array, count: number): readonly Json[] {
  const channels = channelsOf(head);
  const width = skeletonNumbers(head);
  const points = (list: Channel['list'], frame: number): Json =>
    Array.from({ length: head.landmarks }, (_, i) => {
      const point: Record<string, Json> = {};
      channels.forEach((channel, c) => {
        if (channel.list !== list) return;
        point[channel.key] = (numbers[frame * width + c * head.landmarks + i] ?? 0) / UNIT;
      });
      return point;
    });
  return Array.from({ length: count }, (_, frame) => ({
    ...(head.mode !== undefined && { mode: head.mode }),
    ...(head.aspect !== undefined && { aspect: head.aspect / UNIT }),
    landmarks: points('landmarks', frame),
    ...(head.world && { worldLandmarks: points('worldLandmarks', frame) }),
  }));
}

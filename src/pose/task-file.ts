/**
 * What a `.task` file is, as far as it can be told without running it: a zip archive whose entries are stored, as MediaPipe
 * uses them in place ("Expected uncompressed zip archive"), with the models by their fixed names.
 * Sources: PKWARE APPNOTE 6.3.10 §4.3.7, 4.3.12, 4.3.16; MediaPipe Tasks `pose_landmarker_graph.cc`, `face_landmarker_graph.cc`.
 */
import type { ModelKind } from '../model/pose.ts';

const BODY = ['pose_detector.tflite', 'pose_landmarks_detector.tflite'];
const FACE = ['face_detector.tflite', 'face_landmarks_detector.tflite'];

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_RECORD = 0x06054b50;
/** Bytes of the fixed part of each. */
const LOCAL_SIZE = 30;
const CENTRAL_SIZE = 46;
const END_SIZE = 22;
const MAX_COMMENT = 0xffff;

/**
 * Why these bytes cannot be a model of this kind, for the details view; undefined: they can.
 * The landmarks themselves may still be nonsense: only the runtime can tell.
 */
export function taskFileProblem(bytes: ArrayBuffer, kind: ModelKind): string | undefined {
  const view = new DataView(bytes);
  const end = findEnd(view);
  if (end === undefined) return 'no zip archive';
  const names = new Set<string>();
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
    if (at + CENTRAL_SIZE > end || view.getUint32(at, true) !== CENTRAL_HEADER) return 'the list of entries is damaged';
    const nameLength = view.getUint16(at + 28, true);
    const next = at + CENTRAL_SIZE + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > end) return 'the list of entries is damaged';
    const name = new TextDecoder().decode(new Uint8Array(bytes, at + CENTRAL_SIZE, nameLength));
    if (!isStored(view, at)) return `${name} is compressed or damaged`;
    names.add(name);
    at = next;
  }
  const missing = (kind === 'face' ? FACE : BODY).filter((name) => !names.has(name));
  return missing.length === 0 ? undefined : `without ${missing.join(', ')}`;
}

/** Position of the end record; behind it there is only its comment. */
function findEnd(view: DataView): number | undefined {
  const last = view.byteLength - END_SIZE;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT); at -= 1) {
    if (view.getUint32(at, true) === END_RECORD && at + END_SIZE + view.getUint16(at + 20, true) === view.byteLength)
      return at;
  }
  return undefined;
}

/** @param at position of a header in the list of entries */
function isStored(view: DataView, at: number): boolean {
  const method = view.getUint16(at + 10, true);
  const packed = view.getUint32(at + 20, true);
  const local = view.getUint32(at + 42, true);
  if (method !== 0 || packed !== view.getUint32(at + 24, true)) return false;
  if (local + LOCAL_SIZE > at || view.getUint32(local, true) !== LOCAL_HEADER) return false;
  const data = local + LOCAL_SIZE + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  return data + packed <= at;
}

/** The synthetic models as files. Whether they are right, the real runtime says: tests/e2e/pose-runtime.spec.ts. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bodyModel } from '../../../support/pose-model/body.ts';
import { faceModel } from '../../../support/pose-model/face.ts';

/** Pinned: a change here is a change of the models, and has to be meant. */
const MODELS = [
  {
    name: 'body',
    make: bodyModel,
    files: ['pose_detector.tflite', 'pose_landmarks_detector.tflite'],
    size: 98_460,
    sha256: 'f81a1652a00b24dda63592590adaafb75bc8f73e2abc7a9d4969124f13192336',
  },
  {
    name: 'face',
    make: faceModel,
    files: ['face_detector.tflite', 'face_landmarks_detector.tflite', 'face_blendshapes.tflite'],
    size: 126_633,
    sha256: '79cb27a0b53f0866c0b0641ac39a89d906f3292661fef6d95def4e6352100088',
  },
];

interface ZipFile {
  readonly name: string;
  readonly method: number;
  readonly start: number;
  readonly content: Uint8Array;
  readonly crc: number;
}

/** By the directory at its end, as readers of zip archives do; headers in front of files have to say the same. */
function readZip(archive: Uint8Array): ZipFile[] {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = archive.length - 22;
  expect(view.getUint32(end, true)).toBe(0x06054b50);
  let at = view.getUint32(end + 16, true);
  const files: ZipFile[] = [];
  for (let count = view.getUint16(end + 10, true); count > 0; count--) {
    expect(view.getUint32(at, true)).toBe(0x02014b50);
    const nameLength = view.getUint16(at + 28, true);
    const local = view.getUint32(at + 42, true);
    expect(view.getUint32(local, true)).toBe(0x04034b50);
    // Version, flags, method, time, date, CRC, sizes, length of the name.
    expect(archive.subarray(local + 4, local + 28)).toEqual(archive.subarray(at + 6, at + 30));
    const start = local + 30 + nameLength + view.getUint16(local + 28, true);
    files.push({
      name: new TextDecoder().decode(archive.subarray(local + 30, local + 30 + nameLength)),
      method: view.getUint16(local + 8, true),
      start,
      content: archive.subarray(start, start + view.getUint32(at + 24, true)),
      crc: view.getUint32(at + 16, true),
    });
    at += 46 + nameLength;
  }
  expect(at).toBe(end);
  return files;
}

describe.each(MODELS)('the $name model', ({ make, files, size, sha256 }) => {
  const model = make();

  it('is the same on every run', () => {
    expect(make()).toEqual(model);
    expect(model.length).toBe(size);
    expect(createHash('sha256').update(model).digest('hex')).toBe(sha256);
  });

  it('is a zip archive of uncompressed, aligned TensorFlow Lite files', () => {
    const found = readZip(model);
    expect(found.map(({ name }) => name)).toEqual(files);
    for (const { method, start, content, crc } of found) {
      expect(method).toBe(0);
      expect(start % 16).toBe(0);
      expect(crc32(content)).toBe(crc);
      expect(new TextDecoder().decode(content.subarray(4, 8))).toBe('TFL3');
    }
  });
});

/** What passes for a `.task` file. */
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { taskFileProblem } from '../../../src/pose/task-file.ts';
import { bodyModel } from '../../support/pose-model/body.ts';
import { faceModel } from '../../support/pose-model/face.ts';
import { storedZip } from '../../support/pose-model/zip.ts';

const entry = (name: string, content = 'TFL3'): { name: string; content: Uint8Array } => ({
  name,
  content: new TextEncoder().encode(content),
});
const BODY = [entry('pose_detector.tflite'), entry('pose_landmarks_detector.tflite')];

const zipOf = (entries: ReturnType<typeof entry>[]): Uint8Array<ArrayBuffer> => new Uint8Array(storedZip(entries));
const problem = (bytes: Uint8Array<ArrayBuffer>): string | undefined => taskFileProblem(bytes.slice().buffer, 'lite');

/** The archive with one 32-bit or 16-bit number of its parts replaced. @param of which header, from its signature */
function changed(signature: number, offset: number, value: number, size: 2 | 4): Uint8Array<ArrayBuffer> {
  const bytes = zipOf(BODY);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 4 <= bytes.length; at += 1) {
    if (view.getUint32(at, true) !== signature) continue;
    if (size === 2) view.setUint16(at + offset, value, true);
    else view.setUint32(at + offset, value, true);
    return bytes;
  }
  throw new Error('no such header');
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;

describe('a task file', () => {
  it('is what the runtime takes for one', () => {
    expect(problem(new Uint8Array(bodyModel()))).toBeUndefined();
    expect(taskFileProblem(new Uint8Array(faceModel()).buffer, 'face')).toBeUndefined();
  });

  it('has both models of its kind, and may have more', () => {
    expect(problem(zipOf(BODY))).toBeUndefined();
    expect(problem(zipOf([entry('metadata'), ...BODY]))).toBeUndefined();
    expect(problem(zipOf(BODY.slice(0, 1)))).toBe('without pose_landmarks_detector.tflite');
    expect(problem(zipOf([]))).toBe('without pose_detector.tflite, pose_landmarks_detector.tflite');
    const face = zipOf([entry('face_detector.tflite'), entry('face_landmarks_detector.tflite')]);
    expect(taskFileProblem(face.buffer, 'face')).toBeUndefined();
    expect(taskFileProblem(zipOf(BODY).buffer, 'face')).toContain('without face_detector.tflite');
  });

  it('may end with a comment', () => {
    const bytes = changed(END, 20, 5, 2);
    expect(problem(new Uint8Array([...bytes, 1, 2, 3, 4, 5]))).toBeUndefined();
    expect(problem(new Uint8Array([...bytes, 1, 2, 3, 4]))).toBe('no zip archive');
  });

  it.each([
    ['a method other than stored', CENTRAL, 10, 8, 2, 'pose_detector.tflite is compressed or damaged'],
    ['two different sizes', CENTRAL, 20, 3, 4, 'pose_detector.tflite is compressed or damaged'],
    ['an entry beyond the end', CENTRAL, 42, 0xfffffff0, 4, 'pose_detector.tflite is compressed or damaged'],
    ['an entry that is none', CENTRAL, 42, 1, 4, 'pose_detector.tflite is compressed or damaged'],
    ['contents that run into the list', LOCAL, 26, 0xffff, 2, 'pose_detector.tflite is compressed or damaged'],
    ['a name longer than the list', CENTRAL, 28, 0xffff, 2, 'the list of entries is damaged'],
    ['more entries than there are', END, 10, 3, 2, 'the list of entries is damaged'],
    ['a list elsewhere', END, 16, 0xfffffff0, 4, 'the list of entries is damaged'],
  ] as const)('has not %s', (_, signature, offset, value, size, says) => {
    expect(problem(changed(signature, offset, value, size))).toBe(says);
  });

  it('is whole', () => {
    const bytes = zipOf(BODY);
    expect(problem(bytes.subarray(0, -1))).toBe('no zip archive');
    expect(problem(bytes.subarray(1))).toBeDefined();
    expect(problem(new Uint8Array(deflateRawSync(bytes)))).toBe('no zip archive');
    expect(problem(new Uint8Array(0))).toBe('no zip archive');
  });

  it('never throws, whatever the bytes', () => {
    const whole = zipOf(BODY);
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), fc.nat(whole.length), (changes, length) => {
        const bytes = whole.slice(whole.length - length);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        const result = problem(bytes);
        return result === undefined || typeof result === 'string';
      }),
    );
  });
});

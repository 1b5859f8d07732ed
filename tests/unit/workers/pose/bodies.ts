/** People for tests of the pose worker, and a runtime that finds them. */
import { LANDMARK, LANDMARK_COUNT } from '../../../../src/model/skeleton.ts';
import { appError, type AppError } from '../../../../src/model/errors.ts';
import type { Delegate, PoseOptions } from '../../../../src/model/pose.ts';
import { fail, ok } from '../../../../src/model/result.ts';
import type { Blendshapes, Body, Picture, PoseRuntime } from '../../../../workers/pose/ports.ts';

export const OPTIONS: PoseOptions = {
  persons: 1,
  world: false,
  smoothing: false,
  confidence: 0.5,
  face: false,
  mirror: false,
};

/** Somebody whose hips are here; 0.2 wide and 0.7 high. */
export function bodyAt(x: number, y: number, v = 0.9): Body {
  const landmarks = Array.from({ length: LANDMARK_COUNT }, (_, i) => ({
    x: x + (i % 2 === 0 ? -0.1 : 0.1),
    y: y - 0.35 + (0.7 * i) / (LANDMARK_COUNT - 1),
    z: -0.01 * i,
    v,
  }));
  for (const [hip, side] of [
    [LANDMARK.leftHip, 0.05],
    [LANDMARK.rightHip, -0.05],
  ] as const) {
    landmarks[hip] = { x: x + side, y, z: 0, v };
  }
  return { landmarks, world: landmarks.map(({ x: wx, y: wy, z }) => ({ x: wx - x, y: wy - y, z })) };
}

/** A picture that knows whether it was closed. */
export class FakePicture {
  width = 640;
  height = 480;
  closed = 0;

  close(): void {
    this.closed += 1;
    this.width = 0;
    this.height = 0;
  }

  /** As the worker gets it. The fake runtime asks it for nothing. */
  get picture(): ImageBitmap {
    return this;
  }
}

export interface Detected {
  readonly picture: Picture;
  readonly time: number;
  readonly smoothing: boolean;
}

/** What happens is set by the test; what was asked is noted. */
export class FakeRuntime implements PoseRuntime {
  find: (detected: Detected) => readonly Body[] = () => [bodyAt(0.5, 0.5)];
  face: (detected: Detected) => Blendshapes | undefined = () => undefined;
  refuses: (delegate: Delegate, kind: 'body' | 'face') => AppError | undefined = () => undefined;
  setPersons: (persons: number) => Promise<void> = () => Promise.resolve();
  spent = false;
  readonly opened: string[] = [];
  readonly detected: Detected[] = [];
  readonly persons: number[] = [];
  /** Landmarkers that are open now. */
  open = 0;

  openBody(_: Blob, delegate: Delegate, persons: number): ReturnType<PoseRuntime['openBody']> {
    return this.#open('body', delegate, persons, {
      detect: (picture: Picture, time: number, smoothing: boolean) => {
        this.detected.push({ picture, time, smoothing });
        return this.find({ picture, time, smoothing });
      },
      setPersons: (wanted: number) => {
        this.persons.push(wanted);
        return this.setPersons(wanted);
      },
    });
  }

  openFace(_: Blob, delegate: Delegate): ReturnType<PoseRuntime['openFace']> {
    return this.#open('face', delegate, 1, {
      detect: (picture: Picture, time: number, smoothing: boolean) => this.face({ picture, time, smoothing }),
    });
  }

  #open<L extends object>(kind: 'body' | 'face', delegate: Delegate, persons: number, landmarker: L) {
    const error = this.refuses(delegate, kind);
    this.opened.push(`${kind} ${delegate} ${String(persons)}${error ? ' refused' : ''}`);
    if (error) return Promise.resolve(fail(error));
    this.open += 1;
    const spent = (): boolean => {
      const was = this.spent;
      this.spent = false;
      return was;
    };
    return Promise.resolve(ok({ ...landmarker, spent, close: () => void (this.open -= 1) }));
  }
}

export const refusal = (detail: string): AppError => appError('pose-model-corrupt', detail);

/** The worker of pose-runtime.spec.ts: our landmarkers over the real runtime, without the rest of the app. */
import type { Delegate } from '../../../src/model/pose.ts';
import type { AppError } from '../../../src/model/errors.ts';
import type { Body, BodyLandmarker, FaceLandmarker, Picture, PoseRuntime } from '../../../workers/pose/ports.ts';
import { openRuntime } from '../../../workers/pose/landmarker.ts';

/** A disc of full light; a CSS colour. Where discs overlap, their light adds up. Pixels. */
export interface PaintedDisc {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly colour: string;
}

export interface Painting {
  readonly width: number;
  readonly height: number;
  readonly discs: readonly PaintedDisc[];
}

export type LabOrder =
  /** Replaces the landmarker of before. @param model address of a `.task` file */
  | { readonly open: 'body' | 'face'; readonly model: string; readonly delegate: Delegate }
  | { readonly look: Painting | VideoFrame };

export interface LabAnswer {
  /** Why nothing could be opened. */
  readonly error?: AppError;
  readonly bodies?: readonly Body[];
  /** Undefined: there is no face. */
  readonly face?: Readonly<Record<string, number>> | undefined;
}

let runtime: PoseRuntime | undefined;
let body: BodyLandmarker | undefined;
let face: FaceLandmarker | undefined;

const fetched = async (address: string): Promise<Blob> => (await fetch(address)).blob();

async function open({ open: kind, model, delegate }: Extract<LabOrder, { open: unknown }>): Promise<LabAnswer> {
  if (!runtime) {
    const opened = await openRuntime(await fetched('/runtime.wasm'));
    if (!opened.ok) return { error: opened.error };
    runtime = opened.value;
  }
  body?.close();
  face?.close();
  [body, face] = [undefined, undefined];
  const file = await fetched(model);
  if (kind === 'body') {
    const made = await runtime.openBody(file, delegate, 1);
    if (!made.ok) return { error: made.error };
    body = made.value;
  } else {
    const made = await runtime.openFace(file, delegate);
    if (!made.ok) return { error: made.error };
    face = made.value;
  }
  return {};
}

function look(picture: Picture): LabAnswer {
  try {
    if (body) return { bodies: body.detect(picture, Date.now(), false) };
    const shapes = face?.detect(picture, Date.now(), false);
    return { face: shapes && Object.fromEntries(shapes) };
  } finally {
    picture.close();
  }
}

function painted({ width, height, discs }: Painting): ImageBitmap {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  context.fillRect(0, 0, width, height);
  context.globalCompositeOperation = 'lighter';
  for (const { x, y, radius, colour } of discs) {
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
  }
  return canvas.transferToImageBitmap();
}

async function answer(order: LabOrder): Promise<LabAnswer> {
  if ('open' in order) return open(order);
  return look(order.look instanceof VideoFrame ? order.look : painted(order.look));
}

self.onmessage = ({ data }: MessageEvent<LabOrder>) => {
  answer(data).then((result) => self.postMessage(result), reportError);
};

/** Pose capture over the real list of devices, with a camera, a worker and files that a test holds. */
import { Devices } from '../../../src/app/devices.ts';
import { Pose, type PoseDeps } from '../../../src/app/pose.ts';
import { createStore } from '../../../src/lib/store.ts';
import { appError } from '../../../src/model/errors.ts';
import type { ModelKind } from '../../../src/model/pose.ts';
import { fail, ok, type Result } from '../../../src/model/result.ts';
import { Cameras } from '../../../src/pose/camera.ts';
import type { ServerOffer } from '../../../src/pose/model-source.ts';
import type { KeptModel } from '../../../src/pose/models.ts';
import { IDLE_STATUS } from '../../support/scripted-app.ts';
import { turns } from '../../support/manual-clock.ts';
import { FakeDevices, frameRig, workshop } from '../pose/capture-support.ts';
import { createScriptedWorker } from './scripted-worker.ts';

export async function settle(): Promise<void> {
  for (let i = 0; i < 6; i++) await turns();
}

type Progress = (received: number, total: number | undefined) => void;

/** Files as the stores have them; downloads end when a test says so. */
function scriptedFiles() {
  const kept = new Map<ModelKind, KeptModel>();
  const asked: string[] = [];
  const files = {
    kept,
    asked,
    runtimeBytes: undefined as number | undefined,
    offer: { models: {}, origins: undefined } as ServerOffer,
    failNext: undefined as Result<undefined> | undefined,
    progress: (() => undefined) as Progress,
    finish: (() => undefined) as () => void,
  };
  const keep = (kind: ModelKind, from: string): void =>
    void kept.set(kind, { bytes: 100, sha256: 'ab'.repeat(32), from });
  async function fetched<T>(onProgress: Progress, signal: AbortSignal, done: () => T): Promise<Result<T | undefined>> {
    files.progress = onProgress;
    await new Promise<void>((resolve) => {
      files.finish = resolve;
      signal.addEventListener('abort', () => resolve());
    });
    if (signal.aborted) return ok(undefined);
    return files.failNext ?? ok(done());
  }
  const models: PoseDeps['models'] = {
    lookAtServer: () => Promise.resolve(files.offer),
    kept: (kind) => Promise.resolve(kept.get(kind)),
    blob: (kind) => Promise.resolve(kept.has(kind) ? ok(new Blob([kind])) : fail(appError('pose-model-missing', kind))),
    fetchModel(kind, address, onProgress, signal) {
      asked.push(`${kind} ${address}`);
      return fetched(onProgress, signal, () => {
        keep(kind, address);
        return kept.get(kind);
      });
    },
    useFile(kind, file) {
      keep(kind, file.name);
      return Promise.resolve(ok({ bytes: file.size, sha256: '', from: file.name }));
    },
    remove: (kind) => Promise.resolve(void kept.delete(kind)),
  };
  const runtime: PoseDeps['runtime'] = {
    kept: () => Promise.resolve(files.runtimeBytes),
    fetchRuntime(onProgress, signal) {
      asked.push('runtime');
      return fetched(onProgress, signal, () => (files.runtimeBytes = 11_153_641));
    },
    blob: () =>
      Promise.resolve(files.runtimeBytes === undefined ? fail(appError('pose-runtime')) : ok(new Blob(['wasm']))),
  };
  return { files, keep, models, runtime };
}

/** @param text what was kept of the settings */
export function setUp({ text, here = true }: { text?: string; here?: boolean } = {}) {
  const frames = frameRig();
  const cameras = new FakeDevices();
  const shop = workshop();
  const worker = createScriptedWorker();
  const { files, keep, models, runtime } = scriptedFiles();
  if (here) {
    files.runtimeBytes = 11_153_641;
    keep('lite', 'lite.task');
  }
  const devices = new Devices({
    worker,
    ingest: () => undefined,
    ingestReadings: () => undefined,
    status: createStore(IDLE_STATUS),
    onForgotten: () => undefined,
  });
  const fed: string[] = [];
  const stored = { text };
  const feeding: { answer: Result<void> } = { answer: ok(undefined) };
  const make = (): Pose =>
    new Pose({
      devices,
      cameras: new Cameras(cameras.edges()),
      ...{ models, runtime, clock: frames.clock, random: () => 0.5, frames: frames.edges },
      makeWorker: shop.makeWorker,
      watchDevice: () => undefined,
      settings: { read: () => stored.text, write: (next) => (stored.text = next) },
      origin: 'https://sensors.example',
      feed(sensorId, port) {
        fed.push(sensorId);
        port.close();
        return Promise.resolve(feeding.answer);
      },
    });
  const pose = make();
  return {
    ...{ frames, cameras, shop, worker, files, keep, devices, fed, feeding, stored, pose, make },
    now: () => pose.pose.get(),
    /** Starts the camera, and has the worker be ready. */
    async started(): Promise<Result<void>> {
      const starting = pose.startCamera();
      await settle();
      shop.worker.ready();
      return starting;
    },
  };
}

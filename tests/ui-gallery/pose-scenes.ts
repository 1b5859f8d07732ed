/** Scenes of the Pose screen. */
import type { PoseState } from '../../src/app/pose-api.ts';
import { BONES } from '../../src/model/skeleton.ts';
import { appError, type ErrorCode } from '../../src/model/errors.ts';
import { scriptedDevice, scriptedStatus, scriptedStream, type ScriptedApp } from '../support/scripted-app.ts';
import { FIRST_POSE, keptModel, READY_POSE, scriptedModel, scriptedReport } from '../support/scripted-pose.ts';
import type { Scene } from './scene.ts';

const SIZE = { width: 640, height: 480 };

/** A standing person, in shares of the picture, in the order of the landmarks. */
const FIGURE: readonly (readonly [number, number])[] = [
  [0.5, 0.2],
  [0.508, 0.18],
  [0.516, 0.18],
  [0.524, 0.18],
  [0.492, 0.18],
  [0.484, 0.18],
  [0.476, 0.18],
  [0.54, 0.19],
  [0.46, 0.19],
  [0.52, 0.23],
  [0.48, 0.23],
  [0.6, 0.34],
  [0.4, 0.34],
  [0.66, 0.48],
  [0.3, 0.42],
  [0.67, 0.6],
  [0.26, 0.26],
  [0.68, 0.63],
  [0.25, 0.23],
  [0.67, 0.64],
  [0.26, 0.22],
  [0.66, 0.62],
  [0.27, 0.24],
  [0.56, 0.6],
  [0.44, 0.6],
  [0.57, 0.77],
  [0.43, 0.77],
  [0.57, 0.92],
  [0.43, 0.92],
  [0.56, 0.95],
  [0.44, 0.95],
  [0.6, 0.96],
  [0.4, 0.96],
];

/** A camera that shows a wall and somebody before it. */
function camera(): MediaStream {
  const canvas = Object.assign(document.createElement('canvas'), SIZE);
  const pen = canvas.getContext('2d');
  const draw = (): void => {
    if (!pen) return;
    pen.fillStyle = 'oklch(0.72 0.03 80)';
    pen.fillRect(0, 0, SIZE.width, SIZE.height);
    pen.fillStyle = 'oklch(0.42 0.06 250)';
    pen.fillRect(0.4 * SIZE.width, 0.32 * SIZE.height, 0.2 * SIZE.width, 0.64 * SIZE.height);
    pen.fillStyle = 'oklch(0.62 0.08 60)';
    pen.beginPath();
    pen.arc(0.5 * SIZE.width, 0.2 * SIZE.height, 44, 0, 2 * Math.PI);
    pen.fill();
  };
  draw();
  setInterval(draw, 100);
  return canvas.captureStream(10);
}

/** What the worker draws. */
function drawFigure(canvas: OffscreenCanvas): void {
  const pen = canvas.getContext('2d');
  if (!pen) return;
  const { width, height } = canvas;
  pen.clearRect(0, 0, width, height);
  pen.lineWidth = Math.max(2, width / 160);
  pen.strokeStyle = 'oklch(0.83 0.14 85)';
  for (const [from, to] of BONES) {
    const [a, b] = [FIGURE[from], FIGURE[to]];
    if (!a || !b) continue;
    pen.beginPath();
    pen.moveTo(a[0] * width, a[1] * height);
    pen.lineTo(b[0] * width, b[1] * height);
    pen.stroke();
  }
}

function runs(app: ScriptedApp, change: Partial<PoseState> = {}): void {
  const { scriptedPose } = app;
  let shown: OffscreenCanvas | undefined;
  Object.assign(scriptedPose, {
    showOverlay(canvas: OffscreenCanvas | undefined) {
      shown = canvas;
      if (canvas) drawFigure(canvas);
    },
    sizeOverlay(width: number, height: number) {
      if (!shown) return;
      Object.assign(shown, { width, height });
      drawFigure(shown);
    },
  });
  const streams = [scriptedStream('skeleton', { requestedRate: 30, rate: 29.6 })];
  const status = scriptedStatus('camera', { attention: 'high', streams, facts: {} });
  const device = scriptedDevice('Camera', { at: 'live' }, { kind: 'camera', subscriptions: 0, status });
  app.devices.set([device]);
  app.status.set({ ...app.status.get(), sensors: [status] });
  app.statusLine.set({ kind: 'connected', sending: 1 });
  app.streaming = true;
  scriptedPose.pose.set({
    ...READY_POSE,
    stage: { at: 'running' },
    preview: camera(),
    report: scriptedReport(),
    wantedFps: 30,
    sensorId: 'camera',
    ...change,
  });
}

function pose(set: (app: ScriptedApp) => void, press: readonly string[] = []): Scene {
  return { screen: 'pose', set, press };
}

const state = (change: PoseState): Scene => pose((app) => app.scriptedPose.pose.set(change));

function trouble(code: ErrorCode, detail?: string): Scene {
  return state({ ...READY_POSE, stage: { at: 'trouble', error: appError(code, detail) } });
}

const FETCHING: PoseState = { ...FIRST_POSE, download: { what: 'runtime', received: 4_210_000, total: 11_153_641 } };

export const POSE_SCENES: Readonly<Record<string, Scene>> = {
  'pose-first': state(FIRST_POSE),
  'pose-first-source': pose(() => undefined, ['Another source']),
  'pose-first-server': state({
    ...FIRST_POSE,
    settings: { ...FIRST_POSE.settings, model: 'full' },
    models: [
      scriptedModel('lite'),
      scriptedModel('full', { onServer: 9_398_198, address: '/models/pose_landmarker_full.task', stranger: undefined }),
      keptModel('heavy'),
      scriptedModel('face'),
    ],
  }),
  'pose-fetching': state(FETCHING),
  'pose-first-refused': pose(
    (app) => {
      app.failNext = appError('pose-model-address', 'not allowed here: https://storage.googleapis.com');
      app.scriptedPose.change({ runtime: 11_153_641 });
      Object.assign(app.scriptedPose, { openPose: () => Promise.resolve({ ok: true, value: undefined }) });
    },
    ['Fetch 5.8 MB'],
  ),
  'pose-ready': state(READY_POSE),
  'pose-settings': pose((app) => app.scriptedPose.pose.set(READY_POSE), ['Settings']),
  'pose-asking': state({ ...READY_POSE, stage: { at: 'camera' } }),
  'pose-running': pose((app) => runs(app)),
  'pose-running-capped': pose((app) =>
    runs(app, {
      settings: { ...READY_POSE.settings, mirror: false },
      wantedFps: 5,
      cap: 'attention',
      report: scriptedReport({ fps: 5, delegate: 'CPU', work: 41, activity: undefined, problems: { 'pose-frame': 3 } }),
    }),
  ),
  'pose-nobody': pose((app) =>
    runs(app, { report: scriptedReport({ persons: 0, condition: 'no-person', angles: {}, activity: undefined }) }),
  ),
  'pose-offline': pose((app) => {
    runs(app, { report: scriptedReport({ condition: 'low-light' }) });
    app.status.set({ ...app.status.get(), connection: { at: 'offline', since: Date.now() } });
    app.statusLine.set({ kind: 'offline', kept: 300 });
  }),
  'pose-restarting': pose((app) =>
    runs(app, { stage: { at: 'restarting', error: appError('pose-hung') }, report: undefined }),
  ),
  'pose-refused': trouble('camera-permission', 'NotAllowedError: Permission denied'),
  'pose-busy': trouble('camera-busy'),
  'pose-corrupt': trouble('pose-model-corrupt', 'sha-256 is 0d9b…, was to be 77aa…'),
  'pose-unsupported': trouble('pose-unsupported'),
};

/** What a pose link shows, from what is so. Everything here is pure. */
import { appError, type AppError } from '../model/errors.ts';
import type { LinkState } from '../model/link.ts';
import type { PoseStage } from '../model/pose.ts';

/** No finished frame for so long while some are wanted is silence, ms. */
export const SILENCE = 3000;

export interface SessionFacts {
  readonly attempt: number;
  /** The browser may be asking the person. */
  readonly isOpening: boolean;
  readonly hasCamera: boolean;
  /** The system or another app holds the camera's pictures back. */
  readonly isMuted: boolean;
  /** The page is hidden and the browser gives it no pictures. */
  readonly isBlind: boolean;
  /** Of camera and frames. */
  readonly trouble: AppError | undefined;
  /** Of the worker. */
  readonly worker: PoseStage;
  /** Frames a second. */
  readonly wantedFps: number;
  /** Unix ms since when frames can be expected. */
  readonly since: number;
  /** When the last frame was finished, Unix ms. */
  readonly lastDone: number | undefined;
  /** Unix ms. */
  readonly now: number;
}

/** What capture is doing. @param error why the last session was given up */
export function stageOf(session: SessionFacts | undefined, error: AppError | undefined): PoseStage {
  if (!session) return error ? { at: 'trouble', error } : { at: 'off' };
  const { trouble, worker, isOpening, hasCamera, isBlind } = session;
  // A hidden page shows nothing to anybody: that is a reason for no frames, not a trouble to act on.
  if (trouble && !isBlind && trouble.code !== 'camera-hidden') return { at: 'trouble', error: trouble };
  if (worker.at === 'restarting') return worker;
  if (isOpening) return { at: 'camera' };
  if (!hasCamera) return { at: 'starting' };
  const isHeldBack = worker.at === 'running' && session.isMuted && silentSince(session) !== undefined;
  return isHeldBack && !isBlind ? { at: 'trouble', error: appError('camera-busy', 'muted') } : worker;
}

/** The link as the list of devices has it. */
export function linkStateOf(stage: PoseStage, session: SessionFacts | undefined): LinkState {
  switch (stage.at) {
    case 'off':
      return { at: 'idle' };
    case 'trouble':
      return { at: 'lost', error: stage.error };
    case 'camera':
    case 'starting':
    case 'restarting':
      return { at: 'connecting', attempt: session?.attempt ?? 1 };
    case 'running': {
      const since = session && silentSince(session);
      return since === undefined ? { at: 'live' } : { at: 'stale', since };
    }
  }
}

/**
 * Unix ms since when it has been silent for too long. A picture without a person is a finished frame too, and a paused
 * sensor is silent because it was asked to be.
 */
function silentSince(session: SessionFacts): number | undefined {
  const { wantedFps, since, lastDone, now, isBlind } = session;
  if (wantedFps === 0 && !isBlind) return undefined;
  const last = isBlind ? (lastDone ?? since) : Math.max(lastDone ?? since, since);
  return now - last > SILENCE ? last : undefined;
}

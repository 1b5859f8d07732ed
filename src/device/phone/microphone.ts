/**
 * How loud it is around this phone: `microphone` {level, peak} in dBFS, 8 a second. No sound is kept, played or sent; only
 * these two numbers leave the browser's audio thread. dBFS says how loud it is for this microphone, not in the room.
 */
import { appError, describeThrown, type AppError } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Source, SourceOutput } from '../source.ts';
import type { OpenTap } from './audio-tap.ts';
import { decibels, WINDOW, type LevelWindow } from './level-meter.ts';
import type { PermissionLookup } from './motion-permission.ts';
import { watchSilence, type SilenceEdges } from './silence.ts';

/** What phones do to make speech clear would change the level. */
const PLAIN: MediaStreamConstraints = {
  audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  video: false,
};

export interface MicrophoneEdges extends SilenceEdges {
  readonly getUserMedia: ((constraints: MediaStreamConstraints) => Promise<MediaStream>) | undefined;
  /** Undefined where the browser has no AudioWorklet. */
  readonly openTap: OpenTap | undefined;
  readonly permission: PermissionLookup;
  readonly secure: boolean;
  readonly now: () => number;
}

/** Asks the person when it starts. Stream and audio thread end with it. */
export function microphoneSource(edges: MicrophoneEdges): Source {
  const { getUserMedia, openTap, secure, permission } = edges;
  return {
    kind: 'microphone',
    attributes: [{ attribute: 'microphone', attributeType: 'microphone', samplingRate: 1 / WINDOW }],
    async support() {
      if (!secure) return fail(appError('source-insecure'));
      if (!getUserMedia || !openTap) return fail(appError('source-unsupported', 'microphone'));
      const state = await permission('microphone');
      return state === 'denied' ? fail(appError('source-permission', 'microphone')) : ok(undefined);
    },
    async start(output, signal) {
      if (!getUserMedia || !openTap) return fail(appError('source-unsupported', 'microphone'));
      const opened = await openStream(getUserMedia);
      if (!opened.ok) return opened;
      const stream = opened.value;
      if (signal.aborted) return ok(stopStream(stream));
      signal.addEventListener('abort', () => stopStream(stream), { once: true });
      followTracks(stream, output, signal);
      return measure(openTap, stream, edges, output, signal);
    },
  };
}

async function measure(
  openTap: OpenTap,
  stream: MediaStream,
  edges: MicrophoneEdges,
  output: SourceOutput,
  signal: AbortSignal,
): Promise<Result<void>> {
  const watch = watchSilence(edges, 'microphone', output, signal);
  // Frames are a good clock, but they count from zero each time.
  const began = edges.now();
  const onLevel = ({ rms, peak, time }: LevelWindow): void => {
    watch.heard();
    const values = Float32Array.of(decibels(rms), decibels(peak));
    const timing = { kind: 'device', clock: 'microphone', times: Float64Array.of(began + time) } as const;
    const reading = { kind: 'numeric', attribute: 'microphone', values, fields: ['level', 'peak'], timing } as const;
    output.readings([reading], edges.now());
  };
  try {
    const close = await openTap(stream, onLevel);
    if (signal.aborted) await close();
    else signal.addEventListener('abort', () => void close(), { once: true });
    return ok(undefined);
  } catch (thrown) {
    stopStream(stream);
    return fail(appError('source-silent', describeThrown(thrown)));
  }
}

/** The system can mute a microphone, and the person can take the permission back while it runs. */
function followTracks(stream: MediaStream, output: SourceOutput, signal: AbortSignal): void {
  for (const track of stream.getAudioTracks()) {
    track.addEventListener('mute', () => output.trouble(appError('source-busy', 'muted')), { signal });
    track.addEventListener('unmute', () => output.trouble(undefined), { signal });
    track.addEventListener('ended', () => output.trouble(appError('source-permission', 'ended')), { signal });
  }
}

async function openStream(
  getUserMedia: (constraints: MediaStreamConstraints) => Promise<MediaStream>,
): Promise<Result<MediaStream>> {
  try {
    return ok(await getUserMedia(PLAIN));
  } catch (thrown) {
    return fail(streamError(thrown));
  }
}

/** Media Capture and Streams (W3C), section on getUserMedia: what its exceptions mean. */
function streamError(thrown: unknown): AppError {
  const detail = describeThrown(thrown);
  switch (thrown instanceof Error ? thrown.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return appError('source-permission', detail);
    case 'NotFoundError':
    case 'OverconstrainedError':
      return appError('source-unsupported', detail);
    case 'NotReadableError':
    case 'AbortError':
      return appError('source-busy', detail);
    default:
      return appError('unexpected', detail);
  }
}

function stopStream(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

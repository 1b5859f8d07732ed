/** Measures the loudness of a stream of sound: Web Audio API (W3C). The only file that knows it. */
import type { LevelWindow } from './level-meter.ts';

/** The part of `AudioContext` that is used. */
export type ContextLike = Pick<
  AudioContext,
  'state' | 'resume' | 'close' | 'createMediaStreamSource' | 'destination'
> & {
  readonly audioWorklet: Pick<AudioWorklet, 'addModule'>;
};

export interface AudioParts {
  readonly makeContext: () => ContextLike;
  readonly makeNode: (context: ContextLike, processor: string) => Pick<AudioWorkletNode, 'port'> & AudioNode;
  /** Address of the processor's file. */
  readonly processorUrl: string;
}

/** Runs until the returned function is called. Rejects if the processor cannot be fetched. */
export type OpenTap = (stream: MediaStream, onLevel: (window: LevelWindow) => void) => Promise<() => Promise<void>>;

/**
 * Browsers run only what leads to the loudspeaker, so the meter is connected to it; it writes nothing there, and nothing is
 * played.
 */
export function audioTap({ makeContext, makeNode, processorUrl }: AudioParts): OpenTap {
  return async (stream, onLevel) => {
    const context = makeContext();
    let isOpen = true;
    const close = async (): Promise<void> => {
      isOpen = false;
      if (context.state !== 'closed') await context.close();
    };
    try {
      await context.audioWorklet.addModule(processorUrl);
      const node = makeNode(context, 'level');
      node.port.onmessage = (event: MessageEvent<LevelWindow>) => {
        if (isOpen) onLevel(event.data);
      };
      context.createMediaStreamSource(stream).connect(node).connect(context.destination);
      await context.resume();
    } catch (thrown) {
      await close();
      throw thrown;
    }
    return close;
  };
}

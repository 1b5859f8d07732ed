/**
 * The meter where the sound is: an AudioWorklet (Web Audio API, W3C), a file of its own from our own address. Sound goes no
 * further than this: two numbers leave every 125 ms.
 */
import { LevelMeter } from './level-meter.ts';

/** Names of the worklet's global scope, which the window's types lack. */
declare const sampleRate: number;
declare function registerProcessor(name: string, make: new () => AudioWorkletProcessor): void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

class LevelProcessor extends AudioWorkletProcessor {
  readonly #meter = new LevelMeter(sampleRate);

  /** True keeps it running. */
  process([input = []]: Float32Array[][]): boolean {
    for (const window of this.#meter.push(input)) this.port.postMessage(window);
    return true;
  }
}

registerProcessor('level', LevelProcessor);

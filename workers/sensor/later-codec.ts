/**
 * The block form's codec, fetched with the first sensor instead of with the page. Whoever may need it waits for `ready`
 * first: that is every sensor that opens, before anything is written or read, and whoever lists what was set aside.
 */
import type { BlockCodec } from '../../src/outbox/ports.ts';

export interface LaterCodec {
  readonly codec: BlockCodec;
  ready(): Promise<void>;
}

/** @param load fetches the codec; a failed fetch is tried again at the next call */
export function laterCodec(load: () => Promise<BlockCodec>): LaterCodec {
  let loaded: BlockCodec | undefined;
  const need = (): BlockCodec => {
    if (!loaded) throw new Error('the block codec was used before it was fetched');
    return loaded;
  };
  return {
    codec: {
      encode: (block, firstSeq) => need().encode(block, firstSeq),
      decode: (bytes) => need().decode(bytes),
    },
    async ready() {
      loaded ??= await load();
    },
  };
}

/**
 * What the service worker fetches when it is installed and runs only when the browser wakes it: a script of its own, so
 * that every other start of the service worker, with each opening of the app, stays as short as it was.
 */
import { decodeBlock, encodeBlock } from '../../src/protocol/block-codec.ts';
import { drainInBackground } from './background-drain.ts';
import { browserEdges } from './browser-edges.ts';
import { laterCodec } from './later-codec.ts';

/** Sends what waits. Rejects when something is left: the browser then wakes us again after a while, a few times. */
export async function drain(): Promise<void> {
  const blocks = laterCodec(() =>
    Promise.resolve({ encode: (block, firstSeq) => encodeBlock(block, { firstSeq }), decode: decodeBlock }),
  );
  const writes: Promise<void>[] = [];
  const outcome = await drainInBackground(browserEdges(blocks, (written) => void writes.push(written)));
  // The browser may end this worker as soon as it is told that all is done; samples that are confirmed, and not yet
  // taken out of the log, would be sent again.
  await Promise.all(writes);
  if (outcome === 'later') throw new Error('samples are left to send');
}

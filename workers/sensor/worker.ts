/**
 * Entry of the sensor worker: real edges, exposed through Comlink to the page that made it. Each tab has one; that of the
 * tab that leads makes the SensorWorker which serves them all.
 */
import { expose } from 'comlink';
import { browserEdges } from './browser-edges.ts';
import { laterCodec } from './later-codec.ts';
import { TabWorker } from './tabs/tab-worker.ts';

const blocks = laterCodec(async () => {
  const { decodeBlock, encodeBlock } = await import('../../src/protocol/block-codec.ts');
  return { encode: (block, firstSeq) => encodeBlock(block, { firstSeq }), decode: decodeBlock };
});

expose(new TabWorker(browserEdges(blocks)));

/**
 * Entry of the sensor worker: real edges, exposed through Comlink to the page that made it. Each tab has one; that of the
 * tab that leads makes the SensorWorker which serves them all.
 */
import { expose } from 'comlink';
import { appError, describeThrown } from '../../src/model/errors.ts';
import { fail, ok } from '../../src/model/result.ts';
import { browserEdges } from './browser-edges.ts';
import { laterCodec } from './later-codec.ts';
import type { PortFeeds } from './port-feeds.ts';
import type { SerialReaders } from './serial.ts';
import type { OpenSerial, Plug } from './tabs/ports.ts';
import { TabWorker } from './tabs/tab-worker.ts';

const blocks = laterCodec(async () => {
  const { decodeBlock, encodeBlock } = await import('../../src/protocol/block-codec.ts');
  return { encode: (block, firstSeq) => encodeBlock(block, { firstSeq }), decode: decodeBlock };
});

const edges = browserEdges(blocks);
let serial: Promise<SerialReaders> | undefined;

/** Ports are read by this worker itself, whoever leads. */
async function loadSerial(): Promise<SerialReaders> {
  const [{ SerialReaders: Readers }, { platformSerial }] = await Promise.all([
    import('./serial.ts'),
    import('../../src/device/serial/port.ts'),
  ]);
  const { clock, random } = edges;
  return new Readers({ serial: platformSerial(), clock, random });
}

const openSerial: OpenSerial = async (...port) => {
  try {
    return await (await (serial ??= loadSerial())).open(...port);
  } catch (thrown) {
    // Fetched anew the next time.
    serial = undefined;
    return fail(appError('unexpected', describeThrown(thrown)));
  }
};

let plugs: Promise<PortFeeds> | undefined;

const plug: Plug = async (feed, sensorId, port) => {
  if (!port && !plugs) return ok(undefined);
  try {
    plugs ??= import('./port-feeds.ts').then((module) => new module.PortFeeds(edges.clock));
    (await plugs).plug(feed, sensorId, port);
    return ok(undefined);
  } catch (thrown) {
    plugs = undefined;
    return fail(appError('unexpected', describeThrown(thrown)));
  }
};

expose(new TabWorker({ ...edges, openSerial, plug }));

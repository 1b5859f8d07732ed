/** Reads serial ports in a tab's own worker: one session per sensor, ordered about by the window. Fetched when needed. */
import { findPort, type SerialLike } from '../../src/device/serial/port.ts';
import type { SerialOrder } from '../../src/device/serial/request.ts';
import { SerialSession } from '../../src/device/serial/session.ts';
import type { Clock } from '../../src/lib/timers.ts';
import { appError, describeThrown, unreachable } from '../../src/model/errors.ts';
import { fail, ok, type Result } from '../../src/model/result.ts';
import type { SensorId } from '../../src/model/sensor.ts';
import type { OpenSerial } from './tabs/ports.ts';

export interface SerialDeps {
  /** This worker's ports; undefined where workers have none. */
  readonly serial: SerialLike | undefined;
  readonly clock: Clock;
  readonly random: () => number;
}

export class SerialReaders {
  readonly #deps: SerialDeps;
  readonly #sessions = new Map<SensorId, SerialSession>();

  constructor(deps: SerialDeps) {
    this.#deps = deps;
  }

  readonly open: OpenSerial = async (feed, sensorId, request, channel): Promise<Result<void>> => {
    const { serial, clock, random } = this.#deps;
    if (!serial) return fail(appError('serial-unsupported', 'workers have no ports'));
    try {
      const port = findPort(await serial.getPorts(), request.identity);
      if (!port) return fail(appError('serial-unsupported', 'not among the ports of the worker'));
    } catch (thrown) {
      return fail(appError('serial-unsupported', describeThrown(thrown)));
    }
    // A port is opened once at a time.
    await this.#sessions.get(sensorId)?.end();
    const session = new SerialSession({
      serial,
      request,
      timers: clock,
      now: () => clock.now(),
      random,
      onBatch: ({ readings, attributes }, notes, arrival) =>
        feed.ingestReadings(sensorId, readings, attributes, arrival, notes),
      onState: (state) => channel.postMessage(state),
      onLost: () => feed.linkLost(sensorId),
    });
    this.#sessions.set(sensorId, session);
    channel.onmessage = (event: MessageEvent<SerialOrder>) => {
      obey(session, event.data);
      if (event.data === 'close') channel.close();
    };
    return ok(undefined);
  };
}

function obey(session: SerialSession, order: SerialOrder): void {
  switch (order) {
    case 'start':
      return session.start();
    case 'retry':
      return session.retry();
    case 'stop':
    case 'close':
      return session.stop();
    default:
      return unreachable(order);
  }
}

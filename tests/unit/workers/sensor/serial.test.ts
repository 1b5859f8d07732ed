/** Serial ports in a tab's worker, with ports that are fakes. */
import { expect, test } from 'vitest';
import type { LinkState } from '../../../../src/model/link.ts';
import { appError } from '../../../../src/model/errors.ts';
import { fail, ok } from '../../../../src/model/result.ts';
import { SerialReaders } from '../../../../workers/sensor/serial.ts';
import { ARDUINO, FakePort, FakeSerial } from '../../../support/fake-serial.ts';
import { createManualClock, turns } from '../../../support/manual-clock.ts';

const REQUEST = { identity: ARDUINO, baud: 115_200 };

async function settle(): Promise<void> {
  for (let i = 0; i < 6; i++) await turns();
}

function bench(serial: FakeSerial | undefined) {
  const clock = createManualClock();
  const readers = new SerialReaders({ serial, clock, random: () => 0 });
  const fed: string[] = [];
  const states: LinkState[] = [];
  const ports: MessagePort[] = [];
  const feed = {
    ingestReadings: (sensorId: string, readings: readonly unknown[]) => void fed.push(`${sensorId} ${readings.length}`),
    linkLost: (sensorId: string) => void fed.push(`${sensorId} lost`),
  };
  return {
    fed,
    states,
    open: (sensorId = 's1', request = REQUEST) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = (event: MessageEvent<LinkState>) => states.push(event.data);
      ports.push(port1);
      return readers.open(feed, sensorId, request, port2);
    },
    order: (index: number, order: string) => ports[index]?.postMessage(order),
    close: () => ports.forEach((port) => port.close()),
  };
}

test('reads as ordered, feeds the sensor, reports every change', async () => {
  const port = new FakePort();
  const serial = new FakeSerial(port);
  const { open, order, fed, states, close } = bench(serial);
  expect(await open()).toEqual(ok(undefined));
  order(0, 'start');
  await settle();
  port.send('a:1,b:2\na:1,b:2\na:1,b:2\na:1,b:2\n');
  await settle();
  expect(fed).toEqual(['s1 2']);
  serial.plugOut(port);
  await settle();
  expect(fed).toEqual(['s1 2', 's1 lost']);
  order(0, 'stop');
  await settle();
  expect(states.map(({ at }) => at)).toEqual(['connecting', 'subscribing', 'live', 'waiting', 'idle']);
  close();
});

test('a port is read by one session at a time: the one before is closed first', async () => {
  const port = new FakePort();
  const { open, order, close } = bench(new FakeSerial(port));
  await open();
  order(0, 'start');
  await settle();
  await open('s1', { ...REQUEST, baud: 9600 });
  order(1, 'start');
  await settle();
  expect(port.log).toEqual(['open 115200', 'close', 'open 9600']);
  order(1, 'close');
  await settle();
  expect(port.log.at(-1)).toBe('close');
  close();
});

test('says where workers have no ports, not this one, or may not have any', async () => {
  const refusing = new FakeSerial();
  refusing.getPorts = () => Promise.reject(new DOMException('policy', 'SecurityError'));
  for (const serial of [undefined, new FakeSerial(), refusing]) {
    const { open, close } = bench(serial);
    expect(await open()).toMatchObject(fail({ code: appError('serial-unsupported').code }));
    close();
  }
});

/** Commands from viewers: over REST into the gateway, out of the sensor's channel, as a stranger's client would see it. */
import * as v from 'valibot';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { commandPath, CommandResponse, parseDeviceCommand } from '../../src/protocol/command.ts';
import type { DeviceCommand } from '../../src/model/command.ts';
import { RawClient, sensorParams } from '../support/raw-client.ts';
import { post, startGateway, type TestGateway } from './support/gateway.ts';

let gateway: TestGateway;
let clients: RawClient[] = [];
const BEARER = { authorization: 'Bearer missing' };
const LED: DeviceCommand = {
  command: 'set_led',
  led: { mode: 'constant', r: 255, g: 128, b: 0, intensity: 50, delay: 1000 },
};

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());
afterEach(async () => {
  for (const client of clients) await client.close();
  clients = [];
});

/** A connection that streams the sensor. */
async function stream(id: string, type: string): Promise<RawClient> {
  const client = await RawClient.open(`${gateway.url.replace('http', 'ws')}/socket/websocket?vsn=2.0.0`);
  clients.push(client);
  await client.join(`sensocto:sensor:${id}`, sensorParams(id, { sensor_type: type }));
  await client.settled();
  return client;
}

const send = (id: string, command: unknown, headers: Record<string, string> = BEARER): Promise<Response> =>
  post(`${gateway.url}${commandPath(id)}`, command, headers);

/** Payloads of the commands a connection was pushed, with the topic. */
async function pushed(client: RawClient): Promise<unknown[]> {
  const frames = await client.settled();
  return frames.flatMap((frame) => (Array.isArray(frame) && frame[3] === 'device_command' ? [frame.slice(2)] : []));
}

async function expectRefusal(answer: Response, status: number, code: string): Promise<void> {
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ error: { code, retryable: false } });
}

describe('POST /api/sensors/:id/command', () => {
  it('is pushed on the sensor’s channel as the platform does, and readable to the client', async () => {
    const client = await stream('t1', 'thingy52');
    const answer = await send('t1', LED);
    expect(answer.status).toBe(202);
    expect(v.parse(CommandResponse, await answer.json())).toEqual({ delivered: 1 });
    const [frame] = await pushed(client);
    expect(frame).toEqual(['sensocto:sensor:t1', 'device_command', { ...LED, sensor_id: 't1' }]);
    expect(parseDeviceCommand((frame as unknown[])[2])).toEqual({ ok: true, value: LED });
  });

  it('names a toy’s sensor as the platform does', async () => {
    const client = await stream('b1', 'Buttplug');
    expect((await send('b1', { command: 'vibrate', speed: 0.5 })).status).toBe(202);
    expect((await send('b1', { command: 'stop' })).status).toBe(202);
    expect(await pushed(client)).toEqual([
      ['sensocto:sensor:b1', 'device_command', { command: 'vibrate', speed: 0.5, device_id: 'b1' }],
      ['sensocto:sensor:b1', 'device_command', { command: 'stop', device_id: 'b1' }],
    ]);
  });

  it('reaches every connection of that sensor, none of another, and none that left', async () => {
    const [first, second] = [await stream('t2', 'thingy52'), await stream('t2', 'thingy52')];
    const other = await stream('t3', 'thingy52');
    expect(await (await send('t2', LED)).json()).toEqual({ delivered: 2 });
    expect(await pushed(first)).toHaveLength(1);
    expect(await pushed(second)).toHaveLength(1);
    expect(await pushed(other)).toEqual([]);
    await second.close();
    const delivered = async (): Promise<unknown> => (await send('t2', LED)).json();
    await expect.poll(delivered).toEqual({ delivered: 1 });
    await first.close();
    await expect.poll(async () => (await send('t2', LED)).status).toBe(404);
  });

  it('reaches a sensor by any id', async () => {
    const client = await stream('a/b c%41', 'thingy52');
    expect((await send('a/b c%41', LED)).status).toBe(202);
    expect(await pushed(client)).toHaveLength(1);
  });

  it('is refused for sensors that take none, or not this one', async () => {
    const strap = await stream('h1', 'heartrate');
    const thingy = await stream('t4', 'thingy52');
    await expectRefusal(await send('h1', LED), 409, 'command-unsupported');
    await expectRefusal(await send('t4', { command: 'vibrate', speed: 1 }), 409, 'command-unsupported');
    expect(await pushed(strap)).toEqual([]);
    expect(await pushed(thingy)).toEqual([]);
  });

  it('is refused without a good credential, for unknown sensors, and when it makes no sense', async () => {
    const client = await stream('t5', 'thingy52');
    await expectRefusal(await send('t5', LED, {}), 401, 'unauthorized');
    await expectRefusal(await send('t5', LED, { authorization: 'Bearer guest:a:b' }), 401, 'unauthorized');
    await expectRefusal(await send('nobody', LED), 404, 'unknown-sensor');
    await expectRefusal(await send('t5', { ...LED, led: { ...LED.led, r: 256 } }), 400, 'command-invalid');
    await expectRefusal(await send('t5', { command: 'explode' }), 400, 'command-unsupported');
    for (const odd of [null, [], 7, {}]) await expectRefusal(await send('t5', odd), 400, 'command-invalid');
    const broken = await fetch(`${gateway.url}${commandPath('t5')}`, { method: 'POST', body: '{', headers: BEARER });
    await expectRefusal(broken, 400, 'command-invalid');
    expect(await pushed(client)).toEqual([]);
  });

  it('takes POST only', async () => {
    const answer = await fetch(`${gateway.url}${commandPath('t5')}`, { headers: BEARER });
    expect(answer.headers.get('allow')).toBe('POST');
    await expectRefusal(answer, 405, 'method-not-allowed');
  });
});

/** The socket holds, and what runs on it breaks: channels crash, the server pauses, refuses samples. */
import { expect, pause, test as base } from '../support/faults.ts';
import { Crashes, Pauses, refuseSamples } from '../support/faulty-server.ts';
import { statusOf } from '../support/ground-truth.ts';
import { WsProxy } from '../support/ws-proxy.ts';

const test = base.extend<{ ws: WsProxy }>({
  ws: async ({ gateway }, use) => {
    const proxy = await WsProxy.open(gateway.port);
    await use(proxy);
    await proxy.close();
  },
});

test('every channel crashes, twice', async ({ app, faults, ws }) => {
  const crashes = new Crashes(ws);
  await faults.attend();
  await faults.stream(app, ws.url);
  for (let times = 0; times < 2; times++) {
    await expect
      .poll(() => crashes.all(), { message: 'channels are joined again', intervals: [300] })
      .toBeGreaterThan(0);
    await pause(1700);
  }
  await faults.expectAllStored(app);
});

test('the server pauses and goes on every second: it is obeyed, and nothing is lost', async ({ app, faults, ws }) => {
  const pauses = new Pauses(ws);
  await faults.attend();
  await faults.stream(app, ws.url);
  for (let times = 0; times < 4; times++) {
    pauses.set(times % 2 === 0);
    await pause(1000);
    if (times === 0) await expect(app.status).toContainText(/paused/i);
  }
  expect(pauses.disobeyed).toEqual([]);
  await faults.expectAllStored(app);
});

test('some samples are refused for good: they are set aside, all others arrive', async ({ app, faults, ws }) => {
  refuseSamples(
    ws,
    ({ attribute, seq }) => attribute === 'heartrate' && seq % 5 === 2,
    ({ sensorId, attribute, seq, value }) => faults.truth.refused(sensorId, attribute, seq, value),
  );
  await faults.attend();
  await faults.stream(app, ws.url);
  // A backlog, so that refused samples travel among others.
  ws.forbids = true;
  ws.closeAll(1001);
  await pause(3500);
  ws.forbids = false;
  await expect(app.status).toContainText(/live|connected|sending/i, { timeout: 15_000 });
  const aside = async (): Promise<number> => (await statusOf(app.page))?.totals.setAside ?? 0;
  await expect.poll(aside, 'some are set aside').toBeGreaterThan(8);
  await faults.expectAllStored(app);
  await expect.poll(aside, 'as many set aside as were refused').toBe(faults.truth.refusals);
});

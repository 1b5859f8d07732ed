/** The network breaks in every way it can. Each time everything measured is stored, once. */
import { EVENT } from '../../../src/protocol/sensor.ts';
import { TcpProxy } from '../../support/tcp-proxy.mjs';
import { expect, pause, test as base } from '../support/faults.ts';
import { WsProxy } from '../support/ws-proxy.ts';

const test = base.extend<{ tcp: TcpProxy; ws: WsProxy }>({
  tcp: async ({ gateway }, use) => {
    const proxy = new TcpProxy(gateway.port);
    await proxy.open();
    await use(proxy);
    await proxy.close();
  },
  ws: async ({ gateway }, use) => {
    const proxy = await WsProxy.open(gateway.port);
    await use(proxy);
    await proxy.close();
  },
});

test('the connection is cut, and away for three seconds', async ({ app, faults, tcp }) => {
  await faults.attend();
  await faults.stream(app, tcp.url);
  tcp.cut();
  await expect(app.status).toContainText(/reconnecting/i);
  await expect(app.status).toContainText(/live|connected/i);
  tcp.refuse(true);
  await pause(3000);
  tcp.refuse(false);
  await expect(app.status).toContainText(/live|connected|sending/i);
  await faults.expectAllStored(app);
});

test('the server closes with 1000, 1001, 1002, 1006, 1011, 1012', async ({ app, faults, ws }) => {
  await faults.attend();
  await faults.stream(app, ws.url);
  for (const code of [1000, 1001, 1002, 1006, 1011, 1012]) {
    const before = ws.upgrades;
    ws.closeAll(code);
    await expect
      .poll(() => ws.upgrades, { message: `connects again after ${code}`, intervals: [50] })
      .toBeGreaterThan(before);
    await expect.poll(() => ws.links.length, { intervals: [50] }).toBe(1);
    await pause(700);
  }
  await faults.expectAllStored(app);
});

test('the server refuses the socket with 403 for a while', async ({ app, faults, ws }) => {
  await faults.attend();
  await faults.stream(app, ws.url);
  const before = ws.upgrades;
  ws.forbids = true;
  ws.closeAll(1006);
  await expect
    .poll(() => ws.upgrades, { message: 'tries again, and again', timeout: 15_000 })
    .toBeGreaterThan(before + 2);
  await expect(app.status).toContainText(/reconnecting/i);
  ws.forbids = false;
  await expect(app.status).toContainText(/live|connected|sending/i, { timeout: 15_000 });
  await faults.expectAllStored(app);
});

/** Resolves when the gateway has confirmed a batch that it got a moment before: what it holds then is hardly on disk. */
function freshConfirmation(ws: WsProxy): Promise<void> {
  const batches = new Map<unknown, number>();
  const pings = new Set<string>();
  return new Promise((confirmed) => {
    ws.up = (frame) => {
      const { topic, event, ref } = frame;
      if (event === EVENT.batch || event === EVENT.blocks) batches.set(topic, Date.now());
      if (event === EVENT.ping && Date.now() - (batches.get(topic) ?? 0) < 150)
        pings.add(`${String(topic)} ${String(ref)}`);
      return frame;
    };
    ws.down = (frame) => {
      if (frame.event === 'phx_reply' && pings.has(`${String(frame.topic)} ${String(frame.ref)}`)) confirmed();
      return frame;
    };
  });
}

test('the gateway is killed right after it has confirmed, and starts again', async ({ app, faults, gateway, ws }) => {
  await faults.attend();
  await faults.stream(app, ws.url);
  for (let kills = 0; kills < 2; kills++) {
    await freshConfirmation(ws);
    // Long enough for the app to hear it and to let go of the samples.
    await pause(30);
    await gateway.kill();
    await expect(app.status).toContainText(/reconnecting|offline/i);
    await gateway.start();
    await faults.attend();
    await expect(app.status).toContainText(/live|connected|sending/i, { timeout: 15_000 });
  }
  await faults.expectAllStored(app);
});

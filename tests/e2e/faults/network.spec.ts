/** The network breaks in every way it can. Each time everything measured is stored, once. */
import { TcpProxy } from '../../support/tcp-proxy.mjs';
import { expect, pause, test as base } from '../support/faults.ts';
import { freshConfirmation } from '../support/faulty-server.ts';
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

test('half-open, cut again and again, three seconds away, and narrow', async ({ app, faults, tcp }) => {
  await faults.attend();
  await faults.stream(app, tcp.url);
  tcp.stall();
  await pause(2500);
  tcp.resume();
  for (let cuts = 0; cuts < 3; cuts++) {
    tcp.cut();
    await pause(700);
  }
  tcp.latency = 3000;
  tcp.cut();
  await pause(5000);
  tcp.latency = 0;
  tcp.bandwidth = 5000;
  tcp.cut();
  await pause(2500);
  tcp.bandwidth = Infinity;
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

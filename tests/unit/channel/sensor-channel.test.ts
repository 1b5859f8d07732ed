import { describe, expect, it } from 'vitest';
import { openSensorChannel } from '../../../src/channel/sensor-channel.ts';
import type { DeviceCommand } from '../../../src/model/command.ts';
import type { Capabilities } from '../../../src/protocol/capabilities.ts';
import type { Receipt } from '../../../src/protocol/receipt.ts';
import type { ChannelReply } from '../../../src/stream/ports.ts';
import { turns } from '../../support/manual-clock.ts';
import { setUp } from './scripted-connection.ts';

async function opened(response: unknown) {
  const { connection, socket } = setUp();
  const capabilities: Capabilities[] = [];
  const unreadable: string[] = [];
  const commands: DeviceCommand[] = [];
  const refused: string[] = [];
  const channel = openSensorChannel({
    connection,
    sensor: { sensorId: 's1', name: 'Strap', sensorType: 'heart_rate_strap', demo: false },
    connector: () => ({ connectorId: 'c1', connectorName: 'Tablet' }),
    bearer: () => Promise.resolve('guest:g:t'),
    events: {
      state: () => undefined,
      joined: (able) => capabilities.push(able),
      left: () => undefined,
      configured: () => undefined,
      commanded: (command) => commands.push(command),
      refusedCommand: (error) => refused.push(error.code),
      unreadable: (event) => unreadable.push(event),
    },
  });
  connection.connect();
  socket.open();
  await turns();
  socket.lastJoin.handlers.ok(response);
  return { channel, socket, capabilities, unreadable, commands, refused };
}

describe('what the server can do', () => {
  it('is what it said in its answer to the join, and nothing for the platform’s own', async () => {
    const nothing = { binary: false, outOfOrder: false, dedup: false, history: false, receipt: false };
    expect((await opened({})).capabilities).toEqual([nothing]);
    expect((await opened(null)).capabilities).toEqual([nothing]);
    const { capabilities } = await opened({ binary: 1, out_of_order: true, receipt: true });
    expect(capabilities).toEqual([{ ...nothing, binary: true, outOfOrder: true, receipt: true }]);
  });

  it('is forgotten with the next join', async () => {
    const { channel, socket, capabilities } = await opened({ receipt: true });
    socket.drop();
    socket.open();
    await turns();
    socket.lastJoin.handlers.ok({});
    expect(capabilities.map(({ receipt }) => receipt)).toEqual([true, false]);
    expect(channel.askReceipt(['ecg'], () => undefined)).toBe(false);
  });
});

describe('a receipt', () => {
  it('is asked for only where it was announced', async () => {
    const { channel, socket } = await opened({});
    expect(channel.askReceipt(['ecg'], () => undefined)).toBe(false);
    expect(socket.lastJoin.pushed.map(({ event }) => event)).not.toContain('receipt');
  });

  it('arrives as it was sent; one that nobody can read is none, and counted', async () => {
    const { channel, socket, unreadable } = await opened({ receipt: true });
    const receipts: Receipt[] = [];
    for (let i = 0; i < 3; i++) expect(channel.askReceipt(['ecg'], (receipt) => receipts.push(receipt))).toBe(true);
    const [first, second, third] = socket.lastJoin.pushed.filter(({ event }) => event === 'receipt');
    expect(first?.payload).toEqual({ attributes: ['ecg'] });
    const attributes = { ecg: { count: 2, durable: 1, ranges: [[0, 1]] } };
    first?.onReply?.({ status: 'ok', response: { attributes } });
    second?.onReply?.({ status: 'ok', response: { attributes: [] } });
    third?.onReply?.({ status: 'error', response: { reason: 'no' } });
    expect(receipts).toEqual([{ attributes }]);
    expect(unreadable).toEqual(['receipt', 'receipt']);
  });
});

describe('a command', () => {
  it('reaches whoever has the device; one that makes no sense is refused with a code', async () => {
    const { socket, commands, refused } = await opened({});
    const { message } = socket.lastJoin.handlers;
    message('device_command', { command: 'vibrate', speed: 0.5, device_id: 's1' });
    message('device_command', { command: 'vibrate', speed: 7, device_id: 's1' });
    message('device_command', null);
    expect(commands).toEqual([{ command: 'vibrate', speed: 0.5 }]);
    expect(refused).toEqual(['command-invalid', 'command-invalid']);
  });
});

describe('a refused batch', () => {
  it('tells its reason, and how many samples were bad if the server counts them', async () => {
    const { channel, socket } = await opened({});
    const replies: ChannelReply[] = [];
    channel.push('measurements_batch', [], (reply) => replies.push(reply));
    channel.push('measurements_batch', [], (reply) => replies.push(reply));
    const [one, two] = socket.lastJoin.pushed.filter(({ event }) => event === 'measurements_batch');
    one?.onReply?.({ status: 'error', response: { reason: 'invalid_batch', failed_count: 3 } });
    two?.onReply?.({ status: 'error', response: { reason: 'invalid_batch', failed_count: 'many' } });
    expect(replies).toEqual([
      { status: 'error', reason: 'invalid_batch', failedCount: 3 },
      { status: 'error', reason: 'invalid_batch', failedCount: undefined },
    ]);
  });
});

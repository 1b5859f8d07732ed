/** What the real stack cannot be made to do on demand; the rest runs over it in tests/e2e/bluetooth-lab.spec.ts. */
import { describe, expect, it } from 'vitest';
import { GattConnection } from '../../../../src/device/bluetooth/gatt-connection.ts';
import { createArrivalClock } from '../../../../src/device/bluetooth/arrival.ts';
import { systemTimers } from '../../../../src/lib/timers.ts';
import { HEART_RATE_MEASUREMENT, HEART_RATE_SERVICE } from '../../../../src/device/profiles/heart-rate.ts';

/** A fake characteristic that sends its first value while the start is still under way, as fast straps do. */
class EagerCharacteristic extends EventTarget {
  readonly uuid = HEART_RATE_MEASUREMENT;
  readonly properties = { read: false, notify: false, indicate: true, write: false };
  value: DataView | undefined;

  send(...bytes: number[]): void {
    // The value sits in the middle of a larger buffer, as views may.
    const whole = Uint8Array.of(0xee, ...bytes, 0xee);
    this.value = new DataView(whole.buffer, 1, bytes.length);
    this.dispatchEvent(new Event('characteristicvaluechanged'));
    whole.fill(0);
  }

  async startNotifications(): Promise<this> {
    this.send(0, 70);
    await Promise.resolve();
    this.send(0, 71);
    return this;
  }
}

function connectionWith(characteristic: EagerCharacteristic) {
  const service = { uuid: HEART_RATE_SERVICE, getCharacteristics: () => Promise.resolve([characteristic]) };
  const server = { getPrimaryServices: () => Promise.resolve([service]), disconnect: () => undefined };
  const device = new EventTarget();
  const arrival = createArrivalClock({ monotonic: () => performance.now(), wall: () => Date.now() });
  // Only the members in use are there: these are the edges of the browser.
  return new GattConnection(device as BluetoothDevice, server as unknown as BluetoothRemoteGATTServer, {
    timers: systemTimers,
    brave: false,
    arrival,
  });
}

describe('GATT connection over a fake characteristic', () => {
  it('has its listener in place before the device is asked to send', async () => {
    const { signal } = new AbortController();
    const characteristic = new EagerCharacteristic();
    const connection = connectionWith(characteristic);
    const found = await connection.services([HEART_RATE_SERVICE], signal);
    if (!found.ok || !found.value[0]) throw new Error('not found');
    expect(found.value[0].can.notify).toBe(true);
    const seen: number[][] = [];
    const started = await connection.subscribe(
      found.value[0],
      (bytes) => seen.push([...new Uint8Array(bytes)]),
      signal,
    );
    expect(started.ok).toBe(true);
    expect(seen).toEqual([
      [0, 70],
      [0, 71],
    ]);
  });
});

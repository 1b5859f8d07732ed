/**
 * One emulated device of a family while a test talks to it: what it sent by the golden fixtures, what its card shows, what
 * the gateway has of it.
 */
import type { Locator } from '@playwright/test';
import * as v from 'valibot';
import { SensorList, PATH, ViewerTokenResponse, type SensorSummary } from '../../../src/protocol/rest.ts';
import { VIEWER_TOPIC_PREFIX } from '../../../src/protocol/topics.ts';
import type { Golden } from '../../fixtures/golden.ts';
import { RawClient } from '../../support/raw-client.ts';
import type { AppPage } from './app.ts';
import { BluetoothLab, type PeripheralSetup } from './bluetooth.ts';
import { readHistory } from './ground-truth.ts';
import { bytes, hex } from './peripherals/parts.ts';
import { expect, test as base } from './test.ts';

export { expect };

/** `test` with a lab, and a viewer, so that what is measured is sent at once and not when it suits. */
export const test = base.extend<{ lab: BluetoothLab; viewer: undefined; families: Families }>({
  lab: async ({ browser }, use) => {
    const lab = await BluetoothLab.open(browser, { reloads: false });
    await use(lab);
    await lab.close();
    expect(lab.problems).toEqual([]);
  },
  viewer: [
    async ({ gateway }, use) => {
      const viewer = await openViewer(gateway.url);
      await use(undefined);
      await viewer.close();
    },
    { auto: true },
  ],
  families: async ({ app, lab, gateway, page }, use) => {
    await lab.watch(page);
    await app.open(gateway.url);
    await use(new Families(app, lab, gateway.url));
    expect(app.errors).toEqual([]);
  },
});

export async function openViewer(url: string): Promise<RawClient> {
  const wish = { sensor_ids: null, quality: 'high' };
  const headers = { 'content-type': 'application/json', authorization: 'Bearer missing' };
  const answer = await fetch(`${url}${PATH.viewerTokens}`, { method: 'POST', headers, body: JSON.stringify(wish) });
  const { token } = v.parse(ViewerTokenResponse, await answer.json());
  const client = await RawClient.open(`${url.replace('http', 'ws')}/socket/websocket?vsn=2.0.0`);
  await client.join(`${VIEWER_TOPIC_PREFIX}${token}`, {});
  return client;
}

/** The packet of a fixture, by what it says. */
export function golden(packets: readonly Golden[], says: string): Golden {
  const found = packets.find((one) => one.says === says);
  if (!found) throw new Error(`no packet "${says}"`);
  return found;
}

/** The readings of a fixture's packet, sent as other bytes: for packets that only their number tells apart. */
export function again(packet: Golden, changed: string): Golden {
  return { ...packet, hex: changed };
}

export class Families {
  readonly app: AppPage;
  readonly lab: BluetoothLab;
  readonly url: string;

  constructor(app: AppPage, lab: BluetoothLab, url: string) {
    this.app = app;
    this.lab = lab;
    this.url = url;
  }

  /** Puts the device near, chooses it in the browser's chooser and waits until its link is up. */
  async pair(setup: PeripheralSetup): Promise<Device> {
    await this.lab.addPeripheral(setup);
    this.lab.choose(setup.address);
    await this.app.pair.click();
    const device = this.known(setup);
    await device.isUp();
    return device;
  }

  /** A device that was chosen in another way. */
  known(setup: PeripheralSetup): Device {
    return new Device(this, setup);
  }

  /** What is said before one more device is paired, when there are many notifications already. */
  get budget(): Locator {
    return this.app.page.getByText(/use \d+ of about 15 notifications/);
  }

  /** Sensors that stream to the gateway now, by name. */
  async sensors(): Promise<ReadonlyMap<string, SensorSummary>> {
    const answer = await fetch(`${this.url}${PATH.sensors}`);
    const { sensors } = v.parse(SensorList, await answer.json());
    return new Map(sensors.map((sensor) => [sensor.sensor_name, sensor]));
  }
}

/** Numbers or payloads of one attribute, in order. */
type Values = readonly unknown[];

export class Device {
  readonly #families: Families;
  readonly #setup: PeripheralSetup;
  /** What the packets sent so far mean, by attribute. */
  readonly #sent = new Map<string, unknown[]>();

  constructor(families: Families, setup: PeripheralSetup) {
    this.#families = families;
    this.#setup = setup;
  }

  get card(): Locator {
    return this.#families.app.card(this.#setup.name);
  }

  /** Waits until its link is live: discovered, subscribed, started. */
  async isUp(): Promise<void> {
    await expect(this.card).toContainText(/\bLive\b|\bStale\b/, { timeout: 15_000 });
  }

  /** Bytes written to a characteristic so far, as hex digits. */
  written(uuid: string): string[] {
    const { address } = this.#setup;
    const own = this.#families.lab.writes.filter((one) => one.address === address && one.uuid === uuid);
    return own.map((one) => hex(one.bytes));
  }

  /** Sends packets of fixtures; `number`: from which of several characteristics alike. */
  async send(packets: readonly Golden[], number = 1): Promise<void> {
    for (const packet of packets) {
      await this.raw(packet.characteristic, [bytes(packet.hex)], number);
      this.expects(packet, number);
    }
  }

  /** Sends bytes that no fixture knows. */
  raw(uuid: string, packets: readonly Uint8Array[], number = 1): Promise<void> {
    return this.#families.lab.notify(this.#setup.address, uuid, packets, number);
  }

  /** The readings of a packet that the device sent by itself, or as bytes of another make. */
  expects({ readings }: Pick<Golden, 'readings'>, number = 1): void {
    for (const { attribute, values, payloads } of readings) {
      const id = number === 1 ? attribute : `${attribute}_${number}`;
      this.#sent.set(id, [...(this.#sent.get(id) ?? []), ...(values ?? payloads ?? [])]);
    }
  }

  async sensorId(): Promise<string> {
    const sensor = (await this.#families.sensors()).get(this.#setup.name);
    if (!sensor) throw new Error(`${this.#setup.name} is not at the gateway`);
    return sensor.sensor_id;
  }

  /** Waits until the gateway has exactly what was sent, attribute by attribute, to one part in a million. */
  async isStored(): Promise<void> {
    expect(this.#sent.size, 'something was sent').toBeGreaterThan(0);
    const sensorId = await this.sensorId();
    for (const [attribute, sent] of this.#sent) {
      await expect(async () => {
        expect(await this.#held(sensorId, attribute), attribute).toEqual(sent.map(near));
      }).toPass({ timeout: 15_000, intervals: [100, 250, 500] });
    }
  }

  async #held(sensorId: string, attribute: string): Promise<Values> {
    const samples = await readHistory(this.#families.url, sensorId, attribute);
    return samples.flatMap<unknown>(({ value }) => numbersOf(value) ?? [value]);
  }

  /** What the details sheet says, as text; the sheet is closed again. */
  async details(): Promise<string> {
    const { page } = this.#families.app;
    await this.card.getByRole('button', { name: /^More/ }).click();
    await page.getByRole('button', { name: 'Details' }).click();
    const sheet = page.getByRole('dialog');
    await expect(sheet).toContainText('Samples');
    const text = (await sheet.innerText()).replace(/\s+/g, ' ');
    await page.keyboard.press('Escape');
    await expect(sheet).toBeHidden();
    return text;
  }
}

/** A number, or the numbers of a sample with fields, in their order; undefined for anything else. */
function numbersOf(value: unknown): readonly number[] | undefined {
  if (typeof value === 'number') return [value];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const parts: unknown[] = Object.values(value);
  return parts.length > 0 && parts.every((part) => typeof part === 'number') ? parts : undefined;
}

/** Numbers travel with 24 bits; what is no number must be the same. */
function near(value: unknown): unknown {
  if (typeof value !== 'number') return value;
  const digits = 6 - Math.ceil(Math.log10(Math.max(Math.abs(value), 1e-3)));
  return expect.closeTo(value, Math.max(0, digits));
}

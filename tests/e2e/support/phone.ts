/**
 * The computer that runs the tests as a phone: the browser's own emulation of sensors and places, what the page has
 * switched on, and what the gateway holds of it. Nothing of the app is replaced.
 */
import type { CDPSession, LaunchOptions, Locator } from '@playwright/test';
import * as v from 'valibot';
import { historyPath, HistoryPage } from '../../../src/protocol/history.ts';
import { PATH, SensorList } from '../../../src/protocol/rest.ts';
import type { AppPage } from './app.ts';
import { browserLaunch } from './browser.ts';
import { openViewer } from './families.ts';
import { readHistory } from './ground-truth.ts';
import { expect, test as base } from './test.ts';

export { expect };

/** What the app calls this device. */
const NAME = 'This phone';

/** Sensors that Chromium can emulate and the app reads. */
export type SensorName =
  'accelerometer' | 'gyroscope' | 'absolute-orientation' | 'relative-orientation' | 'ambient-light';

/** As the specifications have it: m/s², rad/s, x y z w, lux. */
export type SensorReading =
  | { readonly xyz: { readonly x: number; readonly y: number; readonly z: number } }
  | { readonly quaternion: { readonly x: number; readonly y: number; readonly z: number; readonly w: number } }
  | { readonly single: { readonly value: number } };

/** Degrees, metres, m/s. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracy: number;
  readonly altitude?: number;
  readonly speed?: number;
  readonly heading?: number;
}

/** How many of each the page has running. */
export interface SwitchedOn {
  readonly sensors: number;
  readonly watches: number;
  readonly tracks: number;
  readonly audio: number;
}

export const NOTHING_ON: SwitchedOn = { sensors: 0, watches: 0, tracks: 0, audio: 0 };

/** Chromium hides the light sensor: in the page and in the process that reads sensors. */
const LIGHT = 'GenericSensorExtraClasses';
const FEATURES = '--enable-features=';

/** A microphone that beeps, and the light sensor. */
export async function phoneLaunch(): Promise<LaunchOptions> {
  const { args = [], ...rest } = await browserLaunch();
  // Of several such flags Chromium takes the last.
  const others = args.filter((arg) => arg.startsWith(FEATURES)).map((arg) => arg.slice(FEATURES.length));
  return { ...rest, args: [...args, '--use-fake-device-for-media-stream', FEATURES + [...others, LIGHT].join()] };
}

/** `test` with the phone, and a viewer, so that what is measured is sent at once and at the full rate. */
export const test = base.extend<{ phone: Phone }>({
  phone: async ({ app, gateway, page }, use) => {
    const viewer = await openViewer(gateway.url);
    // The phone of the test before has the same name.
    await expect.poll(() => sensorIds(gateway.url)).toEqual([]);
    await page.addInitScript(watchWhatIsOn);
    const phone = new Phone(app, gateway.url, await page.context().newCDPSession(page));
    await app.open(gateway.url);
    await use(phone);
    await viewer.close();
    expect(app.errors).toEqual([]);
  },
});

export class Phone {
  readonly #app: AppPage;
  readonly #url: string;
  readonly #browser: CDPSession;
  #sensorId: string | undefined;

  constructor(app: AppPage, url: string, browser: CDPSession) {
    this.#app = app;
    this.#url = url;
    this.#browser = browser;
  }

  get card(): Locator {
    return this.#app.card(NAME);
  }

  /** A switch, by how its name begins: what is said about it is a part of the name. */
  switchOf(name: string): Locator {
    return this.card.getByRole('switch', { name: new RegExp(`^${name}\\b`) });
  }

  /** What is said about a source: the row of its switch. */
  source(name: string): Locator {
    return this.#row(this.#app.page.getByRole('switch', { name: new RegExp(`^${name}\\b`) }));
  }

  /** The row of a reading in the opened list. */
  reading(name: string): Locator {
    return this.#row(this.#app.page.getByRole('button', { name: `Show ${name}`, exact: true }));
  }

  /** @param part what is looked for in each row, so it must not begin at the card */
  #row(part: Locator): Locator {
    return this.card.getByRole('listitem').filter({ has: part });
  }

  /** Opens the list of readings; there is none before the first one has come. */
  async openReadings(): Promise<void> {
    await this.card.getByText(/^All readings/).click();
  }

  /** Opens the dialog and leaves it open. */
  async openDialog(): Promise<Locator> {
    await this.#app.page.getByRole('button', { name: 'Use this phone' }).click();
    const dialog = this.#app.page.getByRole('dialog');
    await expect(dialog.getByRole('checkbox').first()).toBeVisible();
    return dialog;
  }

  /** Chooses sources by name in the dialog and starts them. */
  async start(names: readonly string[]): Promise<void> {
    const dialog = await this.openDialog();
    for (const name of names) await dialog.getByRole('checkbox', { name: new RegExp(`^${name}`) }).check();
    await dialog.getByRole('button', { name: 'Start measuring' }).click();
    await expect(dialog).toBeHidden();
  }

  /** Puts an emulated sensor in the place of the computer's own, or says that there is none. */
  async emulate(types: readonly SensorName[], available = true): Promise<void> {
    for (const type of types)
      await this.#browser.send('Emulation.setSensorOverrideEnabled', { enabled: true, type, metadata: { available } });
  }

  /** The sensor measures this. */
  async feel(type: SensorName, reading: SensorReading): Promise<void> {
    await this.#browser.send('Emulation.setSensorOverrideReadings', { type, reading });
  }

  /** The phone is there; undefined: it does not know where it is. */
  async move(place: Place | undefined): Promise<void> {
    await this.#browser.send('Emulation.setGeolocationOverride', place ?? {});
  }

  /** How often the browser itself reads an emulated sensor, Hz; 0 while nobody wants it. */
  async readAt(type: SensorName): Promise<number> {
    const found = await this.#browser.send('Emulation.getOverriddenSensorInformation', { type });
    return found.requestedSamplingFrequency;
  }

  /** What runs in the page now. */
  switchedOn(): Promise<SwitchedOn> {
    return this.#app.page.evaluate(() => (window as unknown as Watched).switchedOn());
  }

  /** Unix ms of the places the browser gave to the page. */
  fixes(): Promise<readonly number[]> {
    return this.#app.page.evaluate(() => (window as unknown as Watched).fixes);
  }

  /** What the gateway holds of an attribute, in order of measurement. */
  async held(attribute: string): Promise<readonly unknown[]> {
    const id = await this.#id();
    if (id === undefined) return [];
    return (await readHistory(this.#url, id, attribute)).map(({ value }) => value);
  }

  /** When it was measured by what the gateway holds, Unix ms. */
  async times(attribute: string): Promise<readonly unknown[]> {
    return (await this.#samples(attribute)).map(({ timestamp }) => timestamp);
  }

  /** What the gateway holds of the push buttons. */
  async presses(): Promise<readonly unknown[]> {
    return (await this.#samples('button')).map(({ payload, event }) => ({ payload, event }));
  }

  /** The first page of samples with all that came with them. */
  async #samples(attribute: string): Promise<HistoryPage['samples']> {
    const id = await this.#id();
    if (id === undefined) return [];
    const answer = await fetch(`${this.#url}${historyPath(id, { attribute })}`, {
      headers: { authorization: 'Bearer missing' },
    });
    return v.parse(HistoryPage, await answer.json()).samples;
  }

  async #id(): Promise<string | undefined> {
    return (this.#sensorId ??= (await sensorIds(this.#url))[0]);
  }
}

/** Phones that stream to the gateway now. */
async function sensorIds(url: string): Promise<readonly string[]> {
  const { sensors } = v.parse(SensorList, await (await fetch(`${url}${PATH.sensors}`)).json());
  return sensors.filter(({ sensor_name }) => sensor_name === NAME).map(({ sensor_id }) => sensor_id);
}

interface Watched {
  switchedOn: () => SwitchedOn;
  fixes: readonly number[];
}

/** Runs in the page before the app: keeps hold of what is switched on, to ask it later. Every call goes through. */
function watchWhatIsOn(): void {
  interface SensorLike {
    readonly activated: boolean;
    start(): void;
  }
  const { Sensor } = window as unknown as { Sensor: { prototype: SensorLike } };
  const sensors = new Set<SensorLike>();
  const start = Sensor.prototype.start;
  Sensor.prototype.start = function (this: SensorLike) {
    sensors.add(this);
    start.call(this);
  };

  const tracks = new Set<MediaStreamTrack>();
  const getUserMedia = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = async function (this: MediaDevices, constraints) {
    const stream = await getUserMedia.call(this, constraints);
    for (const track of stream.getTracks()) tracks.add(track);
    return stream;
  };

  const contexts = new Set<AudioContext>();
  const createSource = AudioContext.prototype.createMediaStreamSource;
  AudioContext.prototype.createMediaStreamSource = function (this: AudioContext, stream) {
    contexts.add(this);
    return createSource.call(this, stream);
  };

  const watches = new Set<number>();
  const fixes: number[] = [];
  const { watchPosition, clearWatch } = Geolocation.prototype;
  Geolocation.prototype.watchPosition = function (this: Geolocation, success, ...rest) {
    const onPlace: PositionCallback = (position) => {
      fixes.push(position.timestamp);
      success(position);
    };
    const watch = watchPosition.call(this, onPlace, ...rest);
    watches.add(watch);
    return watch;
  };
  Geolocation.prototype.clearWatch = function (this: Geolocation, watch) {
    watches.delete(watch);
    clearWatch.call(this, watch);
  };

  const count = <T>(all: ReadonlySet<T>, isOn: (one: T) => boolean): number => [...all].filter(isOn).length;
  Object.assign(window, {
    fixes,
    switchedOn: () => ({
      sensors: count(sensors, (sensor) => sensor.activated),
      watches: watches.size,
      tracks: count(tracks, (track) => track.readyState === 'live'),
      audio: count(contexts, (context) => context.state !== 'closed'),
    }),
  });
}

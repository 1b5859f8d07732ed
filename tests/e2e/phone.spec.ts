/**
 * The phone's own sensors in a real Chromium, from the sensor through the screens to the gateway. Chromium emulates motion,
 * rotation, orientation, light, places and a microphone. It cannot emulate, so that these stay with the unit tests:
 * - a distance sensor (Chromium has none: the dialog has to say so), media keys, a microphone that a call mutes;
 * - a battery that empties: what the browser says about this computer's is compared instead;
 * - kinds of network: only being offline;
 * - events without values (`source-empty`), and the events that other browsers have in the place of sensors.
 */
import type { Locator } from '@playwright/test';
import {
  expect,
  NOTHING_ON,
  phoneLaunch,
  test,
  type Phone,
  type Place,
  type SensorName,
  type SensorReading,
} from './support/phone.ts';
import { pause } from './support/ground-truth.ts';

const SENSORS = ['accelerometer', 'gyroscope', 'magnetometer', 'ambient-light-sensor'];
const MOTION: readonly SensorName[] = ['accelerometer', 'gyroscope', 'absolute-orientation'];

test.use({
  launchOptions: await phoneLaunch(),
  // What cannot be clicked is said by its name, not by the end of the whole test.
  actionTimeout: 5000,
  // Everything else is refused.
  permissions: ['geolocation', 'microphone', ...SENSORS],
});

/** Samples fed by hand, and how long each lasts, ms. */
const COUNT = 25;
const STEP = 40;

const DEGREE = Math.PI / 180;

/**
 * A phone that is shaken and turned, at step `i`. Chromium rounds to 0.1 m/s² and 0.1° and tells only what changes, so that
 * pages cannot recognise a sensor by its noise; these are such numbers.
 */
function shaken(i: number): ReadonlyMap<SensorName, SensorReading> {
  const from = i - COUNT / 2;
  const half = (i * 5 * DEGREE) / 2;
  return new Map<SensorName, SensorReading>([
    ['accelerometer', { xyz: { x: from, y: -2.5 * i * 0.2, z: 9.8 } }],
    ['gyroscope', { xyz: { x: from * 10 * DEGREE, y: -i * 5 * DEGREE, z: 0.5 * DEGREE } }],
    ['absolute-orientation', { quaternion: { x: 0, y: 0, z: Math.sin(half), w: Math.cos(half) } }],
  ]);
}

/** Shakes it from step to step; only the sensors of these `types` feel it. */
async function shake(phone: Phone, from: number, to: number, types = MOTION): Promise<void> {
  for (let i = from; i < to; i++) {
    const felt = [...shaken(i)].filter(([type]) => types.includes(type));
    await Promise.all(felt.map(([type, reading]) => phone.feel(type, reading)));
    await pause(STEP);
  }
}

type Numbers = Readonly<Record<string, number>>;

/** The same numbers as the gateway has them. */
function fed(type: SensorName, from: number, to: number): readonly Numbers[] {
  return Array.from({ length: to - from }, (_, i) => {
    const reading = shaken(from + i).get(type);
    if (reading && 'xyz' in reading) return reading.xyz;
    return reading && 'quaternion' in reading ? reading.quaternion : {};
  });
}

/** Waits until the gateway holds the last of what was fed; then all it holds was fed, in that order. */
async function isHeld(phone: Phone, attribute: string, numbers: readonly Numbers[], within: number): Promise<void> {
  let held: readonly Numbers[] = [];
  const places = (): readonly number[] => held.map((sample) => numbers.findIndex((one) => isNear(sample, one, within)));
  await expect(async () => {
    held = (await phone.held(attribute)) as readonly Numbers[];
    expect(places().at(-1), `${attribute}, the last: ${JSON.stringify(held.slice(-3))}`).toBe(numbers.length - 1);
  }).toPass({ timeout: 8000, intervals: [100] });
  const found = places();
  expect(found, `${attribute}: none invented, in order`).toEqual(
    found.filter((place) => place >= 0).toSorted((a, b) => a - b),
  );
  expect(new Set(found).size, `${attribute}: samples`).toBeGreaterThan(numbers.length / 2);
}

function isNear(a: Numbers, b: Numbers, within: number): boolean {
  const keys = Object.keys(b);
  return (
    Object.keys(a).length === keys.length && keys.every((key) => Math.abs((a[key] ?? NaN) - (b[key] ?? NaN)) < within)
  );
}

test('motion, rotation, orientation and light: the sensors’ numbers on the card and at the gateway', async ({
  phone,
}) => {
  await phone.emulate([...MOTION, 'ambient-light']);
  await phone.feel('ambient-light', { single: { value: 350 } });
  await phone.start(['Motion', 'Orientation', 'Light']);
  await expect.poll(() => phone.readAt('gyroscope'), 'somebody watches').toBe(50);
  await shake(phone, 0, 2);
  await phone.openReadings();
  await shake(phone, 2, COUNT);
  // While what came last is new, so all at once.
  const shown: Readonly<Record<string, RegExp>> = {
    Acceleration: /11\.5\s+[-−]12\.0\s+9\.8\s+m\/s²/,
    Rotation: /2\.01\s+[-−]2\.09\s+0\.01\s+rad\/s/,
    Orientation: /0\.50\s+0\.00\s+0\.00/,
    // Turned to the left by 120°.
    Heading: /240\s*°/,
    Light: /350\s*lux/,
  };
  await Promise.all(Object.entries(shown).map(([name, row]) => expect(phone.reading(name)).toContainText(row)));
  await expect(phone.card).toContainText('Live');

  await isHeld(phone, 'accelerometer', fed('accelerometer', 0, COUNT), 1e-5);
  await isHeld(phone, 'gyroscope', fed('gyroscope', 0, COUNT), 1e-5);
  await isHeld(phone, 'quaternion', fed('absolute-orientation', 0, COUNT), 2e-3);
  for (const sample of (await phone.held('quaternion')) as readonly Numbers[])
    expect(Math.hypot(...Object.values(sample)), 'unit length').toBeCloseTo(1, 5);
  await expect.poll(() => phone.held('light')).toEqual([350]);
});

/** In Munich, walking to the east. */
const HERE: Place = { latitude: 48.137154, longitude: 11.576124, accuracy: 12, altitude: 519, speed: 1.5, heading: 90 };
const NEARBY: Place = { ...HERE, latitude: 48.1373, longitude: 11.5765 };

/** Metres between two places, near enough in one town. */
function between(a: Place, b: Place): number {
  const north = (a.latitude - b.latitude) * 111_320;
  const east = (a.longitude - b.longitude) * 111_320 * Math.cos(a.latitude * DEGREE);
  return Math.hypot(north, east);
}

test('place: as the browser knows it with the time of the fix, then only the square it is in', async ({ phone }) => {
  await phone.move(HERE);
  await phone.start(['Place']);
  await phone.openReadings();
  await expect(phone.reading('Place')).toContainText(/48\.13715\s+11\.57612\s+12\b/);
  const exact = { ...HERE, status: 'high_accuracy' };
  await expect.poll(() => phone.held('geolocation')).toEqual([exact]);
  expect(await phone.times('geolocation'), 'time of the fix').toEqual(await phone.fixes());

  await phone.move(undefined);
  await expect(phone.source('Place')).toContainText('does not know where it is at the moment');
  await expect(phone.reading('Place'), 'the last place is not where it is').toContainText(/Place\s*–– –– ––/);
  await phone.card.getByLabel('How exactly the place is shared').selectOption('1 km');
  await phone.move(NEARBY);
  await expect(phone.source('Place')).not.toContainText('does not know where it is');
  await expect.poll(async () => (await phone.held('geolocation')).length).toBe(2);
  await phone.move(HERE);
  await expect.poll(async () => (await phone.held('geolocation')).length).toBe(3);
  const [, nearby, here] = (await phone.held('geolocation')) as readonly (Place & { readonly status: string })[];
  expect(here, 'two places in one square are one place').toEqual(nearby);
  if (here === undefined) throw new Error('no place');
  expect(Object.keys(here).toSorted(), 'no height, no speed').toEqual(['accuracy', 'latitude', 'longitude', 'status']);
  expect(here).toMatchObject({ accuracy: 800, status: 'low_accuracy' });
  expect(between(HERE, here)).toBeLessThan(Math.SQRT1_2 * 1000);
  expect(between(HERE, here), 'not the place itself').toBeGreaterThan(10);
  await expect(phone.reading('Place')).toContainText(/\s800\b/);
  const shown = ((await phone.reading('Place').textContent()) ?? '').match(/\d+\.\d{5}\b/g)?.map(Number) ?? [];
  expect(shown, 'the square on the screen too').toHaveLength(2);
  // Five digits are shown of numbers of seven.
  const differences = [here.latitude, here.longitude].map((degrees, i) => Math.abs((shown[i] ?? NaN) - degrees));
  expect(Math.max(...differences)).toBeLessThan(1e-5);
});

test('sound level: two numbers arrive, and the microphone is let go when it is switched off', async ({ phone }) => {
  await phone.start(['Sound level']);
  await phone.openReadings();
  await expect(phone.reading('Sound level')).toContainText(/\d\s*dBFS/);
  let levels: readonly Numbers[] = [];
  await expect(async () => {
    levels = (await phone.held('microphone')) as readonly Numbers[];
    expect(levels.length).toBeGreaterThan(15);
  }).toPass({ timeout: 8000, intervals: [100] });
  for (const { level = NaN, peak = NaN } of levels) {
    expect(level).toBeGreaterThanOrEqual(-120);
    expect(peak).toBeGreaterThanOrEqual(level);
    expect(peak).toBeLessThanOrEqual(6);
  }
  // The microphone beeps: it is not all the same.
  const loudest = Math.max(...levels.map(({ level = NaN }) => level));
  const quietest = Math.min(...levels.map(({ level = NaN }) => level));
  expect(loudest).toBeGreaterThan(-60);
  expect(quietest).toBeLessThan(loudest - 10);
  expect(await phone.switchedOn()).toEqual({ ...NOTHING_ON, tracks: 1, audio: 1 });

  await phone.switchOf('Sound level').click();
  await expect(phone.source('Sound level')).toContainText('Off');
  await expect(phone.reading('Sound level'), 'the last level is not how loud it is').toContainText(/–– –– dBFS/);
  await expect.poll(() => phone.switchedOn()).toEqual(NOTHING_ON);
});

/** As the platform has them: the number, and beside it what happened. */
const press = (payload: number): unknown => ({ payload, event: 'press' });
const release = (payload: number): unknown => ({ payload, event: 'release' });

test('by hand: buttons by pointer and keys, markers, what one is doing', async ({ phone, page }) => {
  await phone.start(['Push buttons', 'Markers', 'What I am doing']);
  const button = (number: number): Locator => phone.card.getByRole('button', { name: `Button ${number}`, exact: true });
  // Held, and let go elsewhere.
  await button(3).hover();
  await page.mouse.down();
  await expect(button(3)).toHaveAttribute('aria-pressed', 'true');
  await expect(phone.card).toContainText('Button 3 pressed');
  await page.mouse.move(5, 5);
  await page.mouse.up();
  await expect(button(3)).toHaveAttribute('aria-pressed', 'false');
  await phone.openReadings();
  await expect(phone.reading('Button')).toContainText('Button 3 released');
  // Its own key, and the number of another.
  await button(2).press('Space');
  await button(2).press('5');
  // From anywhere; and in a field for words a number is a letter.
  const anywhere = phone.switchOf('Keys and pedals press them');
  await anywhere.click();
  await page.keyboard.press('7');
  await button(1).press('6');
  await page.keyboard.press('b');
  const marker = phone.card.getByLabel('Marker', { exact: true });
  await marker.pressSequentially('Lap 4');
  await marker.press('Enter');
  await expect(phone.card.getByText(/^Marked “Lap 4” at/)).toBeVisible();
  await expect(marker).toHaveValue('');
  await marker.fill('Home');
  await phone.card.getByRole('button', { name: 'Mark now' }).click();
  await expect(phone.card.getByText(/^Marked “Home” at/)).toBeVisible();
  // What is held when it is switched off is let go.
  await anywhere.focus();
  await page.keyboard.down('8');
  await expect(button(8)).toHaveAttribute('aria-pressed', 'true');
  await phone.switchOf('Push buttons').click();
  await expect(phone.card.getByRole('group', { name: 'Push buttons' })).toBeHidden();
  await page.keyboard.up('8');
  await page.keyboard.press('Escape');

  await phone.card.getByLabel('What are you doing?').fill('Reading');
  await phone.card.getByRole('button', { name: 'Share' }).click();
  await expect(phone.card.getByText('Shared: Reading')).toBeVisible();
  await phone.card.getByRole('button', { name: 'Take back' }).click();
  await expect(phone.card.getByText('Nothing is shared.')).toBeVisible();

  const pressed = [3, 2, 5, 7, 6, 8].flatMap((number) => [press(number), release(number)]);
  await expect.poll(() => phone.presses()).toEqual(pressed);
  const marks = ['key b', 'Lap 4', 'Home'].map((text, i) => ({ text, number: i + 1 }));
  await expect.poll(() => phone.held('marker')).toEqual(marks);
  await expect
    .poll(() => phone.held('rich_presence'))
    .toEqual([
      { title: 'Reading', state: 'active', source: 'person' },
      { title: '', state: 'none', source: 'person' },
    ]);
});

test('battery and network: what the browser says about this computer', async ({ phone, page }) => {
  await phone.start(['Battery', 'Network']);
  await phone.openReadings();
  const battery = await page.evaluate(async () => {
    const { getBattery } = navigator as unknown as {
      getBattery: () => Promise<{ readonly level: number; readonly charging: boolean }>;
    };
    const { level, charging } = await getBattery.call(navigator);
    return { level: Math.round(level * 100), charging: charging ? 'yes' : 'no' };
  });
  await expect(phone.reading('Battery')).toContainText(new RegExp(`${battery.level}\\s*%`));
  await expect.poll(() => phone.held('battery')).toEqual([battery]);
  await page.context().setOffline(true);
  await expect(phone.reading('Network')).toContainText('online No');
  await page.context().setOffline(false);
  await expect(phone.reading('Network')).toContainText('online Yes');
  const online = async (): Promise<readonly unknown[]> => {
    const all = ((await phone.held('network')) as readonly { readonly online: boolean }[]).map((one) => one.online);
    return all.filter((one, i) => one !== all[i - 1]);
  };
  await expect.poll(online).toEqual([true, false, true]);
});

test('stop leaves nothing on, start brings all back, forget ends it', async ({ phone }) => {
  await phone.emulate(MOTION);
  await phone.move(HERE);
  await phone.start(['Motion', 'Orientation', 'Place', 'Sound level']);
  await shake(phone, 0, 5);
  const all = { sensors: 3, watches: 1, tracks: 1, audio: 1 };
  await expect.poll(() => phone.switchedOn()).toEqual(all);
  await expect.poll(async () => (await phone.held('microphone')).length).toBeGreaterThan(0);

  await phone.card.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(phone.card).toContainText('Stopped');
  await expect.poll(() => phone.switchedOn()).toEqual(NOTHING_ON);
  const rates = (): Promise<readonly number[]> => Promise.all(MOTION.map((type) => phone.readAt(type)));
  await expect.poll(rates, 'the browser reads none of them').toEqual([0, 0, 0]);
  const counts = (): Promise<readonly number[]> =>
    Promise.all(
      ['accelerometer', 'quaternion', 'geolocation', 'microphone'].map(async (id) => (await phone.held(id)).length),
    );
  // What was on its way has arrived.
  let before: readonly number[] = [];
  await expect(async () => {
    before = await counts();
    await pause(300);
    expect(await counts()).toEqual(before);
  }).toPass({ timeout: 8000 });
  await Promise.all([shake(phone, 5, 15), phone.move(NEARBY)]);
  expect(await counts()).toEqual(before);

  await phone.card.getByRole('button', { name: 'Start', exact: true }).click();
  await expect.poll(() => phone.switchedOn()).toEqual(all);
  await shake(phone, 15, COUNT);
  await isHeld(phone, 'accelerometer', [...fed('accelerometer', 0, 5), ...fed('accelerometer', 14, COUNT)], 1e-5);
  await phone.card.getByRole('button', { name: 'Forget' }).click();
  await expect(phone.card).toBeHidden();
  await expect.poll(() => phone.switchedOn()).toEqual(NOTHING_ON);
});

const REFUSED = 'The browser does not allow this page to use that sensor.';

test.describe('refused', () => {
  test.use({ permissions: SENSORS });

  test('a refused permission is said before and on its switch, all else goes on, and allowing it helps', async ({
    phone,
    page,
  }) => {
    const dialog = await phone.openDialog();
    const offer = (name: string): Locator => dialog.getByRole('checkbox', { name: new RegExp(`^${name}`) });
    for (const name of ['Place', 'Sound level']) {
      await expect(offer(name)).toBeDisabled();
      await expect(offer(name)).toHaveAccessibleDescription(REFUSED);
    }
    await expect(offer('Distance')).toBeDisabled();
    await expect(offer('Distance')).toHaveAccessibleDescription('This device or browser does not offer that sensor.');
    await page.keyboard.press('Escape');

    await phone.emulate(MOTION);
    await phone.move(HERE);
    await phone.start(['Motion']);
    await shake(phone, 0, 5);
    for (const name of ['Place', 'Sound level']) {
      await phone.switchOf(name).click();
      await expect(phone.switchOf(name)).toHaveAccessibleDescription(REFUSED);
      await expect(phone.source(name)).toContainText('everything else goes on');
    }
    await expect(phone.switchOf('Motion')).toHaveAccessibleDescription('On');
    await shake(phone, 5, 10);
    await isHeld(phone, 'accelerometer', fed('accelerometer', 0, 10), 1e-5);
    expect(await phone.switchedOn()).toEqual({ ...NOTHING_ON, sensors: 2 });

    await page.context().grantPermissions(['geolocation', ...SENSORS]);
    for (const position of ['Off', 'On']) {
      await phone.switchOf('Place').click();
      await expect(phone.switchOf('Place')).toHaveAccessibleDescription(position);
    }
    await expect.poll(() => phone.held('geolocation')).toEqual([{ ...HERE, status: 'high_accuracy' }]);
    await expect(phone.source('Sound level')).toContainText(REFUSED);
  });
});

test.describe('refused sensors', () => {
  test.use({ permissions: ['geolocation'] });

  test('motion, orientation and light that are refused are said too', async ({ phone }) => {
    await phone.emulate([...MOTION, 'ambient-light']);
    await phone.move(HERE);
    await phone.start(['Place']);
    for (const name of ['Motion', 'Orientation', 'Light']) {
      await phone.switchOf(name).click();
      await expect(phone.switchOf(name)).toHaveAccessibleDescription(REFUSED);
    }
    await expect.poll(() => phone.held('geolocation')).toHaveLength(1);
    await expect(phone.card).toContainText('Live');
    expect(await phone.switchedOn()).toEqual({ ...NOTHING_ON, watches: 1 });
  });
});

test('a sensor that is missing or stays silent says so, and is well again when it speaks', async ({ phone }) => {
  await phone.emulate(['gyroscope', 'absolute-orientation', 'relative-orientation', 'ambient-light'], false);
  await phone.emulate(['accelerometer']);
  await phone.start(['Motion', 'Orientation', 'Light', 'Push buttons']);
  const missing = 'This device or browser does not offer that sensor.';
  for (const name of ['Orientation', 'Light']) await expect(phone.switchOf(name)).toHaveAccessibleDescription(missing);
  await expect(phone.switchOf('Motion')).toHaveAccessibleDescription('The sensor is on but delivers no values.');
  // It has one of the two that motion is made of: that is enough.
  await shake(phone, 0, 5, ['accelerometer']);
  await expect(phone.switchOf('Motion')).toHaveAccessibleDescription('On');
  await expect(phone.switchOf('Push buttons')).toHaveAccessibleDescription('On');
  await isHeld(phone, 'accelerometer', fed('accelerometer', 0, 5), 1e-5);
});

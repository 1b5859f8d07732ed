/** A device that no profile knows: a person says what its bytes mean, and its values reach another screen. */
import { assigned } from '../../src/device/profiles/profile.ts';
import { AppPage } from './support/app.ts';
import type { PeripheralSetup } from './support/bluetooth.ts';
import { expect, test } from './support/families.ts';
import { bytes, stream } from './support/peripherals/parts.ts';

const VALUE = assigned(0xfff1);
/** A soil probe: a packet number, moisture in tenths of a percent (low byte first), signed °C. */
const PROBE: PeripheralSetup = {
  address: '09:09:09:09:22:01',
  name: 'Soil probe',
  services: [{ uuid: assigned(0xfff0), characteristics: [{ ...stream(VALUE), value: bytes('00 c2 01 15') }] }],
};

test('typed service number, raw bytes seen, two readings taught, values on another screen', async ({
  families,
  browser,
}) => {
  const { app, lab } = families;
  const { page } = app;
  await lab.addPeripheral(PROBE);
  lab.choose(PROBE.address);
  await page.getByText('More ways', { exact: false }).click();
  await page.getByRole('button', { name: 'Teach a device' }).click();
  const teach = page.getByRole('dialog', { name: 'Teach a device' });
  await teach.getByLabel('Service number').fill('0xFFF0');
  await teach.getByRole('button', { name: 'Choose the device' }).click();

  const seen = teach.getByRole('group', { name: /^Bytes of .*fff1/ });
  await expect(seen.getByRole('button')).toHaveText([/^00/, /^c2/i, /^01/, /^15/]);
  await lab.notify(PROBE.address, VALUE, [bytes('01 c3 01 f6')]);
  await expect(seen.getByRole('button')).toHaveText([/^01/, /^c3/i, /^01/, /^f6/i]);

  const taught = [
    { offset: 1, name: 'Soil moisture', kind: '2 bytes, 0 to 65,535', scale: '0.1', now: '45.1' },
    { offset: 3, name: 'Soil warmth', kind: '1 byte, −128 to 127', scale: '1', now: '-10' },
  ];
  for (const { offset, name, kind, scale, now } of taught) {
    await seen.getByRole('button', { name: new RegExp(`^byte ${offset},`) }).click();
    const reading = teach
      .getByRole('group')
      .filter({ has: page.getByLabel('Kind of number') })
      .last();
    await reading.getByLabel('Name', { exact: true }).fill(name);
    await reading.getByLabel('Kind of number').selectOption({ label: kind });
    await reading.getByLabel('Times', { exact: true }).fill(scale);
    await expect(reading).toContainText(now);
  }
  await teach.getByRole('button', { name: 'Next' }).click();
  await teach.getByRole('button', { name: 'Keep and measure' }).click();
  await expect(teach).toBeHidden();

  const probe = families.known(PROBE);
  await probe.isUp();
  await probe.raw(VALUE, [bytes('02 f4 01 f6'), bytes('03 03 02 0c'), bytes('04 05')]);
  // Read once on connecting, then notified.
  probe.expects({
    readings: [
      { attribute: 'soil_moisture', values: [45, 50, 51.5] },
      { attribute: 'soil_warmth', values: [21, -10, 12] },
    ],
  });
  await expect(probe.card).toContainText('51.5');
  await probe.isStored();
  expect(await probe.details()).toMatch(/cut short\.? 1\b/);

  const other = new AppPage(await (await browser.newContext()).newPage());
  await other.open(families.url);
  await other.go('Watch');
  await expect(other.card('Soil probe')).toContainText('51.5');
  await other.page.context().close();
  expect(other.errors).toEqual([]);
});
